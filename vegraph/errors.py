"""Errors of vegraph, and the code a client sees for each.

VegraphError                     .code .extensions
├── ConfigError                  vegraph.toml, an option or a document is wrong; stops the start, exit code 2
├── CatalogError                 a metadata document cannot become a catalog
├── PlanError                    a selection cannot become steps
│   ├── BadUserInput             an argument's value is wrong
│   ├── ScanLimit                a residual filter would read too many rows
│   ├── Incomparable             rows are to be compared by a value that is none of its type
│   └── NotSupported             neither the ERP nor vegraph can do what was asked
├── IdentityError                who asks is not known, or no token for this user at this ERP
│   ├── Unauthenticated          no or bad credential                       .challenge .claims
│   ├── Forbidden                known, and refused
│   └── IdentityUnavailable      keys, provider or mapping can't be reached .retry_after (s)
└── BackendError                 the ERP answered, but not with rows        .source .status
    ├── BackendUnauthenticated   401 from the ERP                           .challenge
    ├── BackendForbidden         403: the delegated user may not
    ├── BackendNotFound          404
    ├── BackendInvalid           400, 422 and business rules: refused, with the ERP's own message
    ├── BackendConflict          409, 412: key taken, or the ETag is stale
    ├── BackendRateLimited       429                                        .retry_after (s)
    ├── BackendUnavailable       5xx, broken answers, no connection         .retry_after (s)
    ├── BackendTimeout           no answer within the deadline
    └── OutcomeUnknown           a write may or may not have happened       .known
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import Any

__all__ = [
    "BackendConflict",
    "BackendError",
    "BackendForbidden",
    "BackendInvalid",
    "BackendNotFound",
    "BackendRateLimited",
    "BackendTimeout",
    "BackendUnauthenticated",
    "BackendUnavailable",
    "BadUserInput",
    "CatalogError",
    "ConfigError",
    "Forbidden",
    "IdentityError",
    "IdentityUnavailable",
    "Incomparable",
    "NotSupported",
    "OutcomeUnknown",
    "PlanError",
    "ScanLimit",
    "Unauthenticated",
    "VegraphError",
]


class VegraphError(Exception):
    """Base of all. The message is a sentence for a person: where, what, and what next."""

    code = "INTERNAL_SERVER_ERROR"

    @property
    def extensions(self) -> dict[str, Any]:
        """What goes under `extensions` in a GraphQL error, code included; never a secret or a URL."""
        return {"code": self.code}


class ConfigError(VegraphError):
    """Configuration, an option or a file is wrong."""


class CatalogError(VegraphError):
    """A document cannot become a catalog."""


class PlanError(VegraphError):
    """A selection cannot become steps."""


class BadUserInput(PlanError):
    """An argument's value is wrong."""

    code = "BAD_USER_INPUT"


class ScanLimit(PlanError):
    """A residual filter would read more rows than allowed."""

    code = "SCAN_LIMIT"


class Incomparable(PlanError):
    """Rows are to be compared by a value that the service sent and its type cannot hold."""

    code = "UNAVAILABLE"


class NotSupported(PlanError):
    """Neither the ERP nor vegraph can do what was asked."""

    code = "NOT_SUPPORTED"


class IdentityError(VegraphError):
    """No principal, or no token for it."""

    code = "UNAUTHENTICATED"


class Unauthenticated(IdentityError):
    """No or a bad credential."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str, *, challenge: str | None = None, claims: str | None = None) -> None:
        super().__init__(message)
        self.challenge = challenge
        """Value for `WWW-Authenticate`, claims included; None: plain Bearer."""
        self.claims = claims
        """What the provider or the ERP asks the client to sign in again with, as it came; None: nothing."""

    @property
    def extensions(self) -> dict[str, Any]:
        """With the claims to ask the provider for, where there are any."""
        return {"code": self.code, **({"claims": self.claims} if self.claims else {})}


class Forbidden(IdentityError):
    """Known, and refused."""

    code = "FORBIDDEN"


class IdentityUnavailable(IdentityError):
    """Signing keys, the identity provider or the mapping can't be reached: nobody is let in by guess (503)."""

    code = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds."""

    @property
    def extensions(self) -> dict[str, Any]:
        """With the claims to ask the provider for, where there are any."""
        return {"code": self.code, **({} if self.retry_after is None else {"retryAfter": ceil(self.retry_after)})}


class BackendError(VegraphError):
    """The ERP answered, but not with rows."""

    code = "UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        source: str,
        status: int | None = None,
        retry_after: float | None = None,
        target: str | None = None,
        erp_code: str | None = None,
        challenge: str | None = None,
        details: tuple[tuple[str | None, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.source = source
        self.status = status
        self.retry_after = retry_after
        """Seconds."""
        self.target = target
        """Wire name or path of the member the ERP complains about."""
        self.erp_code = erp_code
        self.challenge = challenge
        self.details = details
        """(target, message) of each detail the ERP gave."""

    @property
    def extensions(self) -> dict[str, Any]:
        """With the source, and when to try again or what to sign in with, where known."""
        found: dict[str, Any] = {"code": self.code, "source": self.source}
        if self.retry_after is not None:
            found["retryAfter"] = ceil(self.retry_after)
        if self.challenge is not None:
            found["claims"] = self.challenge
        return found


class BackendUnauthenticated(BackendError):
    """401 from the ERP."""

    code = "UNAUTHENTICATED"


class BackendForbidden(BackendError):
    """403: the delegated user may not."""

    code = "FORBIDDEN"


class BackendNotFound(BackendError):
    """404."""

    code = "NOT_FOUND"


class BackendInvalid(BackendError):
    """The ERP refused the values or a business rule stands against it."""

    code = "BAD_USER_INPUT"


class BackendConflict(BackendError):
    """409 or 412: key taken, or the ETag is stale."""

    code = "CONFLICT"


class BackendRateLimited(BackendError):
    """429."""

    code = "RATE_LIMITED"


class BackendUnavailable(BackendError):
    """5xx, a broken answer, or no connection."""

    code = "UNAVAILABLE"


class BackendTimeout(BackendError):
    """No answer within the deadline."""

    code = "TIMEOUT"


class OutcomeUnknown(BackendError):
    """A write may or may not have happened."""

    code = "OUTCOME_UNKNOWN"
    known: Mapping[str, str] = MappingProxyType({})
    """What is known of it: `write` (create, update, delete or the action), the row's `id`, its `company`."""

    @property
    def extensions(self) -> dict[str, Any]:
        """With what is known."""
        return {**super().extensions, **({"known": dict(self.known)} if self.known else {})}
