"""The type SystemConfig."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from graph.fields import plain


@strawberry.type(description="Something that an admin may change while the platform runs. Its key tells it apart.")
class SystemConfig:
    key: str = plain("Its name.")
    value: JSON = plain("Its value.")
    description: str = plain("What it does.")
    updated_at: datetime = plain("When it last changed.")


__all__ = ["SystemConfig"]
