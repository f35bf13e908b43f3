"""The log of a job as lists: lines, metrics, and all events, by seq."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, Parent

from domain.errors import Code, Refused
from domain.jobs.events import JobEvent as EventEntity
from domain.jobs.model import Job as JobEntity
from domain.jobs.stores import EventFilter, EventPage
from domain.pages import Page, Position, Sort, Window
from graph.context import Info
from graph.execution import columnwise
from graph.fields import edge, plain
from graph.ids import NO_ONE
from graph.jobs.enums import Level
from graph.jobs.events import JobEvent, event_view
from graph.pages import DEFAULT_SIZE, MAX_SIZE, Before, First, Last, PageInfo, PageView, window

SEQ = Sort("SEQ", "seq", kind=int)
LONGEST_TEXT = 200
_LARGEST = 2**53

AfterSeq = Annotated[
    str | None, strawberry.argument(description="Only what comes after this cursor: the seq of an event, in digits.")
]
_Level = Annotated[Level | None, strawberry.argument(description="Only lines of this level, and of higher ones.")]
_Text = Annotated[
    str | None,
    strawberry.argument(description="Only lines with this in them, up to 200 characters; capitals do not matter."),
]


class SeqEdge:
    """An event and its place, which is its seq."""

    __slots__ = ("cursor", "node")

    def __init__(self, node: JobEvent, cursor: str) -> None:
        self.node = node
        self.cursor = cursor


class SeqPage(PageView):
    """A connection over events. Its cursors are what a subscription takes as `after`, too."""

    def __init__(self, page: Page[EventEntity], count: Callable[[], Awaitable[int]]) -> None:
        shown: Sequence[Any] = [event_view(event) for event in page.items]
        super().__init__(replace(page, items=shown), count)

    @property
    def edges(self) -> list[Any]:
        return [SeqEdge(event, str(event.seq)) for event in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        page, events = self._page, self.nodes
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=str(events[0].seq) if events else None,
            end_cursor=str(events[-1].seq) if events else None,
        )


def seq_window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    part = window(SEQ, first, None, last, None)
    return replace(part, after=_position(after, "after"), before=_position(before, "before"))


def _position(cursor: str | None, argument: str) -> Position | None:
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and int(cursor[:20]) < _LARGEST):
        raise Refused.because(Code.INVALID, f"`{argument}` is the seq of an event, in digits.", argument)
    return Position(int(cursor), NO_ONE)


@columnwise
async def logs(
    parents: Parent[Sequence[JobEntity]],
    info: Info,
    level: _Level = UNSET,
    text: _Text = UNSET,
    first: First = UNSET,
    after: AfterSeq = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, seq_window(first, after, last, before)
    wanted = EventFilter(level=level or None, text=_searched(text))
    pages = [loaders.logs_of_job(parent.id, part, wanted) for parent in parents]
    return _views(parents, [await page for page in pages], lambda id_: loaders.log_count_of_job(id_, wanted))


@columnwise
async def raw_metrics(
    parents: Parent[Sequence[JobEntity]],
    info: Info,
    first: First = UNSET,
    after: AfterSeq = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, seq_window(first, after, last, before)
    pages = [loaders.metrics_of_job(parent.id, part) for parent in parents]
    return _views(parents, [await page for page in pages], loaders.metric_count_of_job)


def _views(
    parents: Sequence[JobEntity], pages: Sequence[Page[EventEntity]], count: Callable[[UUID], Awaitable[int]]
) -> list[PageView]:
    return [SeqPage(page, partial(count, parent.id)) for page, parent in zip(pages, parents, strict=True)]


def _searched(text: str | None) -> str | None:
    if text and len(text) > LONGEST_TEXT:
        raise Refused.because(Code.TOO_LONG, f"`text` may have at most {LONGEST_TEXT} characters.", "text")
    return text or None


def _nodes(parent: Parent[EventPage]) -> list[JobEvent]:
    return [event_view(event) for event in parent.events]


@strawberry.type(description="A part of all that happened in a job, in order, and where its log begins and ends.")
class JobEvents:
    nodes: list[JobEvent] = edge(_nodes, "The events.")
    has_more: bool = plain("Whether there are more after them just now.")
    oldest_seq: int | None = plain(
        "The first event that is still kept; null: nothing has happened. What came before it is gone."
    )
    last_seq: int = plain("The last event that there is just now; 0: none yet.")


@columnwise
async def events(
    parents: Parent[Sequence[JobEntity]],
    info: Info,
    after: Annotated[int, strawberry.argument(description="The seq that you saw last; 0: from the beginning.")] = 0,
    first: Annotated[int, strawberry.argument(description="How many: 1 to 100.")] = DEFAULT_SIZE,
) -> list[Any]:
    if not 1 <= first <= MAX_SIZE:
        raise Refused.because(Code.OUT_OF_RANGE, f"`first` must be from 1 to {MAX_SIZE}.", "first")
    if after < 0:
        raise Refused.because(Code.OUT_OF_RANGE, "`after` is the seq of an event, or 0.", "after")
    return [info.context.loaders.events_of_job(parent.id, after, first) for parent in parents]
