"""Seeded databases kept between runs, so that the demo starts at once the second time.

A file's name holds a digest of everything its content follows from: the facts, the seed rows' code, the storage
format and the size. A stale file is simply not found any more.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vegraph.emulator.data.bc import bc_seed
from vegraph.emulator.data.business import Business
from vegraph.emulator.data.fo import fo_seed
from vegraph.emulator.data.seed import Batch, Progress, counted

if TYPE_CHECKING:
    from vegraph.emulator.server import Emulator

__all__ = ["Erp", "cache_folder", "database", "seeded_bc", "seeded_fo", "working_copy"]

Erp = Literal["bc", "fo"]

_PACKAGE = Path(__file__).resolve().parents[1]
_KEPT = 4
"""Files kept for each ERP; older ones are removed."""


def seeded_bc(*, folder: Path, orders: int | None = None, **options: Any) -> Emulator:
    """A BC emulator over a working copy; `options` are those of `server.create_bc`."""
    from vegraph.emulator.server import create_bc

    return create_bc(path=working_copy("bc", folder, orders=orders), **options)


def seeded_fo(*, folder: Path, orders: int | None = None, **options: Any) -> Emulator:
    """A finance-and-operations emulator over a working copy; `options` are those of `fo.server.create_fo`."""
    from vegraph.emulator.fo.server import create_fo

    return create_fo(path=working_copy("fo", folder, orders=orders), **options)


def working_copy(
    erp: Erp, folder: Path, *, orders: int | None = None, cache: Path | None = None, progress: Progress | None = None
) -> Path:
    """A database of one's own to write to, in that folder: seeded, indexed, and closed."""
    target = folder / f"{erp}.db"
    shutil.copyfile(database(erp, orders=orders, cache=cache, progress=progress), target)
    return target


def database(
    erp: Erp, *, orders: int | None = None, cache: Path | None = None, progress: Progress | None = None
) -> Path:
    """The pristine database of that size, made when it's not there yet. Nobody may write to it."""
    folder = cache or cache_folder()
    found = folder / f"{erp}-{_digest(orders)}.db"
    if not found.exists():
        handle, name = tempfile.mkstemp(prefix=f"{erp}-", suffix=".making", dir=folder)
        os.close(handle)
        try:
            _build(erp, Path(name), orders, progress)
            os.replace(name, found)
        finally:
            for left in folder.glob(f"{Path(name).name}*"):
                left.unlink()
        _forget_old(erp, folder)
    return found


def cache_folder() -> Path:
    """The user's cache folder, or a private temporary one where there is no home to write to."""
    with suppress(RuntimeError, OSError):
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "vegraph"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="vegraph-"))


def _digest(orders: int | None) -> str:
    found = hashlib.sha256(repr(orders).encode())
    for part in ("data", "documents", "engine", "bc", "fo"):
        for path in sorted((_PACKAGE / part).rglob("*")):
            if path.suffix in (".py", ".txt"):
                found.update(path.read_bytes())
    return found.hexdigest()[:20]


def _build(erp: Erp, path: Path, orders: int | None, progress: Progress | None) -> None:
    from vegraph.emulator.engine.access import Anyone
    from vegraph.emulator.fo.server import create_fo
    from vegraph.emulator.server import create_bc
    from vegraph.emulator.users import EVERYTHING, User

    business = Business() if orders is None else Business.of_size(orders)
    batches: Iterable[Batch] = bc_seed(business) if erp == "bc" else fo_seed(business)
    if progress is not None:
        batches = (Batch(b.set, b.company, counted(b.set, b.rows, progress)) for b in batches)
    door = Anyone(user=User(id="seed", rights=EVERYTHING))
    make = create_bc if erp == "bc" else create_fo
    store = make(tokens=door, rows=batches, path=path).store
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.connection.execute("PRAGMA journal_mode=DELETE")
    store.close()


def _forget_old(erp: Erp, folder: Path) -> None:
    files = sorted(folder.glob(f"{erp}-*.db"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in files[_KEPT:]:
        with suppress(OSError):
            path.unlink()
