"""Sheets of a workbook. Formulas are never evaluated: the values that were kept beside them are read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import fastexcel
import polars as pl

from domain.datasets.report import Correction, Finding, FindingCode, Severity
from workers.data.inspection.dialect import Dialect, has_header
from workers.data.inspection.headers import about_header
from workers.data.inspection.limits import Limits
from workers.data.inspection.naming import cleaned
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.refusals import no_rows
from workers.data.inspection.tables.workbook import Sheet, Workbook, look_into
from workers.data.inspection.voice import Voice, quoted

_HEAD = 200
_NO_DAY = r"^1899-12-3[01] "
_DAY_AND_CLOCK = r"^\d{4}-\d{2}-\d{2} \d{2}:"
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"


@dataclass(frozen=True, slots=True)
class _Chosen:
    name: str
    names: tuple[str, ...]
    findings: tuple[Finding, ...]


def xlsx_table(path: Path, correction: Correction, limits: Limits, voice: Voice) -> Table:
    voice = voice.counting("row")
    book = look_into(path, limits, voice)
    chosen = _choose(book, correction.sheet, voice)
    voice = voice.on_sheet(chosen.name) if len(chosen.names) > 1 else voice
    cells = _cells(path, chosen.name, voice)
    dialect = _header(cells, correction, voice)
    rows = cells.slice(dialect.data_line - 1).filter(~pl.all_horizontal(pl.all().exclude(PLACE).is_null()))
    if rows.is_empty():
        raise no_rows(voice)
    header = dialect.header or ("",) * dialect.width
    kept = [
        number
        for number, name in enumerate(header)
        if name.strip() or rows.get_column(f"c{number}").null_count() < rows.height
    ]
    names = tuple(header[number] for number in kept)
    columns = (pl.col(f"c{number}").alias(f"c{place}") for place, number in enumerate(kept))
    return Table(
        frame=rows.select(PLACE, *columns).lazy(),
        names=tuple(cleaned(names)),
        voice=voice,
        header_row=dialect.header_line,
        sheet=chosen.name,
        sheets=chosen.names,
        findings=(
            *chosen.findings,
            *about_header(replace(dialect, header=names if dialect.header else None), voice),
            *_about(book, book.sheets.get(chosen.name, Sheet()), voice),
        ),
    )


def _choose(book: Workbook, wanted: str | None, voice: Voice) -> _Chosen:
    names = tuple(book.sheets)
    if not names:
        raise voice.bad(FindingCode.EMPTY, "it has no sheets. Upload a workbook with a table in it.")
    if wanted is not None:
        if wanted not in names:
            what = f"it has no sheet of the name {quoted(wanted)}. Choose one of {_listed(names)}."
            raise voice.bad(FindingCode.CORRECTION, what)
        return _Chosen(wanted, names, ())
    largest = max(names, key=lambda name: book.sheets[name].rows * book.sheets[name].columns)
    if len(names) == 1:
        return _Chosen(largest, names, ())
    what = f"it has {len(names)} sheets: {_listed(names)}. Choose another one if the data is there."
    action = f"The largest one, {quoted(largest)}, was read; the others were left out."
    finding = voice.finding(Severity.WARNING, FindingCode.SEVERAL_SHEETS, what, action, count=len(names))
    return _Chosen(largest, names, (finding,))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, names[:5])) + (" ..." if len(names) > 5 else "")


def _cells(path: Path, sheet: str, voice: Voice) -> pl.DataFrame:
    """Every cell as text, with the row of the sheet."""
    try:
        reader = fastexcel.read_excel(path)
        texts = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
        numbers = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="float").to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
        what = "it cannot be read as a workbook: it is damaged or of an unknown form. Save it again as xlsx."
        raise voice.bad(FindingCode.BROKEN_FILE, what) from error
    if not texts.width:
        raise no_rows(voice)
    exact = (_exact(texts.to_series(place), numbers.to_series(place), f"c{place}") for place in range(texts.width))
    return pl.DataFrame(list(exact)).with_row_index(PLACE, offset=1)


def _exact(text: pl.Series, number: pl.Series, name: str) -> pl.Series:
    """The reader cuts numbers to nine decimals when it makes texts of them; those are taken from the numbers."""
    pair = pl.DataFrame({"text": text, "number": number})
    is_cut = pl.col("number").is_not_null() & (pl.col("text").cast(pl.Float64, strict=False) != pl.col("number"))
    whole = pl.when(is_cut).then(pl.col("number").cast(pl.String)).otherwise(pl.col("text"))
    return _without_empty_parts(pair.select(whole.alias(name)).to_series())


def _without_empty_parts(cells: pl.Series) -> pl.Series:
    """Clocks without the day that the reader gives them, and days without clocks where the whole column has none."""
    clocks = cells.str.replace(_NO_DAY, "")
    shows_clocks = clocks.str.contains(_DAY_AND_CLOCK) & ~clocks.str.contains(_MIDNIGHT)
    return clocks if shows_clocks.any() else clocks.str.replace(_MIDNIGHT, "$1")


def _header(cells: pl.DataFrame, correction: Correction, voice: Voice) -> Dialect:
    rows = [tuple(cell or "" for cell in row) for row in cells.head(_HEAD).drop(PLACE).rows()]
    width = len(rows[0])
    if correction.header_row is not None:
        if not 0 <= correction.header_row <= len(rows):
            what = f"row {correction.header_row} cannot hold the names. Choose one of the first {len(rows)}, or 0."
            raise voice.bad(FindingCode.CORRECTION, what)
        names = rows[correction.header_row - 1] if correction.header_row else None
        return Dialect(",", width, names, correction.header_row, correction.header_row + 1)
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    usual = Counter(count for count in filled if count).most_common(1)
    first = next((place for place, count in enumerate(filled) if usual and count > usual[0][0] / 2), 0)
    skipped = sum(1 for count in filled[:first] if count)
    if has_header([row for row in rows[first:] if any(row)] or [()]):
        return Dialect(",", width, rows[first], first + 1, first + 2, skipped)
    return Dialect(",", width, None, 0, first + 1, skipped)


def _about(book: Workbook, sheet: Sheet, voice: Voice) -> list[Finding]:
    found = []
    if sheet.formulas:
        what = "the sheet has formulas. Check that the workbook was saved after they were last computed."
        action = "Formulas are never computed here; the values saved with them were read."
        found.append(
            voice.finding(
                Severity.INFO, FindingCode.FORMULAS, what, action, count=sheet.formulas, places=sheet.formula_places
            )
        )
    if sheet.without_value:
        what = "this formula has no value saved with it. Open the workbook in a spreadsheet, and save it."
        found.append(
            voice.finding(
                Severity.ERROR,
                FindingCode.FORMULAS_WITHOUT_VALUE,
                what,
                "The cells were left empty.",
                count=sheet.without_value,
                places=sheet.without_value_places,
            )
        )
    if book.has_macros:
        what = "the workbook carries macros."
        found.append(voice.finding(Severity.INFO, FindingCode.MACROS, what, "They were neither run nor kept."))
    if book.has_links:
        what = "the workbook refers to other files or to data connections. Write the values into it to be sure of them."
        action = "Nothing was fetched; the values saved in the workbook were read."
        found.append(voice.finding(Severity.WARNING, FindingCode.EXTERNAL_LINKS, what, action))
    return found
