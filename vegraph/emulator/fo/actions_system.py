"""Actions that are bound to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from vegraph.emulator.engine.dialect import ActionAnswer
from vegraph.emulator.fo.actions import Action, ActionRefused, Deed, value

__all__ = ["ACTIONS"]


def _ping(deed: Deed) -> ActionAnswer:
    return value(f"{deed.call.scope.user.id}@{deed.company}")


def _convert(deed: Deed) -> ActionAnswer:
    amount = Decimal(str(deed.given("_amount", 0)))
    source, target = deed.given("_fromCurrency", ""), deed.given("_toCurrency", "")
    if source == target:
        return value(amount)
    day = str(deed.given("_onDate", deed.now))[:10]
    wanted = {"RateTypeName": "Default", "FromCurrency": source, "ToCurrency": target}
    rates = [r for r in deed.tx.find("ExchangeRates", None, wanted, order="StartDate") if r["StartDate"][:10] <= day]
    if not rates:
        raise ActionRefused(f"Exchange rate from {source} to {target} does not exist for {day}")
    factor = {"One": 1, "Ten": 10, "Hundred": 100, "Thousand": 1_000, "TenThousand": 10_000}
    converted = amount * rates[-1]["Rate"] / factor[rates[-1]["ConversionFactor"]]
    return value(converted.quantize(Decimal("0.01")))


def _clean_up(deed: Deed) -> ActionAnswer:
    if int(deed.given("_maxRows", 0)) < 0:
        raise ActionRefused("The number of rows must not be negative")
    return ActionAnswer()


def _find_user(deed: Deed) -> ActionAnswer:
    table = deed.table("SystemUsers")
    deed.call.scope.demand(deed.tx.store.shape, table, "read")
    row = deed.tx.get("SystemUsers", None, str(deed.given("_userId", "")))
    if row is None:
        raise ActionRefused(f"User {deed.given('_userId', '')} does not exist")
    return ActionAnswer(table=table, rows=(row,))


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("", "cleanUpSessions"): _clean_up,
    ("", "convertAmount"): _convert,
    ("", "findSystemUser"): _find_user,
    ("", "ping"): _ping,
}
