"""The types SystemInfo and SystemStatus."""

from datetime import datetime

import strawberry


@strawberry.type(description="The platform that answers you.")
class SystemInfo:
    version: str = strawberry.field(description="Version of the platform.")
    time: datetime = strawberry.field(description="Its clock, UTC.")
    registration_open: bool = strawberry.field(description="Whether anybody may register.")


@strawberry.type(description="A part of the platform: the database, Redis, the worker of a queue, or a service.")
class PartStatus:
    name: str = strawberry.field(description="Which part.")
    ok: bool = strawberry.field(description="Whether it answers.")
    required: bool = strawberry.field(default=True, description="Whether the platform is not ready without it.")
    problem: str | None = strawberry.field(default=None, description="What is wrong with it.")
    remedy: str | None = strawberry.field(default=None, description="What an operator can do about it.")


@strawberry.type(description="Whether the platform can do its work.")
class SystemStatus:
    ready: bool = strawberry.field(description="Whether every part answers that is required.")
    parts: list[PartStatus] = strawberry.field(description="Each part.")
