"""Steps as requests: method, path, query and headers below the root of their source. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vegraph.backend import urls
from vegraph.backend.dialects.base import BaseDialect
from vegraph.backend.exchange import Wire
from vegraph.catalog.model import EntitySet, wire_type
from vegraph.errors import BadUserInput, NotSupported
from vegraph.plan.predicates import And, Compare, OneOf, Or, Path, Predicate
from vegraph.plan.steps import Aggregate, Company, Key, Lookup, Read, ReadOne
from vegraph.schema.binding import EntityBinding
from vegraph.schema.values import Member

__all__ = ["aggregate", "cast", "chunks", "count", "lookup", "read", "read_one", "row_path"]


def read(step: Read, dialect: BaseDialect) -> Wire:
    """A page of a collection, or of a row's navigation."""
    path, template = _collection(step, dialect)
    return Wire(
        method="GET",
        route=dialect.route(step.set),
        path=path,
        query=_query(step, dialect),
        template=template,
        headers={"Prefer": f"odata.maxpagesize={step.page_size:d}"} if step.page_size else {},
    )


def count(step: Read, dialect: BaseDialect) -> Wire:
    """The number of rows alone: `/$count`, or a page of none (OB-88)."""
    if not dialect.count_segment:
        return read(
            replace(step, count=True, top=0, select=(), order=(), expand=(), page_size=None, skip=None), dialect
        )
    path, template = _collection(step, dialect)
    query = urls.options(
        _company_options(step, dialect), urls.where(step.filter, dialect), urls.search(step.search)
    )  # fmt: skip
    return Wire(
        method="GET",
        route=dialect.route(step.set),
        path=f"{path}/$count",
        query=query,
        template=f"{template}/$count",
        accepts="text",
    )


def read_one(step: ReadOne, dialect: BaseDialect) -> Wire:
    """One row by key, or a singleton."""
    path, template = row_path(step.set, step.key, step.company, dialect)
    path += cast(step.set, step.entity)
    query = urls.options(
        dialect.key_options(step.entity, keyed=step.key is not None),
        urls.select(step.select),
        urls.expand(step.expand, dialect),
    )
    return Wire(method="GET", route=dialect.route(step.set), path=path, query=query, template=template)


def lookup(step: Lookup, dialect: BaseDialect) -> list[Wire]:
    """One request for each chunk of values that fits the URL and `max_or`."""
    path = dialect.set_path(step.set, step.company) + cast(step.set, step.entity)
    rest = urls.options(
        urls.select(step.select),
        urls.expand(step.expand, dialect),
        urls.order(step.order),
        f"$top={step.top:d}" if step.top is not None else "",
    )
    before = dialect.read_options(cross_company=step.cross_company)
    room = dialect.max_query - len(urls.options(before, "$filter=", rest)) - 2
    return [
        Wire(
            method="GET",
            route=dialect.route(step.set),
            path=path,
            query=urls.options(before, text, rest),
            template=step.set.name,
        )
        for text in chunks(step, dialect, room)
    ]


def chunks(step: Lookup, dialect: BaseDialect, room: int) -> list[str]:
    """`$filter=…` texts that together ask for all values, each at most `room` characters where values allow."""
    values = list(dict.fromkeys(step.values))
    if not values:
        return []
    if any(len(v) != len(step.members) or None in v for v in values):
        raise BadUserInput("A look-up has a value that is missing or has too few parts.")
    found: list[str] = []
    size = min(len(values), dialect.max_or)
    while values:
        take = min(size, len(values))
        text = _lookup_filter(step, values[:take], dialect)
        while len(text) - len("$filter=") > room and take > 1:
            take = max(1, min(take - 1, take * room // len(text)))
            text = _lookup_filter(step, values[:take], dialect)
        size = take if take < min(size, len(values)) else size
        found.append(text)
        values = values[take:]
    return found


def _lookup_filter(step: Lookup, values: Sequence[tuple[Any, ...]], dialect: BaseDialect) -> str:
    wanted: Predicate = _one_of(step.members, values)
    if step.filter is not None:
        wanted = And((wanted, step.filter))
    return urls.where(wanted, dialect)


def _one_of(members: Sequence[Member], values: Sequence[tuple[Any, ...]]) -> Predicate:
    """Values of several members together: those that share all parts but one become one chain on that one."""
    paths = [Path((m.wire,), m.value) for m in members]
    if len(paths) == 1:
        return OneOf(paths[0], tuple(v[0] for v in values))
    pivot = max(range(len(paths)), key=lambda i: len({v[i] for v in values}))
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for value in values:
        groups.setdefault(value[:pivot] + value[pivot + 1 :], []).append(value[pivot])
    others = paths[:pivot] + paths[pivot + 1 :]
    terms: list[Predicate] = []
    for shared, some in groups.items():
        fixed = tuple(Compare(p, "eq", v) for p, v in zip(others, shared, strict=True))
        terms.append(And((*fixed, OneOf(paths[pivot], tuple(some)))))
    return terms[0] if len(terms) == 1 else Or(tuple(terms))


def aggregate(step: Aggregate, dialect: BaseDialect) -> Wire:
    """`$apply` over a set."""
    if not dialect.aggregates(step.set):
        raise NotSupported(f"{dialect.name} has no $apply; aggregates are computed here from its rows.")
    return Wire(
        method="GET",
        route=dialect.route(step.set),
        path=dialect.set_path(step.set, step.company),
        query=urls.options(
            dialect.read_options(cross_company=step.cross_company), urls.aggregate(step, dialect)
        ),
        template=step.set.name,
    )  # fmt: skip


def row_path(
    set_: EntitySet, key: Key | None, company: Company | None, dialect: BaseDialect
) -> tuple[str, str]:  # fmt: skip
    """Path of a row (or singleton), and its form without values."""
    path = dialect.set_path(set_, company)
    if key is None:
        return path, set_.name
    return path + urls.key_predicate(key, dialect), f"{set_.name}(…)"


def _collection(step: Read, dialect: BaseDialect) -> tuple[str, str]:
    if step.under is None:
        return dialect.set_path(step.set, step.company) + cast(step.set, step.entity), step.set.name
    key, navigation = step.under
    path, template = row_path(step.set, key, step.company, dialect)
    return f"{path}/{urls.name(navigation)}", f"{template}/{navigation}"


def cast(set_: EntitySet, entity: EntityBinding) -> str:
    """A type cast segment where rows of a subtype are meant (4.01 part 2, section 4.11)."""
    return "" if entity.type.name == set_.type else f"/{urls.name(wire_type(entity.type.name))}"


def _company_options(step: Read, dialect: BaseDialect) -> str:
    if step.under is not None:
        return dialect.key_options(step.entity, keyed=True, cross_company=step.cross_company)
    return dialect.read_options(cross_company=step.cross_company)


def _query(step: Read, dialect: BaseDialect) -> str:
    return urls.options(
        _company_options(step, dialect),
        urls.where(step.filter, dialect),
        urls.search(step.search),
        urls.select(step.select),
        urls.expand(step.expand, dialect),
        urls.order(step.order),
        f"$top={step.top:d}" if step.top is not None else "",
        f"$skip={step.skip:d}" if step.skip else "",
        "$count=true" if step.count else "",
    )
