"""Writes `schema/bc/metadata.xml` and `schema/fo/metadata.xml`: `python -m vegraph.emulator.documents [--check]`."""

from __future__ import annotations

import sys
from pathlib import Path

from vegraph.emulator.documents.bc import bc_metadata
from vegraph.emulator.documents.fo import fo_metadata

SCHEMA = Path(__file__).resolve().parents[3] / "schema"


def main(arguments: list[str]) -> int:
    """Write both documents, or with `--check` only compare: 1 when one is stale."""
    stale = 0
    for name, text in (("bc", bc_metadata()), ("fo", fo_metadata())):
        path = SCHEMA / name / "metadata.xml"
        if "--check" in arguments:
            stale |= not path.exists() or path.read_bytes() != text
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
