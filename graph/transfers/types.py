"""The scalar for files that come with a request."""

from typing import NewType

import strawberry

from domain.uploading import UploadedFile

Upload = NewType("Upload", UploadedFile)


def _file(value: object) -> object:
    if not isinstance(value, UploadedFile):
        raise ValueError("A file is sent with multipart/form-data: null in the variables, and its place in `map`.")  # noqa: TRY004
    return value


def _never(_: object) -> object:
    raise TypeError("A file is never an answer.")


UPLOAD = strawberry.scalar(
    name="Upload",
    description="A file, sent along as the GraphQL multipart request specification says. "
    "The request needs the header x-graphql-preflight.",
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    parse_value=_file,
    serialize=_never,
)
"""For `scalar_map` of the schema's config: {Upload: UPLOAD}."""
