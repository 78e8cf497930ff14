"""Parsed catalogs on disk, by the hash of the document and of the code that read it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from threading import Thread

from vegraph.catalog import csdl, snapshot
from vegraph.catalog.model import Catalog
from vegraph.errors import CatalogError

__all__ = ["cached", "digest_of", "hash_ahead", "read"]

_log = logging.getLogger("vegraph")


def read(source: bytes | Path, *, name: str, directory: Path | None) -> Catalog:
    """As `csdl.read`, but parsed only the first time; `directory` None: no cache."""
    if directory is None:
        return csdl.read(source, name=name)
    try:
        digest = digest_of(source) if isinstance(source, Path) else hashlib.sha256(source).hexdigest()
    except OSError:
        return csdl.read(source, name=name)  # says what is wrong with it
    return cached(digest, directory, lambda: csdl.read(source, name=name))


_ahead: dict[Path, Future[str]] = {}


def digest_of(path: Path) -> str:
    """SHA-256 of a file as it lies there, read piece by piece. Raises OSError."""
    ahead = _ahead.pop(path, None)
    return _hashed(path) if ahead is None else ahead.result()


def hash_ahead(path: Path) -> None:
    """Begins, in a thread, what the next `digest_of` of that file will give."""
    found = _ahead[path] = Future()

    def work() -> None:
        try:
            found.set_result(_hashed(path))
        except OSError as problem:
            found.set_exception(problem)

    Thread(target=work, daemon=True).start()


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached(digest: str, directory: Path, make: Callable[[], Catalog]) -> Catalog:
    """The catalog kept under a content hash, or the one that `make` gives, then kept.

    A damaged file is made anew; a directory that cannot be written is done without.
    """
    path = directory / f"{digest[:32]}-{_code()}.vegraph"
    if path.exists():
        try:
            return snapshot.load(path)
        except CatalogError as error:
            _log.warning("%s", error)
    made = make()
    try:
        snapshot.save(made, path)
    except OSError as error:
        _log.warning("catalog cache %s: not written (%s)", directory, error.strerror or error)
    return made


@cache
def _code() -> str:
    """A hash of the code that makes catalogs: another version of it never meets this one's snapshots."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
