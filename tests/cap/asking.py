"""vegraph over one OData service, served over HTTP in this process, and asked as any client asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.app.server import served
from vegraph.app.composition import compose
from vegraph.app.graph import make
from vegraph.app.settings import parse

__all__ = ["Vegraph", "over"]


class Vegraph:
    """What answers at `/graphql`."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http

    def ask(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """The response, without the request's own id."""
        body = {"query": query, "variables": variables or {}}
        found: dict[str, Any] = self.http.post("/graphql", json=body, headers=headers).json()
        for error in found.get("errors", ()):
            error["extensions"].pop("requestId", None)
        return found

    def data(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """`data` of an answer that must have no errors."""
        found = self.ask(query, variables, **headers)
        assert "errors" not in found, found["errors"]
        data: dict[str, Any] = found["data"]
        return data

    def codes(self, query: str, variables: Mapping[str, Any] | None = None) -> list[tuple[str, tuple[Any, ...]]]:
        """(code, path) of the errors of an answer."""
        errors = self.ask(query, variables).get("errors", [])
        return [(e["extensions"]["code"], tuple(e.get("path", ()))) for e in errors]

    def write(self, field: str, given: Mapping[str, Any], selection: str) -> dict[str, Any]:
        """The payload of one mutation; `userErrors` always come with it."""
        name = f"{field[0].upper()}{field[1:]}Input"
        query = f"mutation($i: {name}!) {{ {field}(input: $i) {{ {selection} userErrors {{ code message path }} }} }}"
        payload: dict[str, Any] = self.data(query, {"i": given})[field]
        return payload


@contextmanager
def over(url: str, *, more: str = "") -> Iterator[Vegraph]:
    """vegraph over the service at that URL: nothing else is configured, unless `more` (TOML) says so."""
    config = f'[sources.it]\nkind = "odata"\nurl = "{url}"\n{more}'
    settings = parse(config, Path("vegraph.toml"), {})
    server = asyncio.run(compose(settings, make))
    with served(server.app) as origin, httpx.Client(base_url=origin, trust_env=False, timeout=60) as http:
        yield Vegraph(origin, http)
