"""Row types: msgspec structs with just the selected members, and the decoders that fill them from OData bodies.

A struct's attribute for a wire name is the same in every row type, so that one builder serves a row type and any
wider one. A body whose values do not fit is decoded again without types (`Page.suspect`), and its rows are completed
by graphql-core, which says what is wrong and where.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

import msgspec

from vegraph.errors import BackendUnavailable, Incomparable
from vegraph.plan import amounts
from vegraph.plan.forms import Form
from vegraph.plan.steps import NOTHING
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import ComplexValue, Kind, Member, ValueType

__all__ = [
    "UNFIT", "Expanded", "Page", "Row", "RowType", "attribute", "count_attribute", "expanded_attribute",
    "link_attribute",
    "media_attribute", "row_type", "unfit",
]  # fmt: skip

Row: TypeAlias = Any
"""An instance of a row type's struct: `attribute(wire)` per column, `e` ETag, `t` `@odata.type`, `c` company name."""

UNFIT = (TypeError, ValueError, AttributeError, KeyError)
"""What comes of rows that hold raw values (`Page.suspect`) where a value is to be compared, sorted or looked up by."""


def unfit(source: str, which: Incomparable | None = None) -> BackendUnavailable:
    """What is said of that."""
    what = f"{source} sent rows with values that do not fit their types." if which is None else str(which)
    return BackendUnavailable(what, source=source)


_Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_NAMES: dict[str, int] = {}


def attribute(wire: str) -> str:
    """The struct attribute that holds a wire property."""
    return f"p{_NAMES.setdefault(wire, len(_NAMES))}"


def expanded_attribute(name: str) -> str:
    """The struct attribute that holds an expanded navigation property."""
    return f"n{_NAMES.setdefault(name, len(_NAMES))}"


def count_attribute(name: str) -> str:
    """The struct attribute that holds how many rows an expanded navigation property has in all."""
    return f"k{_NAMES.setdefault(name, len(_NAMES))}"


def link_attribute(name: str) -> str:
    """The struct attribute that holds the next link of an expanded navigation property."""
    return f"l{_NAMES.setdefault(name, len(_NAMES))}"


def media_attribute(wire: str) -> str:
    """The struct attribute that holds the media type of a stream property; of the row's own stream for ""."""
    return f"m{_NAMES.setdefault(wire, len(_NAMES))}"


@dataclass(frozen=True, slots=True)
class Expanded:
    """An expanded navigation property: its rows lie inside the parent's."""

    name: str
    type: RowType
    many: bool


@dataclass(slots=True)
class Page:
    """One decoded collection answer."""

    rows: list[Row]
    count: int | None = None
    next: str | None = None
    suspect: bool = False
    """Some value did not fit its type; the rows hold raw values."""
    came: int = 0
    """Rows that the source gave for it, before some were dropped."""


_PLAIN: dict[Kind, Any] = {
    Kind.STRING: str,
    Kind.UUID: str,
    Kind.INT: _Int32,
    Kind.LONG: int | str,
    Kind.DECIMAL: Decimal,
    Kind.FLOAT: float,
    Kind.BOOLEAN: bool,
    Kind.NO_YES: str,
    Kind.DATE: str,
    Kind.NOON_DATE: str,
    Kind.DATE_TIME: str,
    Kind.TIME: str,
    Kind.SECONDS: int,
    Kind.DURATION: str,
    Kind.BASE64: str,
    Kind.ENUM: str,
    Kind.FLAGS: str,
    Kind.JSON: Any,
    Kind.MEDIA: Any,
}


def _python_type(value: ValueType) -> Any:
    plain: Any = complex_struct(value.complex) if value.complex is not None else _PLAIN[value.kind]
    if value.collection:
        plain = list[Any] if plain is Any else list.__class_getitem__(plain | None)
    return plain if plain is Any else plain | None


_COMPLEX: dict[int, tuple[ComplexValue, Any]] = {}


def complex_struct(value: ComplexValue) -> Any:
    """The struct of a complex type, all its members; open or nested in itself: a plain dictionary."""
    known = _COMPLEX.get(id(value))
    if known is not None and known[0] is value:
        return known[1]
    _COMPLEX[id(value)] = (value, dict[str, Any])  # while it is being made: a type nested in itself stays a dictionary
    made: Any = dict[str, Any]
    if not value.open and not value.derived:
        made = _struct(value.graph_name, [(m.wire, _python_type(m.value), False) for m in value.members.values()])
    _COMPLEX[id(value)] = (value, made)
    return made


