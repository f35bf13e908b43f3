"""Which bytes are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.transfers.ranges import NotSatisfiable, Span, is_known, span

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=10-", Span(10, 100)),
        ("bytes=99-", Span(99, 100)),
        ("bytes=90-1000", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-1000", Span(0, 100)),
        ("Bytes= 5-6 ", Span(5, 7)),
        # What is not understood, or would be several answers, is not asked for.
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("0-1", None),
        ("bytes=" + "9" * 19 + "-", None),
    ],
)
def test_a_range(asked: str | None, found: Span | None) -> None:
    assert span(asked, None, etag=ETAG, size=100) == found


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end(asked: str) -> None:
    with pytest.raises(NotSatisfiable):
        span(asked, None, etag=ETAG, size=100)


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_nothing_has_no_ranges(asked: str) -> None:
    with pytest.raises(NotSatisfiable):
        span(asked, None, etag=ETAG, size=0)


@pytest.mark.parametrize(
    ("if_range", "found"),
    [
        (ETAG, Span(0, 10)),
        ('"other"', None),
        ('W/"abc"', None),
        ("Sat, 29 Oct 1994 19:43:31 GMT", None),
        ("", None),
    ],
)
def test_a_range_only_of_the_same_content(if_range: str, found: Span | None) -> None:
    assert span("bytes=0-9", if_range, etag=ETAG, size=100) == found


@given(first=st.integers(0, 300), last=st.integers(0, 300), size=st.integers(0, 200))
def test_a_range_is_inside_the_file(first: int, last: int, size: int) -> None:
    try:
        found = span(f"bytes={first}-{last}", None, etag=ETAG, size=size)
    except NotSatisfiable:
        assert first >= size
        assert last >= first
    else:
        assert found == (Span(first, min(last + 1, size)) if first <= last else None)


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [(None, False), (ETAG, True), ('W/"abc"', True), ("*", True), ('"x", "abc"', True), ('"x"', False), ("abc", False)],
)
def test_what_the_client_has(if_none_match: str | None, known: bool) -> None:
    assert is_known(if_none_match, ETAG) is known
