"""The forms that times are written in: found in samples, and read by expressions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")

_DATES = (
    (r"\d{4}(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}", "%Y{s}%m{s}%d"),
    (r"\d{1,2}(?P<s>[-/.])\d{1,2}(?P=s)\d{4}", "%d{s}%m{s}%Y"),
    (r"\d{1,2}(?P<s>[-/.])\d{1,2}(?P=s)\d{2}", "%d{s}%m{s}%y"),
    (r"(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", "%Y%m%d"),
    (r"(?:19|20|21)\d{2}-(?:0[1-9]|1[0-2])", "%Y-%m"),
    (r"\d{4}Q[1-4]", "%YQ%q"),
    (r"\d{4}-Q[1-4]", "%Y-Q%q"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"\d{1,2}(?P<s>[- ])[A-Za-z]{3}(?P=s)\d{4}", "%d{s}%b{s}%Y"),
    (r"\d{1,2}(?P<s>[- ])[A-Za-z]{3}(?P=s)\d{2}", "%d{s}%b{s}%y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{4,9} \d{1,2}, \d{4}", "%B %d, %Y"),
)
_CLOCKS = (
    (r"\d{1,2}:\d{2}:\d{2}\.\d+", "%H:%M:%S%.f"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{6}", "%H%M%S"),
    (r"\d{4}", "%H%M"),
)
_NAME = r"[A-Z][A-Za-z_]{2,}(?:/[A-Za-z_][\w+-]*){0,2}"
_ZONE = rf"(?P<zone>Z| ?[+-]\d{{2}}(?::?\d{{2}})?)?(?P<named> {_NAME}| ?\[{_NAME}\])?"
_SHAPES = tuple(
    (re.compile(rf"(?:{date}){rest}"), date_form, clock_form)
    for date, date_form in _DATES
    for clock, clock_form in (("", ""), *_CLOCKS)
    for rest in (
        [rf"(?P<glue>T|[ ]{{0,2}}){clock}(?P<half> ?[AaPp][Mm])?{_ZONE}"]
        if clock
        else [r"(?P<glue>)(?P<half>)(?P<zone>Z?)(?P<named>)"]
    )
)
_CLOCK_ONLY = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
_CLOCK_DIGITS = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")
_DAY_FIRST = re.compile(r"%d(?P<s>[-/.])%m")
_DIRECTIVES = re.compile(r"(?:[^%]|%[YymdHIMSpaAbBjfzTFDRZ]|%\.f|%\.[369]f|%[369]f|%#z|%:z|%%)+")

# Letters that mean one clock wherever they are written; CST and others are clocks of several places.
_LETTERS = {"UTC": "UTC", "GMT": "UTC", "EST": "Etc/GMT+5", "EDT": "Etc/GMT+4", "CET": "Etc/GMT-1", "CEST": "Etc/GMT-2"}
_OFFSET = re.compile(r"%[:#]?z")
_LAST_NAME = re.compile(rf"(?P<zulu>Z)?[ \[](?P<name>{_NAME})\]?$")
_QUARTERS = {"%YQ%q": r"^(\d{4})Q([1-4])$", "%Y-Q%q": r"^(\d{4})-Q([1-4])$"}
LONGEST = 80
"""No cell with a time or a number has more letters."""

_EPOCHS = {"s": (1e8, 1e11), "ms": (1e11, 1e14), "us": (1e14, 1e17), "ns": (1e17, 1e19)}
_FIRST_FINE = datetime.fromtimestamp(1e8, UTC)
_EXCEL_DAYS = (10_000, 80_000)
_EXCEL_EPOCH_DAY = 25_569
_DAY_US = 86_400_000_000
_EARLIEST, _LATEST = datetime(1800, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_ENOUGH = 0.8
_ENOUGH_NAMED = 0.5
# Of a column without a time among so many cells no more are looked at: there may be a thousand such columns.
_GLANCE = 20


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How the times of one column are written."""

    formats: tuple[str, ...] = ()
    """Texts: the first that fits."""
    epoch: str | None = None
    """Numbers since 1970: their unit."""
    is_excel: bool = False
    typed: pl.DataType | None = None
    """The file itself says that they are times."""
    is_chosen: bool = False
    """A person said so; nothing else will do."""

    @property
    def label(self) -> str:
        if self.epoch:
            return f"epoch {self.epoch}"
        if self.typed is not None:
            return "typed"
        return "excel" if self.is_excel else " or ".join(self.formats)

    @property
    def lacks_zones(self) -> bool:
        """Some or all of its times do not say where the clocks stood that showed them."""
        if self.typed is not None:
            return not (isinstance(self.typed, pl.Datetime) and self.typed.time_zone)
        return self.is_excel or any(not _names_zone(each) for each in self.formats)

    @property
    def says_zones(self) -> bool:
        """Some or all of its texts name a zone."""
        return any(map(_names_zone, self.formats))

    @property
    def has_offsets(self) -> bool:
        return any(map(_OFFSET.search, self.formats))

    @property
    def zones(self) -> set[str]:
        """Those that are named behind its texts."""
        return {name for each in self.formats if not _OFFSET.search(each) and (name := _named(each))}

    @property
    def has_clock(self) -> bool:
        if self.formats:
            return any("%H" in each or "%I" in each or "%T" in each for each in self.formats)
        return self.typed is None or isinstance(self.typed, pl.Datetime)

    @property
    def order_is_open(self) -> bool:
        """Whether 03/04 may be the third of April or the fourth of March."""
        return any(map(_DAY_FIRST.search, self.formats))

    def month_first(self) -> TimeForm:
        return replace(self, formats=tuple(_DAY_FIRST.sub(r"%m\g<s>%d", each) for each in self.formats))

    def widened(self, samples: Iterable[str]) -> TimeForm:
        """With the forms of further times, for texts only."""
        if self.is_chosen or not self.formats:
            return self
        added = dict.fromkeys((*self.formats, *(found for each in samples if (found := shape(each.strip())))))
        return replace(self, formats=tuple(added))

    def read(self, source: pl.Expr, zone: str) -> pl.Expr:
        """Times in UTC; null for what is none. `zone` is where the clocks stood of times that do not say it."""
        if self.epoch:
            return self._counted(_epoch(source.cast(pl.String), self.epoch))
        if self.typed is not None:
            return _typed(source, self.typed, zone)
        if self.is_excel:
            days = source.cast(pl.Float64, strict=False) - _EXCEL_EPOCH_DAY
            milliseconds = (days * 86_400_000).round().cast(pl.Int64, strict=False)
            return _in_zone((milliseconds * 1000).cast(pl.Datetime("us")), zone)
        return pl.coalesce(_text(source, each, zone) for each in self.formats)

    def _counted(self, time: pl.Expr) -> pl.Expr:
        """Without what a coarser unit must have counted, as markets had no micro- or nanoseconds so early."""
        if self.is_chosen or self.epoch in {"s", "ms"}:
            return time
        return pl.when(time >= pl.lit(_FIRST_FINE, dtype=UTC_TIME)).then(time)


