"""What mutations of datasets and recipes take."""

import strawberry
from strawberry.scalars import JSON

from domain.datasets.report import Correction
from graph.datasets.enums import DataType, DownloadForm
from graph.fields import optional, plain
from graph.transfers.types import Upload

_NAME = "Name, 1 to 100 characters."
_TAGS = "Up to 20 tags of up to 30 characters; they are kept in small letters."
_PLACE = "Project to put it into; you must be an editor or owner there. Left out: only you see it."
_KEY = (
    "A word of yours for this one wish, up to 100 characters. When you are not sure that the first try arrived, try "
    "again with the same word: nothing is done twice."
)
_STEPS = "A list of objects, each with its `kind` and its fields; `recipeSteps` describes them."


@strawberry.input(description="A new dataset, which waits for its file.")
class CreateDatasetInput:
    name: str = plain(_NAME)
    description: str = optional("What it is about, up to 2,000 characters.", "")
    project_id: strawberry.ID | None = optional(_PLACE)
    data_type: DataType = optional(
        "What sort of data it is. Only generators make SYNTHETIC ones.", DataType.MARKET_DATA
    )
    tags: list[str] | None = optional(_TAGS)


@strawberry.input(description="Changes to a dataset. What is left out stays as it is.")
class UpdateDatasetInput:
    id: strawberry.ID = plain("The dataset.")
    name: strawberry.Maybe[str] = plain("New name.")
    description: strawberry.Maybe[str] = plain("New description.")
    project_id: strawberry.Maybe[strawberry.ID | None] = plain(
        "Project to move it to; you must be an editor or owner there. Null: out of its project."
    )
    tags: strawberry.Maybe[list[str]] = plain("New tags; they replace the old ones.")


@strawberry.input(description="The dataset to delete.")
class DeleteDatasetInput:
    id: strawberry.ID = plain("The dataset.")


@strawberry.input(description="Which file shall come, and for which dataset.")
class RequestUploadInput:
    dataset_id: strawberry.ID = plain("The dataset. What it had is replaced when the file is complete.")
    filename: str = plain("What the file is called, such as prices.csv.")
    size: int | None = optional(
        "How many bytes it has, if you know: the link takes no more, and is not done with less."
    )
    idempotency_key: str | None = optional(
        "A word of yours for this one upload, up to 100 characters. Asked for again with the same word, the link goes "
        "on with what has arrived."
    )


@strawberry.input(description="A file that comes along with the request, as multipart/form-data.")
class UploadFileInput:
    dataset_id: strawberry.ID = plain("The dataset. What it had is replaced.")
    file: Upload = plain("The file: csv, json, xlsx or parquet; also as .gz, or alone in a .zip.")
    idempotency_key: str | None = optional(_KEY)


@strawberry.input(
    name="CorrectionInput",
    description="What you know better about a file than the platform saw. What is left out it sees for itself.",
)
class CorrectionInput:
    delimiter: str | None = optional("What stands between cells, such as a semicolon.")
    encoding: str | None = optional("How letters are written, such as utf-8 or cp1252.")
    decimal: str | None = optional("What stands before decimals: a point or a comma.")
    header_row: int | None = optional("The line with the names, counted from 1; 0: the file has none.")
    sheet: str | None = optional("The sheet of the workbook to read.")
    time_column: str | None = optional("The column with the times.")
    time_format: str | None = optional(
        "How times are written: strptime directives such as %d.%m.%Y %H:%M, or epoch s, epoch ms, epoch us, epoch ns, "
        "excel."
    )
    zone: str | None = optional("Where clocks showed the times: UTC, Europe/Berlin, +02:00.")
    symbol_column: str | None = optional("The column with the symbols.")
    symbol: str | None = optional("What to call the one thing that the file is about.")
    roles: JSON | None = optional("An object from role (open, high, ...) to column; an empty column: there is none.")

    def read(self) -> Correction:
        values = {name: value for name, value in vars(self).items() if value is not None}
        return Correction(**values)


@strawberry.input(description="What to read anew, and what you know better.")
class CorrectDatasetInput:
    id: strawberry.ID = plain("The dataset.")
    correction: CorrectionInput | None = optional(
        "All that you know better; it replaces an earlier correction. Left out: read as if for the first time."
    )


@strawberry.input(description="What to download, and in which form.")
class RequestDownloadInput:
    dataset_id: strawberry.ID = plain("The dataset.")
    form: DownloadForm = plain("In which form.")


@strawberry.input(description="What to prepare, and how: by `steps`, or by the id of a saved recipe.")
class PreprocessDatasetInput:
    dataset_id: strawberry.ID = plain("The dataset to start from. It must be READY, and stays as it is.")
    name: str = plain("Name of the new dataset, 1 to 100 characters.")
    steps: JSON | None = optional(_STEPS)
    recipe_id: strawberry.ID | None = optional("A saved recipe, in place of `steps`.")
    description: str = optional("What it is about, up to 2,000 characters.", "")
    project_id: strawberry.ID | None = optional(_PLACE)
    tags: list[str] | None = optional(_TAGS)
    idempotency_key: str | None = optional(_KEY)


@strawberry.input(description="What to import, and from where.")
class ImportDatasetInput:
    request: JSON = plain(
        "An object: `source`, `generator` if that source has several, and its fields; `sources` describes them."
    )
    name: str = plain("Name of the new dataset, 1 to 100 characters.")
    steps: JSON | None = optional(f"How to prepare what was fetched, if at all. {_STEPS}")
    recipe_id: strawberry.ID | None = optional("A saved recipe, in place of `steps`.")
    description: str = optional("What it is about, up to 2,000 characters.", "")
    project_id: strawberry.ID | None = optional(_PLACE)
    tags: list[str] | None = optional(_TAGS)
    idempotency_key: str | None = optional(_KEY)


@strawberry.input(description="A recipe to keep.")
class SaveRecipeInput:
    name: str = plain("Name, 1 to 100 characters; no two of your recipes may have the same.")
    description: str = optional("What it is for, up to 2,000 characters.", "")
    steps: JSON = plain(_STEPS)


@strawberry.input(description="Changes to a recipe. What is left out stays as it is.")
class UpdateRecipeInput:
    id: strawberry.ID = plain("The recipe.")
    name: strawberry.Maybe[str] = plain("New name.")
    description: strawberry.Maybe[str] = plain("New description.")
    steps: strawberry.Maybe[JSON] = plain("New steps; they replace the old ones.")


@strawberry.input(description="The recipe to delete.")
class DeleteRecipeInput:
    id: strawberry.ID = plain("The recipe.")