def _struct(name: str, columns: Sequence[tuple[str, Any, bool]], extra: Sequence[tuple[str, str, Any]] = ()) -> Any:
    fields: list[Any] = []
    rename: dict[str, str] = {}
    for wire, type_, required in columns:
        attr = attribute(wire)
        rename[attr] = wire
        fields.append((attr, type_) if required else (attr, type_, None))
    for attr, wire, type_ in extra:
        rename[attr] = wire
        fields.append((attr, type_, None))
    fields.sort(key=len)  # required ones first
    return msgspec.defstruct(name, fields, rename=rename, gc=False)


ALL_MARKS = "etc"
"""What rows hold beside their members: ETag, `@odata.type`, company. Those not wanted are not decoded, and None.
Where it is wanted also "m", the type of the stream that a row is."""

_MARKS: tuple[tuple[str, str, Any], ...] = (
    ("e", "@odata.etag", str | None),
    ("t", "@odata.type", str | None),
    ("c", "@vegraph.company", Any),
)


class RowType:
    """A struct for rows of one entity with these columns and expanded relations."""

    def __init__(
        self,
        entity: EntityBinding,
        columns: frozenset[str],
        expands: tuple[Expanded, ...],
        derived: tuple[Member, ...] = (),
        loosely: bool = False,
        is_open: bool = False,
        marks: str = ALL_MARKS,
    ) -> None:
        self.entity = entity
        self.columns = columns
        self.expands = expands
        self.derived = derived
        self.open = is_open
        self.stamped = "c" in marks
        """Rows are told their company."""
        self.stamps: bool = self.stamped or any(x.type.stamps for x in expands)
        """Rows, or some expanded into them, are told it."""
        self.loosely: bool = loosely or is_open or any(x.type.loosely for x in expands)
        """Rows are taken as they are, and completed by graphql-core."""
        self.members = self._members()
        self.streams = [m.wire for m in self.members if m.value.kind is Kind.MEDIA] + ([""] if "m" in marks else [])
        """Wire names of streams, "" for the row's own."""
        self._marks = marks
        self._decimals = [attribute(m.wire) for m in self.members if amounts.is_text(m)]
        self._any: Form = self._form(quoted=False)
        self._quoted: Form | None = None
        self._now = self._any
        """The form that bodies had lately."""
        self._mixed = False
        """Bodies came whose decimals are not all in quotes, after one where they were."""

    def _members(self) -> list[Member]:
        known = {m.wire: m for m in self.derived} | dict(self.entity.by_wire)
        return [known[c] for c in sorted(self.columns) if c in known]

    @property
    def has_decimals(self) -> bool:
        """Whether it matters how decimals are written: in these rows or in those expanded into them."""
        return bool(self._decimals) or any(x.type.has_decimals for x in self.expands)

    def form(self, *, quoted: bool) -> Form:
        """The struct and decoders for bodies with all decimals in quotes, or for any."""
        if not (quoted and self.has_decimals):
            return self._any
        if self._quoted is None:
            self._quoted = self._form(quoted=True)
        return self._quoted

    def _form(self, *, quoted: bool) -> Form:
        extra: list[tuple[str, str, Any]] = [
            (mark, wire if mark in self._marks else f"@vegraph.{mark}", type_) for mark, wire, type_ in _MARKS
        ]
        if self.open:
            extra.append(("o", "@vegraph.open", Any))
        inside = [(x, x.type.form(quoted=quoted)) for x in self.expands]
        for x, below in inside:
            inner: Any = list.__class_getitem__(below.struct) if x.many else below.struct
            extra.append((expanded_attribute(x.name), x.name, inner | None))
            if x.many:
                extra.append((count_attribute(x.name), f"{x.name}@odata.count", int | str | None))
                extra.append((link_attribute(x.name), f"{x.name}@odata.nextLink", str | None))
        extra += [(media_attribute(wire), f"{wire}@odata.mediaContentType", str | None) for wire in self.streams]
        columns = [(m.wire, _type_of(m, quoted=quoted), m.key) for m in self.members]
        return Form(
            _struct(self.entity.graph_name, columns, extra),
            amounts.checker(self._decimals) if quoted else amounts.settler(self._decimals),
            [(expanded_attribute(x.name), x.many, below.settle) for x, below in inside],
        )

    def page(self, body: bytes) -> Page:
        """A collection answer. Raises `msgspec.DecodeError` if it is no JSON, `ValueError` if no collection."""
        if self.loosely:
            return self._loose_page(body)
        try:
            found = self._read(body, Form.page)
        except msgspec.ValidationError:
            return self._loose_page(body)
        if found.error is not None:
            raise ValueError("a collection that broke off with an error")
        count = found.count
        return Page(found.value, int(count) if count is not None else None, found.next)

    def _read(self, body: bytes, how: Callable[[Form, bytes], Any]) -> Any:
        """Reads it in the form that bodies had lately, else in any. Raises msgspec.ValidationError."""
        if self._now is not self._any:
            try:
                return how(self._now, body)
            except msgspec.ValidationError:
                self._now, self._mixed = self._any, True  # for good: it would be read twice each time
        found = how(self._any, body)
        if self._any.came_quoted and not self._mixed:
            self._now = self.form(quoted=True)
        return found

    def row(self, body: bytes) -> Page:
        """A single-row answer, as a page of one."""
        if body == NOTHING:  # a struct without required columns would take it for a row
            return Page([])
        if not self.loosely:
            try:
                return Page([self._read(body, Form.row)])
            except msgspec.ValidationError:
                pass  # what does not fit is told when it is completed
        raw = _LOOSE.decode(body)
        if not isinstance(raw, dict):
            raise ValueError("not a row")
        if isinstance(raw.get("value"), list) and not raw.keys() - {"@odata.context", "value"}:
            return self._loose_page(body) if raw["value"] else Page([])  # nothing there is no misfit
        return Page([self.loose(raw)], suspect=True)

    def _loose_page(self, body: bytes) -> Page:
        raw = _LOOSE.decode(body)
        if not isinstance(raw, dict) or not isinstance(raw.get("value"), list):
            raise ValueError("not a collection")
        rows = [self.loose(r) for r in raw["value"] if isinstance(r, dict)]
        if len(rows) != len(raw["value"]):
            raise ValueError("a collection that holds no rows")
        count, link = raw.get("@odata.count"), raw.get("@odata.nextLink")
        if not isinstance(link, str | None) or raw.get("error") is not None:
            raise ValueError("a collection of which more should have come")
        known = int(count) if isinstance(count, int | str) and str(count).isdigit() else None
        return Page(rows, known, link, suspect=True)

    def loose(self, raw: dict[str, Any]) -> Row:
        """A row whose values are taken as they are."""
        given: dict[str, Any] = {attribute(m.wire): raw.get(m.wire) for m in self.members}
        given["e"] = raw.get("@odata.etag")
        given["t"] = raw.get("@odata.type")
        if self.open:
            given["o"] = self._undeclared(raw)
        for wire in self.streams:
            given[media_attribute(wire)] = raw.get(f"{wire}@odata.mediaContentType")
        for x in self.expands:
            inner = raw.get(x.name)
            if x.many:
                given[count_attribute(x.name)] = raw.get(f"{x.name}@odata.count")
                given[link_attribute(x.name)] = raw.get(f"{x.name}@odata.nextLink")
                if not isinstance(inner, list | None) or any(not isinstance(r, dict) for r in inner or ()):
                    raise ValueError("an expanded collection that holds no rows")
                inner = None if inner is None else [x.type.loose(r) for r in inner]
            elif inner is not None:
                if not isinstance(inner, dict):
                    raise ValueError("an expanded row that is none")
                inner = x.type.loose(inner)
            given[expanded_attribute(x.name)] = inner
        return self._any.struct(**given)

    def _undeclared(self, raw: dict[str, Any]) -> dict[str, Any]:
        """What an open type holds beyond its declared members."""
        types = self.entity.source.catalog.entity_types
        said = str(raw.get("@odata.type") or "").rpartition("#")[2]
        type_ = types.get(said, self.entity.type)
        known = {p.name for p in type_.properties} | {v.name for v in type_.navigation}
        return {k: v for k, v in raw.items() if k not in known and "@" not in k}


_LOOSE = msgspec.json.Decoder(float_hook=Decimal)


def _type_of(member: Member, *, quoted: bool) -> Any:
    if member.key:
        return _PLAIN.get(member.value.kind, Any)
    if amounts.is_text(member):
        return str | None if quoted else msgspec.Raw
    return _python_type(member.value)


_plain_row_type = lru_cache(maxsize=4096)(RowType)


def row_type(
    entity: EntityBinding,
    columns: frozenset[str],
    expands: tuple[Expanded, ...] = (),
    derived: tuple[Member, ...] = (),
    loosely: bool = False,
    is_open: bool = False,
    marks: str = ALL_MARKS,
) -> RowType:
    """The row type for these columns, as a rule made once. `derived`: members of subtypes; `loosely`: values are not
    looked at yet; `is_open`: undeclared members are kept; `marks`: of "etc", those that are wanted."""
    if derived or loosely or is_open:
        return RowType(entity, columns, expands, derived, loosely, is_open, marks)
    return _plain_row_type(entity, columns, expands, marks=marks)
