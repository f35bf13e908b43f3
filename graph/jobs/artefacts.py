"""Fetching what came out of jobs."""

import strawberry

from graph.context import Info
from graph.datasets.transfers import TransferLink
from graph.fields import optional, plain
from graph.ids import decode
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import SIGNED_IN


@strawberry.input(description="What to fetch of a job.")
class RequestJobArtefactInput:
    id: strawberry.ID = plain("The job.")
    name: str = plain("Which of its artefacts.")


@strawberry.type(description="Answer to requestJobArtefact.")
class RequestJobArtefactPayload(Payload):
    link: TransferLink | None = optional("Where to GET the file; ranges are served.")


async def _request(info: Info, input: RequestJobArtefactInput) -> RequestJobArtefactPayload:
    id_, use = decode(input.id, "Job", "id"), info.context.use.artefacts
    return RequestJobArtefactPayload(link=shown(await use.request(info.context.viewer, id_, input.name)))


@strawberry.type
class ArtefactMutations:
    request_job_artefact: RequestJobArtefactPayload = mutation(
        _request, policy=SIGNED_IN, description="A link to fetch a picture or a table of a job from."
    )


__all__ = ["ArtefactMutations"]
