"""A small schema that takes files."""

from dataclasses import dataclass, field
from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.uploading import UploadedFile
from graph.execution import Limits, Schema
from graph.transfers.types import UPLOAD, Upload

_LIMITS = Limits(max_depth=9, max_aliases=9, max_root_fields=9, max_tokens=900, max_cost=9_000, introspection=True)


@dataclass
class Seen:
    """The files that mutations were given, and what was in them then."""

    files: list[UploadedFile] = field(default_factory=list)
    bytes: list[bytes] = field(default_factory=list)
    takes_to: Path | None = None

    def see(self, file: UploadedFile) -> str:
        self.files.append(file)
        self.bytes.append(file.received.path.read_bytes())
        if self.takes_to is not None:
            file.received.path.rename(self.takes_to)
        return file.received.content.sha256


@strawberry.input
class Bundle:
    file: Upload
    note: str


def schema(seen: Seen) -> Schema:
    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self) -> str:
            return "hello"

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        def send(self, file: Upload) -> str:
            return seen.see(file)

        @strawberry.mutation
        def many(self, files: list[Upload]) -> list[str]:
            return [seen.see(file) for file in files]

        @strawberry.mutation
        def deep(self, bundle: Bundle) -> str:
            return seen.see(bundle.file)

        @strawberry.mutation
        def fail(self, file: Upload) -> str:
            raise RuntimeError(file.name)

    return Schema(Query, Mutation, limits=_LIMITS, config=StrawberryConfig(scalar_map={Upload: UPLOAD}))
