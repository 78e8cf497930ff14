"""Which of the two media types of GraphQL-over-HTTP a client is answered in, and whether it is a browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from vegraph.app.http.refusals import Refusal

__all__ = ["JSON", "MODERN", "media_type", "takes_gzip", "wants_page"]

JSON = "application/json"
"""Of older clients: a request that could not be executed is answered with 200."""
MODERN = "application/graphql-response+json"
"""Of the specification: 400 for what could not be executed."""

LONGEST = 2000
"""Characters of an Accept header that are looked at."""


@lru_cache(maxsize=256)
def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """(media range, weight) in the client's order; parameters other than the weight are ignored."""
    found = []
    for item in accept[:LONGEST].split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _weight(value.strip())
        if name:
            found.append((name, weight))
    return tuple(found)


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


@lru_cache(maxsize=256)
def _weight_of(media: str, accept: str) -> tuple[float, int]:
    """(weight, specificity) of the most specific range that covers a media type; weight 0: not wanted."""
    kind = media.partition("/")[0]
    best = (0.0, 0)
    for name, weight in _ranges(accept):
        specificity = 3 if name == media else 2 if name == f"{kind}/*" else 1 if name == "*/*" else 0
        if specificity > best[1]:
            best = (weight, specificity)
    return best


def media_type(accept: str | None) -> str:
    """The type to answer in: the specification's own where a client names it and wants nothing more; else JSON.

    Raises Refusal (406).
    """
    if not accept or not accept.strip():
        return JSON
    modern, json = _weight_of(MODERN, accept), _weight_of(JSON, accept)
    if not modern[0] and not json[0]:
        raise Refusal(406, f"This endpoint answers in {MODERN} or {JSON}; the Accept header allows neither.")
    return MODERN if modern[0] >= json[0] and modern[1] == 3 else JSON


def wants_page(accept: str | None) -> bool:
    """Whether a browser asks for a page: it names text/html, and no JSON before it."""
    if not accept:
        return False
    html = _weight_of("text/html", accept)
    return html[1] == 3 and html[0] > 0 and html >= max(_weight_of(JSON, accept), _weight_of(MODERN, accept))


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Whether a client reads gzip (RFC 9110 §12.5.3)."""
    weights = dict(_ranges(headers.get("accept-encoding", "")))
    return weights.get("gzip", weights.get("*", 0.0)) > 0
