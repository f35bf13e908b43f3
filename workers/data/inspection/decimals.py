"""Whether numbers are written 1.5 or 1,5, told by those that can be read only one way."""

from __future__ import annotations

import polars as pl

from domain.datasets.report import Correction, Finding, FindingCode, Severity
from workers.data.inspection.values import bare
from workers.data.inspection.voice import Voice

_GAP = r"'\x{2019} \x{00a0}\x{202f}\x{2009}"
_COMMA = rf"^[+-]?(?:\d+,\d{{1,2}}|\d+,\d{{4,}}|0,\d+|\d{{1,3}}(?:[.{_GAP}]\d{{3}})+,\d+|\d{{4,}},\d+)$"
_POINT = (
    rf"^[+-]?(?:\d*\.\d{{1,2}}|\d*\.\d{{4,}}|0?\.\d+|\d{{1,3}}(?:[,{_GAP}]\d{{3}})+\.\d+|\d{{4,}}\.\d+"
    r"|\d{1,3}(?:,\d{3}){2,})$"
)
_EITHER = r"^[+-]?[1-9]\d{0,2},\d{3}$"


def decimal_of(
    texts: pl.DataFrame, delimiter: str | None, correction: Correction, voice: Voice
) -> tuple[str, list[Finding]]:
    if correction.decimal is not None:
        if correction.decimal not in {".", ","}:
            raise voice.bad(FindingCode.CORRECTION, "the chosen decimal sign must be a point or a comma.")
        return correction.decimal, []
    comma, point, either = (_count(texts, pattern) for pattern in (_COMMA, _POINT, _EITHER))
    if comma != point:
        return ("," if comma > point else "."), []
    if not either:
        return ".", []
    decimal = "," if delimiter in {";", "\t"} else "."
    meaning = "decimals" if decimal == "," else "thousands"
    what = f"numbers such as 1,234 may be read in two ways. The comma was taken to part {meaning}; say if it does not."
    action = f"The decimal sign was taken to be {decimal!r}."
    return decimal, [voice.finding(Severity.WARNING, FindingCode.DECIMAL_ASSUMED, what, action)]


def _count(texts: pl.DataFrame, pattern: str) -> int:
    if not texts.width:
        return 0
    matches = (bare(pl.col(name)).str.contains(pattern).sum() for name in texts.columns)
    return int(texts.select(pl.sum_horizontal(matches)).item())
