"""`[limits]`: how much one request may ask for. What is over a limit is refused before anything is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vegraph.app.settings.checks import AtLeast, Between

__all__ = ["Limits"]

Count = Annotated[int, AtLeast(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one request may ask for."""

    deadline_s: Annotated[float, Between(0.1, 3600)] = 30.0
    """Seconds from a request's arrival to its answer, all calls to the ERPs included."""

    max_body_bytes: Count = 1_000_000
    """Bytes of a request's body."""

    max_json_depth: Count = 64
    """Brackets inside brackets in a request's body."""

    max_tokens: Count = 4000
    """Lexical tokens of a document: names, values and punctuation."""

    max_depth: Count = 15
    """Fields inside fields, fragments followed."""

    max_aliases: Count = 200
    """Aliases of a document, each fragment counted where it is spread."""

    max_fields: Count = 5000
    """Fields of an operation, each fragment counted where it is spread."""

    max_root_fields: Count = 50
    """Fields at the root of an operation, fragments followed."""

    max_directives: Count = 100
    """Directives of a document, each fragment counted where it is spread."""

    max_errors: Count = 25
    """Validation errors that one answer lists."""

    max_cost: Count = 100_000
    """Rows that the plan of one operation may touch."""

    default_first: Count = 50
    """Rows of a list where `first` and `last` are left out."""

    max_first: Count = 1000
    """Largest `first` or `last`."""

    scan_rows: Count = 20_000
    """Rows that a filter may read which the ERP cannot evaluate itself."""

    documents: Count = 1000
    """Parsed and validated documents kept in memory, the least recently used one dropped first."""

    persisted_bytes: Count = 8_000_000
    """Bytes of documents that clients may register by hash (APQ)."""

    def __post_init__(self) -> None:
        if self.default_first > self.max_first:
            raise ValueError(f"default_first ({self.default_first}) is above max_first ({self.max_first}).")
