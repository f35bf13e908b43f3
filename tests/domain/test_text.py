from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Code, Problem, Refused
from domain.text import Problems, clean_text, counted, readable


def refusal_of(value: str, **limits: object) -> Problem:
    with pytest.raises(Refused) as caught:
        clean_text(value, "full_name", **limits)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  Momentum  ", "Momentum"),
        ("\u00a0Momentum\u3000", "Momentum"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("two  blanks", "two  blanks"),
        ("策略 №1", "策略 №1"),
        ("نمی\u200cشود", "نمی\u200cشود"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("x" * 100, "x" * 100),
        ("e\u0301" * 100, "\u00e9" * 100),
    ],
)
def test_a_good_text_is_kept_trimmed_and_composed(given_text: str, kept: str) -> None:
    assert clean_text(given_text, "name") == kept


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", Code.REQUIRED),
        (" \t\n ", Code.REQUIRED),
        ("\u200d", Code.REQUIRED),
        ("x" * 101, Code.TOO_LONG),
        ("a\x00b", Code.INVALID),
        ("a\tb", Code.INVALID),
        ("a\nb", Code.INVALID),
        ("a\x1bb", Code.INVALID),
        ("a\x7fb", Code.INVALID),
        ("a\u2028b", Code.INVALID),
        ("a\u202eb", Code.INVALID),
        ("a\u2066b", Code.INVALID),
        ("a\u200bb", Code.INVALID),
        ("a\ufeffb", Code.INVALID),
        ("a\ud800b", Code.INVALID),
    ],
)
def test_a_bad_text_is_refused_with_its_code_and_field(bad: str, code: Code) -> None:
    problem = refusal_of(bad)
    assert (problem.code, problem.field) == (code, ("full_name",))
    assert problem.message.startswith("The full name ")


def test_a_text_shorter_than_asked_is_too_short() -> None:
    assert refusal_of("ab", minimum=3).code is Code.TOO_SHORT
    assert clean_text("abc", "name", minimum=3) == "abc"


def test_the_upper_limit_is_said_with_what_was_given() -> None:
    assert refusal_of("x" * 1_200, maximum=1_000).message == (
        "The full name may have at most 1,000 characters; it has 1,200."
    )


def test_lines_and_tabs_are_kept_only_where_there_are_lines() -> None:
    assert clean_text("a\r\nb\rc\td", "description", multiline=True) == "a\nb\nc\td"
    assert refusal_of("a\x00b", multiline=True).code is Code.INVALID


def test_an_optional_text_may_be_empty() -> None:
    assert clean_text("  ", "description", minimum=0) == ""


def test_a_path_and_a_label_are_used_as_given() -> None:
    with pytest.raises(Refused) as caught:
        clean_text("", ("tags", "3"), label="tag")
    assert caught.value.problems == (
        Problem(Code.REQUIRED, "The tag is empty. Write at least 1 character.", ("tags", "3")),
    )


def outcome(value: str, *, multiline: bool) -> str | Refused:
    try:
        return clean_text(value, "name", multiline=multiline)
    except Refused as refused:
        return refused


@given(st.text(st.characters()), st.booleans())
def test_what_is_kept_is_clean_and_stays_the_same_when_cleaned_again(value: str, multiline: bool) -> None:
    kept = outcome(value, multiline=multiline)
    if isinstance(kept, Refused):
        assert [problem.field for problem in kept.problems] == [("name",)]
        return
    assert kept == kept.strip()
    assert unicodedata.is_normalized("NFC", kept)
    assert 1 <= len(kept) <= 100
    assert kept.encode().decode() == kept
    assert "\x00" not in kept
    assert clean_text(kept, "name", multiline=multiline) == kept


@given(st.text(st.characters()))
def test_a_readable_text_is_short_and_can_be_sent(value: str) -> None:
    shown = readable(value, 20)
    assert len(shown) <= 20
    assert shown.encode().decode() == shown
    assert "\x00" not in shown


def test_counted_says_one_and_many() -> None:
    assert [counted(1), counted(2_000), counted(3, "day")] == ["1 character", "2,000 characters", "3 days"]


def clean_number(value: int) -> int:
    if value < 0:
        raise Refused.because(Code.OUT_OF_RANGE, "Too small.", "number")
    return value


def test_problems_are_all_said_at_once() -> None:
    problems = Problems()
    problems.take(clean_text, "", "name")
    problems.take(clean_number, -1)
    problems.add(Problem(Code.UNKNOWN, "Unknown.", ("config", "x")))
    with pytest.raises(Refused) as caught:
        problems.raise_if_any()
    assert [(problem.code, problem.field) for problem in caught.value.problems] == [
        (Code.REQUIRED, ("name",)),
        (Code.OUT_OF_RANGE, ("number",)),
        (Code.UNKNOWN, ("config", "x")),
    ]


def both(name: str, number: int) -> tuple[str, int]:
    with Problems() as problems:
        return problems.take(clean_text, name, "name"), problems.take(clean_number, number)


def test_a_block_gives_what_was_taken_or_refuses_at_its_end() -> None:
    assert both(" a ", 3) == ("a", 3)
    with pytest.raises(Refused) as caught:
        both("", -1)
    assert [problem.code for problem in caught.value.problems] == [Code.REQUIRED, Code.OUT_OF_RANGE]


def interrupted(error: Exception) -> None:
    with Problems() as problems:
        problems.take(clean_text, "", "name")
        raise error


def test_a_refusal_raised_inside_a_block_joins_the_others() -> None:
    with pytest.raises(Refused) as caught:
        interrupted(Refused.because(Code.OUT_OF_RANGE, "Too small.", "number"))
    assert [problem.code for problem in caught.value.problems] == [Code.REQUIRED, Code.OUT_OF_RANGE]


def test_another_error_inside_a_block_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        interrupted(ZeroDivisionError())
