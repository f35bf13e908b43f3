"""What may be said about datasets, and asked of their data."""

from __future__ import annotations

import pytest

from domain.datasets.corrections import clean_correction
from domain.datasets.reading import PreviewWanted, SeriesWanted
from domain.datasets.report import Correction
from domain.datasets.rules import Words, clean_filename, clean_key, clean_tags
from domain.errors import Refused


def _refused(call: object, *args: object, **kwargs: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    return [(problem.code.value, ".".join(problem.field)) for problem in caught.value.problems]


def test_words_are_trimmed_and_all_problems_are_told_at_once() -> None:
    assert Words(name=" Prices ", tags=["A", "a", " b "]).cleaned() == {"name": "Prices", "tags": ("a", "b")}
    wrong = Words(name=" ", description="x" * 2_001, tags=["", "ok", "t" * 31])
    assert _refused(wrong.cleaned) == [
        ("REQUIRED", "name"),
        ("TOO_LONG", "description"),
        ("REQUIRED", "tags.0"),
        ("TOO_LONG", "tags.2"),
    ]
    assert _refused(clean_tags, [str(number) for number in range(21)]) == [("TOO_LONG", "tags")]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("prices.csv", "prices.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\a.xlsx", "a.xlsx"),
        ("a\x00b\n.csv", "a b .csv"),
        ("x" * 300 + ".parquet", "x" * 142 + ".parquet"),
    ],
)
def test_names_of_files_are_made_harmless(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


def test_a_name_of_nothing_and_a_key_of_too_much_are_refused() -> None:
    for name in ("", "../", "\x00", "..."):
        assert _refused(clean_filename, name) == [("REQUIRED", "filename")]
    assert clean_key(None) is None
    assert _refused(clean_key, "k" * 101) == [("TOO_LONG", "idempotency_key")]


def test_a_correction_is_bounded_but_a_tab_may_stand_between_cells() -> None:
    fine = Correction(delimiter="\t", header_row=0, roles={"volume": ""})
    assert clean_correction(fine) == fine
    wrong = Correction(encoding="e" * 201, symbol="a\x00", header_row=-1, roles={"open": 5})  # type: ignore[dict-item]
    assert _refused(clean_correction, wrong) == [
        ("TOO_LONG", "correction.encoding"),
        ("INVALID", "correction.symbol"),
        ("OUT_OF_RANGE", "correction.headerRow"),
        ("INVALID", "correction.roles.open"),
    ]


def test_only_so_much_is_read_at_once() -> None:
    assert _refused(PreviewWanted(count=501, offset=-1, columns=("x",) * 51).checked) == [
        ("OUT_OF_RANGE", "count"),
        ("OUT_OF_RANGE", "offset"),
        ("TOO_LONG", "columns"),
    ]
    five = tuple("abcde")
    assert SeriesWanted(columns=five, points=4_000).checked().points == 4_000
    assert _refused(SeriesWanted(columns=five, points=5_000).checked) == [("OUT_OF_RANGE", "points")]
