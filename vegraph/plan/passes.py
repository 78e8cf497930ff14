"""Plan → plan: how each relation is fetched, and which columns that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vegraph.plan.links import sought
from vegraph.plan.nodes import FunctionOut, OperationPlan, Relation, Rows, Strategy
from vegraph.plan.steps import Dialect
from vegraph.schema.binding import EntityBinding

__all__ = ["PASSES", "Scene", "apply_passes", "prepare"]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the passes may ask."""

    dialect: Callable[[str], Dialect]
    restricted: Callable[[EntityBinding], bool]
    """Rows of this entity stand under a portal's row rule: they are read on their own, never inside a parent."""


def choose_strategies(rows: Rows, scene: Scene, depth: int = 0) -> None:
    """First: whether a relation lies inside its parent's request decides which columns anybody needs.

    `depth`: levels of `$expand` above these rows in one request.
    """
    expanded: set[str] = set()
    for relation in rows.relations:
        relation.owned = _is_owned(relation)
        relation.otherwise, other_why = _apart(relation, scene)
        why_not = _why_not_expand(relation, scene, depth)
        if why_not is None and relation.field.relationship.name not in expanded:
            expanded.add(relation.field.relationship.name)
            relation.strategy = Strategy.EXPAND
            relation.why = "the source expands it in the parent's request"
            choose_strategies(relation, scene, depth + 1)
        else:
            relation.strategy = relation.otherwise
            relation.why = f"{other_why}; no expand: {why_not or 'expanded already with another selection'}"
            choose_strategies(relation, scene, 0)
    for function in rows.functions:
        if function.rows is not None:
            choose_strategies(function.rows, scene, 0)


def _is_owned(relation: Relation) -> bool:
    """To-many rows that are part of their parent: contained, keyed by it, or bound to it for good (order lines)."""
    relationship = relation.field.relationship
    if not relationship.many or not relationship.declared:
        return False
    if relationship.contained or _contains(relation):
        return True
    key = set(relation.entity.type.key)
    linked = {p.target for p in relationship.pairs}
    return bool(linked) and (linked < key or _are_bound(relation, linked))


def _are_bound(relation: Relation, linked: set[str]) -> bool:
    """The rows must name their parent's whole key when they are made and can't name another later."""
    child = relation.entity
    named = [p for p in child.type.properties if p.name in linked and p.name != child.company]
    return (
        {p.own for p in relation.field.relationship.pairs} >= set(relation.parent.type.key)
        and bool(named)
        and all(p.required and not p.updatable for p in named)
    )


def _contains(relation: Relation) -> bool:
    """The document says ContainsTarget and the pairs start from the parent's own key."""
    declared = next((v for v in relation.parent.type.navigation if v.name == relation.field.relationship.name), None)
    pairs = relation.field.relationship.pairs
    own = set(relation.parent.type.key)
    return bool(declared and declared.contains_target and pairs and {p.own for p in pairs} <= own)


def _why_not_expand(relation: Relation, scene: Scene, depth: int) -> str | None:
    relationship = relation.field.relationship
    dialect = scene.dialect(relation.parent.source.name)
    if not relationship.declared or relationship.target_source not in (None, relation.parent.source.name):
        return "the relationship is declared in vegraph, not at the source"
    if depth >= dialect.max_expand_depth:
        return f"the source expands {dialect.max_expand_depth} level(s)"
    if scene.restricted(relation.entity):
        return "its rows stand under the portal's row rule"
    if relation.functions:
        return "bound functions are called on its rows"
    why_not = dialect.why_not_expand(relationship.name, relation.parent)
    if why_not is not None or not relationship.many:
        return why_not
    if relation.owned:
        own = [a for a in ("where", "orderBy") if relation.arguments.given(a)]
        return "it is filtered or ordered on its own" if own else None
    if not dialect.nested_top:
        return "it may have many rows and the source can't limit them inside $expand"
    paged = [a for a in ("after", "before", "last", "where", "orderBy") if relation.arguments.given(a)]
    if paged or (relation.connection and "totalCount" in relation.connection.fields and not dialect.nested_count):
        return "it is filtered, ordered or paged on its own"
    if relation.arguments.given("first") and not relation.arguments.constant:
        return "how many rows are wanted is not known before"
    return None


