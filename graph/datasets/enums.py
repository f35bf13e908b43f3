"""The domain's enums of datasets, as clients see them."""

from domain.datasets.columns import ColumnKind
from domain.datasets.downloads import DownloadForm
from domain.datasets.findings import Severity
from domain.datasets.forms import FieldKind
from domain.datasets.model import DatasetStatus, DataType
from domain.datasets.reading import Sampling, Slice
from domain.datasets.recipes import Group
from domain.datasets.report import ColumnType, Compression, FileKind, JsonForm, MarketCalendar
from domain.datasets.sources import AssetClass
from graph.enums import described

described(
    DatasetStatus,
    "DatasetStatus",
    "Where a dataset stands.",
    {
        DatasetStatus.EMPTY: "It waits for its file.",
        DatasetStatus.PROCESSING: "A job reads or makes it; `job` tells how far it is.",
        DatasetStatus.READY: "It can be read, prepared and trained on.",
        DatasetStatus.BAD: "It has no data that can be used; `findings` or the error of `job` say why.",
    },
)
described(
    DataType,
    "DataType",
    "What sort of data it is.",
    {
        DataType.MARKET_DATA: "Prices or order books of markets.",
        DataType.CUSTOM: "Something else of one's own.",
        DataType.SYNTHETIC: "Made up by a generator of the platform. No market ever traded at these prices.",
    },
)
described(
    ColumnType,
    "ColumnType",
    "What the values of a column are.",
    {
        ColumnType.NUMBER: "Numbers.",
        ColumnType.INTEGER: "Whole numbers.",
        ColumnType.BOOLEAN: "True or false.",
        ColumnType.TIME: "Moments, in UTC.",
        ColumnType.TEXT: "Texts.",
    },
)
described(
    ColumnKind,
    "ColumnKind",
    "What a column may be used for.",
    {
        ColumnKind.META: "Says which row this is: time, symbol, part.",
        ColumnKind.MARKET: "What was traded and quoted.",
        ColumnKind.FEATURE: "What an agent may see.",
        ColumnKind.LABEL: "Known only afterwards; never shown to an agent.",
    },
)
described(
    FileKind,
    "FileKind",
    "What sort of file it is, whatever its name says.",
    {
        FileKind.CSV: "Lines of cells, whatever stands between them.",
        FileKind.JSON: "JSON: records, columns, or one record in each line.",
        FileKind.XLSX: "A workbook.",
        FileKind.PARQUET: "Parquet.",
    },
)
described(
    Compression,
    "Compression",
    "What the file is packed in.",
    {Compression.GZIP: "gzip.", Compression.ZIP: "A zip archive with one file."},
)
described(
    JsonForm,
    "JsonForm",
    "How a JSON file is laid out.",
    {
        JsonForm.RECORDS: "A list of objects, one for each row.",
        JsonForm.COLUMNS: "An object of lists, one for each column.",
        JsonForm.LINES: "An object in each line.",
    },
)
described(
    MarketCalendar,
    "MarketCalendar",
    "When the market is open, as far as the data tells.",
    {MarketCalendar.ALWAYS: "Every day.", MarketCalendar.WEEKDAYS: "Monday to Friday."},
)
described(
    Severity,
    "Severity",
    "How much a finding matters.",
    {
        Severity.ERROR: "Something is wrong and was left out, or the file cannot be used.",
        Severity.WARNING: "Something looks wrong or had to be assumed. Look at it.",
        Severity.INFO: "Good to know.",
    },
)
described(
    Slice,
    "PreviewRows",
    "Which rows to show.",
    {
        Slice.FIRST: "The first ones.",
        Slice.LAST: "The last ones.",
        Slice.PAGE: "Those from `offset` on.",
        Slice.SAMPLE: "Some from everywhere, the same ones each time.",
        Slice.EVEN: "So many, the same way apart, the first and the last among them.",
    },
)
described(
    Sampling,
    "Downsampling",
    "How a long series becomes a short one that looks the same.",
    {
        Sampling.LTTB: "Largest triangle, three buckets: the points that shape the line.",
        Sampling.MINMAX: "The lowest and the highest of each stretch: no peak is lost.",
    },
)
described(
    DownloadForm,
    "DownloadForm",
    "In which form to take a dataset.",
    {
        DownloadForm.ORIGINAL: "The file as it came, byte by byte.",
        DownloadForm.CANONICAL: "Parquet, sorted by symbol and time, in UTC.",
        DownloadForm.CSV: "The canonical form as csv. Texts that a spreadsheet would take for formulas begin with '.",
    },
)
described(
    FieldKind,
    "FormFieldKind",
    "What sort of value a field takes.",
    {
        FieldKind.INTEGER: "A whole number.",
        FieldKind.NUMBER: "A number.",
        FieldKind.BOOLEAN: "True or false.",
        FieldKind.CHOICE: "One of the texts in `choices`.",
        FieldKind.INTEGERS: "A list of whole numbers.",
        FieldKind.TEXT: "A text.",
        FieldKind.TEXTS: "A list of texts.",
        FieldKind.MOMENT: "A day or time, such as 2020-01-31 or 2020-01-31T14:30:00Z.",
        FieldKind.COLUMN: "The name of a column.",
        FieldKind.COLUMNS: "Names of columns.",
        FieldKind.COLUMN_CHOICES: "An object from names of columns to one of the `choices`.",
        FieldKind.COLUMN_NAMES: "An object from names of columns to new names.",
    },
)
described(
    Group,
    "StepGroup",
    "What a step of a recipe is for, which also says where it may stand.",
    {
        Group.CLEANING: "Changes rows; before the label.",
        Group.FEATURES: "Adds features; before the split.",
        Group.INDICATOR: "Adds a technical indicator; before the split.",
        Group.LABEL: "Adds what is known only afterwards; before the split.",
        Group.SPLIT: "Says which part each row is in.",
        Group.SCALING: "Scales columns by the training part; after the split.",
        Group.COLUMNS: "Picks and names columns.",
    },
)
described(
    AssetClass,
    "AssetClass",
    "What sort of market prices are from.",
    {
        AssetClass.STOCK: "Shares.",
        AssetClass.INDEX: "Indices.",
        AssetClass.FUND: "Funds.",
        AssetClass.CURRENCY: "Currencies.",
        AssetClass.CRYPTO: "Crypto currencies.",
        AssetClass.FUTURE: "Futures.",
        AssetClass.SYNTHETIC: "Made up.",
    },
)

__all__ = [
    "AssetClass",
    "ColumnKind",
    "ColumnType",
    "Compression",
    "DataType",
    "DatasetStatus",
    "DownloadForm",
    "FieldKind",
    "FileKind",
    "Group",
    "JsonForm",
    "MarketCalendar",
    "Sampling",
    "Severity",
    "Slice",
]
