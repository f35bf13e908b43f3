from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.datasets.columns import ADJUSTED_CLOSE, BAR, BOOK, SYMBOL, TIME, VOLUME, ColumnKind, kind_of
from domain.datasets.recipes import (
    MAX_STEPS,
    StepKind,
    columns_after,
    read_recipe,
    recipe_schema,
    step_kinds,
    validate_recipe,
)
from domain.errors import Code, Refused

COLUMNS = (TIME, SYMBOL, *BAR, VOLUME, ADJUSTED_CLOSE, *BOOK, "mood")
SPLIT = {"kind": "split"}
REQUIRED: dict[str, dict[str, Any]] = {
    "select": {"columns": ["close"]},
    "drop": {"columns": ["mood"]},
    "rename": {"names": {"mood": "humour"}},
}


def a_step(kind: StepKind) -> dict[str, Any]:
    return {"kind": kind.name, **REQUIRED.get(kind.name, {})}


def wrong(*steps: Any, columns: tuple[str, ...] | None = COLUMNS) -> list[tuple[str, str]]:
    problems = validate_recipe({"steps": list(steps)}, columns)
    return [(problem.code.value, ".".join(problem.field)) for problem in problems]


@pytest.mark.parametrize("kind", step_kinds(), ids=lambda kind: kind.name)
def test_each_kind_is_good_with_its_defaults_and_reads_back_as_itself(kind: StepKind) -> None:
    steps = [a_step(kind)] if kind.name != "normalise" else [SPLIT, a_step(kind)]
    recipe = read_recipe(steps, COLUMNS)
    assert recipe.steps[-1].kind == kind.name
    assert set(recipe.steps[-1].values) == {field.name for field in kind.form.fields}
    assert read_recipe(json.loads(json.dumps(recipe.to_json())), COLUMNS) == recipe


@pytest.mark.parametrize("kind", step_kinds(), ids=lambda kind: kind.name)
def test_each_field_helps(kind: StepKind) -> None:
    assert kind.form.help.endswith(".")
    assert all(field.help.endswith(".") for field in kind.form.fields)


def test_the_schema_holds_for_every_kind_and_knows_no_other() -> None:
    schema = recipe_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    steps = [a_step(kind) for kind in step_kinds()]
    assert validator.is_valid({"steps": steps})
    assert validator.is_valid(json.loads(json.dumps(read_recipe([{"kind": "sma"}, SPLIT]).to_json())))
    assert not validator.is_valid({"steps": [{"kind": "sma", "window": 1}]})
    assert not validator.is_valid({"steps": [{"kind": "magic"}]})


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (None, Code.REQUIRED, "steps"),
        ({}, Code.REQUIRED, "steps"),
        ([], Code.TOO_SHORT, "steps"),
        ([{"kind": "obv"}] * (MAX_STEPS + 1), Code.TOO_LONG, "steps"),
        ({"steps": [{"kind": "obv"}], "colour": 1}, Code.UNKNOWN, "colour"),
        (["obv"], Code.INVALID, "steps.0"),
        ([{}], Code.REQUIRED, "steps.0.kind"),
        ([{"kind": "rsy"}], Code.UNKNOWN, "steps.0.kind"),
        ([{"kind": "sma"}, {"kind": "rsi", "window": 1}], Code.OUT_OF_RANGE, "steps.1.window"),
        ([{"kind": "macd", "fast": 26, "slow": 12}], Code.OUT_OF_RANGE, "steps.0.fast"),
        ([{"kind": "ultosc", "short": 20}], Code.OUT_OF_RANGE, "steps.0.short"),
        ([{"kind": "split", "train": 0.9, "valid": 0.1}], Code.OUT_OF_RANGE, "steps.0.train"),
        ([{"kind": "split", "by": "dates"}], Code.OUT_OF_RANGE, "steps.0.by"),
        (
            [{"kind": "split", "by": "dates", "valid_from": "2021-01-01", "test_from": "2020-01-01"}],
            Code.OUT_OF_RANGE,
            "steps.0.valid_from",
        ),
        ([{"kind": "outliers", "lower": 0.9, "upper": 0.1}], Code.OUT_OF_RANGE, "steps.0.lower"),
        ([{"kind": "select"}], Code.REQUIRED, "steps.0.columns"),
    ],
)
def test_a_bad_recipe_is_refused_with_its_place(raw: Any, code: Code, place: str) -> None:
    (problem,) = validate_recipe(raw, COLUMNS)
    assert (problem.code, ".".join(problem.field)) == (code, place)


