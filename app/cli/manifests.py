"""Reads the files in which build tools of clients list their operations."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, parse

from app.errors import CannotStart

Operation = tuple[str, str]
"""A name for people, and the document to the letter."""


def operations(file: Path) -> list[Operation]:
    """Raises CannotStart when the file is none of the kinds that are known."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise CannotStart(f"{file} is no text in UTF-8.", "") from None
    if file.suffix != ".json":
        return [(_name(text) or file.stem[:100], text)]
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise CannotStart(f"{file} is no JSON: {error}.", "") from None
    return [_checked(file, hash_, name, body) for hash_, name, body in _listed(file, manifest)]


def _listed(file: Path, manifest: Any) -> list[tuple[Any, Any, Any]]:
    """Hash, name and text of each entry."""
    match manifest:
        case {"format": "apollo-persisted-query-manifest", "operations": [*entries]}:
            found = [entry if isinstance(entry, dict) else {} for entry in entries]
            return [(entry.get("id"), entry.get("name"), entry.get("body")) for entry in found]
        case dict():
            return [(hash_, None, text) for hash_, text in manifest.items()]
        case _:
            message = f"{file} is no manifest."
            raise CannotStart(message, "Give an object of documents by hash, or a persisted query manifest of Apollo.")


def _checked(file: Path, hash_: Any, name: Any, text: Any) -> Operation:
    if not isinstance(text, str):
        raise CannotStart(f"{file} has an entry without the text of a document: {hash_!s}.", "")
    digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
    if hash_ != digest:
        raise CannotStart(
            f"{file} names a document by {hash_!s}, which is not its SHA-256.",
            "Tell the tool that writes it to use SHA-256, and to leave the documents as they are.",
        )
    return (name if isinstance(name, str) else _name(text) or digest[:12]), text


def _name(text: str) -> str | None:
    """That of the first operation; what is wrong with the text is found elsewhere."""
    try:
        definitions = parse(text).definitions
    except GraphQLError:
        return None
    names = (each.name.value for each in definitions if isinstance(each, OperationDefinitionNode) and each.name)
    return next((name[:100] for name in names), None)
