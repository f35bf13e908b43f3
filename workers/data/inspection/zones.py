"""Where the clocks stood that showed the times of a file."""

from __future__ import annotations

from datetime import time

import polars as pl

from domain.datasets.report import Correction, Finding, FindingCode, Place, Severity
from workers.data.inspection.tables.model import Table
from workers.data.inspection.timeforms import TimeForm, is_zone
from workers.data.inspection.voice import Voice

UTC = "UTC"
MIXED = "mixed"
_NAME = r"(?: ?\[[^\]]*\]| [A-Za-z_/]+)?$"
_OFFSET = rf"([+-]\d{{2}}(?::?\d{{2}})?){_NAME}"
_NONE = {"Z", "+00:00", "-00:00"}


def check_zone(zone: str | None, voice: Voice) -> None:
    if zone is not None and not is_zone(zone):
        what = "the chosen time zone is not known. Choose one such as UTC, Europe/Berlin or +02:00."
        raise voice.bad(FindingCode.CORRECTION, what)


def are_days(table: Table, sample: pl.DataFrame, form: TimeForm, source: pl.Expr, correction: Correction) -> bool:
    """Whether no clock showed these times: a day is the same day in every zone."""
    if not form.lacks_zones or form.says_zones:
        return False
    if not form.has_clock:
        return True
    shows_clock = (form.read(source, UTC).dt.time() != time()).any()
    if sample.select(shows_clock).item():
        return False
    # Only where a zone was chosen does it matter what comes after the sample.
    return correction.zone is None or not table.frame.select(shows_clock).collect(engine="streaming").item()


def zone_of(
    table: Table, sources: tuple[str, ...], form: TimeForm, correction: Correction, *, are_days: bool
) -> tuple[str, str, list[Finding]]:
    """The zone of times that do not say it, what the report calls the zone, and what there is to say."""
    place = Place(None, table.name_of(sources[0]))
    offsets = form.zones | (_offsets(table, sources[-1]) if form.has_offsets else set())
    if are_days:
        return UTC, UTC, [_days(table, place)]
    zone = correction.zone or UTC
    if form.lacks_zones and form.says_zones:
        what = f"some of its times say their zone and some do not; those are read as {zone}"
        return zone, MIXED, [_mixed(table, what, place)]
    if len(offsets) > 1:
        return zone, MIXED, [_mixed(table, f"its times are of {len(offsets)} different zones", place)]
    if offsets:
        return zone, next(iter(offsets)), []
    if form.lacks_zones and correction.zone is None:
        return zone, UTC, [_assumed(table, place)]
    return zone, zone if form.lacks_zones else UTC, []


def _offsets(table: Table, source: str) -> set[str]:
    """Those that are written; Z and +00:00 are one."""
    column = pl.col(source).str.strip_chars()
    found = table.frame.select(
        pl.when(column.str.contains(rf"Z{_NAME}")).then(pl.lit("Z")).otherwise(column.str.extract(_OFFSET)).unique()
    ).collect(engine="streaming")
    return {_spelled(each) for each in found.to_series().drop_nulls()}


def _spelled(offset: str) -> str:
    digits = offset.replace(":", "")
    whole = f"{digits[:3]}:{digits[3:] or '00'}" if offset != "Z" else offset
    return UTC if whole in _NONE else whole


def _mixed(table: Table, what: str, place: Place) -> Finding:
    what = f"{what}. Check that all of them mean what they say."
    action = "All times were turned into UTC."
    return table.voice.finding(Severity.WARNING, FindingCode.MIXED_ZONES, what, action, places=[place])


def _days(table: Table, place: Place) -> Finding:
    what = "its times are days without clocks, which are the same in every zone. Nothing needs to be done."
    action = "Each day stands at 00:00 UTC."
    return table.voice.finding(Severity.INFO, FindingCode.ZONE_ASSUMED, what, action, places=[place])


def _assumed(table: Table, place: Place) -> Finding:
    what = "its times do not say their zone. Choose the zone if it is not UTC."
    action = "They were taken as UTC."
    return table.voice.finding(Severity.WARNING, FindingCode.ZONE_ASSUMED, what, action, places=[place])
