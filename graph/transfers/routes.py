"""The routes of uploads and downloads."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from domain.transfers import DOWNLOAD_PATH, UPLOAD_PATH
from graph.transfers.downloads import DownloadDoor
from graph.transfers.uploads import UploadDoor


def transfer_routes(*, uploads: UploadDoor, downloads: DownloadDoor) -> list[BaseRoute]:
    return [Route(UPLOAD_PATH + "{ticket}", uploads), Route(DOWNLOAD_PATH + "{ticket}", downloads)]