def is_plausible(time: pl.Expr) -> pl.Expr:
    return time.is_between(pl.lit(_EARLIEST, dtype=UTC_TIME), pl.lit(_LATEST, dtype=UTC_TIME))


def form_of_label(label: str) -> TimeForm | None:
    """The form that a person chose; None when it is none."""
    if label.startswith("epoch "):
        unit = label.removeprefix("epoch ")
        return TimeForm(epoch=unit, is_chosen=True) if unit in _EPOCHS else None
    if label == "excel":
        return TimeForm(is_excel=True)
    formats = tuple(label.split(" or "))
    return TimeForm(formats, is_chosen=True) if all(_is_readable(each) for each in formats) else None


def shape(text: str) -> str | None:
    """The strptime form of one time, days before months where that is open."""
    match = _match(text)
    return _format(*match) if match else None


def unsure_zone(text: str) -> str | None:
    """What stands behind a time in place of a zone, and might be any or none."""
    match = _match(text.strip())
    return match[0]["named"].strip(" []") if match and _format(*match) is None else None


def _match(text: str) -> tuple[re.Match[str], str, str] | None:
    if not text[:1].isalnum() or len(text) > LONGEST:
        return None
    matches = ((pattern.fullmatch(text), date, clock) for pattern, date, clock in _SHAPES)
    return next(((match, date, clock) for match, date, clock in matches if match), None)


def is_clock(text: str, *, is_named: bool) -> bool:
    """Bare digits such as 093000 need a name that speaks of time."""
    text = text.strip()
    if is_named and _CLOCK_DIGITS.fullmatch(text):
        return True
    return _CLOCK_ONLY.match(text) is not None and shape(f"2000-01-01 {text}") is not None


