"""What is refused of any kind of file."""

from __future__ import annotations

from domain.datasets.report import BadFile, FindingCode
from workers.data.inspection.limits import Limits
from workers.data.inspection.voice import Voice


def no_rows(voice: Voice) -> BadFile:
    return voice.bad(FindingCode.NO_ROWS, "it has no rows of data. Add them and upload the file again.")


def too_many_columns(limits: Limits, voice: Voice) -> BadFile:
    what = f"it has more than {limits.columns:,} columns, which are the most. Leave some out."
    return voice.bad(FindingCode.TOO_MANY_COLUMNS, what)


def too_many_rows(limits: Limits, voice: Voice) -> BadFile:
    what = f"it has more than {limits.rows:,} rows, which are the most. Split it into several files."
    return voice.bad(FindingCode.TOO_MANY_ROWS, what)
