"""`python -m vegraph.catalog.compiling PATH NAME LANGUAGE TARGET`: compiles a folder or document to that file.

It ends before that when its standard input does: who wants the catalog holds the other end.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from threading import Thread

from vegraph.catalog import folder, snapshot
from vegraph.errors import CatalogError

__all__ = ["main"]


def main(path: str, name: str, language: str, target: str) -> int:
    """0 where it was compiled. Nothing is said here: whoever waits for it finds the file, or reads for itself."""
    gc.disable()  # hundreds of thousands of values, none of them garbage before the end
    try:
        snapshot.save(folder.read(Path(path), name=name, language=language), Path(target))
    except (CatalogError, OSError):
        return 2
    return 0


def _end_when_nobody_waits() -> None:
    sys.stdin.buffer.read()
    os._exit(3)


if __name__ == "__main__":
    Thread(target=_end_when_nobody_waits, daemon=True).start()
    os._exit(main(*sys.argv[1:]))  # the catalog is not taken apart again piece by piece
