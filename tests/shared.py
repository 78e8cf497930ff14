"""Where the shared real-world documents are, for tests that read them."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
SHARED = Path(os.environ.get("VEGRAPH_SHARED", _BESIDE))


def metadata(name: str) -> Path:
    """The path of a shared metadata document; skips the test where the folder is absent."""
    path = SHARED / "metadata" / name
    if not path.exists():
        pytest.skip(f"shared document {name} is not beside the checkout (set VEGRAPH_SHARED)")
    return path
