from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Code, Refused
from domain.strategies.rules import clean_description, clean_message, clean_name, clean_tags
from domain.text import Problems


def faults(refused: Refused) -> list[tuple[Code, tuple[str, ...]]]:
    return [(problem.code, problem.field) for problem in refused.problems]


def test_a_name_has_1_to_100_characters_after_trimming() -> None:
    assert clean_name("  Trend  ") == "Trend"
    assert clean_name(" " + "x" * 100 + " ") == "x" * 100
    for bad, code in (("   ", Code.REQUIRED), ("x" * 101, Code.TOO_LONG), ("a\nb", Code.INVALID)):
        with pytest.raises(Refused) as caught:
            clean_name(bad)
        assert faults(caught.value) == [(code, ("name",))]


def test_a_description_may_be_empty_and_have_lines_up_to_2000_characters() -> None:
    assert clean_description("") == ""
    assert clean_description("one\r\ntwo ") == "one\ntwo"
    assert len(clean_description("x" * 2_000)) == 2_000
    with pytest.raises(Refused) as caught:
        clean_description("x" * 2_001)
    assert faults(caught.value) == [(Code.TOO_LONG, ("description",))]


def test_a_version_message_may_be_empty_and_has_at_most_500_characters() -> None:
    assert clean_message(" shorter lookback ") == "shorter lookback"
    assert clean_message("") == ""
    with pytest.raises(Refused) as caught:
        clean_message("x" * 501)
    assert faults(caught.value) == [(Code.TOO_LONG, ("message",))]


def test_tags_are_lower_case_trimmed_once_each_in_order() -> None:
    assert clean_tags([" Crypto", "BTC", "crypto ", "Älter", "A\u0308lter"]) == ("crypto", "btc", "älter")
    assert clean_tags([]) == ()


def test_every_bad_tag_is_named_by_its_place() -> None:
    with pytest.raises(Refused) as caught:
        clean_tags(["good", " ", "x" * 31, "a\tb", "x" * 30])
    assert faults(caught.value) == [
        (Code.REQUIRED, ("tags", "1")),
        (Code.TOO_LONG, ("tags", "2")),
        (Code.INVALID, ("tags", "3")),
    ]


def test_at_most_20_different_tags() -> None:
    twenty = [f"tag{number}" for number in range(20)]
    assert clean_tags([*twenty, *twenty]) == tuple(twenty)
    for too_many in ([*twenty, "one more"], ["same"] * 101):
        with pytest.raises(Refused) as caught:
            clean_tags(too_many)
        assert faults(caught.value) == [(Code.TOO_LONG, ("tags",))]


def describe(name: str, description: str, tags: list[str]) -> tuple[str, str, tuple[str, ...]]:
    """As a use case does it."""
    with Problems() as problems:
        return (
            problems.take(clean_name, name),
            problems.take(clean_description, description),
            problems.take(clean_tags, tags),
        )


def test_all_problems_of_a_strategy_come_at_once() -> None:
    assert describe(" Trend", "", ["BTC"]) == ("Trend", "", ("btc",))
    with pytest.raises(Refused) as caught:
        describe("", "x" * 2_001, ["ok", ""])
    assert faults(caught.value) == [
        (Code.REQUIRED, ("name",)),
        (Code.TOO_LONG, ("description",)),
        (Code.REQUIRED, ("tags", "1")),
    ]


def outcome(values: list[str]) -> tuple[str, ...] | Refused:
    try:
        return clean_tags(values)
    except Refused as refused:
        return refused


@given(st.lists(st.text(max_size=12), max_size=25))
def test_cleaned_tags_stay_the_same_when_cleaned_again(values: list[str]) -> None:
    tags = outcome(values)
    if isinstance(tags, Refused):
        assert all(problem.field[0] == "tags" for problem in tags.problems)
        return
    assert clean_tags(tags) == tags
    assert len(set(tags)) == len(tags) <= 20
    assert all(tag == tag.lower() for tag in tags)
