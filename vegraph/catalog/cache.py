"""Parsed catalogs on disk, by the hash of the document and of the code that read it."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from threading import Thread

from vegraph.catalog import csdl, snapshot
from vegraph.catalog.model import Catalog
from vegraph.errors import CatalogError

__all__ = ["cached", "digest_of", "directory", "hash_ahead", "place", "read"]

PIECE = 4 * 2**20
"""Bytes that are hashed at once, without Python's lock: each time it is taken again, the thread may wait for 5 ms."""

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


def hash_ahead(path: Path) -> Future[str]:
    """Begins, in a thread, what the next `digest_of` of that file will give."""
    found = _ahead[path] = Future()

    def work() -> None:
        try:
            found.set_result(_hashed(path))
        except OSError as problem:
            found.set_exception(problem)

    Thread(target=work, daemon=True).start()
    return found


def _hashed(path: Path) -> str:
    found = hashlib.sha256()
    piece = memoryview(bytearray(PIECE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(piece):
            found.update(piece[:count])
    return found.hexdigest()


def directory() -> Path:
    """Where compiled catalogs are kept by their content: VEGRAPH_CACHE, else the user's cache folder."""
    given = os.environ.get("VEGRAPH_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(given or Path.home() / ".cache") / "vegraph" / "catalogs"


def cached(digest: str, directory: Path, make: Callable[[], Catalog]) -> Catalog:
    """The catalog kept under a content hash, or the one that `make` gives, then kept.

    A damaged file is made anew; a directory that cannot be written is done without.
    """
    path = place(digest, directory)
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


def place(digest: str, directory: Path) -> Path:
    """Where the catalog of a content hash is kept."""
    return directory / f"{digest[:32]}-{_code()}.vegraph"


@cache
def _code() -> str:
    """A hash of the code that makes catalogs: another version of it never meets this one's snapshots."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
