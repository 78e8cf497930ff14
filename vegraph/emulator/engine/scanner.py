"""A cursor over decoded URL text, and the literals of OData (4.01 ABNF, section 7)."""

from __future__ import annotations

import re
from datetime import date

from vegraph.emulator.engine.syntax import Literal, LiteralKind

__all__ = ["Refused", "Scanner"]


class Refused(Exception):
    """The text does not follow the grammar. `.position` counts characters of the option's decoded value."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


_SPACE = re.compile(r"[ \t]*")
_NAME = re.compile(r"[^\W\d]\w{0,127}")
_QUALIFIED = re.compile(r"[^\W\d]\w{0,127}(?:\.[^\W\d]\w{0,127})*")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_BOUNDARY = r"(?![\w.:-])"

_DATE_TEXT = r"-?(?:0\d{3}|[1-9]\d{3,})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME_TEXT = r"(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,12})?)?"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"
_DURATION = r"[+-]?P(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"

_BARE: tuple[tuple[LiteralKind, re.Pattern[str]], ...] = (
    ("guid", re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}" + _BOUNDARY)),
    ("datetime", re.compile(_DATE_TEXT + "[Tt]" + _TIME_TEXT + _ZONE + r"(?![\w.-])", re.IGNORECASE)),
    ("date", re.compile(_DATE_TEXT + _BOUNDARY)),
    ("time", re.compile(_TIME_TEXT + _BOUNDARY)),
    ("double", re.compile(r"(?:[+-]?\d+(?:\.\d+)?[eE][+-]?\d+|-?INF|NaN)" + _BOUNDARY)),
    ("decimal", re.compile(r"[+-]?\d+\.\d+" + _BOUNDARY)),
    ("integer", re.compile(r"[+-]?\d+" + _BOUNDARY)),
    ("boolean", re.compile(r"(?:true|false)(?![\w.])", re.IGNORECASE)),
    ("null", re.compile(r"null(?![\w.])")),
)
_PREFIXED: tuple[tuple[LiteralKind, re.Pattern[str]], ...] = (
    ("duration", re.compile(rf"(?:duration)'({_DURATION})'", re.IGNORECASE)),
    ("binary", re.compile(r"binary'((?:[\w-]{4})*(?:[\w-]{2}(?:==)?|[\w-]{3}=?)?)'", re.IGNORECASE)),
    ("geo", re.compile(r"((?:geography|geometry)'SRID=\d{1,5};[A-Za-z]+\([^']*\)')", re.IGNORECASE)),
)
_ENUM = re.compile(r"((?:[^\W\d]\w{0,127}\.)+[^\W\d]\w{0,127})'((?:[^']|'')*)'")
_ENUM_VALUE = re.compile(r"(?:[^\W\d]\w*|-?\d+)(?:,(?:[^\W\d]\w*|-?\d+))*")


class Scanner:
    """Reads a text from left to right; every `take_…` returns what it found, or None and stays."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def done(self) -> bool:
        """Whether all has been read."""
        return self.position >= len(self.text)

    def refuse(self, message: str) -> Refused:
        """The error for this place."""
        return Refused(f"{message} at position {self.position} in '{self.text}'.", self.position)

    def space(self) -> bool:
        """Skip blanks; whether there was one."""
        match = _SPACE.match(self.text, self.position)
        before, self.position = self.position, match.end() if match else self.position
        return self.position > before

    def peek(self, text: str) -> bool:
        """Whether that text comes next."""
        return self.text.startswith(text, self.position)

    def take(self, text: str) -> bool:
        """Read exactly that text."""
        if self.peek(text):
            self.position += len(text)
            return True
        return False

    def need(self, text: str) -> None:
        """Read exactly that text or refuse."""
        if not self.take(text):
            raise self.refuse(f"'{text}' expected")

    def take_match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read what the pattern matches here."""
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def take_name(self) -> str | None:
        """A simple identifier."""
        match = self.take_match(_NAME)
        return match.group() if match else None

    def take_qualified(self) -> str | None:
        """An identifier, perhaps with a namespace."""
        match = self.take_match(_QUALIFIED)
        return match.group() if match else None

    def take_word(self, *words: str) -> str | None:
        """One of the words, ended by a blank, a bracket or the end; case as in OData 4.01 does not matter."""
        for word in words:
            end = self.position + len(word)
            if self.text[self.position : end].lower() == word and not self.text[end : end + 1].isalnum():
                if self.text[end : end + 1] in ("_", ".", "/"):
                    continue
                self.position = end
                return word
        return None

    def take_string(self) -> str | None:
        """A quoted string, quotes undone."""
        match = self.take_match(_STRING)
        return match.group(1).replace("''", "'") if match else None

    def take_literal(self) -> Literal | None:
        """Any primitive literal."""
        text = self.take_string()
        if text is not None:
            return Literal("string", text)
        for kind, pattern in _PREFIXED:
            if match := self.take_match(pattern):
                return Literal(kind, match.group(1))
        if match := _ENUM.match(self.text, self.position):
            return self._enum(match)
        for kind, pattern in _BARE:
            if match := pattern.match(self.text, self.position):
                if kind in ("date", "datetime") and not _is_day(match.group()):
                    raise self.refuse("no such day")
                self.position = match.end()
                return Literal(kind, match.group())
        return None

    def _enum(self, match: re.Match[str]) -> Literal:
        value = match.group(2).replace("''", "'")
        if not _ENUM_VALUE.fullmatch(value):
            raise self.refuse("enumeration member expected")
        self.position = match.end()
        return Literal("enum", value, match.group(1))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return text.startswith(("-", "0000")) or len(text.split("-")[0]) > 4
    return True
