"""Sending files to datasets, and fetching them."""

from datetime import datetime

import strawberry

from graph.context import Info
from graph.datasets.inputs import RequestDownloadInput, RequestUploadInput, UploadFileInput
from graph.datasets.types import Dataset
from graph.fields import optional, plain
from graph.ids import decode
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import SIGNED_IN, WRITER


@strawberry.type(description="An address that is good for a while. Whoever has it needs no login: keep it to yourself.")
class TransferLink:
    url: str = plain("The address.")
    expires_at: datetime = plain("Until when it is good.")


@strawberry.type(description="Answer to requestUpload.")
class RequestUploadPayload(Payload):
    link: TransferLink | None = optional("Where to PUT the file; HEAD tells how much has arrived.")
    max_bytes: int | None = optional("How many bytes it takes.")


@strawberry.type(description="Answer to uploadFile.")
class UploadFilePayload(Payload):
    dataset: Dataset | None = optional("The dataset, whose `job` reads the file.")


@strawberry.type(description="Answer to requestDownload.")
class RequestDownloadPayload(Payload):
    link: TransferLink | None = optional("Where to GET the file; ranges are served.")


async def _request_upload(info: Info, input: RequestUploadInput) -> RequestUploadPayload:
    id_, uploads = decode(input.dataset_id, "Dataset", "dataset_id"), info.context.use.datasets.uploads
    link, most = await uploads.request(
        info.context.viewer, id_, filename=input.filename, size=input.size, key=input.idempotency_key
    )
    return RequestUploadPayload(link=shown(link), max_bytes=most)


async def _upload_file(info: Info, input: UploadFileInput) -> UploadFilePayload:
    id_, uploads = decode(input.dataset_id, "Dataset", "dataset_id"), info.context.use.datasets.uploads
    dataset = await uploads.bring(info.context.viewer, id_, shown(input.file), key=input.idempotency_key)
    return UploadFilePayload(dataset=shown(dataset))


async def _request_download(info: Info, input: RequestDownloadInput) -> RequestDownloadPayload:
    id_, downloads = decode(input.dataset_id, "Dataset", "dataset_id"), info.context.use.datasets.downloads
    return RequestDownloadPayload(link=shown(await downloads.request(info.context.viewer, id_, input.form)))


@strawberry.type
class TransferMutations:
    request_upload: RequestUploadPayload = mutation(
        _request_upload,
        policy=WRITER,
        description="A link to send the file of a dataset to, in one go or resumed. The dataset is read as soon as the "
        "file is complete.",
    )
    upload_file: UploadFilePayload = mutation(
        _upload_file,
        policy=WRITER,
        description="Send the file of a dataset along with this request (GraphQL multipart request).",
    )
    request_download: RequestDownloadPayload = mutation(
        _request_download,
        policy=SIGNED_IN,
        description="A link to fetch a dataset from. The first csv of a large dataset takes some seconds to make.",
    )


__all__ = ["TransferMutations"]
