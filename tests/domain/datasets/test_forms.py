from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domain.catalogue.model import Rule
from domain.datasets.forms import Field, FieldKind, Form, form_schema, read_form
from domain.errors import Code

FORM = Form(
    name="toy",
    title="Toy",
    help="A form with a field of each kind.",
    fields=(
        Field(name="rows", title="R", kind=FieldKind.INTEGER, help="h", default=5, minimum=1, maximum=9),
        Field(name="share", title="S", kind=FieldKind.NUMBER, help="h", default=0.5, minimum=0, maximum=1),
        Field(name="loud", title="L", kind=FieldKind.BOOLEAN, help="h", default=False),
        Field(name="way", title="W", kind=FieldKind.CHOICE, help="h", default="up", choices=("up", "down")),
        Field(
            name="windows",
            title="W",
            kind=FieldKind.INTEGERS,
            help="h",
            default=(1,),
            min_items=1,
            minimum=1,
            maximum=9,
        ),
        Field(name="code", title="C", kind=FieldKind.TEXT, help="h", default="A", pattern="[A-Z]+", example="ABC"),
        Field(name="codes", title="C", kind=FieldKind.TEXTS, help="h", required=True, min_items=1, pattern="[A-Z]+"),
        Field(name="day", title="D", kind=FieldKind.MOMENT, help="h"),
        Field(name="column", title="C", kind=FieldKind.COLUMN, help="h", default="close"),
        Field(name="columns", title="C", kind=FieldKind.COLUMNS, help="h", default=(), max_items=3),
        Field(name="rules", title="R", kind=FieldKind.COLUMN_CHOICES, help="h", default={}, choices=("a", "b")),
        Field(name="names", title="N", kind=FieldKind.COLUMN_NAMES, help="h", default={}),
    ),
    rules=(Rule(("rows", "share"), "rows times share must be at most 8", lambda v: v["rows"] * v["share"] <= 8),),
)
LEAST = {"codes": ["A"]}


def wrong(**given: Any) -> list[tuple[Code, tuple[str, ...]]]:
    _, problems = read_form(FORM, LEAST | given, ("steps", "2"))
    return [(problem.code, problem.field) for problem in problems]


def test_what_is_left_out_has_its_default_and_lists_are_lists() -> None:
    values, problems = read_form(FORM, LEAST)
    assert problems == ()
    assert values == {
        "rows": 5,
        "share": 0.5,
        "loud": False,
        "way": "up",
        "windows": [1],
        "code": "A",
        "codes": ["A"],
        "day": None,
        "column": "close",
        "columns": [],
        "rules": {},
        "names": {},
    }


@pytest.mark.parametrize(
    ("given", "name", "canonical"),
    [
        ({"rows": 3.0}, "rows", 3),
        ({"share": 1}, "share", 1.0),
        ({"day": "2020-01-31"}, "day", "2020-01-31T00:00:00Z"),
        ({"day": "2020-01-31T02:00:00+02:00"}, "day", "2020-01-31T00:00:00Z"),
        ({"day": "2020-01-31 14:30"}, "day", "2020-01-31T14:30:00Z"),
        ({"day": None}, "day", None),
        ({"rules": {"b": "a", "a": "b"}}, "rules", {"a": "b", "b": "a"}),
        ({"columns": ("x", "y")}, "columns", ["x", "y"]),
    ],
)
def test_a_good_value_is_kept_in_one_form(given: dict[str, Any], name: str, canonical: Any) -> None:
    values, problems = read_form(FORM, LEAST | given)
    assert (values[name], problems) == (canonical, ())


@pytest.mark.parametrize(
    ("given", "code", "place"),
    [
        ({"rows": 0}, Code.OUT_OF_RANGE, ("rows",)),
        ({"rows": 1.5}, Code.INVALID, ("rows",)),
        ({"rows": True}, Code.INVALID, ("rows",)),
        ({"rows": None}, Code.INVALID, ("rows",)),
        ({"share": float("nan")}, Code.INVALID, ("share",)),
        ({"loud": 1}, Code.INVALID, ("loud",)),
        ({"way": "sideways"}, Code.UNKNOWN, ("way",)),
        ({"windows": [1, 10]}, Code.OUT_OF_RANGE, ("windows", "1")),
        ({"windows": []}, Code.TOO_SHORT, ("windows",)),
        ({"code": "abc"}, Code.INVALID, ("code",)),
        ({"code": "ABC\n"}, Code.INVALID, ("code",)),
        ({"code": 5}, Code.INVALID, ("code",)),
        ({"codes": []}, Code.TOO_SHORT, ("codes",)),
        ({"codes": "A"}, Code.INVALID, ("codes",)),
        ({"codes": ["A", "../B"]}, Code.INVALID, ("codes", "1")),
        ({"codes": ["A", "A"]}, Code.ALREADY_EXISTS, ("codes", "1")),
        ({"day": "31.01.2020"}, Code.INVALID, ("day",)),
        ({"day": "2020-02-30"}, Code.INVALID, ("day",)),
        ({"day": "2020-01-01T25:00"}, Code.INVALID, ("day",)),
        ({"day": 20200101}, Code.INVALID, ("day",)),
        ({"column": ""}, Code.REQUIRED, ("column",)),
        ({"column": "a\x00b"}, Code.INVALID, ("column",)),
        ({"column": "x" * 101}, Code.TOO_LONG, ("column",)),
        ({"columns": ["a", "b", "c", "d"]}, Code.TOO_LONG, ("columns",)),
        ({"columns": [["a"]]}, Code.INVALID, ("columns", "0")),
        ({"rules": {"x": "c"}}, Code.UNKNOWN, ("rules", "x")),
        ({"rules": ["x"]}, Code.INVALID, ("rules",)),
        ({"rules": {"x": ["a"]}}, Code.UNKNOWN, ("rules", "x")),
        ({"names": {"x": 5}}, Code.INVALID, ("names", "x")),
        ({"names": {5: "x"}}, Code.INVALID, ("names", "5")),
        ({"rowz": 5}, Code.UNKNOWN, ("rowz",)),
        ({"rows": 9, "share": 1}, Code.OUT_OF_RANGE, ("rows",)),
    ],
)
def test_a_bad_value_is_named_with_its_place(given: dict[str, Any], code: Code, place: tuple[str, ...]) -> None:
    assert wrong(**given) == [(code, ("steps", "2", *place))]


def test_what_is_required_must_be_there() -> None:
    _, problems = read_form(FORM, {})
    assert [(problem.code, problem.field) for problem in problems] == [(Code.REQUIRED, ("codes",))]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(wrong(rows=0, way="no", code="x", stranger=1)) == 4


def test_the_schema_is_sound_and_holds_for_what_is_good() -> None:
    schema = form_schema(FORM, {"kind": "toy"})
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    values, _ = read_form(FORM, LEAST)
    assert validator.is_valid({"kind": "toy", **values})
    assert validator.is_valid({"kind": "toy", **LEAST, "day": "2020-01-31T14:30:00Z"})
    assert schema["required"] == ["kind", "codes"]


@pytest.mark.parametrize(
    "given",
    [
        {"rows": 0},
        {"way": "no"},
        {"codes": ["a"]},
        {"day": "1.1.2020"},
        {"rules": {"x": "c"}},
        {"else": 1},
        {"rows": None},
    ],
)
def test_the_schema_refuses_what_is_bad(given: dict[str, Any]) -> None:
    assert not Draft202012Validator(form_schema(FORM)).is_valid(LEAST | given)
