"""Data that a model cannot act on is refused when it is asked for, where the papers of both tell."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.trainings import BARS, a_dataset_of, a_model

PORTFOLIO = {"task_type": TaskType.PORTFOLIO_MANAGEMENT, "algorithm": AlgorithmName.PG}
COMPUTED = ["bars.return_1", "bars.range", "bars.close_in_range", "bars.volume"]


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


def card(*symbols: str, features: tuple[str, ...] = ()) -> JSON:
    return {"market": {"symbols": list(symbols)}, "features": {"names": [*features, *COMPUTED]}}


async def asked(api: Api, who: Person, *models: str, **wish: Any) -> list[tuple[str, ...]]:
    kind = wish.pop("kind", "BACKTEST" if len(models) == 1 else "COMPARISON")
    payload = await api.do(
        "startEvaluation", who, {"kind": kind, "modelIds": list(models), **wish}, "errors { code field message }"
    )
    return [(each["code"], *each["field"], each["message"]) for each in payload["errors"]]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((*BARS, "mood", "weather"), None),
        ((*BARS, "mood"), "weather"),
        (("time", "symbol", "close", "mood", "weather"), "high, low and volume"),
    ],
)
async def test_columns_that_it_was_trained_with(
    api: Api, factory: Factory, ann: Person, columns: tuple[str, ...], said: str | None
) -> None:
    made = await a_model(factory, ann, card=card("AAA", features=("mood", "weather")))
    model = encode("Model", made.id)
    data = encode("Dataset", (await a_dataset_of(factory, ann, "BBB", columns=columns)).id)
    before = await fingerprint(factory.engine)
    message = (
        f'"Agent" was trained with columns that the dataset lacks: {said}. Choose one that has them, or make them with '
        "a recipe."
    )
    expected = [("INVALID", "datasetId", message)] if said else []
    assert await asked(api, ann, model, datasetId=data) == expected
    if said:
        assert await fingerprint(factory.engine) == before
    # There, an agent is trained anew, on what there is.
    assert await asked(api, ann, model, datasetId=data, kind="WALK_FORWARD") == []


async def test_symbols_that_it_was_trained_on(api: Api, factory: Factory, ann: Person) -> None:
    many = encode("Model", (await a_model(factory, ann, card=card("AAA", "BBB", "CCC"), **PORTFOLIO)).id)
    other = encode("Dataset", (await a_dataset_of(factory, ann, "AAA", "DDD")).id)
    whole = encode("Dataset", (await a_dataset_of(factory, ann, "AAA", "BBB", "CCC", "DDD")).id)
    before = await fingerprint(factory.engine)
    message = '"Agent" trades symbols that the dataset lacks: BBB and CCC. Choose one that has all of them.'
    assert await asked(api, ann, many, datasetId=other) == [("INVALID", "datasetId", message)]
    assert await fingerprint(factory.engine) == before
    assert await asked(api, ann, many, datasetId=whole) == []


async def test_one_that_trades_one_symbol_beside_a_portfolio(api: Api, factory: Factory, ann: Person) -> None:
    many = encode("Model", (await a_model(factory, ann, card=card("AAA", "BBB"), **PORTFOLIO)).id)
    one = encode("Model", (await a_model(factory, ann, card=card("ZZZ"))).id)
    data = encode("Dataset", (await a_dataset_of(factory, ann, "AAA", "BBB")).id)
    message = '"Agent" trades a symbol that the dataset lacks: ZZZ. Name the one that it shall trade.'
    assert await asked(api, ann, many, one, datasetId=data) == [("REQUIRED", "symbol", message)]
    unknown = 'The dataset has no symbol "CCC". It has AAA, BBB.'
    assert await asked(api, ann, many, one, datasetId=data, symbol="CCC") == [("UNKNOWN", "symbol", unknown)]
    assert await asked(api, ann, many, one, datasetId=data, symbol="BBB") == []


async def test_what_the_papers_do_not_tell_is_left_to_the_work(api: Api, factory: Factory, ann: Person) -> None:
    old = encode("Model", (await a_model(factory, ann)).id)
    data = encode("Dataset", (await a_dataset_of(factory, ann, "AAA")).id)
    assert await asked(api, ann, old, datasetId=data) == []
