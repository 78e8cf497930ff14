"""Documents by id: those an operator lists (trusted), and those clients register by their hash (APQ)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from vegraph.app.http.refusals import Refusal
from vegraph.app.lru import Bounded
from vegraph.errors import ConfigError

__all__ = ["Persisted", "read_trusted"]

MANY = 10_000


class Persisted:
    """Where a request's document comes from: its own text, a listed id, or a hash seen before."""

    def __init__(self, trusted: Mapping[str, str], *, only_trusted: bool, max_bytes: int) -> None:
        self._trusted = {_bare(key): text for key, text in trusted.items()}
        self._texts = frozenset(trusted.values())
        self._only = only_trusted
        self._registered: Bounded[str, str] = Bounded(items=MANY, weight=max_bytes)

    def text(self, query: str | None, extensions: Mapping[str, Any]) -> tuple[str, str | None]:
        """(document, hash to register it under once it has proved valid). Raises Refusal."""
        given = _id(extensions)
        if given is None:
            if not query:
                raise Refusal(400, "There is no document to run: 'query' is missing or empty.")
            return self._allowed(query), None
        if query:
            if sha256(query.encode()).hexdigest() != given.lower():
                raise Refusal(400, "The hash is not that of the document sent with it (SHA-256, hex).")
            return self._allowed(query), given.lower()
        found = self._trusted.get(given) or (None if self._only else self._registered.get(given.lower()))
        if found is None:
            # Apollo's clients know this text, and send the document along with the hash
            raise Refusal(200, "PersistedQueryNotFound", code="PERSISTED_QUERY_NOT_FOUND")
        return found, None

    def register(self, digest: str, text: str) -> None:
        """Remembers a document that was sent with its hash and proved valid."""
        if not self._only:
            self._registered.put(digest, text, len(text))

    def _allowed(self, query: str) -> str:
        if self._only and query not in self._texts:
            raise Refusal(403, "Only listed documents run here; ask for one by its documentId.", code="FORBIDDEN")
        return query


def read_trusted(path: Path | None) -> dict[str, str]:
    """The listed documents: a JSON object of id to text. Raises ConfigError."""
    if path is None:
        return {}
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as problem:
        raise ConfigError(f"{path}: trusted documents cannot be read: {problem}.") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ConfigError(f"{path}: trusted documents must be one JSON object of id to document text.")
    return found


def _id(extensions: Mapping[str, Any]) -> str | None:
    """The document's id or hash, from either way to give one."""
    apollo = extensions.get("persistedQuery")
    given = extensions.get("documentId")
    if isinstance(apollo, dict):
        if apollo.get("version") != 1:
            raise Refusal(400, "Persisted documents are known in version 1 only.")
        given = apollo.get("sha256Hash")
    elif apollo is not None:
        raise Refusal(400, "'persistedQuery' must be an object.")
    if given is None:
        return None
    if not isinstance(given, str) or not 1 <= len(given) <= 200:
        raise Refusal(400, "A document's id must be text of 1 to 200 characters.")
    return _bare(given)


def _bare(given: str) -> str:
    return given.removeprefix("sha256:")
