"""Subscriptions without a socket between."""

from __future__ import annotations

from typing import Any

from app.asgi import limits
from app.factory import Factory
from domain.viewer import NOBODY
from graph.execution.batches import Batch
from graph.schema import build
from tests.support.people import Person


async def first_event(factory: Factory, document: str, who: Person | None, variables: dict[str, Any]) -> dict[str, Any]:
    """The first thing that a subscriber hears, in the form of an answer."""
    context = factory.make_context(who.viewer if who else NOBODY, {})
    stream = await build(limits(factory.settings)).stream(document, variables, context)
    try:
        result = await anext(stream)
    finally:
        await stream.aclose()
    if isinstance(result, Batch):
        result = result.answers[0]
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return answer
