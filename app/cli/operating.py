"""What an operator does to a platform, by the use cases that the API calls too. The platform may run meanwhile."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import ProgrammingError

from app.cli.config import load
from app.cli.trouble import database_trouble
from app.embedded.endpoints import Endpoints, open_endpoints
from app.errors import CannotStart
from app.factory import Factory, open_factory
from app.migrate import upgrade
from app.observe.logging import configure_logging
from app.settings import Settings
from domain.errors import Forbidden, Refused, Unavailable

T = TypeVar("T")
Action = Callable[[Factory], Awaitable[T]]

NO_TABLE = "42P01"


def operate(action: Action[T]) -> T:
    """On the servers that run, or on ones started for this moment. A refusal is said in its own words."""
    settings = load()
    # Standard output is for results, which may be read by a program; and only trouble is worth a line beside them.
    configure_logging(settings.with_(log_level="WARNING"), sys.stderr.buffer)
    try:
        with open_endpoints(settings, start=True) as endpoints, database_trouble():
            if settings.embedded:
                upgrade(endpoints)
            return asyncio.run(_within(settings, endpoints, action))
    except Refused as refused:
        raise CannotStart("\n".join(problem.message for problem in refused.problems), "") from None
    except Forbidden as forbidden:
        raise CannotStart(str(forbidden), "") from None


async def _within(settings: Settings, endpoints: Endpoints, action: Action[T]) -> T:
    try:
        async with open_factory(settings, endpoints) as factory:
            return await action(factory)
    except Unavailable as error:
        raise CannotStart("The database does not answer.", "Look at TMW_DATABASE_URL, or start ./tmw up.") from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != NO_TABLE:
            raise
        raise CannotStart("The database has no tables yet.", "Make them: ./tmw migrate --seed") from None
