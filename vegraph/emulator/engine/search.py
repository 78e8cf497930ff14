"""`$search`: words, phrases, AND, OR, NOT and grouping, checked for form (OData 4.01, part 2, section 5.1.7)."""

from __future__ import annotations

import re

from vegraph.emulator.engine.scanner import Scanner

__all__ = ["search_text"]

_PHRASE = re.compile(r'"(?:[^"\\]|\\["\\])*"')
_WORD = re.compile(r'[^\s()"][^\s()]*')


def search_text(text: str) -> str:
    """The text as given, once its form has been checked."""
    scanner = Scanner(text)
    scanner.space()
    _either(scanner)
    scanner.space()
    if not scanner.done:
        raise scanner.refuse("the search does not end here")
    return text


def _either(scanner: Scanner) -> None:
    while True:
        _all(scanner)
        before = scanner.position
        if not (scanner.space() and scanner.take("OR") and scanner.space()):
            scanner.position = before
            return


def _all(scanner: Scanner) -> None:
    while True:
        _term(scanner)
        before = scanner.position
        if (
            not scanner.space()
            or scanner.done
            or scanner.peek(")")
            or re.match(r"OR\s", scanner.text[scanner.position :])
        ):
            scanner.position = before
            return
        after = scanner.position
        if not (scanner.take("AND") and scanner.space() and not scanner.done):
            scanner.position = after


def _term(scanner: Scanner) -> None:
    before = scanner.position
    if not (scanner.take("NOT") and scanner.space() and not scanner.done):
        scanner.position = before
    if scanner.take("("):
        scanner.space()
        _either(scanner)
        scanner.space()
        scanner.need(")")
    elif not scanner.take_match(_PHRASE) and not scanner.take_match(_WORD):
        raise scanner.refuse("a word or a phrase expected")
