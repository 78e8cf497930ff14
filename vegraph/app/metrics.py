"""Counts and times for `/metrics`. Labels come from fixed sets: no user, no operation name, no URL (T40)."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What one server counts; further parts register theirs in the same `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "vegraph_requests_total",
            "GraphQL requests by endpoint, kind of operation and outcome.",
            ("endpoint", "operation", "outcome"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "vegraph_request_seconds",
            "Seconds from a GraphQL request's arrival to its answer.",
            ("endpoint", "operation"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.documents = Counter(
            "vegraph_documents_total",
            "Documents by whether they were known already.",
            ("known",),
            registry=self.registry,
        )
        self.under_way = Gauge(
            "vegraph_requests_under_way",
            "GraphQL requests being worked on.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.backend = Histogram(
            "vegraph_backend_seconds",
            "Seconds from sending a request to a source to its whole answer, by class of status; unsent and lost too.",
            ("source", "outcome"),
            buckets=SECONDS,
            registry=self.registry,
        )

        self._backend: dict[tuple[str, int | str], Histogram] = {}
        self._children: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._known = {known: self.documents.labels("yes" if known else "no") for known in (True, False)}

    def note(self, endpoint: str, operation: str, outcome: str, seconds: float) -> None:
        """One request is over."""
        key = endpoint, operation, outcome
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = self.requests.labels(*key), self.seconds.labels(endpoint, operation)
        found[0].inc()
        found[1].observe(seconds)

    def note_document(self, *, known: bool) -> None:
        """One document was asked for."""
        self._known[known].inc()

    def note_backend(self, source: str, outcome: int | str, seconds: float) -> None:
        """One request to a source is over. `outcome`: its status, or `unsent` or `lost`."""
        found = self._backend.get((source, outcome))
        if found is None:
            found = self._backend[source, outcome] = self.backend.labels(source, _class_of(outcome))
        found.observe(seconds)

    def text(self) -> bytes:
        """All of it, in the text format; summed over the workers where there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        return generate_latest(whole)


def _class_of(outcome: int | str) -> str:
    """`2xx` to `5xx`; those statuses that one looks out for stand for themselves."""
    if isinstance(outcome, str):
        return outcome
    return str(outcome) if outcome in (401, 403, 429) else f"{outcome // 100}xx"
