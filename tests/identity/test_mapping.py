"""Mapping and role decisions: one allowed user, or a refusal, whatever the rows and roles are (I6, I7, T16)."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vegraph.errors import Forbidden, IdentityUnavailable
from vegraph.identity.mapping import Allowed, Mapping, MappingRow, Refused, decide
from vegraph.identity.mapping_live import Columns
from vegraph.identity.mapping_live import reader as live_reader
from vegraph.identity.roles import RoleCheck, RoleRules

PORTAL_ROLE = "CDSVirtualEntityAuthorizedPortalUser"
RULES = RoleRules(PORTAL_ROLE, ("SystemAdministrator", "SecurityAdministrator"))


def row(**changes):
    return MappingRow(
        **{"portal": "support", "contact_id": "c1", "source": "fo", "erp_user": "carl", "disabled": False, **changes}
    )


@pytest.mark.parametrize(
    ("rows", "allowed"),
    [
        ([row()], "carl"),
        ([row(contact_id="C1")], None),  # no Guid: capitals tell contacts apart
        ([], None),
        ([row(), row()], None),
        ([row(), row(erp_user="other")], None),
        ([row(), row(disabled=True)], None),
        ([row(disabled=True)], None),
        ([row(erp_user=" ")], None),
        ([row(portal="shop")], None),
        ([row(contact_id="c2")], None),
        ([row(source="bc")], None),
    ],
)
def test_i7_only_one_enabled_row_for_this_very_contact_allows(rows, allowed):
    decision = decide(rows, "support", "c1", "fo")
    assert decision == Allowed(allowed) if allowed else isinstance(decision, Refused)


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ([PORTAL_ROLE], True),
        ([PORTAL_ROLE, "Customer service"], True),
        ([" cds virtual-entity authorized portal user "], True),
        ([], False),
        (["Customer service"], False),
        ([PORTAL_ROLE, "System administrator"], False),
        ([PORTAL_ROLE, "SYSTEMADMINISTRATOR"], False),
        ([PORTAL_ROLE, "-SYSADMIN-"], False),
        ([PORTAL_ROLE, "Security administrator"], False),
        (["SystemAdministrator"], False),
    ],
)
def test_i6_the_portal_role_is_needed_and_an_administrators_is_too_much(roles, allowed):
    assert isinstance(RULES.judge("carl", roles), Allowed) is allowed


async def test_i6_roles_are_at_most_a_minute_old_and_a_refusal_ten_seconds(clock):
    roles, asked = [PORTAL_ROLE], []

    async def read(user):
        asked.append(user)
        return list(roles)

    check = RoleCheck(read, RULES, clock)
    assert await check.check("carl") == await check.check("carl") == Allowed("carl")
    roles.append("System administrator")
    clock.now += 59
    assert await check.check("carl") == Allowed("carl")
    clock.now += 1
    assert isinstance(await check.check("carl"), Refused)
    roles.pop()
    clock.now += 9
    assert isinstance(await check.check("carl"), Refused)
    clock.now += 1
    assert await check.check("carl") == Allowed("carl")
    assert asked == ["carl"] * 3


@pytest.mark.parametrize("problem", [OSError("away"), Forbidden("no"), KeyError("x"), TimeoutError()])
async def test_i6_roles_that_can_not_be_read_are_refused(clock, problem):
    async def read(user):
        raise problem

    decision = await RoleCheck(read, RULES, clock).check("carl")
    assert isinstance(decision.error("fo"), IdentityUnavailable)


async def test_many_who_ask_at_once_read_once(clock):
    asked = []

    async def read(portal, contact, source):
        asked.append(contact)
        await asyncio.sleep(0)
        return [row(contact_id=contact)]

    mapping = Mapping("support", read, clock)
    assert set(await asyncio.gather(*(mapping.user("c1", "fo") for _ in range(20)))) == {Allowed("carl")}
    assert asked == ["c1"]


names = st.sampled_from(["support", "shop", "c1", "C1", "c2", "fo", "bc", "", " ", "carl", "Admin"])
rows = st.builds(
    MappingRow,
    portal=names, contact_id=names, source=names, erp_user=names, disabled=st.booleans(),
)  # fmt: skip
ADMINISTRATORS = {"System administrator", "-SYSADMIN-", "Security administrator"}
roles = st.lists(st.sampled_from([PORTAL_ROLE, "Clerk", *sorted(ADMINISTRATORS)]))


@given(st.lists(rows, max_size=4), st.dictionaries(names, roles))
def test_i6_i7_any_rows_and_roles_give_one_allowed_principal_or_a_refusal(mapped, held):
    decision = decide(mapped, "support", "c1", "fo")
    if isinstance(decision, Allowed):
        decision = RULES.judge(decision.user, held.get(decision.user, []))
    if isinstance(decision, Allowed):
        (only,) = mapped
        assert (only.portal, only.contact_id, only.source, only.disabled) == ("support", "c1", "fo", False)
        assert decision.user == only.erp_user
        assert PORTAL_ROLE in held[decision.user]
        assert not set(held[decision.user]) & ADMINISTRATORS
    else:
        assert isinstance(decision.error("fo"), Forbidden)


@pytest.mark.parametrize(
    ("wire", "allowed"),
    [
        ([{"_dyn_contactid_value": "c1", "dyn_externaluserid": "carl", "statecode": 0}], True),
        ([{"_dyn_contactid_value": "c1", "dyn_externaluserid": "carl", "statecode": 1}], False),
        ([{"_dyn_contactid_value": "c2", "dyn_externaluserid": "carl", "statecode": 0}], False),
        ([{"_dyn_contactid_value": "c1", "dyn_externaluserid": "carl"}], False),
        ([{"_dyn_contactid_value": "c1", "dyn_externaluserid": None, "statecode": 0}], False),
        ([{"_dyn_contactid_value": "c1", "dyn_externaluserid": "carl", "statecode": "0"}], False),
        ([], False),
    ],
)
async def test_dataverses_table_is_read_live_and_not_guessed_at(clock, wire, allowed):
    asked = []

    async def read(column, contact):
        asked.append((column, contact))
        return wire

    mapping = Mapping("support", live_reader(read, Columns(), sources=frozenset({"fo"})), clock)
    assert isinstance(await mapping.user("c1", "fo"), Allowed) is allowed
    assert asked == [("_dyn_contactid_value", "c1")]
    assert isinstance(await mapping.user("c1", "bc"), Refused)
