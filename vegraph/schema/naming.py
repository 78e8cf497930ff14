"""How wire names become graph names (design.md §5.1). Every spelling is made here; `names` decides who may have which.

decoded       `Sales_x0020_Order` → `Sales Order`
lower_camel   fields: `Document_Type` → `documentType`, `URL` → `url`
upper_camel   types: `customer` → `Customer`
upper_snake   enum values: `Sales_x0020_Order` → `SALES_ORDER`, `_x0020_` → `BLANK`, `0` → `VALUE_0`
HELPERS       types made beside an entity type, a complex type or an enumeration: `BcCustomer` → `BcCustomerFilter`
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

__all__ = [
    "CONTENT",
    "DYNAMIC",
    "HELPERS",
    "RESERVED_TYPES",
    "Helper",
    "capitalised",
    "decoded",
    "field_name",
    "lower_camel",
    "repair",
    "row_name",
    "set_field_name",
    "split_helper",
    "type_name",
    "upper_camel",
    "upper_snake",
]

DYNAMIC = "dynamicProperties"
"""Field for what an open type holds beyond its declared members."""
CONTENT = "content"
"""Field of the stream that a row of a media entity type is; `contentStream` where a member of its own has the name."""

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WORD = re.compile(r"[A-Za-z0-9]+")
_CAPITALS = re.compile(r"[A-Z]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_LETTERS = {"ß": "ss", "Æ": "Ae", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "Oe", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D",
            "đ": "d", "Þ": "Th", "þ": "th", "ı": "i"}  # fmt: skip
"""Latin letters that Unicode does not decompose."""


def decoded(wire: str) -> str:
    """The name with its XML escapes undone: `G_x002F_L_x0020_Account` → `G/L Account`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), wire) if "_x" in wire else wire


def _plain(text: str) -> str:
    """The text in ASCII: accents dropped, other letters by code point (`金` → `U91D1`), the rest left to separate."""
    if text.isascii():
        return text
    found = []
    for char in unicodedata.normalize("NFKD", text):
        if char.isascii():
            found.append(char)
        elif char in _LETTERS:
            found.append(_LETTERS[char])
        elif unicodedata.category(char)[0] in "LN":
            found.append(f"U{ord(char):04X}")
        elif unicodedata.category(char)[0] != "M":
            found.append(" ")
    return "".join(found)


def _ordinary(wire: str) -> bool:
    """One word of ASCII letters and digits, as nearly all names are: nothing in it is to be read or taken apart."""
    return wire.isalnum() and wire.isascii()


def _words(wire: str) -> list[str]:
    """The parts between separators; never empty: a name of separators alone is spelled by code points."""
    if _ordinary(wire):
        return [wire]
    text = decoded(wire)
    found = _WORD.findall(_plain(text)) or ["".join(f"U{ord(char):04X}" for char in text) or "Empty"]
    if len(found) > 1 and not any(char.islower() for word in found for char in word):
        return [word.capitalize() for word in found]  # SALES_ORDER
    return found


def _lower_first(word: str) -> str:
    """`Number` → `number`, `URLPath` → `urlPath`, `ID` → `id`, `IDs` → `ids`, `V2Order` → `v2Order`."""
    found = _CAPITALS.match(word)
    if found is None:
        return word
    end = found.end()
    follows = word[end : end + 1]
    if end > 1 and follows.islower() and not (follows == "s" and not word[end + 1 : end + 2].islower()):
        end -= 1  # the last capital begins the next word
    return word[:end].lower() + word[end:]


def capitalised(name: str) -> str:
    """The name with a capital first letter, the rest as it is."""
    return name[:1].upper() + name[1:]


def upper_camel(wire: str) -> str:
    """`sales_order` → `SalesOrder`; may begin with a digit."""
    return "".join(map(capitalised, _words(wire)))


@lru_cache(maxsize=8192)
def lower_camel(wire: str) -> str:
    """`Document_Type` → `documentType`, `dataAreaId` → `dataAreaId`; a digit in front gets `field` before it."""
    first, *rest = _words(wire)
    name = _lower_first(first) + "".join(map(capitalised, rest))
    return f"field{name}" if name[0].isdigit() else name


def upper_snake(wire: str) -> str:
    """`Sales_x0020_Order` → `SALES_ORDER`, a blank → `BLANK`, `0` → `VALUE_0`."""
    if not (_ordinary(wire) or decoded(wire).strip()):
        return "BLANK"
    text = "_".join(_hump(word) for word in _words(wire)).upper()
    return f"VALUE_{text}" if text[0].isdigit() else text