@pytest.mark.parametrize(
    ("steps", "code", "place"),
    [
        ([{"kind": "sma", "column": "clos"}], "UNKNOWN", "steps.0.column"),
        ([{"kind": "returns", "columns": ["close", "nothing"]}], "UNKNOWN", "steps.0.columns.1"),
        ([{"kind": "fill_gaps", "rules": {"nothing": "zero"}}], "UNKNOWN", "steps.0.rules.nothing"),
        ([{"kind": "drop", "columns": ["high"]}, {"kind": "atr"}], "REQUIRED", "steps.1.kind"),
        ([{"kind": "sma"}, {"kind": "sma"}], "ALREADY_EXISTS", "steps.1.kind"),
        ([{"kind": "returns", "periods": [1, 1]}], "ALREADY_EXISTS", "steps.0.kind"),
        ([{"kind": "rename", "names": {"mood": "close"}}], "ALREADY_EXISTS", "steps.0.names.mood"),
        ([{"kind": "rename", "names": {"mood": "x", "open": "x"}}], "ALREADY_EXISTS", "steps.0.names.mood"),
        ([{"kind": "rename", "names": {"mood": "label_mood"}}], "INVALID", "steps.0.names.mood"),
        ([{"kind": "rename", "names": {"mood": "split"}}], "INVALID", "steps.0.names.mood"),
        ([{"kind": "rename", "names": {"symbol": "name"}}], "INVALID", "steps.0.names.symbol"),
        ([{"kind": "drop", "columns": ["time"]}], "INVALID", "steps.0.columns.0"),
        ([SPLIT, {"kind": "normalise", "columns": ["close"]}], "INVALID", "steps.1.columns.0"),
    ],
)
def test_a_step_is_refused_where_its_columns_are_not_there_or_not_free(
    steps: list[dict[str, Any]], code: str, place: str
) -> None:
    assert wrong(*steps)[0] == (code, place)


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "sma", "column": "label_return_1"},
        {"kind": "returns", "columns": ["label_return_1"]},
        {"kind": "volatility", "column": "label_return_1"},
        {"kind": "outliers", "columns": ["label_return_1"]},
    ],
)
def test_no_feature_is_made_of_a_label(step: dict[str, Any]) -> None:
    assert "INVALID" in {code for code, _ in wrong({"kind": "label"}, step)}


def test_a_label_cannot_be_renamed_into_a_feature_nor_normalised() -> None:
    label = {"kind": "label"}
    renamed = {"kind": "rename", "names": {"label_return_1": "hint"}}
    assert wrong(label, renamed) == [("INVALID", "steps.1.names.label_return_1")]
    scaled = {"kind": "normalise", "columns": ["label_return_1"], "suffix": "_z"}
    assert wrong(label, SPLIT, scaled) == [("INVALID", "steps.2.columns.0")]


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ([{"kind": "normalise"}], "steps.0.kind"),
        ([SPLIT, SPLIT], "steps.1.kind"),
        ([SPLIT, {"kind": "sma"}], "steps.1.kind"),
        ([SPLIT, {"kind": "label"}], "steps.1.kind"),
        ([SPLIT, {"kind": "resample"}], "steps.1.kind"),
        ([{"kind": "label"}, {"kind": "fill_gaps"}], "steps.1.kind"),
        ([{"kind": "label"}, {"kind": "outliers"}], "steps.1.kind"),
    ],
)
def test_the_order_lets_nothing_leak(steps: list[dict[str, Any]], place: str) -> None:
    assert ("WRONG_STATE", place) in wrong(*steps)
    assert ("WRONG_STATE", place) in wrong(*steps, columns=None)


def test_data_that_is_split_already_can_be_normalised_and_is_not_split_twice() -> None:
    columns = (*COLUMNS, "split")
    assert wrong({"kind": "normalise"}, columns=columns) == []
    assert ("WRONG_STATE", "steps.0.kind") in wrong(SPLIT, columns=columns)
    assert ("WRONG_STATE", "steps.0.kind") in wrong({"kind": "sma"}, columns=columns)


def test_without_known_columns_only_what_is_sure_is_said() -> None:
    assert wrong({"kind": "sma", "column": "whatever"}, {"kind": "atr"}, SPLIT, columns=None) == []


def test_after_a_bad_step_nobody_guesses_about_columns() -> None:
    assert wrong({"kind": "sma", "window": 0}, {"kind": "drop", "columns": ["sma_20"]}) == [
        ("OUT_OF_RANGE", "steps.0.window")
    ]


def test_columns_are_known_before_anything_runs() -> None:
    recipe = read_recipe(
        [
            {"kind": "bbands", "relative": True},
            {"kind": "sma", "column": "volume", "window": 5},
            {"kind": "label", "what": "sign", "horizon": 3},
            {"kind": "select", "columns": ["close", "sma_5_of_volume", "label_sign_3"]},
            SPLIT,
            {"kind": "normalise", "suffix": "_z"},
            {"kind": "rename", "names": {"sma_5_of_volume": "mean_volume"}},
        ],
        COLUMNS,
    )
    assert columns_after(recipe, COLUMNS) == (
        *("time", "symbol", "close", "mean_volume", "label_sign_3", "split", "sma_5_of_volume_z"),
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("time", ColumnKind.META),
        ("split", ColumnKind.META),
        ("close", ColumnKind.MARKET),
        ("ask_size_5", ColumnKind.MARKET),
        ("ask_size_6", ColumnKind.FEATURE),
        ("rsi_14", ColumnKind.FEATURE),
        ("label_regime", ColumnKind.LABEL),
    ],
)
def test_the_name_says_what_a_column_is_for(name: str, kind: ColumnKind) -> None:
    assert kind_of(name) is kind


def test_reading_refuses_what_validation_finds() -> None:
    with pytest.raises(Refused):
        read_recipe([{"kind": "sma", "window": 0}])
