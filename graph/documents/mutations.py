"""Registering trusted documents."""

from functools import partial
from typing import cast

import strawberry

from domain.documents import Registered
from graph.context import Info
from graph.documents.check import faults
from graph.execution.schema import Schema
from graph.fields import optional, plain
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import ADMIN


@strawberry.input(description="An operation to register.")
class TrustedDocumentInput:
    name: str = plain("A name for people, 1 to 100 characters.")
    document: str = plain("The document, to the letter as clients will mean it: a space more is another document.")


@strawberry.input(description="Operations to register.")
class RegisterDocumentsInput:
    documents: list[TrustedDocumentInput] = plain("1 to 500 documents. When one is no good, none is registered.")


@strawberry.type(description="An operation that clients may name by its hash.")
class TrustedDocument:
    name: str = strawberry.field(description="Its name.")
    sha256: str = strawberry.field(description="SHA-256 of the document, hexadecimal: what clients send.")
    is_new: bool = strawberry.field(description="False when it was registered before.")

    @classmethod
    def of(cls, registered: Registered) -> "TrustedDocument":
        document = registered.document
        return cls(name=document.name, sha256=document.sha256.hex(), is_new=registered.is_new)


@strawberry.type(description="Answer to registerDocuments.")
class RegisterDocumentsPayload(Payload):
    documents: list[TrustedDocument] | None = optional("The documents, in the order given.")


async def _register(info: Info, input: RegisterDocumentsInput) -> RegisterDocumentsPayload:
    given = [(each.name, each.document) for each in input.documents]
    check = partial(faults, cast("Schema", info.schema).documents)
    registered = await info.context.use.documents.register(info.context.viewer, given, check)
    return RegisterDocumentsPayload(documents=shown([TrustedDocument.of(each) for each in registered]))


@strawberry.type
class DocumentMutations:
    register_documents: RegisterDocumentsPayload = mutation(
        _register,
        policy=ADMIN,
        description="Register operations, so that clients may name them by hash. Each is checked against the schema. "
        "For admins.",
    )


__all__ = ["DocumentMutations"]
