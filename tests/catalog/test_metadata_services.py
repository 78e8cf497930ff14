"""F&O's metadata services give the catalog that its $metadata would, and tell which relations are narrowed."""

import json

import pytest

from tests.catalog.documents import problems
from vegraph.catalog import metadata_services
from vegraph.catalog.model import TypeRef
from vegraph.errors import CatalogError

NS = metadata_services.NAMESPACE


def _property(name, data_type="String", type_name="Edm.String", **more):
    return {"Name": name, "TypeName": type_name, "DataType": data_type, "LabelId": f"@SYS:{name}", **more}


def _referential(own, target):
    kind = "#Microsoft.Dynamics.Metadata.ReferentialConstraint"
    return {"@odata.type": kind, "Property": own, "ReferencedProperty": target}


FIXED = {"@odata.type": "#Microsoft.Dynamics.Metadata.FixedConstraint", "Property": "Kind", "Value": 1, "ValueStr": "A"}
RELATED = {"@odata.type": "#Microsoft.Dynamics.Metadata.RelatedFixedConstraint", "RelatedProperty": "Kind", "Value": 1}

ORDER = {
    "Name": "SalesOrderHeader",
    "EntitySetName": "SalesOrderHeaders",
    "LabelId": "@SYS1",
    "IsReadOnly": False,
    "Properties": [
        _property("dataAreaId", IsKey=True),
        _property("SalesOrderNumber", IsKey=True, IsMandatory=True),
        _property("Blocked", "Enum", f"{NS}.NoYes", AllowEdit=False),
        _property("ShipDate", "Date", "Edm.DateTimeOffset", AllowEditOnCreate=False),
        _property("Total", "Real", "Edm.Decimal"),
    ],
    "NavigationProperties": [
        {
            "Name": "SalesOrderLines",
            "RelatedEntity": "SalesOrderLine",
            "RelatedRelationName": "SalesOrderHeader",
            "Cardinality": "Multiple",
            "Constraints": [_referential("SalesOrderNumber", "Order"), _referential("dataAreaId", "dataAreaId")],
        }
    ],
    "Actions": [
        {
            "Name": "post",
            "BindingKind": "BoundToEntityInstance",
            "Parameters": [{"Name": "force", "Type": {"TypeName": "Edm.Boolean", "IsCollection": False}}],
            "ReturnType": {"TypeName": "Edm.String", "IsCollection": True},
        },
        {
            "Name": "postAll",
            "BindingKind": "BoundToEntitySet",
            "Parameters": [{"Name": "own", "Type": {"TypeName": f"{NS}.SalesOrderHeader", "IsCollection": True}}],
            "ReturnType": None,
        },
        {"Name": "ping", "BindingKind": "Unbound", "Parameters": [], "ReturnType": None},
    ],
}


def _line(*extra):
    return {
        "Name": "SalesOrderLine",
        "EntitySetName": "SalesOrderLines",
        "IsReadOnly": True,
        "Properties": [
            _property("dataAreaId", IsKey=True),
            _property("LotId", IsKey=True),
            _property("Order"),
            _property("Kind", "Enum", f"{NS}.NoYes"),
        ],
        "NavigationProperties": [
            {
                "Name": "SalesOrderHeader",
                "RelatedEntity": "SalesOrderHeader",
                "RelatedRelationName": "SalesOrderLines",
                "Cardinality": "Single",
                "Constraints": [
                    _referential("Order", "SalesOrderNumber"),
                    _referential("dataAreaId", "dataAreaId"),
                    *extra,
                ],
            }
        ],
    }


ENUMS = [{"Name": "NoYes", "LabelId": "@SYS9", "Members": [{"Name": "No", "Value": 0}, {"Name": "Yes", "Value": 1}]}]


def _read(*lines, enums=ENUMS, data_entities=()):
    return metadata_services.read([ORDER, *lines], enums, data_entities, name="fo")


