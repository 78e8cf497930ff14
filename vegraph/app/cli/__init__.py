"""The command line. Exit codes: 0 done, 1 the thing checked is not so, 2 wrong use or configuration."""

from vegraph.app.cli.main import main

__all__ = ["main"]
