"""Values are kept by EDM type, and what is not of its type is refused."""

from decimal import Decimal

import pytest

from vegraph.catalog.model import Catalog, EnumMember, EnumType, Property, TypeRef
from vegraph.emulator.engine.profile import Profile
from vegraph.emulator.engine.values import column_for

CATALOG = Catalog(enum_types={
    "T.Color": EnumType(name="T.Color", members=(EnumMember("Red", 1), EnumMember("Light_x0020_Blue", 0))),
    "T.Days": EnumType(name="T.Days", flags=True, members=(EnumMember("Mon", 1), EnumMember("Tue", 2))),
})  # fmt: skip
ERP = Profile(name="erp", nulls=False, escaped_enums=True)
PLAIN = Profile(name="plain")


def column(type_name: str, profile: Profile = PLAIN, **facets):
    return column_for(CATALOG, profile, Property(name="p", type=TypeRef(type_name), **facets), key=False)


@pytest.mark.parametrize(
    ("type_name", "value", "back"),
    [
        ("Edm.String", "Ærø", "Ærø"),
        ("Edm.Guid", "0A000000-0000-4000-8000-00000000000F", "0a000000-0000-4000-8000-00000000000f"),
        ("Edm.Int64", 2**63 - 1, 2**63 - 1),
        ("Edm.Boolean", True, True),
        ("Edm.Decimal", Decimal("12345678901234567890.10"), Decimal("12345678901234567890.10")),
        ("Edm.Decimal", 5, Decimal(5)),
        ("Edm.Double", 1.5, 1.5),
        ("Edm.Double", "INF", "INF"),
        ("Edm.Date", "2026-11-25", "2026-11-25"),
        ("Edm.DateTimeOffset", "2026-11-25T10:00:00.120+01:00", "2026-11-25T09:00:00.12Z"),
        ("Edm.TimeOfDay", "10:30", "10:30:00"),
        ("Edm.Duration", "P1DT2H", "P1DT2H"),
        ("Edm.Binary", "AQID", "AQID"),
        ("T.Color", "Red", "Red"),
        ("T.Days", "Mon,Tue", "Mon,Tue"),
        ("Edm.String", None, None),
    ],
)
def test_a_value_comes_back(type_name, value, back):
    kept = column(type_name)
    assert kept.decode(kept.encode(value)) == back


@pytest.mark.parametrize(
    ("type_name", "value", "said"),
    [
        ("Edm.String", 5, "takes text"),
        ("Edm.Guid", "5", "takes a GUID"),
        ("Edm.Int32", "5", "takes a whole number"),
        ("Edm.Int32", True, "takes a whole number"),
        ("Edm.Int32", 2**31, "from -2147483648 to 2147483647"),
        ("Edm.Byte", -1, "from 0 to 255"),
        ("Edm.Boolean", "true", "takes true or false"),
        ("Edm.Boolean", 1, "takes true or false"),
        ("Edm.Decimal", "5", "takes a decimal number"),
        ("Edm.Decimal", 5.5, "takes a decimal number"),
        ("Edm.Decimal", Decimal("NaN"), "at most 40 digits"),
        ("Edm.Date", "25.11.2026", "YYYY-MM-DD"),
        ("Edm.Date", "2026-02-30", "there is no day"),
        ("Edm.DateTimeOffset", "2026-11-25", "date and time with its offset"),
        ("Edm.DateTimeOffset", "2026-11-25T10:00:00", "date and time with its offset"),
        ("Edm.TimeOfDay", "25:00", "takes a time"),
        ("Edm.Duration", "1 day", "takes a duration"),
        ("Edm.Binary", "%%", "takes base64"),
        ("T.Color", "Green", "'Green' is not a member of T.Color"),
        ("T.Color", 1, "takes the name of a member"),
    ],
)
def test_a_value_of_another_type_is_refused(type_name, value, said):
    with pytest.raises(ValueError, match=said):
        column(type_name).encode(value)


def test_text_has_its_length():
    assert column("Edm.String", max_length=3).encode("Ærø") == "Ærø"
    with pytest.raises(ValueError, match="4 characters long, at most 3 fit"):
        column("Edm.String", max_length=3).encode("Ærøs")


@pytest.mark.parametrize(
    ("type_name", "empty"),
    [
        ("Edm.String", ""),
        ("Edm.Guid", "00000000-0000-0000-0000-000000000000"),
        ("Edm.Int32", 0),
        ("Edm.Decimal", Decimal(0)),
        ("Edm.Boolean", False),
        ("Edm.Date", "0001-01-01"),
        ("Edm.DateTimeOffset", "0001-01-01T00:00:00Z"),
        ("T.Color", "Light_x0020_Blue"),
    ],
)
def test_without_null_there_is_an_empty_value(type_name, empty):
    kept = column(type_name, ERP)
    assert kept.decode(kept.encode(None)) == empty


def test_members_may_be_written_decoded_where_the_dialect_says_so():
    assert column("T.Color", ERP).encode("Light Blue") == "Light_x0020_Blue"
    with pytest.raises(ValueError, match="not a member"):
        column("T.Color").encode("Light Blue")


def test_a_date_of_finance_and_operations_stands_at_noon():
    kept = column_for(CATALOG, PLAIN, Property(name="p", type=TypeRef("Edm.DateTimeOffset"), ax_type="Date"), key=False)
    assert kept.decode(kept.encode("2026-11-25T23:00:00Z")) == "2026-11-25T12:00:00Z"
