"""Who the people of the demo are, and what they may do."""

import pytest

from vegraph.emulator.data.people import (
    ADMINISTRATOR,
    ANONYMOUS,
    CLERK,
    DISABLED,
    MANAGER,
    PEOPLE,
    PORTAL_CONTACT,
    PORTAL_CUSTOMER,
    PORTAL_ROLE,
    Person,
    bc_users,
    fo_users,
)
from vegraph.emulator.users import SYSTEM_ADMINISTRATOR, Directory


@pytest.mark.parametrize(
    ("who", "bc_set", "fo_set", "may"),
    [
        (MANAGER, "customers", "CustomersV3", True),
        (CLERK, "items", "ReleasedProductsV2", True),
        (CLERK, "customers", "CustomersV3", False),
        (PORTAL_CONTACT, "salesOrders", "SalesOrderHeadersV2", True),
        (PORTAL_CONTACT, "vendors", "VendorsV2", False),
        (ANONYMOUS, "items", "ReleasedProductsV2", True),
        (ANONYMOUS, "salesOrders", "SalesOrderHeadersV2", False),
    ],
    ids=lambda v: v.name if isinstance(v, Person) else str(v),
)
def test_rights_are_the_same_in_both_erps(who: Person, bc_set: str, fo_set: str, may: bool):
    assert who.bc is not None
    assert who.fo is not None
    assert who.bc.may(bc_set, "read") == who.fo.may(fo_set, "read") == may


def test_only_the_manager_and_the_administrator_may_write_customers():
    writers = [p for p in PEOPLE if p.fo and p.fo.may("CustomersV3", "update")]
    assert writers == [MANAGER, ADMINISTRATOR]


def test_each_is_found_by_object_id_and_the_disabled_one_is_not():
    for users in (bc_users(), fo_users()):
        directory = Directory.of(users)
        for person in PEOPLE:
            found = directory.find({"oid": person.object_id})
            assert (found is None) == (person is DISABLED)


def test_portal_users_hold_the_portal_role_and_no_administrators_do():
    for person in (PORTAL_CONTACT, ANONYMOUS):
        assert person.fo is not None
        assert PORTAL_ROLE in person.fo.roles
        assert SYSTEM_ADMINISTRATOR not in person.fo.roles
    assert ADMINISTRATOR.fo is not None
    assert SYSTEM_ADMINISTRATOR in ADMINISTRATOR.fo.roles


def test_a_portal_contact_is_held_to_the_own_customer():
    assert PORTAL_CONTACT.bc is not None
    assert PORTAL_CONTACT.fo is not None
    for rules in (PORTAL_CONTACT.bc.rows, PORTAL_CONTACT.fo.rows):
        assert {v for rule in rules for v in rule.values} == {PORTAL_CUSTOMER}
