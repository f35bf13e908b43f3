"""Opaque tokens and links that reset a password."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.tokens import (
    ALPHABET,
    ResetTokens,
    TokenKind,
    hash_token,
    is_well_formed,
    new_token,
    visible_prefix,
)
from domain.errors import Code, Refused
from tests.support.clock import NOON, StandingClock

KINDS = st.sampled_from(TokenKind)
ANY_TEXT = st.text(st.characters(categories=None), max_size=120)


@pytest.mark.parametrize(("kind", "prefix"), [(TokenKind.REFRESH, "tmr_"), (TokenKind.API, "tmw_")])
def test_a_token_can_be_recognised_by_a_scanner(kind: TokenKind, prefix: str) -> None:
    assert re.fullmatch(rf"{prefix}[0-9A-Za-z]{{49}}", new_token(kind))


def test_a_token_has_256_random_bits() -> None:
    assert len(ALPHABET) ** 43 > 2**256
    assert len({new_token(TokenKind.API)[4:47] for _ in range(1_000)}) == 1_000


@given(KINDS)
def test_a_new_token_is_well_formed_and_only_of_its_kind(kind: TokenKind) -> None:
    token = new_token(kind)
    assert [is_well_formed(each, token) for each in TokenKind] == [each is kind for each in TokenKind]


@given(KINDS, st.data())
def test_one_wrong_letter_is_noticed(kind: TokenKind, data: st.DataObject) -> None:
    token = new_token(kind)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(categories=None).filter(lambda each: each != token[place]))
    assert not is_well_formed(kind, token[:place] + letter + token[place + 1 :])


@pytest.mark.parametrize("letter", ["é", "\ud800", "\x00", "０"])  # noqa: RUF001 - a wide zero
def test_letters_that_no_token_has_are_noticed(letter: str) -> None:
    token = new_token(TokenKind.API)
    assert not is_well_formed(TokenKind.API, token[:20] + letter + token[21:])


@given(KINDS, ANY_TEXT)
def test_rubbish_is_not_well_formed(kind: TokenKind, text: str) -> None:
    assert not is_well_formed(kind, text)
    assert not is_well_formed(kind, f"{kind}_{text}")


def test_a_token_is_stored_as_its_sha256() -> None:
    assert hash_token("tmw_abc") == hashlib.sha256(b"tmw_abc").digest()


def test_what_is_shown_leaves_the_rest_unknown() -> None:
    token = new_token(TokenKind.API)
    assert visible_prefix(token) == token[:12]


USER = UUID(int=7)
HASH = "$argon2id$present"
SOON = NOON + timedelta(hours=1)
KEY, OLD_KEY = b"k" * 32, b"o" * 32


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def links(clock: StandingClock) -> ResetTokens:
    return ResetTokens(keys=[KEY], clock=clock)


def refused(links: ResetTokens, token: str, password_hash: str = HASH) -> None:
    with pytest.raises(Refused) as caught:
        links.check(token, password_hash)
    [problem] = caught.value.problems
    assert (problem.code, problem.field) == (Code.INVALID_TOKEN, ("token",))


def test_a_link_names_its_user_and_proves_itself(links: ResetTokens) -> None:
    token = links.issue(USER, HASH, SOON)

    assert re.fullmatch(r"tmp_[\w-]{75}", token)
    assert links.user_of(token) == USER
    links.check(token, HASH)


def test_it_dies_with_the_password_that_it_replaces(links: ResetTokens) -> None:
    refused(links, links.issue(USER, HASH, SOON), "$argon2id$new")


def test_it_dies_at_its_hour(links: ResetTokens, clock: StandingClock) -> None:
    token = links.issue(USER, HASH, SOON)
    clock.advance(minutes=59, seconds=59)
    links.check(token, HASH)
    clock.advance(seconds=1)
    refused(links, token)


def test_another_key_makes_no_good_link(links: ResetTokens, clock: StandingClock) -> None:
    refused(links, ResetTokens(keys=[OLD_KEY], clock=clock).issue(USER, HASH, SOON))


def test_a_link_outlives_the_rotation_of_the_key(clock: StandingClock) -> None:
    token = ResetTokens(keys=[OLD_KEY], clock=clock).issue(USER, HASH, SOON)
    rotated = ResetTokens(keys=[KEY, OLD_KEY], clock=clock)

    rotated.check(token, HASH)
    ResetTokens(keys=[KEY], clock=clock).check(rotated.issue(USER, HASH, SOON), HASH)


@given(st.data())
def test_no_letter_of_a_link_can_be_changed(data: st.DataObject) -> None:
    links = ResetTokens(keys=[KEY], clock=StandingClock())
    token = links.issue(data.draw(st.uuids()), HASH, SOON)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(ALPHABET + "-_").filter(lambda each: each != token[place]))
    refused(links, token[:place] + letter + token[place + 1 :])


def test_one_link_has_one_spelling(links: ResetTokens) -> None:
    token = links.issue(USER, HASH, SOON)
    for letter in set(ALPHABET + "-_") - {token[-1]}:
        refused(links, token[:-1] + letter)


@given(ANY_TEXT)
def test_rubbish_is_no_link(text: str) -> None:
    links = ResetTokens(keys=[KEY], clock=StandingClock())
    for token in (text, f"tmp_{text}"):
        refused(links, token)
        with pytest.raises(Refused):
            links.user_of(token)


@given(st.uuids(), st.text(), st.integers(1, 10**9))
def test_every_link_works_once_made(user: UUID, password_hash: str, seconds: int) -> None:
    links = ResetTokens(keys=[KEY], clock=StandingClock())
    token = links.issue(user, password_hash, NOON + timedelta(seconds=seconds))
    assert links.user_of(token) == user
    links.check(token, password_hash)
