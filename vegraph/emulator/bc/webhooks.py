"""Webhook subscriptions: handshake, notifications, retries (erp.md OB-170 to OB-176)."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import aiohttp

from vegraph.emulator.bc.lines import DOCUMENTS
from vegraph.emulator.bc.problems import dialog
from vegraph.emulator.engine.clock import Clock
from vegraph.emulator.engine.problem import Problem
from vegraph.emulator.engine.storage import Store
from vegraph.emulator.engine.transaction import Change, Row

__all__ = ["LIFE", "NOT_SUPPORTED", "WebhookTimes", "Webhooks", "supported", "target_of"]

LIFE = timedelta(days=3)

NOT_SUPPORTED = frozenset(
    {"companies", "subscriptions", "externaleventsubscriptions", "externalbusinesseventdefinitions",
     "apicategoryroutes", "entityDefinitions", "jobQueueEntries", "customerSales", "vendorPurchases",
     "dimensionSetLines", "attachments", "documentAttachments", "pdfDocument", "pictures", "taxAreas", "taxGroups",
     "balanceSheets", "cashFlowStatements", "incomeStatements", "retainedEarningsStatements", "trialBalances",
     "agedAccountsReceivables", "agedAccountsPayables", "contactsInformation", "applyVendorEntries"}
)  # fmt: skip
"""Temporary sources, system tables, queries and Job Queue Entry (OB-175)."""

_RESOURCE = re.compile(r"(?:.*/)?companies\((?P<company>[^)]+)\)/(?P<set>\w+)(?:\?.*)?")
_MOST_SUBSCRIPTIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTimes:
    """The published times, to be scaled down in tests."""

    delay_s: float = 30.0
    """From the first change to the notification (OB-173)."""

    retry_s: float = 60.0
    """Between attempts."""

    retries_s: float = 36 * 3600.0
    """How long it is tried again (OB-174)."""

    most_rows: int = 1000
    """More changed rows become one item of type `collection`."""


def supported(store: Store, entity_set: str) -> bool:
    """Whether changes of that set can be subscribed to."""
    table = store.shape.tables.get(entity_set)
    return table is not None and entity_set not in NOT_SUPPORTED and len(table.key) == 1


def target_of(store: Store, resource: str) -> tuple[str, str]:
    """Company and set of a resource. `Problem` 400 where nothing can be subscribed to."""
    match = _RESOURCE.fullmatch(unquote(resource))
    if match is None:
        raise dialog(f"The resource '{resource}' is not valid: it names a company and an entity set.")
    if not supported(store, match["set"]):
        raise dialog(f"The resource '{resource}' does not support notifications.")
    if store.company_number(match["company"]) is None:
        raise Problem(404, "unknown_company", f"The company '{match['company']}' cannot be found.")
    return match["company"].lower(), match["set"]


@dataclass(slots=True)
class Webhooks:
    """Keeps subscriptions informed. Listens to the commits of a store."""

    store: Store
    clock: Clock
    times: WebhookTimes = field(default_factory=WebhookTimes)
    _waiting: dict[str, list[Change]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def settled(self) -> None:
        """Wait until all that is under way has been told or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def shake(self, body: dict[str, Any]) -> None:
        """The handshake: the URL must answer 200 with the token it was sent. `Problem` 400."""
        url = body.get("notificationUrl")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Problem(400, "required", "The field 'notificationUrl' must not be blank or empty.")
        token = uuid.uuid4().hex
        sign = "&" if "?" in url else "?"
        try:
            async with self._client() as client, client.post(f"{url}{sign}validationToken={token}") as answer:
                good = answer.status == 200 and token in await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            good = False
        if not good:
            raise dialog("The notification URL did not return the validation token.")

    def prepared(self, values: dict[str, Any], user_id: str) -> dict[str, Any]:
        """A new subscription's values."""
        if self.store.connection.execute('SELECT count(*) FROM "subscriptions"').fetchone()[0] >= _MOST_SUBSCRIPTIONS:
            raise dialog(f"There are already {_MOST_SUBSCRIPTIONS} subscriptions.")
        target_of(self.store, str(values.get("resource") or ""))
        return {**values, "subscriptionId": uuid.uuid4().hex, "userId": user_id, **self.renewed()}

    def renewed(self) -> dict[str, Any]:
        """The end of life of a subscription made or renewed now."""
        until = self.clock.now() + LIFE
        return {"expirationDateTime": until.isoformat(timespec="milliseconds").replace("+00:00", "Z")}

    def heard(self, changes: list[Change]) -> None:
        """Called with what a commit changed."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        subscriptions = self._alive()
        for entry in subscriptions:
            company, entity_set = target_of(self.store, entry["resource"])
            number = self.store.company_number(company)
            mine = [c for c in map(self._header, changes) if c and c.entity_set == entity_set and c.company == number]
            if not mine:
                continue
            key = entry["subscriptionId"]
            first = key not in self._waiting
            self._waiting.setdefault(key, []).extend(mine)
            if first:
                loop.call_later(self.times.delay_s, self._start, key)

    def _header(self, change: Change) -> Change | None:
        """A line's change is its document's (OB-176)."""
        if change.entity_set not in DOCUMENTS:
            return change
        parent_set = DOCUMENTS[change.entity_set][0]
        with self.store.transaction() as tx:
            parent = tx.get(parent_set, change.company, change.row["documentId"])
        return Change("updated", parent_set, change.company, parent) if parent is not None else None

    def _alive(self) -> list[Row]:
        if "subscriptions" not in self.store.shape.tables:
            return []
        with self.store.transaction() as tx:
            rows = tx.find("subscriptions", None, {})
            now = self.clock.now()
            for row in rows:
                if _moment(row["expirationDateTime"]) <= now:
                    tx.delete("subscriptions", row)
        return [row for row in rows if _moment(row["expirationDateTime"]) > now]

    def _start(self, key: str) -> None:
        task = asyncio.get_running_loop().create_task(self._notify(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self, key: str) -> None:
        changes = self._waiting.pop(key, [])
        entry = next((row for row in self._alive() if row["subscriptionId"] == key), None)
        if entry is None or not changes:
            return
        body = {"value": self._items(entry, changes)}
        waited = 0.0
        while True:
            status = await self._post(str(entry["notificationUrl"]), body)
            if 200 <= status < 300:
                return
            if status not in (0, 408, 429) and status < 500:
                break
            waited += self.times.retry_s
            if waited > self.times.retries_s:
                break
            await asyncio.sleep(self.times.retry_s)
        with self.store.transaction() as tx:
            gone = tx.get("subscriptions", None, key)
            if gone is not None:
                tx.delete("subscriptions", gone)

    async def _post(self, url: str, body: dict[str, Any]) -> int:
        try:
            async with self._client() as client, client.post(url, json=body) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    def _client(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    def _items(self, entry: Row, changes: list[Change]) -> list[dict[str, Any]]:
        shared = {
            "subscriptionId": entry["subscriptionId"],
            "clientState": entry["clientState"],
            "expirationDateTime": entry["expirationDateTime"],
        }
        resource = str(entry["resource"]).partition("?")[0]
        latest: dict[str, Change] = {}
        for change in changes:
            earlier = latest.get(change.row["id"])
            kept = "created" if earlier and earlier.kind == "created" and change.kind == "updated" else change.kind
            latest[change.row["id"]] = Change(kept, change.entity_set, change.company, change.row)
        now = self.clock.text()
        if len(latest) > self.times.most_rows:
            since = min(str(c.row.get("lastModifiedDateTime", now)) for c in latest.values())
            wanted = quote(f"lastModifiedDateTime ge {since}", safe=":")
            return [
                {**shared, "resource": f"{resource}?$filter={wanted}", "changeType": "collection",
                 "lastModifiedDateTime": now}
            ]  # fmt: skip
        return [
            {**shared, "resource": f"{resource}({row_id})", "changeType": change.kind,
             "lastModifiedDateTime": change.row.get("lastModifiedDateTime", now)}
            for row_id, change in latest.items()
        ]  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
