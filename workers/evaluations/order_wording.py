"""What an evaluation of orders says in its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.analysis.comparison import Comparison, Difference
from domain.analysis.execution import Shortfall
from domain.analysis.report import iso
from workers.evaluations.field import Field
from workers.evaluations.order_desk import Desk
from workers.evaluations.request import Request


def introduction(request: Request, field: Field, desk: Desk) -> str:
    count, orders = len(request.models), len(desk.begins)
    return (
        f"{count} {'model' if count == 1 else 'models'} on {orders:,} {'order' if orders == 1 else 'orders'} to "
        f"{'sell' if desk.task.sells else 'buy'} {desk.task.order_size:g} within {desk.steps:,} bars, from "
        f"{iso(field.times[0])[:10]} to {iso(field.times[-1])[:10]}; fees {request.setup.rate:.3%}."
    )


def verdicts(names: Mapping[str, str], found: Mapping[str, Shortfall], compared: Comparison) -> Iterator[str]:
    """Each model against those that need no skill, then all of them."""
    for key, name in names.items():
        others = ", ".join(
            _against(key, other, compared.differences) for other in found if other not in names and compared.differences
        )
        yield f"{name}: {found[key].mean:+.2f} basis points an order{'; ' if others else ''}{others}."
    if compared.winner is not None:
        yield f"{names.get(compared.winner, compared.winner)} is cheaper than each other one, beyond chance."
    elif compared.differences:
        yield "Chance may explain who was cheapest: nobody is shown to be best."


def _against(key: str, other: str, differences: tuple[Difference, ...]) -> str:
    (pair,) = (each for each in differences if {each.first, each.second} == {key, other})
    word = "cheaper" if pair.first == key else "dearer"
    return f"{abs(pair.value):.2f} {word} than {other}{'' if pair.real else ', which may be chance'}"
