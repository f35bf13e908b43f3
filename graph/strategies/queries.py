"""Reading strategies and templates."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN
from graph.strategies.filters import (
    StrategyFilterArgument,
    StrategyOrder,
    StrategyOrderArgument,
    StrategyTemplateFilterInput,
    StrategyTemplateOrder,
    strategies_wanted,
    templates_wanted,
)
from graph.strategies.types import Strategy, StrategyTemplate


async def _strategies(
    info: Info,
    filter: StrategyFilterArgument = UNSET,
    order_by: StrategyOrderArgument = StrategyOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.strategies, strategies_wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


async def _templates(
    info: Info,
    filter: Annotated[StrategyTemplateFilterInput | None, strawberry.argument(description="Which ones.")] = UNSET,
    order_by: Annotated[
        StrategyTemplateOrder, strawberry.argument(description="In which order.")
    ] = StrategyTemplateOrder.NAME,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.templates, templates_wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class StrategyQueries:
    strategies: Connection[Strategy] = query(
        _strategies,
        policy=SIGNED_IN,
        description="Your strategies and those in your projects; every strategy for an admin. "
        "Archived ones are listed only when the filter names that status.",
    )
    strategy_templates: Connection[StrategyTemplate] = query(
        _templates,
        policy=SIGNED_IN,
        description="What a strategy can start from: the platform's templates and your own; all for an admin.",
    )
