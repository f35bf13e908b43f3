"""Which passwords are good enough. What a guesser tries first counts for nothing."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from domain.errors import Code, Refused

SHORTEST = 10
LONGEST = 128
FEWEST_LETTERS = 5
MUST_REMAIN = 8
TOO_SIMILAR = 0.75

COMMON_FILE = Path(__file__).with_name("common_passwords.txt.gz")

LEET = [str.maketrans("0134578@$!", f"o{one}eastbasi") for one in "il"]
ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
WALKS = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "1234567890" * 3,
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
)
OUR_NAME = "trademaster"


def normal_form(password: str) -> str:
    """The same password typed on another keyboard or system is the same text."""
    return unicodedata.normalize("NFKC", password)


def check_password(
    password: str, field: str = "password", *, username: str = "", email: str = "", full_name: str = ""
) -> None:
    """Refuses with one problem at `field` that says what to do."""
    text = normal_form(password)
    _check_form(text, field)
    lowered = text.casefold()
    if _is_monotonous(lowered):
        raise _weak("This password repeats a few characters or follows the keyboard or the alphabet.", field)
    if _is_common(lowered):
        raise _weak("This password is among the first that anybody would guess.", field)
    if _is_personal(lowered, [OUR_NAME, *_words_about(username, email, full_name)]):
        raise _weak("This password is too much like a name of yours or ours.", field)


def _check_form(text: str, field: str) -> None:
    if not text:
        raise Refused.because(Code.REQUIRED, "Give a password.", field)
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise Refused.because(Code.INVALID, "Use only characters that can be typed.", field)
    if len(text) < SHORTEST:
        advice = f"Use at least {SHORTEST} characters; three or four unrelated words make a good password."
        raise Refused.because(Code.TOO_SHORT, advice, field)
    if len(text) > LONGEST:
        raise Refused.because(Code.TOO_LONG, f"Use at most {LONGEST} characters.", field)


def _weak(reason: str, field: str) -> Refused:
    return Refused.because(Code.WEAK_PASSWORD, f"{reason} Choose three or four unrelated words instead.", field)


def _is_monotonous(text: str) -> bool:
    if len(set(text)) < FEWEST_LETTERS:
        return True
    if any(text[period:] == text[:-period] for period in range(1, min(SHORTEST, len(text) // 2 + 1))):
        return True
    return any(text in walk or text in walk[::-1] for walk in WALKS)


def _is_common(text: str) -> bool:
    common = common_passwords()
    if not common.isdisjoint(_spellings(text)):
        return True
    core = ENDS.sub("", text)
    if len(text) - len(core) < MUST_REMAIN and not common.isdisjoint(_spellings(core)):
        return True
    return any(text[:cut] in common and text[cut:] in common for cut in range(3, len(text) - 2))


def _spellings(text: str) -> list[str]:
    return [text, *(text.translate(letters) for letters in LEET)]


def _is_personal(text: str, names: list[str]) -> bool:
    plain = _plain(text)
    rest = plain
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, "").replace(name[::-1], "")
    if rest != plain and len(rest) < MUST_REMAIN:
        return True
    return any(SequenceMatcher(None, plain, name).ratio() >= TOO_SIMILAR for name in names)


def _words_about(*names: str) -> Iterator[str]:
    for name in names:
        lowered = normal_form(name).casefold()
        for word in {_plain(lowered), *map(_plain, re.split(r"[\W_]+", lowered))}:
            if len(word) > 2:
                yield word


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


@cache
def common_passwords() -> frozenset[str]:
    """About ten thousand, in small letters; see common_passwords.LICENSE for where they come from."""
    return frozenset(gzip.decompress(COMMON_FILE.read_bytes()).decode().split())