def _apart(relation: Relation, scene: Scene) -> tuple[Strategy, str]:
    """How to fetch it in requests of its own, and why so."""
    relationship = relation.field.relationship
    if relationship.fetch == "follow" or not relationship.pairs or relation.entity.set is None:
        return Strategy.FOLLOW, "no constraint names the related rows"
    dialect = scene.dialect(relation.entity.source.name)
    if not _are_members(relation) or dialect.why_not_lookup(
        sought(relation.field, relation.parent).target, relation.entity
    ):
        return Strategy.FOLLOW, "its rows can't be looked up by value"
    if relationship.many and not relation.owned:
        paged = [a for a in ("first", "after", "before", "last", "orderBy") if relation.arguments.given(a)]
        if paged or (relation.connection and "totalCount" in relation.connection.fields):
            return Strategy.BATCH, "each parent has its own page"
    return Strategy.LOOKUP, "one request for all distinct link values"


def _are_members(relation: Relation) -> bool:
    """All pairs are of properties that rows have here."""
    pairs = relation.field.relationship.pairs
    return all(p.own in relation.parent.by_wire and p.target in relation.entity.by_wire for p in pairs)


def widen_select(rows: Rows, scene: Scene) -> None:
    """Then: adds the columns that links, polymorphic discriminators and companies depend on."""
    for relation in rows.relations:
        relationship = relation.field.relationship
        if relation.strategy is not Strategy.EXPAND:
            rows.columns.update(m for m in relation.link if m in rows.entity.by_wire)
            if relationship.discriminator:
                rows.columns.add(relationship.discriminator)
        if relation.strategy in (Strategy.LOOKUP, Strategy.BATCH):
            relation.columns.update(p.target for p in relationship.pairs)
        if relation.many:
            relation.columns.update(m.wire for m in relation.entity.key)
        if rows.entity.company == "context" and (relation.many or relation.strategy is not Strategy.EXPAND):
            rows.wants_company = True
        widen_select(relation, scene)
    for function in rows.functions:
        if function.rows is not None:
            widen_select(function.rows, scene)


def settle(rows: Rows, scene: Scene) -> None:
    """Then: which relations are done with when their parents are there, nothing below them being fetched by itself."""
    for relation in rows.relations:
        settle(relation, scene)
        inside = relation.strategy is Strategy.EXPAND and not (relation.functions or relation.only or relation.cast)
        relation.settled = inside and all(below.settled and not below.many for below in relation.relations)
        relation.bare = inside and relation.many and _asks_for_rows_alone(relation)


def _asks_for_rows_alone(relation: Relation) -> bool:
    """From the first on, without cursors or counts."""
    connection = relation.connection
    return (
        connection is not None
        and all(name in ("nodes", "__typename") for _, name, _ in connection.outs)
        and not any(relation.arguments.given(a) for a in ("after", "before", "last"))
    )


def merge_lookups(several: Sequence[Rows]) -> None:
    """Last, over the rows of all root fields: rows of one entity that are looked up by the same members get the same
    columns, so that each is fetched once, wherever it is asked for."""
    groups: dict[tuple[str, tuple[str, ...]], list[Relation]] = {}
    for relation in (relation for rows in several for relation in _relations(rows)):
        if relation.strategy is Strategy.LOOKUP and not relation.many and not relation.relations:
            by = tuple(m.wire for m in sought(relation.field, relation.parent).target)
            groups.setdefault((relation.entity.graph_name, by), []).append(relation)
    for group in groups.values():
        columns = set().union(*(relation.columns for relation in group))
        etag, company = any(r.wants_etag for r in group), any(r.wants_company for r in group)
        stream = any(r.wants_stream for r in group)
        for relation in group:
            relation.columns |= columns
            relation.wants_etag, relation.wants_company, relation.wants_stream = etag, company, stream


def _relations(rows: Rows) -> Iterator[Relation]:
    for relation in rows.relations:
        yield relation
        yield from _relations(relation)
    for function in rows.functions:
        if function.rows is not None:
            yield from _relations(function.rows)


PASSES = (
    choose_strategies,  # first: decides who needs which columns
    widen_select,  # then: columns are final, and look-ups that differ in nothing else can be merged
    settle,
)


def prepare(rows: Rows, scene: Scene) -> None:
    """All passes over the rows of one root field."""
    for step in PASSES:
        step(rows, scene)
    merge_lookups([rows])


def apply_passes(plan: OperationPlan, scene: Scene) -> OperationPlan:
    """All passes over a plan whose rows are known before it runs."""
    for root in plan.roots:
        if root.rows is not None:
            prepare(root.rows, scene)
        for _, _, below in root.payload.outs if root.payload is not None else ():
            if isinstance(below, FunctionOut) and below.rows is not None:
                prepare(below.rows, scene)  # what an action returns
    merge_lookups([root.rows for root in plan.roots if root.rows is not None])
    return plan