def _hump(word: str) -> str:
    return _HUMP.sub("_", word) if any(char.islower() for char in word) else word


def repair(wire: str) -> str | None:
    """Why a wire name could not be kept but for letter case and separators, as words for a report; None: it could."""
    if _ordinary(wire) and not wire[0].isdigit():
        return None
    text = decoded(wire)
    if text.startswith("__"):
        return "names that begin with two underscores are GraphQL's own"
    if not text.isascii():
        return "GraphQL names are ASCII"
    if text[:1].isdigit():
        return "GraphQL names do not begin with a digit"
    return None if _WORD.search(text) else "nothing of it is a letter or a digit"


def type_name(prefix: str, wire: str) -> str:
    """`Bc`, `customer` → `BcCustomer`."""
    name = prefix + upper_camel(wire)
    return f"Type{name}" if name[0].isdigit() else name


def field_name(wire: str) -> str:
    """The field of a property, navigation property or parameter, before clashes are settled."""
    return lower_camel(wire)


def row_name(type_name: str) -> str:
    """The field that holds one row of a type: `BcCustomer` → `bcCustomer`."""
    return _lower_first(type_name)


def set_field_name(prefix: str, wire: str) -> str:
    """A root field under the prefix in camel case: `Bc`, `customers` → `bcCustomers`; no prefix: `customers`."""
    return _lower_first(prefix) + upper_camel(wire) if prefix else lower_camel(wire)


class Helper(enum.Enum):
    """Types made beside another: (text before its name, text after)."""

    __hash__ = object.__hash__  # members are themselves alone; the usual one hashes the name in Python each time

    CONNECTION = ("", "Connection")
    EDGE = ("", "Edge")
    FILTER = ("", "Filter")
    LIST_FILTER = ("", "ListFilter")
    ORDER = ("", "Order")
    BY = ("", "By")
    KEY = ("", "Key")
    AGGREGATE = ("", "Aggregate")
    GROUP_BY = ("", "GroupBy")
    GROUP = ("", "Group")
    SUM = ("", "Sum")
    AVERAGE = ("", "Average")
    MIN = ("", "Min")
    MAX = ("", "Max")
    INPUT = ("", "Input")
    PATCH = ("", "Patch")
    INTERFACE = ("", "Interface")
    CREATE_INPUT = ("Create", "Input")
    CREATE_PAYLOAD = ("Create", "Payload")
    UPDATE_INPUT = ("Update", "Input")
    UPDATE_PAYLOAD = ("Update", "Payload")
    DELETE_INPUT = ("Delete", "Input")
    DELETE_PAYLOAD = ("Delete", "Payload")


HELPERS = tuple(Helper)


_AFFIXES: dict[str, list[tuple[Helper, str, str]]] = {}
"""Helpers by the last two letters of what they put behind."""
for _helper in Helper:
    _AFFIXES.setdefault(_helper.value[1][-2:], []).append((_helper, *_helper.value))


def _ends_alike(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


SHORTER = {
    helper: tuple(
        other
        for other in Helper
        if len("".join(other.value)) < len("".join(helper.value)) and _ends_alike(helper.value[1], other.value[1])
    )
    for helper in Helper
}
"""Helper → helpers that put less around a name, and might read its own as that of a longer type: `AListFilter` is
`AList` + `Filter` too. Most have none."""


def split_helper(name: str) -> Iterator[tuple[Helper, str]]:
    """Every way to read a name as a helper of some type: (helper, type name)."""
    for helper, before, after in _AFFIXES.get(name[-2:], ()):
        if name.endswith(after) and name.startswith(before) and len(name) > len(before) + len(after):
            yield helper, name[len(before) : len(name) - len(after)]


_SCALARS = ("String", "Int", "Float", "Boolean", "ID", "UUID", "Long", "Decimal", "Date", "DateTime", "Time",
            "Duration", "Base64", "JSON")  # fmt: skip

RESERVED_TYPES = frozenset(
    {
        *_SCALARS, *(f"{scalar}Filter" for scalar in _SCALARS),
        "Query", "Mutation", "Subscription", "Node", "PageInfo", "UserError", "Media", "OrderDirection",
        "_Any", "_Entity", "_Service", "FieldSet",
        "Catalog", "CatalogChange", "CatalogEntity", "CatalogPayload", "CatalogRelationship", "CatalogSource",
        "RefreshCatalogInput", "Viewer", "ViewerSource", "VisibilityInput",
    }
)  # fmt: skip
"""Type names that no catalog may have: scalars, what every graph holds, and the hand-written types."""
