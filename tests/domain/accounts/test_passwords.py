"""Which passwords are good enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.passwords import check_password, common_passwords, normal_form
from domain.errors import Code, Refused

ADA = {"username": "ada.king", "email": "countess@ockham.example.org", "full_name": "Ada Lovelace"}


def code(password: str) -> Code:
    with pytest.raises(Refused) as caught:
        check_password(password, **ADA)
    [problem] = caught.value.problems
    assert problem.field == ("password",)
    return problem.code


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "zX9#kQ2!mV",
        "pferd-lampe-9",
        "Ünïcødé gåmës",
        "密码很长的句子真的很长",
        "annual report 77x",
        "the password is not a word of these",
        "  spaces around  ",
        "x9" + "correct horse " * 9,
    ],
)
def test_good_passwords_pass(password: str) -> None:
    check_password(password, **ADA)


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", Code.REQUIRED),
        ("zX9#kQ2!m", Code.TOO_SHORT),
        ("zX9#kQ2!" * 16 + "?", Code.TOO_LONG),
        ("zX9#kQ2!mV\n", Code.INVALID),
        ("zX9#kQ2!mV\ud800", Code.INVALID),
    ],
)
def test_the_form_is_checked(password: str, expected: Code) -> None:
    assert code(password) is expected


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "aaaaaaaaaab",
        "abcabcabcabca",
        "zX9#kQ2!zX9#kQ2!",
        "0123456789",
        "9876543210",
        "1234567890123",
        "abcdefghijkl",
        "ZYXWVUTSRQPON",
        "qwertyuiop",
        "poiuytrewq",
        "asdfghjkl;'",
        "1qaz2wsx3edc",
    ],
)
def test_repetitions_and_sequences_are_weak(password: str) -> None:
    assert code(password) is Code.WEAK_PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "manchester",
        "TinkerBell",
        "password2024!",
        "!!!Password!!!",
        "P@ssw0rd2024",
        "tr1nity12345",
        "dragonmonkey",
        "monkey123456",
    ],
)
def test_common_passwords_are_weak_also_dressed_up(password: str) -> None:
    assert code(password) is Code.WEAK_PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "ada.king.1815",
        "adalovelace1815",
        "ecalevol-2024",
        "Lovelace-Ada-99",
        "countess@ockham.example.org",
        "countess-1843",
        "lovelacce1a",
        "trademaster1!",
        "TradeMaster-Web1",
    ],
)
def test_names_are_weak(password: str) -> None:
    assert code(password) is Code.WEAK_PASSWORD


def test_the_same_passwords_are_good_enough_for_somebody_else() -> None:
    check_password("countess-1843 ok", username="bob", email="bob@example.org", full_name="Bob")
    check_password("ada.king.1815-ok", username="bob", email="bob@example.org", full_name="Bob")


def test_a_name_within_a_long_password_does_no_harm() -> None:
    check_password("lovelace eats seven pears", **ADA)


def test_the_message_says_what_to_do_and_never_repeats_the_password() -> None:
    for password in ("zX9#kQ2!m", "dragonmonkey", "adalovelace1815", "qwertyuiop"):
        with pytest.raises(Refused) as caught:
            check_password(password, "new_password", **ADA)
        [problem] = caught.value.problems
        assert "three or four unrelated words" in problem.message
        assert password not in problem.message
        assert problem.field == ("new_password",)


def test_the_list_of_common_passwords_is_whole() -> None:
    common = common_passwords()
    assert len(common) == 10_090
    assert {"123456", "password", "qwertyuiop", "iloveyou"} <= common
    assert all(word == word.casefold() for word in common)


@given(st.sampled_from(sorted(common_passwords())).filter(lambda word: len(word) >= 10))
def test_no_common_password_passes(word: str) -> None:
    assert code(word) is Code.WEAK_PASSWORD
    assert code(word.upper()) is Code.WEAK_PASSWORD


@given(st.text(st.characters(categories=None), max_size=200), st.text(max_size=50), st.text(max_size=50))
def test_whatever_is_typed_passes_or_is_refused(password: str, username: str, full_name: str) -> None:
    try:
        check_password(password, username=username, email=f"{username}@example.org", full_name=full_name)
    except Refused:
        return
    assert 10 <= len(normal_form(password)) <= 128


def test_one_password_typed_in_two_ways_is_one_text() -> None:
    assert normal_form("Zoe\u0308") == normal_form("Zoë")
