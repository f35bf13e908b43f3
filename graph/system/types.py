"""The type SystemInfo."""

from datetime import datetime

import strawberry


@strawberry.type(description="The platform that answers you.")
class SystemInfo:
    version: str = strawberry.field(description="Version of the platform.")
    time: datetime = strawberry.field(description="Its clock, UTC.")
    registration_open: bool = strawberry.field(description="Whether anybody may register.")
