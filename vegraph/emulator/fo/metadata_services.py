"""`/metadata/…`: the metadata services, an OData service of their own over rows written from the facts (OF-144)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vegraph.catalog import csdl
from vegraph.emulator.documents import services
from vegraph.emulator.engine.access import Anyone, Door
from vegraph.emulator.engine.dialect import Dialect
from vegraph.emulator.engine.http import Request, Response
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.service import Service
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.users import READ_ONLY, User

if TYPE_CHECKING:
    from vegraph.emulator.fo.dialect import FinanceDialect

__all__ = ["MetadataServices"]

_READER = User(id="metadata", rights=READ_ONLY)
_PROFILE = Profile(
    name="finance-operations-metadata",
    namespace=services.NAMESPACE,
    string_case="insensitive",
    functions=frozenset({"contains", "startswith", "endswith", "tolower", "toupper"}),
    lambdas="refuse",
    enum_literals="qualified",
    quoted_keys=True,
)


class _MetadataDialect(Dialect):
    """A plain service without ETags."""

    prefix = "/metadata"

    def has_etag(self, table: object) -> bool:
        """Rows of metadata are never written."""
        del table
        return False


class MetadataServices:
    """Built on first use: most callers never ask."""

    def __init__(self) -> None:
        self._service: Service | None = None

    async def answer(self, request: Request, owner: FinanceDialect) -> Response:
        """Answer a GET; anything else is refused (OF-144)."""
        if request.method != "GET":
            raise Problem(405, "method_not_allowed", "The requested resource does not support this HTTP method.")
        if self._service is None:
            self._service = _build()
        try:
            return self._service.dispatch(request, _READER)
        except Problem as problem:
            return owner.problem(problem, request)


def _build() -> Service:
    document = services.services_metadata()
    catalog = csdl.read(document, name="metadata services")
    store = Store(catalog, _PROFILE)
    for name, rows in services.services_rows():
        store.load(name, rows)
    return Service(catalog, _MetadataDialect(_PROFILE), store, Door(Anyone(user=_READER)), document=document)
