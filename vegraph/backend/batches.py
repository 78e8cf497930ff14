"""Several requests in one `$batch`, whatever format the source takes, or side by side where it takes none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vegraph.backend.batch import json, multipart
from vegraph.backend.dialects import BaseDialect
from vegraph.backend.exchange import Answer, Wire
from vegraph.backend.source import Source

__all__ = ["Batch", "batch_request", "split"]


class Batch(NamedTuple):
    """A batch request, and what is needed to read its answer."""

    wire: Wire
    parts: Sequence[Wire]
    atomic: tuple[int, ...] = ()

    def answers(self, source: str, answer: Answer, *, partial: bool = False) -> list[Answer | None]:
        """Answers in the order of the parts; with `partial` missing ones are None."""
        if answer.headers.get("content-type", "").lower().startswith("multipart/"):
            return multipart.read(source, answer, len(self.parts), atomic=self.atomic, partial=partial)
        return json.read(source, answer, len(self.parts), partial=partial)


def batch_request(parts: Sequence[Wire], source: Source, *, atomic: bool = False, language: str | None = None) -> Batch:
    """The request that carries these parts, all of one route; with `atomic` its writes happen all or none."""
    dialect = source.dialect
    shared = {"Accept-Language": language} if language else {}
    writes = tuple(i for i, part in enumerate(parts) if part.method != "GET")
    if dialect.batch_format == "json":
        body = json.build(parts, headers=shared, group="all" if atomic and dialect.atomic == "changeset" else None)
        kind, accept = json.CONTENT_TYPE, "application/json"
    else:
        shared = {**_part_headers(dialect), **shared}
        body, kind = multipart.build(
            parts, headers=shared, atomic=atomic, address=source.transport.url if dialect.absolute_parts else _relative
        )
        accept = "multipart/mixed"
    headers = {"Content-Type": kind, "Accept": accept}
    if atomic and dialect.atomic == "snapshot":
        headers["Isolation"] = "snapshot"
    elif not atomic:
        headers["Prefer"] = dialect.continue_on_error
    wire = Wire(
        method="POST",
        route=parts[0].route,
        path="$batch",
        body=body,
        headers=headers,
        template=f"$batch[{len(parts)}]",
        accepts="batch",
    )
    return Batch(wire, parts, writes if atomic else ())


def split(parts: Sequence[Wire], dialect: BaseDialect) -> list[list[int]]:
    """Indexes of the parts, by the batch they go into: of one route, at most `batch_size` each."""
    routes: dict[str, list[int]] = {}
    for index, part in enumerate(parts):
        routes.setdefault(part.route, []).append(index)
    size = max(1, dialect.batch_size)
    return [found[start : start + size] for found in routes.values() for start in range(0, len(found), size)]


def _part_headers(dialect: BaseDialect) -> dict[str, str]:
    return {**dialect.headers(), "OData-Version": dialect.odata_version}


def _relative(part: Wire) -> str:
    return part.target
