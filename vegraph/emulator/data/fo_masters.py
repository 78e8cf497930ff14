"""Finance and operations' master data: shared tables, then customers, products, sites and vendors by company."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from vegraph.emulator.data import kinds
from vegraph.emulator.data.business import TODAY, Business, Customer, Item, guid, mix, money
from vegraph.emulator.data.fo_codes import AREAS, CURRENCIES, TERMS, account
from vegraph.emulator.data.words import LAST_NAMES

__all__ = ["masters", "shared"]

Rows = Iterator[dict[str, Any]]
Named = Iterator[tuple[str, Rows]]

_ENTITIES = (
    ("Contoso Entertainment System USA", "USA", "Atlanta"),
    ("Contoso Entertainment System Germany – München", "DEU", "München"),
    ("Contoso Retail USA's Stores", "USA", "Seattle"),
)
_UNITS = (
    ("ea", "Each", "Quantity"),
    ("box", "Box", "Quantity"),
    ("kg", "Kilogram", "Mass"),
    ("h", "Hours", "Time"),
    ("m²", "Square metre", "Undefined"),
)
_GROUPS = (
    ("10", "Wholesales customers"),
    ("20", "Major customers"),
    ("30", "Retail customers"),
    ("80", "Other — «diverse»"),
)
_SITE_ZONES = (
    "GMTMINUS0500EASTERNTIME",
    "GMTPLUS0100_COPENHAGEN_MADRID_PARIS",
    "GMTPLUS0100_AMSTERDAM_BERLIN_ROME",
)
_COUNTRIES = {"US": "USA", "DK": "DNK", "DE": "DEU", "GB": "GBR", "PL": "POL", "IT": "ITA", "IS": "ISL"}


def shared(business: Business) -> Named:
    """Tables without a company."""
    yield "LegalEntities", _legal_entities()
    yield "Currencies", _currencies()
    yield "ExchangeRates", _rates()
    yield "UnitsOfMeasure", _units()
    yield "DimensionSets", _dimension_sets()
    yield "ProductsV2", (_product(i) for i in business.all_items(0))


def masters(business: Business, division: int) -> Named:
    """Tables of one company."""
    area = AREAS[division]
    items, customers = business.all_items(division), business.all_customers(division)
    yield "PaymentTerms", _terms(area)
    yield "OperationalSitesV2", _sites(area)
    yield "Warehouses", _warehouses(area)
    yield "CustomerGroups", _customer_groups(area)
    yield "CustomersV3", (_customer(business, c) for c in customers)
    yield "ContactPersons", (_contact(business, c) for c in customers)
    yield "VendorGroups", _vendor_groups(area)
    yield "VendorsV2", _vendors(division)
    yield "ReleasedProductsV2", (_released(i) for i in items)
    yield "SalesPriceAgreements", (_agreement(i) for i in items if i.n % 8 == 0)


def _legal_entities() -> Rows:
    for d, (name, country, city) in enumerate(_ENTITIES):
        yield {
            "LegalEntityId": AREAS[d].upper(),
            "Name": name,
            "NameAlias": AREAS[d].upper(),
            "LanguageId": "de" if country == "DEU" else "en-US",
            "AddressCountryRegionId": country,
            "AddressCity": city,
            "AccountingCurrencyCode": CURRENCIES[d],
            "Timezone": "GMTPLUS0100_AMSTERDAM_BERLIN_ROME" if country == "DEU" else "GMTMINUS0500EASTERNTIME",
            "PartyNumber": f"00000{d + 1:04d}",
        }


def _currencies() -> Rows:
    for code, name, symbol in (
        ("USD", "US Dollar", "$"),
        ("EUR", "Euro", "€"),
        ("DKK", "Dansk krone", "kr."),
        ("GBP", "Pound sterling", "£"),
        ("JPY", "日本円", "¥"),
        ("SAR", "ريال سعودي", "﷼"),
    ):
        yield {
            "CurrencyCode": code,
            "Name": name,
            "Symbol": symbol,
            "ISOCurrencyCode": code,
            "RoundingRulePrices": Decimal("0.01"),
            "IsEuro": "Yes" if code == "EUR" else "No",
        }


def _rates() -> Rows:
    for n, code in enumerate(("EUR", "DKK", "GBP", "JPY")):
        for month in range(1, 12):
            yield {
                "RateTypeName": "Default",
                "FromCurrency": code,
                "ToCurrency": "USD",
                "StartDate": f"2026-{month:02d}-01",
                "EndDate": "2154-12-31" if month == 11 else f"2026-{month:02d}-28",
                "Rate": Decimal(mix(31, n, month) % 10**20).scaleb(-18) + 1,
                "ConversionFactor": "Hundred" if code in ("DKK", "JPY") else "One",
            }


def _units() -> Rows:
    for n, (code, text, kind) in enumerate(_UNITS):
        yield {
            "UnitSymbol": code,
            "UnitDescription": text,
            "UnitClass": kind,
            "DecimalPrecision": 0 if n < 2 else 2,
            "UnitOfMeasureRecordId": 5_637_144_576 + n,
        }


def _dimension_sets() -> Rows:
    for n in range(1, 6):
        yield {
            "DisplayValue": f"00{n}-02{n}-",
            "BusinessUnitValue": f"00{n}",
            "DepartmentValue": f"02{n}",
            "DimensionSetRecordId": 68_719_476_736 + n,
        }


def _product(i: Item) -> dict[str, Any]:
    return {
        "ProductNumber": i.number,
        "ProductName": i.name[:60],
        "ProductSearchName": i.name.replace(" ", "")[:20],
        "ProductDescription": f"{i.name} – «{i.category.title()}»",
        "ProductType": "Service" if i.service else "Item",
        "ProductSubtype": "Product" if i.n % 10 else "ProductMaster",
        "ProductRecordId": 22_565_421_000 + i.n,
        "ProductVersion": guid(kinds.PRODUCT, 0, i.n),
    }


def _released(i: Item) -> dict[str, Any]:
    unit = "h" if i.service else "ea"
    return {
        "dataAreaId": AREAS[i.division],
        "ItemNumber": i.number,
        "ProductNumber": i.number,
        "SearchName": i.name.replace(" ", "")[:20],
        "ProductName": i.name[:60],
        "ProductType": "Service" if i.service else "Item",
        "ProductGroupId": i.category[:10],
        "InventoryUnitSymbol": unit,
        "SalesUnitSymbol": unit,
        "PurchaseUnitSymbol": unit,
        "SalesPrice": money(i.price),
        "SalesPriceQuantity": 1,
        "PurchasePrice": money(i.cost),
        "UnitCost": money(i.cost) if i.n % 70 else Decimal("0.00000000000000000001"),
        "NetProductWeight": Decimal(mix(8, i.n) % 90_000).scaleb(-3),
        "ProductLifecycleStateId": ("Current", "New", "PhasingOut", "Ended")[i.n % 4 if i.n % 9 == 0 else 0],
        "PrimaryVendorAccountNumber": f"V{1 + i.n % 50:05d}" if i.n % 5 else "",
        "ABCCode": ("A", "B", "C", "None")[i.n % 4],
        "EanBarcode": f"{5_700_000_000_000 + i.n:013d}" if i.n % 4 else "",
        "OnHandQuantity": 0 if i.service else mix(6, i.division, i.n) % 400,
        "ItemRecordId": 22_565_430_000 + i.division * 10_000 + i.n,
        "CreatedProductDateTime": f"2024-0{1 + i.n % 9}-1{i.n % 10}T0{i.n % 10}:15:00Z",
    }


def _agreement(i: Item) -> dict[str, Any]:
    return {
        "dataAreaId": AREAS[i.division],
        "PriceType": "Sales" if i.n % 16 else "LineDiscount",
        "ItemNumber": i.number,
        "CustomerAccountNumber": f"{'CDI'[i.division]}00042" if i.n % 24 == 0 else "",
        "FromQuantity": Decimal(i.n % 4) * 5,
        "ValidFrom": "2026-01-01",
        "ValidTo": "1900-01-01" if i.n % 3 else "2026-12-31",
        "Price": money(i.price * 9 // 10),
        "PriceUnit": 1,
        "CurrencyCode": CURRENCIES[i.division],
        "AgreementRecordId": 35_637_100_000 + i.n,
    }


def _terms(area: str) -> Rows:
    for name, days, months in TERMS:
        yield {
            "dataAreaId": area,
            "Name": name,
            "Description": f"{days} days net" if days else ("End of next month" if months else "Cash on delivery"),
            "NumberOfDays": days,
            "NumberOfMonths": months,
            "IsCashPayment": "Yes" if name == "COD" else "No",
        }


def _sites(area: str) -> Rows:
    for n, city in enumerate(("Atlanta", "Århus", "L'Aquila"), 1):
        yield {
            "dataAreaId": area,
            "SiteId": str(n),
            "SiteName": f"Site {city}",
            "PrimaryAddressCity": city,
            "SiteTimezone": _SITE_ZONES[n - 1],
            "DailyOpeningTime": 7 * 3600,
            "DailyClosingTime": 17 * 3600 + 1800,
        }


def _warehouses(area: str) -> Rows:
    for n in range(1, 10):
        site = 1 + (n - 1) // 3
        yield {
            "dataAreaId": area,
            "WarehouseId": f"{site}{n % 3 + 1}",
            "WarehouseName": f"Warehouse {site}{n % 3 + 1}",
            "OperationalSiteId": str(site),
            "QuarantineWarehouseId": f"{site}1" if n % 3 else "",
            "IsRetailStoreWarehouse": "Yes" if n % 4 == 0 else "No",
        }


def _customer_groups(area: str) -> Rows:
    for n, (code, text) in enumerate(_GROUPS):
        yield {
            "dataAreaId": area,
            "CustomerGroupId": code,
            "Description": text,
            "PaymentTermId": TERMS[n][0],
            "IsSalesTaxIncludedInPrice": "Yes" if code == "30" else "No",
        }


def _customer(business: Business, c: Customer) -> dict[str, Any]:
    number = account(business, c.division, c.n)
    return {
        "dataAreaId": AREAS[c.division],
        "CustomerAccount": number,
        "OrganizationName": "" if c.person else c.name,
        "NameAlias": c.name[:20],
        "PartyType": "PartyPerson" if c.person else "PartyOrganization",
        "PersonFirstName": c.contact_first if c.person else "",
        "PersonLastName": c.contact_last if c.person else "",
        "PersonBirthDate": f"19{50 + c.n % 50}-0{1 + c.n % 9}-11" if c.person and c.n % 2 else "1900-01-01",
        "PartyNumber": f"{c.division}{c.n:08d}",
        "CustomerGroupId": ("10", "20", "30", "80")[c.n % 4],
        "SalesCurrencyCode": CURRENCIES[c.division],
        "PaymentTerms": TERMS[c.terms][0],
        "CreditLimit": c.credit_limit,
        "IsCreditLimitMandatory": "Yes" if c.n % 3 == 0 else "No",
        "OnHoldStatus": ("No", "Requisition", "Invoice", "All")[c.blocked],
        "InvoiceAccount": account(business, c.division, 1) if c.n % 30 == 0 else "",
        "LanguageId": {"DK": "da", "DE": "de"}.get(c.country, "en-US"),
        "TaxExemptNumber": f"{c.country}{mix(9, c.division, c.n) % 10**8:08d}" if c.n % 3 else "",
        "AddressDescription": c.name[:60],
        "AddressStreet": c.street,
        "AddressCity": c.city,
        "AddressState": c.state,
        "AddressZipCode": c.zip,
        "AddressCountryRegionId": _COUNTRIES[c.country],
        "AddressCountryRegionISOCode": c.country,
        "FullPrimaryAddress": f"{c.street}\n{c.zip} {c.city}",
        "AddressValidFrom": "2024-01-01T00:00:00Z",
        "AddressValidTo": "2154-12-31T23:59:59Z",
        "PrimaryContactEmail": c.email,
        "PrimaryContactPhone": c.phone,
        "ABCCode": ("A", "B", "C", "None")[c.n % 4],
        "SiteId": str(1 + c.n % 3),
        "DefaultDimensionDisplayValue": f"00{1 + c.n % 5}-02{1 + c.n % 5}-" if c.n % 2 else "",
        "EmployeeResponsibleNumber": f"{1 + c.n % 40:06d}" if c.n % 3 else "",
        "CustomerRecordId": 22_565_420_925 + c.division * 100_000 + c.n,
        "LoyaltyPoints": mix(12, c.n) % 2**62 if c.n % 10 == 0 else 0,
        "PartyGlobalId": guid(kinds.PARTY, c.division, c.n) if c.n % 5 else "00000000-0000-0000-0000-000000000000",
        "CreatedDateTime1": f"2025-0{1 + c.n % 9}-02T10:{c.n % 60:02d}:00Z",
    }


def _contact(business: Business, c: Customer) -> dict[str, Any]:
    aoife = c.division == 0 and c.n == 42
    first, last = ("Aoife", "O'Neil") if aoife else (c.contact_first, c.contact_last)
    return {
        "dataAreaId": AREAS[c.division],
        "ContactPersonId": f"CP{c.n:06d}",
        "ContactPersonName": f"{first} {last}",
        "FirstName": first,
        "LastName": last,
        "AssociatedCustomerAccount": account(business, c.division, c.n),
        "PrimaryEmailAddress": "aoife@oneil.example" if aoife else c.email,
        "Gender": ("None", "Female", "Male", "NonSpecific")[c.n % 4],
        "IsVip": "Yes" if c.n % 20 == 0 else "No",
        "PortalContactId": "c0a7ac70-0000-4000-8000-000000000042" if aoife else "00000000-0000-0000-0000-000000000000",
        "LastContactedDateTime": f"2026-0{1 + c.n % 9}-05T08:30:00Z" if c.n % 2 else "1900-01-01T00:00:00Z",
    }


def _vendor_groups(area: str) -> Rows:
    for code, text in (("10", "Parts vendors"), ("20", "Services vendors")):
        yield {"dataAreaId": area, "VendorGroupId": code, "Description": text, "PaymentTermId": "Net30"}


def _vendors(division: int) -> Rows:
    for n in range(1, 51):
        yield {
            "dataAreaId": AREAS[division],
            "VendorAccountNumber": f"V{n:05d}",
            "VendorOrganizationName": f"{LAST_NAMES[n % 20]} & Søn, Wholesale" if n % 2 else f"Wholesale {n}",
            "VendorSearchName": f"VENDOR{n}",
            "VendorGroupId": "10" if n % 3 else "20",
            "CurrencyCode": "DKK" if n % 2 else "USD",
            "DefaultPaymentTermsName": TERMS[n % 4][0],
            "OnHoldStatus": "Payment" if n % 20 == 0 else "No",
            "OnHoldReleaseDate": (TODAY + timedelta(days=n)).isoformat() if n % 20 == 0 else "1900-01-01",
            "VendorPartyNumber": f"9{division}{n:07d}",
        }
