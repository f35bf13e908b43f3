from __future__ import annotations

import dataclasses
import itertools
import string
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from app.observe.redaction import HIDDEN, Redactor
from app.observe.rendering import json_line

# A busy machine is no failure.
calm = settings(deadline=None)
B64 = string.ascii_letters + string.digits + "-_"
NAMES = ["password", "newPassword", "user_passwd", "token", "refreshToken", "Authorization", "client-secret", "Cookie"]
NAMES += ["Set-Cookie", "signing_key", "signingKey", "api_key", "apiKey", "X-API-Key", "private_key", "DSN"]

secret_names = st.sampled_from(NAMES)
# Unmistakable, since other texts here have no digits: finding it in the output means that something leaked.
CORE = "Zq9"
opaque = st.text(B64, min_size=20, max_size=48).map(lambda text: CORE + text)
tokens = st.one_of(
    opaque.map(lambda text: f"tmw_{text}"),
    opaque.map(lambda text: f"tmr_{text}"),
    st.tuples(opaque, opaque, opaque).map(lambda parts: "eyJ" + ".".join(parts)),
)
words = st.text(string.ascii_letters + " .,:;/", max_size=30)
harmless = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), words)
any_secret = st.text(string.printable, min_size=8, max_size=30).map(lambda text: f"{CORE}{text}{CORE}")


def planted(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of any shape that hold the leaf somewhere."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(harmless, inner),
            st.lists(harmless, max_size=3).flatmap(lambda rest: inner.map(lambda value: [*rest, value])),
            st.dictionaries(words, harmless, max_size=3).flatmap(
                lambda rest: inner.map(lambda value: {**rest, "deep": value})
            ),
        ),
        max_leaves=4,
    )


def shown(value: Any) -> str:
    return json_line(Redactor().fields({"event": "something", "value": value})).decode()


def surrounded(secret: str, before: str, after: str) -> str:
    return f"{before} {secret} {after}"


@calm
@given(
    name=secret_names,
    secret=st.one_of(any_secret, st.lists(any_secret), any_secret.map(lambda s: {"a": s})),
    data=st.data(),
)
def test_what_goes_by_the_name_of_a_secret_never_shows(name, secret, data):
    assert CORE not in shown(data.draw(planted(st.just({name: secret}))))


@calm
@given(token=tokens, before=words, after=words, data=st.data())
def test_what_looks_like_a_token_never_shows(token, before, after, data):
    text = surrounded(token, before, after)
    leaf = st.sampled_from([text, text.encode(), {text: 1}, ValueError(text), Wrapped(text), Model(note=text)])
    assert CORE not in shown(data.draw(planted(leaf)))


@calm
@given(password=st.text(B64 + "!$%&*+=~", min_size=6).map(lambda text: f"{CORE}{text}"), before=words, after=words)
@pytest.mark.parametrize("scheme", ["postgresql", "redis", "rediss", "smtp", "https"])
def test_the_password_in_an_address_never_shows(scheme, password, before, after):
    text = surrounded(f"{scheme}://user:{password}@db.internal:5432/name", before, after)
    assert CORE not in shown(text)


@calm
@given(name=secret_names, secret=st.text(B64, min_size=1).map(lambda text: f"{CORE}{text}"), before=words, after=words)
@pytest.mark.parametrize("form", ["{}={}", "{}: {}", '"{}": "{}"', "'{}': '{}'", "{}=b'{}'", "{}=Box('{}')"])
def test_a_secret_that_is_named_inside_a_text_never_shows(form, name, secret, before, after):
    assert CORE not in shown(surrounded(form.format(name, secret), before, after))


@calm
@given(secret=st.text(B64 + "/+=", min_size=8).map(lambda text: f"{CORE}{text}"), before=words)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic"])
def test_credentials_of_a_header_never_show(scheme, secret, before):
    assert CORE not in shown(f"{before} {scheme} {secret}")


@calm
@given(secret=st.text(min_size=6, max_size=60).map(lambda text: f"{CORE}{text}"), before=st.text(), after=st.text())
def test_what_it_was_told_never_shows(secret, before, after):
    redactor = Redactor()
    redactor.hide(secret)
    assert CORE not in str(redactor.value([surrounded(secret, before, after)]))


@calm
@given(text=st.text("abdlmnorstu .,:/"))
def test_harmless_text_stays_as_it_is(text):
    assert Redactor().text(text) == text


@dataclasses.dataclass
class Wrapped:
    note: str
    password: str = "Zq9-in-a-dataclass"


class Model(BaseModel):
    note: str = ""
    token: str = "Zq9-in-a-model"


class Grumpy:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"password": True, "token": None, "secret": 12345}, {"password": True, "token": None, "secret": HIDDEN}),
        (Wrapped("n"), {"note": "n", "password": HIDDEN}),
        (Model(note="n"), {"note": "n", "token": HIDDEN}),
        (SecretStr("abc"), "**********"),
        (Grumpy(), "<Grumpy>"),
        (2**70, str(2**70)),
        (HTTPStatus.NOT_FOUND, 404),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ({("a", 1): 2}, {"('a', 1)": 2}),
        ("cookie: session=abc; theme=dark", f"cookie: {HIDDEN}"),
        ("Authorization: Basic dXNlcjpwYXNz, retry", f"Authorization: {HIDDEN}"),
        ("no redis://:abc@db:6379/0 here", f"no redis://:{HIDDEN}@db:6379/0 here"),
        ("password=Bearer abc", f"password={HIDDEN}"),
        ("token=tmw_0123456789abcdef!rest of it", f"token={HIDDEN} of it"),
        ("https://example.org/path?x=1", "https://example.org/path?x=1"),
        ("keyboard monkey", "keyboard monkey"),
        ("bad\x1b[31m\nline\u2028\ud800", "bad\\x1b[31m\\nline\\u2028\\ud800"),
    ],
    # Some of them are no good as names of tests.
    ids=itertools.count(),
)
def test_examples(value, expected):
    assert Redactor().value(value) == expected


def test_a_value_that_contains_itself_ends():
    loop: dict[str, Any] = {"password": "Zq9"}
    loop["self"] = [loop]
    assert CORE not in shown(loop)


@pytest.mark.parametrize(
    "text", ["token", "://", "a://b:", "password=", "eyJ", "bearer  ", "cookie", "token='", "dsn=a("]
)
def test_a_hostile_text_costs_little(text):
    began = time.process_time()
    Redactor().text(text * 30_000)
    assert time.process_time() - began < 0.2


def test_the_caller_keeps_what_it_gave():
    given_ = {"password": "abc", "list": [{"token": "abc"}]}
    Redactor().fields(given_)
    assert given_ == {"password": "abc", "list": [{"token": "abc"}]}


def test_a_secret_that_is_told_later_is_hidden_from_then_on():
    redactor = Redactor()
    assert redactor.text("now abcdefgh") == "now abcdefgh"
    redactor.hide(SecretStr("abcdefgh"))
    assert redactor.text("now abcdefgh") == f"now {HIDDEN}"