def test_entities_properties_and_enumerations():
    catalog = _read(_line())
    assert problems(catalog) == []
    order = catalog.entity_types[f"{NS}.SalesOrderHeader"]
    assert order.key == ("dataAreaId", "SalesOrderNumber")
    assert order.label_id == "@SYS1"
    number, blocked, shipped, total = order.properties[1:]
    assert (number.required, number.nullable) == (True, False)
    assert (blocked.type, blocked.updatable, blocked.nullable) == (TypeRef(f"{NS}.NoYes"), False, True)
    assert (shipped.ax_type, shipped.insertable, shipped.nullable) == ("Date", False, False)
    assert (total.type, total.ax_type) == (TypeRef("Edm.Decimal"), "Real")
    assert [m.name for m in catalog.enum_types[f"{NS}.NoYes"].members] == ["No", "Yes"]
    assert catalog.entity_sets["SalesOrderLines"].capabilities.insertable is False
    assert catalog.entity_sets["SalesOrderHeaders"].capabilities.insertable is None


def test_relations_work_from_both_ends():
    catalog = _read(_line())
    [down] = catalog.relationships[f"{NS}.SalesOrderHeader"]
    [up] = catalog.relationships[f"{NS}.SalesOrderLine"]
    assert (down.fetch, down.many, down.target_set, down.partner) == (
        "field",
        True,
        "SalesOrderLines",
        "SalesOrderHeader",
    )
    assert (up.fetch, up.many, up.target_set) == ("key", False, "SalesOrderHeaders")


@pytest.mark.parametrize("narrowing", [FIXED, RELATED], ids=["fixed", "related fixed"])
def test_a_relation_with_a_fixed_part_is_followed_from_both_ends(narrowing):
    catalog = _read(_line(narrowing))
    for kind in ("SalesOrderHeader", "SalesOrderLine"):
        [found] = catalog.relationships[f"{NS}.{kind}"]
        assert (found.fetch, found.pairs) == ("follow", ())
        assert "fixed values" in found.why


def test_actions_get_their_binding_parameter():
    post, post_all, ping = _read(_line()).operations
    assert (post.binding, post.binding_name) == (TypeRef(f"{NS}.SalesOrderHeader"), "SalesOrderHeaders")
    assert [p.name for p in post.parameters] == ["force"]
    assert post.returns == TypeRef("Edm.String", collection=True)
    assert (post_all.binding, post_all.parameters) == (TypeRef(f"{NS}.SalesOrderHeader", collection=True), ())
    assert not ping.bound
    assert [each.name for each in _read().imports] == ["ping"]


def test_data_entities_add_what_the_public_list_lacks():
    known = [{"Name": "SalesOrderHeaderEntity", "PublicEntityName": "SalesOrderHeader", "IsReadOnly": True}]
    assert _read(data_entities=known).entity_sets["SalesOrderHeaders"].capabilities.updatable is False


def test_what_a_trimmed_list_lacks_is_a_defect():
    catalog = _read(enums=[])
    assert f"{NS}.SalesOrderHeader/Blocked: its type {NS}.NoYes is not declared in this document" in problems(catalog)
    assert any("SalesOrderLine" in problem for problem in problems(catalog))


def test_answers_are_read_as_bytes_too():
    answer = json.dumps({"@odata.context": "x", "value": [ORDER, _line()]}).encode()
    enums = b"\xef\xbb\xbf" + json.dumps(ENUMS).encode()
    assert metadata_services.read(answer, enums, name="fo") == _read(_line())


@pytest.mark.parametrize("answer", [b"<html>", b"{", b'{"error": {}}', b"[1]", b'{"value": 3}', b"[" * 100_000])
def test_other_answers_are_refused(answer):
    with pytest.raises(CatalogError, match="fo: PublicEntities: the answer is not"):
        metadata_services.read(answer, b"[]", name="fo")


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"Name": None},
        {"Name": "X", "Properties": [None, 3, {}], "NavigationProperties": "no", "Actions": [{}]},
        {"Name": "X", "EntitySetName": "Xs", "Properties": [{"Name": "p", "TypeName": None}]},
        {"Name": "X", "NavigationProperties": [{"Name": "n", "RelatedEntity": None, "Constraints": [{}]}]},
    ],
    ids=str,
)
def test_odd_rows_are_defects_and_no_crash(row):
    catalog = metadata_services.read([ORDER, _line(), row], ENUMS, name="fo")
    assert {"SalesOrderHeaders", "SalesOrderLines"} <= set(catalog.entity_sets)
