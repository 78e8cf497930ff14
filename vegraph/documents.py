"""Where the project's own documents are: `schema/` of a checkout, `vegraph/_documents` of an installed wheel."""

from __future__ import annotations

from pathlib import Path

__all__ = ["folder"]

_PACKAGE = Path(__file__).resolve().parent


def folder() -> Path:
    """The folder with `bc/` and `fo/` in it."""
    inside = _PACKAGE / "_documents"
    return inside if inside.is_dir() else _PACKAGE.parent / "schema"
