"""Error answers of the dialects as vegraph's errors (erp.md §4.1.9, §4.2.11; 4.01 JSON format, section 21).

Of a 4xx the service's own sentence passes to the client; of a 5xx it never does (T34), but for business refusals
that finance and operations sends as 500 (OF-111 to OF-113): those are refusals, and only their infolog text passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from vegraph.backend.exchange import Malformed
from vegraph.errors import (
    BackendConflict,
    BackendError,
    BackendForbidden,
    BackendInvalid,
    BackendNotFound,
    BackendRateLimited,
    BackendTimeout,
    BackendUnauthenticated,
    BackendUnavailable,
)

__all__ = ["claims_of", "fault", "malformed", "retry_after"]

_CORRELATION = re.compile(r"\s*CorrelationId:\s*[0-9a-fA-F-]{8,36}\.?\s*$")
_CLAIMS = re.compile(r'\bclaims="([^"]{1,8000})"')
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_ACTION = re.compile(r"Exception occurred while executing action \S+ on Entity \S+?:\s*(.+)", re.DOTALL)
_TAKEN = re.compile(
    r"Cannot create a record in [^(]{1,200}\([^)]{1,200}\)\..{1,2000}\bThe record already exists\.", re.DOTALL
)
"""F&O gives a duplicate key no code of its own, only this sentence (OF-114); in other languages it is a refusal."""
_LONGEST = 1000
_CONFLICTS = frozenset({"Request_EntityChanged", "Internal_EntityWithSameKeyExists"})


@dataclass(frozen=True, slots=True)
class _Told:
    """What an error body says."""

    message: str = ""
    code: str | None = None
    target: str | None = None
    details: tuple[tuple[str | None, str], ...] = ()
    business: bool = False
    """A business refusal whatever the status says."""


def fault(source: str, status: int, headers: Mapping[str, str], body: bytes, flavour: str = "generic") -> BackendError:
    """The error for an answer that is not a success."""
    told = _read(body, flavour)
    if told.business and status != 401:
        taken = _TAKEN.search(told.message)
        return _refused(BackendConflict if taken else BackendInvalid, source, status, told)
    if told.code in _CONFLICTS or status in (409, 412):
        return _refused(BackendConflict, source, status, told)
    if status == 401:
        claims = claims_of(headers)
        return BackendUnauthenticated(
            f"{source} did not accept the delegated user's sign-in.", source=source, status=status, challenge=claims
        )
    if status in (404, 410):
        return _refused(BackendNotFound, source, status, told)
    if status == 429:
        wait = retry_after(headers)
        return BackendRateLimited(
            f"{source} takes no more requests of this user for now. Try again later.",
            source=source, status=status, retry_after=wait,
        )  # fmt: skip
    if status in (403, 405):
        return _refused(BackendForbidden, source, status, told)
    if status == 408:
        return BackendTimeout(
            f"{source} gave up on the request after its own time limit.", source=source, status=status
        )
    if 400 <= status < 500:
        return _refused(BackendInvalid, source, status, told)
    return _unavailable(source, status, headers, told)


def malformed(source: str, what: str) -> Malformed:
    """An answer with a good status that is not what was asked for."""
    return Malformed(f"{source} answered with {what}, so nothing of it was used.", source=source)


def claims_of(headers: Mapping[str, str]) -> str | None:
    """The claims a challenge asks for, as they came (I11)."""
    found = _CLAIMS.search(headers.get("www-authenticate", ""))
    return found.group(1) if found else None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds of `Retry-After`, given in seconds or as a date; None where absent or unreadable."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 86_400))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0), 86_400.0)


def _unavailable(source: str, status: int, headers: Mapping[str, str], told: _Told) -> BackendError:
    if 300 <= status < 400:
        text = f"{source} answered with a redirect, which is never followed. Check the source's url."
    elif status == 501:
        text = f"{source} cannot do what was asked (501). Ask in another way."
    else:
        text = f"{source} is not available ({status}). Try again later."
    return BackendUnavailable(
        text, source=source, status=status, retry_after=retry_after(headers), erp_code=told.code
    )  # fmt: skip


def _refused(kind: type[BackendError], source: str, status: int, told: _Told) -> BackendError:
    return kind(
        told.message or f"{source} refused the request ({status}).",
        source=source,
        status=status,
        target=told.target,
        erp_code=told.code,
        details=told.details,
    )


def _read(body: bytes, flavour: str) -> _Told:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _Told()
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return _Told()
    if flavour == "finance-operations":
        return _infolog(error)
    message = _text(error.get("message"))
    if flavour == "business-central":
        message = _CORRELATION.sub("", message)
    return _Told(message, _text(error.get("code")) or None, _text(error.get("target")) or None, _details(error))


def _infolog(error: dict[str, Any]) -> _Told:
    inner = error.get("innererror")
    inner = inner if isinstance(inner, dict) else {}
    while isinstance(inner.get("internalexception"), dict):
        inner = inner["internalexception"]
    kind, said = _text(inner.get("type")), _text(inner.get("message"), longest=20_000)
    code = _text(error.get("code")) or None
    outer = _text(error.get("message"))
    if "Infolog:" in said and (kind.endswith("AxODataWriteException") or not kind):
        return _Told(_infolog_text(said.partition("Infolog:")[2]), code, business=True)
    if kind.endswith("InvalidOperationException") and (found := _ACTION.search(said)):
        return _Told(_infolog_text(found.group(1)), code, business=True)
    if kind.endswith("AxODataWriteException"):
        return _Told(_text(said), code, business=True)
    return _Told(_text(said) or outer, code, _text(error.get("target")) or None, _details(error))


def _infolog_text(text: str) -> str:
    """`Error: a; Error: b` as sentences, without the severities."""
    parts = re.split(r"(?:^|[;\r\n]+)\s*(?:Error|Warning|Info):\s*", text.strip())
    return _text(" ".join(part.strip().rstrip(";") for part in parts if part.strip()))


def _details(error: dict[str, Any]) -> tuple[tuple[str | None, str], ...]:
    details = error.get("details")
    if not isinstance(details, list):
        return ()
    told = [d for d in details[:50] if isinstance(d, dict)]
    return tuple((_text(d.get("target")) or None, _text(d.get("message"))) for d in told)


def _text(value: Any, longest: int = _LONGEST) -> str:
    """A text of the service, made safe to show: no control characters, and not endless."""
    if isinstance(value, dict):  # {"lang": …, "value": …} of older services
        value = value.get("value")
    if not isinstance(value, str):
        return ""
    clean = _CONTROL.sub(" ", value).strip()
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
