"""What one request brings to a plan: as whom, under which rules and limits, and who keeps record of its writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from vegraph.plan.paging import Limits
from vegraph.plan.predicates import TRUE, Predicate
from vegraph.plan.steps import Runner
from vegraph.schema.binding import EntityBinding

__all__ = ["Allows", "Scope", "Verb", "Wrote", "everything_allowed", "no_rule", "unheard"]


def no_rule(_entity: EntityBinding) -> Predicate:
    """No portal's row rule stands over these rows."""
    return TRUE


def everything_allowed(_entity: EntityBinding, _verb: Verb) -> bool:
    """Nothing is refused here; the ERP decides."""
    return True


def unheard(_source: str, _verb: Verb, _entity: str, _key: str | None, _outcome: str) -> None:
    """Nobody keeps record of writes."""


Verb: TypeAlias = Literal["read", "create", "update", "delete", "action"]
Allows: TypeAlias = Callable[[EntityBinding, Verb], bool]
Wrote: TypeAlias = Callable[[str, Verb, str, "str | None", str], None]
"""(source, verb, entity set or action, key as text, outcome): `done`, `unknown`, or the code of what it ended in."""
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one request brings: as whom, under which rules and limits."""

    runner: Runner
    limits: Limits = DEFAULT_LIMITS
    rule: Callable[[EntityBinding], Predicate] = no_rule
    """The portal's row rule for rows of an entity; TRUE where there is none."""
    allows: Allows = everything_allowed
    """May the caller write rows of an entity so, or call actions on them?"""
    wrote: Wrote = unheard
    """Hears of every write that was tried, once, refused ones too (threats T43)."""
    context: Any = None
    """What graphql-core's own resolvers (`me`, `catalog`) get as context."""
