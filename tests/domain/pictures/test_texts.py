"""Texts that fit, and numbers as people read them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pictures import wording
from domain.pictures.texts import both, clean, shortened, width, wrapped

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("  two\n words\t", "two words"),
        ("a\x00b\x1bc", "a b c"),
        ("half \ud800 character", "half character"),
        ("turned \u202ename\u202c", "turned name"),
        ("\ufffe\uffff", ""),
        ("kept: \u4e2d\u6587 \U0001f600 &<>\"'", "kept: \u4e2d\u6587 \U0001f600 &<>\"'"),
    ],
)
def test_only_what_xml_may_hold_is_kept_on_one_line(given_text: str, cleaned: str) -> None:
    assert clean(given_text) == cleaned


def test_widths_grow_with_size_and_weight() -> None:
    assert width("mm", 10) == pytest.approx(20.0)
    assert width("il", 10) == pytest.approx(5.8)
    assert width("mm", 10, bold=True) > width("mm", 10)
    assert width("\u4e2d", 10) > width("m", 10) * 1.05
    assert width("e\u0301", 10) == width("e", 10)


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    assert shortened("short", width("short")) == "short"
    assert shortened("A rather long name", 60) == "A rathe\u2026"
    assert shortened("anything", 0) == "\u2026"


def test_lines_are_filled_word_by_word() -> None:
    assert wrapped("one two three", width("one two")) == ["one two", "three"]
    assert wrapped("one two three four", width("three f"), most=2) == ["one", "two\u2026"]
    assert wrapped("", 50) == [""]


def test_two_names_share_their_room() -> None:
    room = width("A - long name")
    assert both("A", "long name", " - ", room) == "A - long name"
    assert both("A", "a much longer name", " - ", room).startswith("A - a much")
    one, other = both("first of two long names", "second of two long names", " - ", 150).split(" - ")
    assert one.endswith("\u2026")
    assert other.endswith("\u2026")


@settings(max_examples=200)
@given(st.text(max_size=60), st.floats(0, 400), st.integers(1, 4))
def test_no_text_is_wider_than_its_room(text: str, room: float, most: int) -> None:
    cleaned, least = clean(text), width("\u2026")
    lines = wrapped(cleaned, room, most=most)
    assert len(lines) <= most
    assert all(width(line) <= max(room, least) + 0.02 for line in [*lines, shortened(cleaned, room)])


@settings(max_examples=200)
@given(st.text(max_size=40), st.text(max_size=40), st.floats(60, 400))
def test_no_two_texts_are_wider_than_their_room(one: str, other: str, room: float) -> None:
    assert width(both(clean(one), clean(other), " - ", room)) <= room + 0.05


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (1_234.5, 1, "1,234.5"),
        (-0.04, 1, "0.0"),
        (-3.0, 0, f"{MINUS}3"),
        (9_999_999.0, 0, "9,999,999"),
        (12_340_000.0, 0, "12.3M"),
        (2e9, 0, "2bn"),
        (-5e13, 0, f"{MINUS}50tn"),
        (3e20, 0, "3.0e20"),
        (2e-9, 9, f"2.0e{MINUS}9"),
        (0.0, 9, "0"),
        (-1e-300, 1, "0.0"),
        (float("nan"), 2, "not known"),
        (float("inf"), 2, "not known"),
    ],
)
def test_numbers(value: float, decimals: int, words: str) -> None:
    assert wording.number(value, decimals) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1234, "+12.3%"),
        (-0.5, f"{MINUS}50.0%"),
        (0.0, "0.0%"),
        (-0.0, "0.0%"),
        (0.0003, "+0.03%"),
        (12.5, "+1,250%"),
        (1e308, "not known"),
        (None, "not known"),
    ],
)
def test_shares(value: float | None, words: str) -> None:
    assert wording.share(value) == words


def test_other_units() -> None:
    assert wording.multiple(1.256) == "1.26\u00d7"
    assert wording.multiple(345.6) == "346\u00d7"
    assert wording.points(-2.34) == f"{MINUS}2.3 bps"
    assert wording.points(12_345.6) == "12,346 bps"
    assert (wording.briefly(0.3), wording.briefly(0.125)) == ("30%", "12.5%")
    assert wording.significant(0.0123456) == "0.0123"
    assert wording.counted(1, "trade", "trades") == "1 trade"
    assert wording.counted(1_200, "trade", "trades") == "1,200 trades"


def test_times() -> None:
    assert wording.day(np.datetime64("2024-03-05T12:00")) == "5 Mar 2024"
    assert wording.day(0.0) == "1 Jan 1970"
    assert wording.span(0.0, 0.0) == "1 Jan 1970"
    assert wording.span(0.0, 3_600.0) == "1 Jan 1970, 00:00 \u2013 01:00"
    assert wording.span(-86_400.0, 86_400.0) == "31 Dec 1969 \u2013 2 Jan 1970"
