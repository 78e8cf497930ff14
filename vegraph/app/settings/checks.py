"""Checks that stand beside a setting's type: `Annotated[int, Between(1, 65535)]`.

Each is called with the value and answers with what is wrong, as the end of a sentence that begins with the
setting's place, or with None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["NAME", "AtLeast", "Between", "HttpUrl", "Matches"]

NAME = "[A-Za-z][A-Za-z0-9_-]*"
"""Of a source, an issuer, a portal: stands before the dot of `SOURCE.ENTITYSET`, in paths and metrics as it is."""


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `least` to `most`, both included."""

    least: float
    most: float

    def __call__(self, value: float) -> str | None:
        """What is wrong, or None."""
        return None if self.least <= value <= self.most else f"must be from {self.least:g} to {self.most:g}."


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number not below `least`."""

    least: float

    def __call__(self, value: float) -> str | None:
        """What is wrong, or None."""
        return None if value >= self.least else f"must be {self.least:g} or more."


@dataclass(frozen=True, slots=True)
class Matches:
    """Text that a pattern describes from end to end."""

    pattern: str
    says: str
    """What the pattern asks for, in words: 'must be …'."""

    def __call__(self, value: str) -> str | None:
        """What is wrong, or None."""
        return None if re.fullmatch(self.pattern, value) else f"'{value}' {self.says}."


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """An absolute http or https URL of a service, with neither user name nor query."""

    def __call__(self, value: str) -> str | None:
        """What is wrong, or None."""
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            return "is not a URL; write it like https://host/path."
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return f"'{value}' is not an http or https URL; write it like https://host/path."
        if parts.username is not None or parts.password is not None:
            return "holds a user name or password; give credentials in a key of their own."
        if parts.query or parts.fragment:
            return "has a query or fragment; give the service's root alone."
        return None
