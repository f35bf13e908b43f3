"""What is said about the line with the names."""

from __future__ import annotations

from domain.datasets.report import Finding, FindingCode, Place, Severity
from workers.data.inspection.dialect import Dialect
from workers.data.inspection.layers import Layers
from workers.data.inspection.naming import cleaned
from workers.data.inspection.voice import Voice, quoted


def about_header(dialect: Dialect, voice: Voice) -> list[Finding]:
    found = []
    if dialect.skipped:
        what = f"{dialect.skipped} lines come before the table. Choose the header line if they are part of it."
        action = f"Reading began at line {dialect.header_line or dialect.data_line}."
        found.append(voice.finding(Severity.INFO, FindingCode.LINES_SKIPPED, what, action))
    if dialect.header is None:
        return [*found, no_header(voice)]
    if dialect.layers is not None:
        return [*found, _unfolded(dialect.layers, dialect.header_line, voice)]
    return found + renamed(dialect.header, dialect.header_line, voice)


def no_header(voice: Voice) -> Finding:
    what = "it does not name its columns. Check what was taken for what, or add a header line."
    action = "The columns were numbered, and their roles told by their values."
    return voice.finding(Severity.WARNING, FindingCode.NO_HEADER, what, action, places=[Place(1)])


def _unfolded(layers: Layers, line: int, voice: Voice) -> Finding:
    names = [symbol for symbol, _ in layers.symbols]
    shown = ", ".join(map(quoted, names[:5])) + (" ..." if len(names) > 5 else "")
    what = f"its names stand in {layers.height} lines, one of which says the symbol: {shown}. Nothing needs to be done."
    action = "The columns of each symbol became rows of its own; rows in which it has no value were left out."
    return voice.finding(
        Severity.INFO, FindingCode.SYMBOLS_IN_NAMES, what, action, count=len(names), places=[Place(line)]
    )


def renamed(header: tuple[str, ...], line: int | None, voice: Voice) -> list[Finding]:
    """Names that are missing, doubled or cannot be shown."""
    new = cleaned(header)
    changed = [name for old, name in zip(header, new, strict=True) if old.strip() != name]
    if not changed:
        return []
    shown = ", ".join(map(quoted, changed[:5]))
    what = f"{len(changed)} columns have no name, the name of another, or one that cannot be shown."
    places = [Place(line, name) for name in changed]
    return [
        voice.finding(
            Severity.INFO,
            FindingCode.NAMES_CHANGED,
            what,
            f"They are called {shown}.",
            count=len(changed),
            places=places,
        )
    ]