def form_of(texts: list[str], *, is_named: bool) -> TimeForm | None:
    """How these times are written; None when most are no times. Bare numbers need a name that speaks of time."""
    texts = [text.strip() for text in texts if text.strip()]
    if not any(map(shape, texts[:_GLANCE])):
        return _numeric_form(texts, is_named=is_named)
    shapes = Counter(map(shape, texts))
    known = [each for each, _ in shapes.most_common() if each]
    if known and sum(shapes[each] for each in known) >= (_ENOUGH_NAMED if is_named else _ENOUGH) * len(texts):
        return TimeForm(tuple(known))
    return _numeric_form(texts, is_named=is_named)


def _numeric_form(texts: list[str], *, is_named: bool) -> TimeForm | None:
    numbers = sorted(number for text in texts if (number := _number(text)) is not None)
    if not texts or len(numbers) < _ENOUGH * len(texts):
        return None
    middle = numbers[len(numbers) // 2]
    if is_named and _EXCEL_DAYS[0] <= middle < _EXCEL_DAYS[1]:
        return TimeForm(is_excel=True)
    unit = next((unit for unit, (low, high) in _EPOCHS.items() if low <= middle < high), None)
    return TimeForm(epoch=unit) if unit and (is_named or unit != "s") else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _format(match: re.Match[str], date: str, clock: str) -> str | None:
    half, zone, named = match["half"] or "", match["zone"] or "", match["named"] or ""
    if half:
        clock = clock.replace("%H", "%I") + (" %p" if half.startswith(" ") else "%p")
    if zone not in {"", "Z"}:
        zone = " %#z" if zone.startswith(" ") else "%#z"
    form = date.format(s=match.groupdict().get("s")) + match["glue"] + clock + zone + named
    return form if not named or _names_zone(form) else None


def _names_zone(form: str) -> bool:
    return _OFFSET.search(form) is not None or _named(form) is not None


def _named(form: str) -> str | None:
    """The zone whose name is the end of this form."""
    match = _LAST_NAME.search(form)
    if match is None:
        return "UTC" if form.endswith(("Z", "UTC", "GMT")) else None
    name = match["name"]
    if match["zulu"] or _LETTERS.get(name) == "UTC":
        return "UTC"
    return name if name in _LETTERS or ("/" in name and is_zone(name)) else None


@lru_cache(maxsize=1_000)
def is_zone(name: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(name)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return False
    return True


def _text(source: pl.Expr, form: str, zone: str) -> pl.Expr:
    if form in _QUARTERS:
        return _in_zone(_quarter(source, form), zone)
    read = source.str.to_datetime(form, strict=False, time_unit="us")
    if _OFFSET.search(form):
        return read.dt.convert_time_zone("UTC")
    name = _named(form)
    return _in_zone(read, _LETTERS.get(name, name) if name else zone)


def _quarter(source: pl.Expr, form: str) -> pl.Expr:
    """The first day of it; strptime knows no quarters."""
    parts = source.str.extract_groups(_QUARTERS[form]).struct
    month = parts.field("2").cast(pl.Int32) * 3 - 2
    return pl.datetime(parts.field("1").cast(pl.Int32), month, 1, time_unit="us")


def _typed(source: pl.Expr, kind: pl.DataType, zone: str) -> pl.Expr:
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return source.dt.convert_time_zone("UTC").cast(UTC_TIME)
    return _in_zone(source.cast(pl.Datetime("us")), zone)


def _in_zone(naive: pl.Expr, zone: str) -> pl.Expr:
    if zone == "UTC":
        return naive.dt.replace_time_zone("UTC")
    local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _epoch(text: pl.Expr, unit: str) -> pl.Expr:
    """Whole numbers are read exactly; a float cannot hold the nanoseconds of today."""
    whole, factor = text.cast(pl.Int64, strict=False), {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0, "ns": 0.001}[unit]
    exact = whole.floordiv(1000) if unit == "ns" else whole * int(factor)
    about = (text.cast(pl.Float64, strict=False) * factor).round().cast(pl.Int64, strict=False)
    return pl.coalesce(exact, about).cast(UTC_TIME)


def _is_readable(form: str) -> bool:
    if form in _QUARTERS:
        return True
    if not 2 <= len(form) <= 60 or not _DIRECTIVES.fullmatch(form):
        return False
    try:
        pl.Series(["2020-01-01"]).str.to_datetime(form, strict=False, time_unit="us")
    except pl.exceptions.PolarsError:
        return False
    return True
