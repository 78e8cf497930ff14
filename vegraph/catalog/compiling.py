"""`python -m vegraph.catalog.compiling PATH NAME LANGUAGE TARGET`: compiles a folder or document to that file."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

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


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))  # the catalog is not taken apart again piece by piece
