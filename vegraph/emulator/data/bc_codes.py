"""Small tables of codes that every company of BC has: currencies, terms, units and the like."""

from __future__ import annotations

from collections.abc import Mapping

from vegraph.emulator.data import kinds
from vegraph.emulator.data.business import guid

__all__ = ["CODES", "CURRENCY", "code_id"]

ZERO = "00000000-0000-0000-0000-000000000000"

CURRENCY = ("USD", "DKK", "GBP")
"""Local currency by division."""


def _rows(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, name) for code, _, name in (row.partition("=") for row in text.split("|")))


CODES: Mapping[str, tuple[int, tuple[tuple[str, str], ...]]] = {
    "currencies": (kinds.CURRENCY, _rows("USD=US Dollar|EUR=Euro|DKK=Danske kroner|GBP=Pound Sterling")),
    "paymentTerms": (
        kinds.TERMS,
        _rows("CM=Current month|14 DAYS=Net 14 days|1M(8D)=1 month, 2% 8 days|COD=Cash on delivery"),
    ),
    "paymentMethods": (kinds.METHOD, _rows("BANK=Bank transfer|CASH=Cash|CHECK=Check payment")),
    "shipmentMethods": (kinds.SHIPMENT, _rows("EXW=Ex Warehouse|FOB=Free on Board|PICKUP=Pickup at Location")),
    "countriesRegions": (
        kinds.COUNTRY,
        _rows("US=USA|DK=Danmark|DE=Deutschland|GB=Great Britain|PL=Polska|IT=Italia|IS=Ísland"),
    ),
    "itemCategories": (
        kinds.CATEGORY,
        _rows(
            "FURNITURE=Office Furniture|CHAIRS=Chairs|TABLES=Tables & Desks|LIGHTING=Lighting|"
            "PARTS=Bicycle parts|SUPPLIERS=Supplies"
        ),
    ),
    "unitsOfMeasure": (kinds.UNIT, _rows("PCS=Piece|BOX=Box|HOUR=Hour|M²=Square metre")),
    "taxGroups": (kinds.TAX_GROUP, _rows("FURNITURE=Taxable|NONTAXABLE=Nontaxable")),
    "taxAreas": (kinds.TAX_AREA, _rows("ATLANTA, GA=City of Atlanta, GA|CHICAGO, IL=City of Chicago, IL")),
    "generalProductPostingGroups": (kinds.PRODUCT_GROUP, _rows("RETAIL=Retail items|SERVICES=Resources, etc.")),
    "inventoryPostingGroups": (kinds.STOCK_GROUP, _rows("RESALE=Resale items")),
    "locations": (
        kinds.LOCATION,
        _rows("EAST=East Warehouse|WEST=West Warehouse|MAIN=Main Warehouse|OUT. LOG.=Outsourced Logistics"),
    ),
    "dimensions": (kinds.DIMENSION, _rows("DEPARTMENT=Department|CUSTOMERGROUP=Customer Group")),
    "customerReturnReasons": (kinds.RETURN_REASON, _rows("DEFECT=Defective item|WRONG=Wrong item delivered")),
    "disputeStatus": (kinds.DISPUTE, _rows("OPEN=In dispute|SOLVED=Solved")),
    "fixedAssetLocations": (kinds.ASSET_PLACE, _rows("ADM=Administration|PROD=Production")),
    "journals": (kinds.JOURNAL, _rows("DEFAULT=Default journal|MONTHLY=Monthly entries")),
    "customerPaymentJournals": (kinds.PAYMENT_JOURNAL, _rows("GENERAL=General payments")),
    "vendorPaymentJournals": (kinds.VENDOR_JOURNAL, _rows("GENERAL=General payments")),
}
"""Set → kind and (code, name) of its rows."""


def code_id(entity_set: str, division: int, code: str) -> str:
    """Id of the row with that code; all zeros for no code."""
    kind, rows = CODES[entity_set]
    place = next((n for n, (known, _) in enumerate(rows, 1) if known == code), 0)
    return guid(kind, division, place) if place else ZERO
