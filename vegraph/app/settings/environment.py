"""`${NAME}` in a setting's text becomes the value of that environment variable."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["MissingVariable", "substitute"]

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class MissingVariable(LookupError):
    """A reference that cannot be filled; the message is a sentence without the setting's place."""


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """The text with every reference filled in. What is put in is not looked at again.

    Raises MissingVariable, which names the variable and never a value.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not _NAME.fullmatch(name):
            raise MissingVariable(f"'{match[0]}' does not name an environment variable.")
        try:
            return environ[name]
        except KeyError:
            raise MissingVariable(f"the environment variable {name} is not set.") from None

    return _REFERENCE.sub(value, text)
