"""Processes of this interpreter that run a module of this package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["environment", "module"]


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module; never one that merely lies in the working directory."""
    return [sys.executable, "-P", "-m", name, *arguments]


def environment() -> dict[str, str]:
    """This process's, in which the module is found as it was found here."""
    paths = (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
