"""Whatever is asked, an answer comes: data, or a refusal that names the place."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.datasets.forms import Field, FieldKind
from domain.datasets.recipes import StepKind, columns_after, read_recipe, step_kinds, validate_recipe
from domain.datasets.sources import validate_request
from domain.errors import Refused
from tests.workers.data.markets import bars
from workers.data.preprocessing.steps import run_step
from workers.data.preprocessing.work import Work

MARKETS = [bars(rows=60, book=True), bars(("AAA",), rows=3), bars(rows=60).with_columns(close=pl.lit(None, pl.Float64))]
MARKETS.append(MARKETS[0].with_columns(pl.selectors.float() * 0))
COLUMNS = ["close", "open", "volume", "mood", "mood", "ask_size_1", "adjusted_close", "label_return_1", "nothing"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def a_value(field: Field) -> st.SearchStrategy[Any]:
    low, high = int(field.minimum or 0), int(min(field.maximum or 1, 80))
    number, column = st.integers(low, max(low, high)), st.sampled_from(COLUMNS)
    by_kind: dict[FieldKind, st.SearchStrategy[Any]] = {
        FieldKind.INTEGER: number,
        FieldKind.NUMBER: st.floats(field.minimum, field.maximum),
        FieldKind.BOOLEAN: st.booleans(),
        FieldKind.CHOICE: st.sampled_from(field.choices or ("none",)),
        FieldKind.INTEGERS: st.lists(number, min_size=1, max_size=3, unique=True),
        FieldKind.MOMENT: st.sampled_from(["2024-01-10", "2024-02-10", "2030-01-01"]),
        FieldKind.COLUMN: column,
        FieldKind.COLUMNS: st.lists(column, min_size=1, max_size=3, unique=True),
        FieldKind.COLUMN_CHOICES: st.dictionaries(column, st.sampled_from(field.choices or ("none",)), max_size=3),
        FieldKind.COLUMN_NAMES: st.dictionaries(column, column | st.just("new"), min_size=1, max_size=2),
        FieldKind.TEXT: st.sampled_from(["", "_z"]),
    }
    return by_kind[field.kind]


@st.composite
def a_step(draw: st.DrawFn, kinds: tuple[StepKind, ...] = step_kinds()) -> dict[str, Any]:
    kind = draw(st.sampled_from(kinds))
    chosen = [field for field in kind.form.fields if field.required or draw(st.booleans())]
    return {"kind": kind.name, **{field.name: draw(a_value(field)) for field in chosen}}


@settings(max_examples=250, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(a_step(), min_size=1, max_size=5), st.sampled_from(MARKETS))
def test_a_recipe_that_is_found_good_runs_or_is_refused_and_makes_the_columns_it_said(
    steps: list[dict[str, Any]], market: pl.DataFrame
) -> None:
    if validate_recipe(steps, market.columns):
        return
    recipe, work = read_recipe(steps, market.columns), Work(market)
    try:
        for step in recipe.steps:
            run_step(step.kind, work, step.values)
    except Refused:
        return
    assert set(work.frame.columns) == set(columns_after(recipe, market.columns))
    assert work.frame.equals(work.frame.sort("symbol", "time"))


@settings(max_examples=150, derandomize=True)
@given(ANYTHING | st.lists(ANYTHING | st.dictionaries(st.sampled_from(["kind", "window"]), ANYTHING), max_size=3))
def test_rubbish_is_refused_and_never_a_fault(raw: Any) -> None:
    validate_recipe(raw)
    validate_recipe({"steps": raw})
    validate_request(raw)
    validate_request({"source": "synthetic", "generator": "noise", "rows": raw})
    validate_request({"source": "ccxt", "symbols": raw, "start": raw})
    for kind in ("fill_gaps", "rename", "split", "normalise"):
        assert isinstance(validate_recipe([{"kind": kind, "names": raw, "rules": raw, "columns": raw}]), tuple)
