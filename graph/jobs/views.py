"""What a stream shows of an event. What many see is made once, and kept with the event."""

from dataclasses import replace

from domain.jobs.events import JobEvent, Level, Log, Metric
from graph.execution.batches import Item
from graph.jobs.events import event_view
from graph.live.streams import View

_WHOLE = "whole"


def whole(item: Item) -> Item:
    found = item.views.get(_WHOLE)
    if found is None:
        found = item.views[_WHOLE] = Item(event_view(_event(item)), item.place)
    return found


def logs(level: Level | None, match: str | None) -> View:
    """Lines of this level and above that contain the text, whatever the case."""
    rank = level.rank if level else 0
    text = match.casefold() if match else ""

    def view(item: Item) -> Item | None:
        fact = _event(item).fact
        if not isinstance(fact, Log) or fact.level.rank < rank or text not in fact.message.casefold():
            return None
        return whole(item)

    return view


def metrics(names: frozenset[str]) -> View:
    """Only these values; none named: all."""

    def view(item: Item) -> Item | None:
        fact = _event(item).fact
        if not isinstance(fact, Metric):
            return None
        if not names:
            return whole(item)
        if names not in item.views:
            item.views[names] = _narrowed(item, fact, names)
        return item.views[names]

    return view


def _narrowed(item: Item, fact: Metric, names: frozenset[str]) -> Item | None:
    values = {name: value for name, value in fact.values.items() if name in names}
    if not values:
        return None
    return Item(event_view(replace(_event(item), fact=replace(fact, values=values))), item.place)


def _event(item: Item) -> JobEvent:
    assert isinstance(item.value, JobEvent)  # noqa: S101 - what feeds give
    return item.value
