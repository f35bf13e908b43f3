"""The routes of uploads, downloads and pictures."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from domain.evaluations.pictures.links import PICTURE_PATH
from domain.transfers import DOWNLOAD_PATH, UPLOAD_PATH
from graph.transfers.downloads import DownloadDoor
from graph.transfers.pictures import PictureDoor
from graph.transfers.uploads import UploadDoor


def transfer_routes(*, uploads: UploadDoor, downloads: DownloadDoor) -> list[BaseRoute]:
    return [Route(UPLOAD_PATH + "{ticket}", uploads), Route(DOWNLOAD_PATH + "{ticket}", downloads)]


def picture_routes(pictures: PictureDoor) -> list[BaseRoute]:
    return [Route(PICTURE_PATH + "{ticket}", pictures)]
