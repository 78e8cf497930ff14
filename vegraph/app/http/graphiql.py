"""GraphiQL from the package: one page without inline script, its files from their own path, nothing from elsewhere.

The files are built by `scripts/build-graphiql` and kept compressed; a client that does not read gzip gets them plain.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from mimetypes import guess_type

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vegraph.app.http.negotiation import takes_gzip

__all__ = ["PATH", "POLICY", "WELCOME", "page", "routes"]

PATH = "/graphiql"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor writes style elements
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

WELCOME = """\
# Ctrl-Space completes, Ctrl-Enter runs,
# the book at the left documents every field.

{
  me {
    name
  }
}
"""

_HASHED = re.compile(r".+-[A-Z0-9]{8}\.\w+")
"""A name that changes with its content."""


@dataclass(frozen=True, slots=True)
class _File:
    media: str
    compressed: bytes
    tag: str
    lasting: bool


def page(endpoint: str, *, demo: bool = False, query: str = WELCOME) -> Response:
    """The page for one endpoint; in the demo with the list of people to ask as."""
    people = ' data-people="/demo/people"' if demo else ""
    html = f"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>vegraph {escape(endpoint)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="{PATH}/app.css">
    <script type="module" src="{PATH}/app.js"></script>
  </head>
  <body>
    <div id="graphiql" data-endpoint="{escape(endpoint)}"{people} data-query="{escape(query)}"></div>
  </body>
</html>
"""
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": POLICY})


def routes() -> list[Route]:
    """The page's files. Those with a hash in their name may be kept for good."""
    held = _files()

    async def file(request: Request) -> Response:
        found = held.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        headers = {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "public, max-age=31536000, immutable" if found.lasting else "no-cache",
            "ETag": found.tag,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        if takes_gzip(request.headers):
            headers["Content-Encoding"] = "gzip"
            return Response(found.compressed, headers=headers, media_type=found.media)
        plain = await asyncio.to_thread(gzip.decompress, found.compressed)
        return Response(plain, headers=headers, media_type=found.media)

    return [Route(f"{PATH}/{{name}}", file)]


def _files() -> dict[str, _File]:
    """Name → file, read once."""
    held = {}
    for entry in (files("vegraph.app") / "graphiql").iterdir():
        name = entry.name.removesuffix(".gz")
        compressed = entry.read_bytes()
        held[name] = _File(
            media=_media(name),
            compressed=compressed,
            tag=f'"{sha256(compressed).hexdigest()[:16]}"',
            lasting=_HASHED.fullmatch(name) is not None,
        )
    return held


def _media(name: str) -> str:
    known = {"js": "text/javascript", "css": "text/css", "txt": "text/plain", "ttf": "font/ttf"}
    return known.get(name.rpartition(".")[2]) or guess_type(name)[0] or "application/octet-stream"
