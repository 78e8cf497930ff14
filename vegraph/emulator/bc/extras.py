"""What is not a table of the standard route: environments, other routes, published services, the webhook handshake."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import orjson

from vegraph.emulator.bc.routes import STANDARD, Address, address, company_option
from vegraph.emulator.bc.webhooks import supported
from vegraph.emulator.engine.http import Request, Response, json_body
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.service import Service
from vegraph.emulator.users import User

if TYPE_CHECKING:
    from vegraph.emulator.bc.dialect import BcDialect

__all__ = ["ENVIRONMENTS", "Extras", "Procedure"]

ENVIRONMENTS = "/environments/v1.2"
"""Where the environments of a tenant are listed (OB-13)."""

Procedure = Callable[[Mapping[str, Any]], Any]
"""A codeunit's procedure published as a web service: parameters in, a JSON value out."""

_ODATA_V4 = re.compile(r"/v2\.0/(?:[^/]+/)?(?P<environment>[^/]+)/ODataV4/(?P<rest>.*)")
_COMPANY = re.compile(r"Company\('(?P<name>(?:[^']|'')*)'\)/(?P<rest>.*)")


class Extras:
    """Answers what the engine does not."""

    def __init__(self, dialect: BcDialect) -> None:
        self.dialect = dialect
        self.services: dict[str, str] = {}
        """Published page service → entity set (ODataV4)."""

        self.procedures: dict[str, Procedure] = {}
        """`<Service>_<Procedure>` → what it does."""

    async def answer(self, service: Service, request: Request, user: User | None) -> Response | None:
        """The response, or None for an ordinary request."""
        if request.path == ENVIRONMENTS:
            return self._environments(request)
        if match := _ODATA_V4.fullmatch(request.path):
            return self._published(service, request, user, match)
        found = address(request.path, self.dialect.environments)
        if found.route == "microsoft/runtime/beta" and found.route not in self.dialect.others:
            return self._runtime(service, request, found)
        if found.route in self.dialect.others and user is not None:
            return self.dialect.others[found.route].dispatch(request, user)
        name = found.path.partition("(")[0].partition("/")[0]
        if found.route == STANDARD and name == "subscriptions" and request.method in ("POST", "PATCH"):
            await self._handshake(service, request, found)
        return None

    async def _handshake(self, service: Service, request: Request, found: Address) -> None:
        webhooks = self.dialect.webhooks
        if webhooks is None:
            return
        body = dict(json_body(request))
        if request.method == "PATCH" and "notificationUrl" not in body:
            match = re.fullmatch(r"subscriptions\((?:subscriptionId=)?'([^']*)'\)", unquote(found.path))
            with service.store.transaction() as tx:
                row = tx.get("subscriptions", None, match[1]) if match else None
            if row is None:
                return
            body["notificationUrl"] = row["notificationUrl"]
        await webhooks.shake(body)

    def _environments(self, request: Request) -> Response:
        listed = [
            {
                "aadTenantId": "7e610000-0000-4eed-a000-00000000aad0",
                "applicationFamily": "BusinessCentral",
                "type": "Production" if name == "production" else "Sandbox",
                "name": name,
                "countryCode": "US",
                "webServiceUrl": request.origin,
                "webClientLoginUrl": f"{request.origin}/{name}",
                "ringName": "PROD",
            }
            for name in sorted(self.dialect.environments)
        ]
        return _json({"value": listed})

    def _runtime(self, service: Service, request: Request, found: Address) -> Response:
        root = f"{request.origin}{found.root}"
        if request.method != "GET":
            raise Problem(405, "method_not_allowed", f"'{request.method}' requests for '{found.path}' are not allowed.")
        if found.path == "webhookSupportedResources" and found.company is not None:
            rows = [
                {"resource": f"{root.replace('microsoft/runtime/beta', 'v2.0')}/companies({found.company})/{name}"}
                for name in service.catalog.entity_sets
                if supported(service.store, name)
            ]
            return _json({"@odata.context": f"{root}/$metadata#webhookSupportedResources", "value": rows})
        if found.path == "apiRoutes":
            rows = [{"route": route.split("/")[-1] if route == STANDARD else route} for route in self.routes()]
            return _json({"@odata.context": f"{root}/$metadata#apiRoutes", "value": [{"route": "beta"}, *rows]})
        raise Problem(404, "unknown_segment", f"Resource not found for the segment '{found.path}'.")

    def routes(self) -> list[str]:
        """All routes, the standard one first."""
        return [STANDARD, *self.dialect.others]

    def _published(self, service: Service, request: Request, user: User | None, match: re.Match[str]) -> Response:
        if match["environment"].lower() not in self.dialect.environments:
            raise Problem(404, "not_found", f"The environment '{match['environment']}' does not exist.")
        rest = unquote(match["rest"])
        if rest in self.procedures:
            return self._procedure(service, request, rest)
        company = _COMPANY.fullmatch(rest)
        name, bracket, after = (company["rest"] if company else rest).partition("(")
        name, slash, tail = name.partition("/")
        entity_set = self.services.get(name)
        if entity_set is None or user is None:
            raise Problem(404, "unknown_segment", f"Resource not found for the segment '{name}'.", target=name)
        chosen = company["name"].replace("''", "'") if company else company_option(request.query)
        headers = {**request.headers, **({"company": chosen} if chosen else {})}
        root = request.path.partition("/ODataV4/")[0]
        path = f"{root}/api/{STANDARD}/{entity_set}" + quote(bracket + after + slash + tail, safe="()/='-,.$")
        return service.dispatch(replace(request, path=path, headers=headers), user)

    def _procedure(self, service: Service, request: Request, name: str) -> Response:
        if request.method != "POST":
            raise Problem(405, "method_not_allowed", f"'{request.method}' requests for '{name}' are not allowed.")
        company = company_option(request.query)
        if company is None or service.store.company_number(company) is None:
            raise Problem(400, "unknown_company", "The company of the call cannot be found.")
        value = self.procedures[name](json_body(request))
        root = request.origin + request.path.partition("/ODataV4/")[0] + "/ODataV4"
        return _json({"@odata.context": f"{root}/$metadata#Edm.String", "value": value})


def _json(content: Any, status: int = 200) -> Response:
    return Response(status, orjson.dumps(content), {"content-type": "application/json;odata.metadata=minimal"})
