"""GraphiQL: the page at the GraphQL address, and its script and style, all from this server."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import ASGIApp, Scope, Send

_FOLDER = Path(__file__).parent
# Scripts come from this server only and run in no other way. The style attributes are the editor's own.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
<script type="module" src="{script}"></script>
</head>
<body>
<div id="graphiql" data-welcome="{welcome}">
<p>Loading GraphiQL ...</p>
<noscript>GraphiQL needs JavaScript.</noscript>
</div>
</body>
</html>
"""


class GraphiQLPage:
    """The page. Its assets have to be reachable at `assets_path`."""

    def __init__(
        self, *, assets_path: str = "/graphql/assets", title: str = "TradeMaster Web", welcome: str | None = None
    ) -> None:
        text = welcome if welcome is not None else (_FOLDER / "welcome.graphql").read_text()
        files = {name: f"{assets_path}/{_asset(suffix)}" for name, suffix in (("style", ".css"), ("script", ".js"))}
        words = {"title": title, "welcome": text} | files
        self._body = _PAGE.format_map({name: escape(word) for name, word in words.items()}).encode()
        self._headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(self._body)),
            (b"cache-control", b"no-cache"),
            (b"vary", b"Accept"),
            (b"content-security-policy", _POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


class _Assets(StaticFiles):
    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def graphiql_assets() -> ASGIApp:
    """Serves the files of the page under names that change with their content, so browsers keep them for good."""
    return GZipMiddleware(ExceptionMiddleware(_Assets(directory=_FOLDER / "assets")))


def _asset(suffix: str) -> str:
    return next(path.name for path in (_FOLDER / "assets").iterdir() if path.suffix == suffix)
