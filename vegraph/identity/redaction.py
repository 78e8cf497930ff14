"""What logs never hold: credentials, tokens, and the query strings in which filter values travel (I12, T09).

Installed once, on every handler: a filter on a logger would miss what its children log. The loggers of the HTTP clients
and of MSAL are set to WARNING, since at INFO they write each URL with its filter values.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Redaction", "install", "redact"]

NOISY = ("httpx", "httpcore", "msal", "aiohttp", "urllib3", "requests", "sqlalchemy")

_HIDDEN = "***"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Header lines and reprs: Authorization: Bearer x, 'authorization': 'Basic x'.
    (re.compile(r"(?i)(authorization['\"]?\s?[:=,]\s?(?:b?['\"])?)(?:[a-z]{1,20}\s)?[^\s'\",;)}\]]+"), rf"\1{_HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {_HIDDEN}"),
    # Anything that looks like a JWT or JWE, wherever it stands.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,4}"), _HIDDEN),
    # Members of token requests and answers, as form, JSON or repr.
    (
        re.compile(
            r"(?i)\b(client_secret|client_assertion|assertion|access_token|refresh_token|id_token|subject_token|password)"
            r"(['\"]?\s?[:=]\s?(?:b?['\"])?)[^\s&'\",;)}\]]+"
        ),
        rf"\1\2{_HIDDEN}",
    ),
    # A URL's or path's query: $filter and with it people's data.
    (re.compile(r"((?:https?:/)?/[^\s?'\"<>]{0,2000}\?)[^\s\"<>]+"), rf"\1{_HIDDEN}"),
    # A password in a URL.
    (re.compile(r"(://[^\s/:@'\"]{1,200}:)[^\s/@'\"]+@"), rf"\1{_HIDDEN}@"),
)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def redact(text: str) -> str:
    """The text without what must not be logged."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class Redaction(logging.Filter):
    """Cleans a record in place: message, arguments, extra members, and the traceback's text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, cleaned."""
        record.args = _cleaned_args(record.args)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # as wrong as it would be for any handler
            message = f"{record.msg} {record.args}"
        if (clean := redact(message)) != message:
            record.msg, record.args = clean, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name, value in vars(record).items():
            if name not in _OWN and isinstance(value, str):
                setattr(record, name, redact(value))
        return True


def install(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Puts the filter on those handlers (None: all of the root logger and of uvicorn's), and quiets noisy libraries."""
    if handlers is None:
        loggers = [logging.getLogger(name) for name in (None, "uvicorn", "uvicorn.access", "uvicorn.error", "vegraph")]
        handlers = [handler for logger in loggers for handler in logger.handlers]
    for handler in handlers:
        if not any(isinstance(found, Redaction) for found in handler.filters):
            handler.addFilter(Redaction())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _cleaned_args(args: Any) -> Any:
    """Each argument on its own, so that formatters which take arguments apart (access logs) find as many as before."""
    if isinstance(args, tuple):
        return tuple(_cleaned(arg) for arg in args)
    return {key: _cleaned(value) for key, value in args.items()} if isinstance(args, dict) else args


def _cleaned(arg: Any) -> Any:
    if isinstance(arg, bool | int | float) or arg is None:
        return arg
    text = arg if isinstance(arg, str) else str(arg)
    clean = redact(text)
    return arg if clean == text else clean
