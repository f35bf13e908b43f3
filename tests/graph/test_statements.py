"""Every list in the schema: as many statements for ten as for two, and at most one for each level and edge.

The lists are found in the schema. A new one that shows nothing here fails: add some of it to tests/graph/plenty.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.factory import Factory
from app.schema_file import printed_schema
from domain.viewer import Role
from tests.graph.lists import VARIABLES, Case, Step, cases, steps
from tests.graph.matrix import FORBIDDEN, MATRIX
from tests.graph.plenty import PLENTY, plenty
from tests.support.api import JSON, Api
from tests.support.people import Person
from tests.support.statements import counted

FEW = 2
_CASES = cases(printed_schema())


@pytest.mark.parametrize("role", [Role.USER, Role.ADMIN])
async def test_every_list_costs_one_statement_for_each_level_and_edge(api: Api, factory: Factory, role: Role) -> None:
    who, ids = await plenty(factory, role)
    found = {case.list.title: await _faults(api, factory, who, ids, case) for case in _CASES if _may(role, case)}
    assert {title: faults for title, faults in found.items() if faults} == {}


def _may(role: Role, case: Case) -> bool:
    return role is Role.ADMIN or MATRIX[case.way[0].title].expected["owner"] != FORBIDDEN


async def _faults(api: Api, factory: Factory, who: Person, ids: JSON, case: Case) -> list[str]:
    few, _ = await _asked(api, factory, who, ids, case, FEW)
    many, data = await _asked(api, factory, who, ids, case, PLENTY) if case.grows else (few, _)
    faults = list(_too_little(case, data))
    if len(few) != len(many):
        faults.append(f"{len(few)} statements for {FEW}, {len(many)} for {PLENTY}")
    if len(many) > case.most:
        faults.append(f"{len(many)} statements where {case.most} are enough: {many}")
    return faults


async def _asked(api: Api, factory: Factory, who: Person, ids: JSON, case: Case, size: int) -> tuple[list[str], JSON]:
    """The statements behind the answer, but for those that tell who asks; and the answer."""
    await factory.redis.flushdb()
    document = case.document(size)
    with counted(factory.reader) as before:
        await api.data("{ __typename }", who)
    with counted(factory.reader) as sent:
        data = await api.data(document, who, **{name: ids[name] for name in VARIABLES if f"${name}" in document})
    for statement in before:
        sent.remove(statement)
    return sent, data


def _too_little(case: Case, data: JSON) -> Iterator[str]:
    """What the answer shows so little of that counting proves nothing."""
    parents = [data]
    for step in case.way[:-1]:
        parents = list(_values(parents, step))
    lists = [_items(parent[case.list.name], case.list) for parent in parents]
    wanted = PLENTY if case.list.is_connection else 1
    above = PLENTY if any(step.is_connection for step in case.way[:-1]) else 1
    if len([1 for items in lists if len(items) >= wanted]) < above:
        yield f"shows {[len(items) for items in lists]}: tests/graph/plenty.py must hold {wanted} below {above} parents"
    items = [item for shown in lists for item in shown]
    for step in steps(case.item):
        if len([1 for item in items if _items(item[step.name], step)]) < min(FEW, len(items)):
            yield f"{step.title} below it is empty: tests/graph/plenty.py must hold some"


def _values(parents: list[JSON], step: Step) -> Iterator[JSON]:
    for parent in parents:
        value = parent[step.name]
        yield from value if isinstance(value, list) else [value] if value is not None else []


def _items(value: Any, step: Step) -> list[Any]:
    """What there is, be it a page, a list or one object."""
    if value is None:
        return []
    if step.is_connection:
        return list(value["nodes"])
    return value if isinstance(value, list) else [value]
