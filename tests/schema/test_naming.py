"""How wire names are spelled in the graph."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schema.graphs import SHARED
from tests.shared import metadata
from vegraph.catalog import csdl
from vegraph.schema import naming

LAWFUL = re.compile(r"(?!__)[_A-Za-z][_0-9A-Za-z]*")


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        ("displayName", "displayName"),
        ("DisplayName", "displayName"),
        ("Document_Type", "documentType"),
        ("No", "no"),
        ("URL", "url"),
        ("URLPath", "urlPath"),
        ("ID", "id"),
        ("IDs", "ids"),
        ("dataAreaId", "dataAreaId"),
        ("VATRegistrationNo", "vatRegistrationNo"),
        ("GLAccountNo", "glAccountNo"),
        ("SalesOrderHeadersV2", "salesOrderHeadersV2"),
        ("V2Order", "v2Order"),
        ("SALES_ORDER", "salesOrder"),
        ("G_x002F_L_x0020_Account", "gLAccount"),
        ("_x003C_CurrentPostingDate_x003E_", "currentPostingDate"),
        ("AuxiliaryIndex1", "auxiliaryIndex1"),
        ("systemModifiedAt", "systemModifiedAt"),
        ("_value", "value"),
        ("prefix/project2", "prefixProject2"),
        ("__EntityControl", "entityControl"),  # two underscores are GraphQL's own
        ("2ndAddress", "field2ndAddress"),  # no name begins with a digit
        ("null", "null"),
        ("Café", "cafe"),
        ("Größe", "grosse"),
        ("Øre", "ore"),
        ("金额", "u91D1U989D"),
        ("___", "u005FU005FU005F"),
    ],
    ids=str,
)
def test_a_field_is_the_wire_name_in_lower_camel_case(wire, field):
    assert naming.field_name(wire) == field


@pytest.mark.parametrize(
    ("prefix", "wire", "type_name"),
    [
        ("Bc", "customer", "BcCustomer"),
        ("Fo", "CustomerV3", "FoCustomerV3"),
        ("Bc", "generalLedgerEntry", "BcGeneralLedgerEntry"),
        ("Nav", "Sales_Order_Line", "NavSalesOrderLine"),
        ("", "customer", "Customer"),
        ("", "2nd", "Type2nd"),
        ("Tp", "__control", "TpControl"),
    ],
    ids=str,
)
def test_a_type_is_the_prefix_and_the_wire_name_in_upper_camel_case(prefix, wire, type_name):
    assert naming.type_name(prefix, wire) == type_name


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Sales_x0020_Order", "SALES_ORDER"),
        ("_x0020_", "BLANK"),
        ("0", "VALUE_0"),
        ("14", "VALUE_14"),
        ("SalesOrder", "SALES_ORDER"),
        ("Charge_x0020__x0028_Item_x0029_", "CHARGE_ITEM"),
        ("G_x002F_L_x0020_Account", "G_L_ACCOUNT"),
        ("Non_x002D_Inventory", "NON_INVENTORY"),
        ("GMTMINUS1100MIDWAYISLAND_SAMOA", "GMTMINUS1100MIDWAYISLAND_SAMOA"),
        ("VATAmount", "VAT_AMOUNT"),
        ("V2Order", "V2_ORDER"),
        ("null", "NULL"),
        ("true", "TRUE"),
        ("+", "U002B"),
        ("Été", "ETE"),
    ],
    ids=str,
)
def test_an_enum_value_is_the_member_in_upper_snake_case(member, value):
    assert naming.upper_snake(member) == value


@pytest.mark.parametrize(
    ("prefix", "wire", "field"),
    [
        ("Bc", "customers", "bcCustomers"),
        ("Fo", "SalesOrderHeadersV2", "foSalesOrderHeadersV2"),
        ("FO", "CustomersV3", "foCustomersV3"),
        ("", "Airlines", "airlines"),
    ],
    ids=str,
)
def test_a_root_field_is_the_set_under_the_prefix(prefix, wire, field):
    assert naming.set_field_name(prefix, wire) == field


def test_a_row_is_called_like_its_type():
    assert naming.row_name("BcSalesInvoice") == "bcSalesInvoice"


@given(st.text(min_size=1))
def test_every_spelling_is_lawful_in_graphql(wire):
    for name in (naming.field_name(wire), naming.type_name("", wire), naming.upper_snake(wire)):
        assert LAWFUL.fullmatch(name), name


@pytest.mark.parametrize("document", list(SHARED))
def test_real_documents_have_lawful_names(document):
    catalog = csdl.read(metadata(document), name=document)
    for entity in catalog.entity_types.values():
        for member in (*entity.properties, *entity.navigation):
            assert LAWFUL.fullmatch(naming.field_name(member.name)), member.name
    for enum in catalog.enum_types.values():
        for member in enum.members:
            assert LAWFUL.fullmatch(naming.upper_snake(member.name)), member.name
