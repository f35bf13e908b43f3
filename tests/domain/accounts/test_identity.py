"""What people may be called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.accounts.identity import (
    RESERVED_USERNAMES,
    USERNAME_PATTERN,
    clean_email,
    clean_full_name,
    clean_username,
    network_of,
)
from domain.errors import Code, Refused

ANY_TEXT = st.text(st.characters(categories=None), max_size=120)


def code(clean: Callable[[str], str], text: str) -> tuple[Code, tuple[str, ...]]:
    with pytest.raises(Refused) as caught:
        clean(text)
    [problem] = caught.value.problems
    return problem.code, problem.field


@pytest.mark.parametrize("name", ["ada", "Ada.Lovelace", "a-b_c.9", "x" * 50])
def test_a_username_may_be(name: str) -> None:
    assert clean_username(f"  {name} ") == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", Code.REQUIRED),
        ("   ", Code.REQUIRED),
        ("ab", Code.TOO_SHORT),
        ("x" * 51, Code.TOO_LONG),
        ("9lives", Code.INVALID),
        (".ada", Code.INVALID),
        ("ada lovelace", Code.INVALID),
        ("ada@home", Code.INVALID),
        ("аda", Code.INVALID),  # noqa: RUF001 - a Cyrillic a
        ("ada\x00", Code.INVALID),
        ("ada\ud800", Code.INVALID),
        ("admin", Code.INVALID),
        ("Root", Code.INVALID),
    ],
)
def test_a_username_may_not_be(name: str, expected: Code) -> None:
    assert code(clean_username, name) == (expected, ("username",))


def test_an_operator_may_give_out_a_reserved_name_but_no_wrong_one() -> None:
    assert clean_username("admin", by_operator=True) == "admin"
    with pytest.raises(Refused):
        clean_username("9lives", by_operator=True)


def test_reserved_names_would_be_usernames_otherwise() -> None:
    for name in RESERVED_USERNAMES - {"me"}:
        assert clean_username(name, by_operator=True) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada@Example.ORG ", "Ada@example.org"),
        ("ada+desk@example.org", "ada+desk@example.org"),
        ("ada@bücher.example.org", "ada@bücher.example.org"),
        ("ada@xn--bcher-kva.example.org", "ada@bücher.example.org"),
        (f"{'a' * 60}@{'b' * 35}.org", f"{'a' * 60}@{'b' * 35}.org"),
    ],
)
def test_an_address_is_kept_in_its_normal_form(typed: str, kept: str) -> None:
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Code.REQUIRED),
        ("ada", Code.INVALID),
        ("ada@", Code.INVALID),
        ("@example.org", Code.INVALID),
        ("ada@localhost", Code.INVALID),
        ("ada@@example.org", Code.INVALID),
        ("ada@example.org, eve@example.org", Code.INVALID),
        ("Ada <ada@example.org>", Code.INVALID),
        ("ada@example.org\nBcc: eve@example.org", Code.INVALID),
        ("ada\x00@example.org", Code.INVALID),
        ("äda@example.org", Code.INVALID),
        ("ada@[127.0.0.1]", Code.INVALID),
        (f"{'a' * 61}@{'b' * 35}.org", Code.TOO_LONG),
    ],
)
def test_an_address_is_refused(typed: str, expected: Code) -> None:
    assert code(clean_email, typed) == (expected, ("email",))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   King\tLovelace ", "Ada King Lovelace"),
        ("Zoe\u0308", "Zoë"),
        ("李 小龍", "李 小龍"),
        ("O'Neill-Smith, Jr.", "O'Neill-Smith, Jr."),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_full_name_is_tidied(typed: str, kept: str) -> None:
    assert clean_full_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Code.REQUIRED),
        (" \n ", Code.REQUIRED),
        ("x" * 101, Code.TOO_LONG),
        ("Ada\x07", Code.INVALID),
        ("Ada\ud800", Code.INVALID),
        ("Ada\u202eecalevoL", Code.INVALID),
    ],
)
def test_a_full_name_is_refused(typed: str, expected: Code) -> None:
    assert code(clean_full_name, typed) == (expected, ("full_name",))


def test_the_field_can_be_named_by_the_caller() -> None:
    for clean in (clean_username, clean_email, clean_full_name):
        with pytest.raises(Refused) as caught:
            clean("", "other")
        assert caught.value.problems[0].field == ("other",)


@pytest.mark.parametrize("clean", [clean_username, clean_email, clean_full_name])
@given(text=ANY_TEXT)
@example(text="a@" + "b." * 40 + "org")
@example(text="ada@xn--zzzzzz.org")
@example(text="ada@\u2024org")
def test_whatever_is_typed_is_kept_or_refused_and_what_is_kept_stays(clean: Callable[[str], str], text: str) -> None:
    try:
        kept = clean(text)
    except Refused:
        return
    assert clean(kept) == kept
    assert 1 <= len(kept) <= 100
    kept.encode()


@given(st.from_regex(USERNAME_PATTERN, fullmatch=True).filter(lambda name: 3 <= len(name) <= 50))
def test_what_the_rule_for_usernames_allows_is_kept_as_typed(name: str) -> None:
    assert clean_username(name, by_operator=True) == name


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@given(ANY_TEXT)
def test_any_text_has_some_network(text: str) -> None:
    assert network_of(text)
