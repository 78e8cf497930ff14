"""What one mutation field is about to do, and where each part of it stands in the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from vegraph.plan import nodes as n
from vegraph.plan.inputs import Mistake
from vegraph.plan.steps import Call, Company, Key, Update, Write
from vegraph.schema import binding as b

__all__ = ["REF", "InputPath", "Intent", "NewRow", "key_in", "source_of"]

REF = "$ref:"
"""Before a response key: the row that an earlier create of the same `@atomic` operation makes."""

InputPath: TypeAlias = tuple[str, ...]
"""Graph names from `input` on, positions in lists as text."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row that is to be made: the row of a create, or one nested in it."""

    entity: b.EntityBinding
    values: Mapping[str, Any]
    """What is known of it: given, set by links, inherited from the row around it."""
    path: InputPath


@dataclass(slots=True, kw_only=True)
class Intent:
    """What one mutation field is about to do."""

    root: n.Root
    steps: list[Write] = field(default_factory=list)
    """The write itself first; rows that no deep insert can carry after it."""
    places: list[InputPath] = field(default_factory=list)
    """For each step: where its values stand in the input."""
    rows: list[NewRow] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    company: Company | None = None
    key: Key | None = None
    """Of the row written; of a create only where the input says all of it."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of a create: what later writes may refer to."""
    id: str | None = None

    @property
    def split(self) -> bool:
        """Several requests that only an atomic group keeps together."""
        return len(self.steps) > 1

    @property
    def entity(self) -> b.EntityBinding | None:
        """The type of the row written or called on; None for actions that are bound to nothing."""
        binding = self.root.binding
        if isinstance(binding, b.ActionRoot):
            return binding.bound_to
        return binding.entity if isinstance(binding, b.CreateRoot | b.UpdateRoot | b.DeleteRoot) else None

    @property
    def changes_nothing(self) -> bool:
        """An update whose patch is empty."""
        return len(self.steps) == 1 and isinstance(self.steps[0], Update) and not self.steps[0].values

    @property
    def verb(self) -> str:
        """For messages and records: create, update, delete, or the action's name."""
        step = self.steps[0] if self.steps else None
        return step.operation.short_name if isinstance(step, Call) else type(step).__name__.lower()


def source_of(root: n.Root) -> str:
    """The source that a mutation field writes to."""
    binding = root.binding
    if isinstance(binding, b.ActionRoot):
        return binding.source.name
    assert isinstance(binding, b.CreateRoot | b.UpdateRoot | b.DeleteRoot)  # noqa: S101 - all others read
    return binding.entity.source.name


def key_in(entity: b.EntityBinding, values: Mapping[str, Any]) -> Key | None:
    """The key of a new row, where its values say all of it."""
    if not entity.key or any(values.get(m.wire) is None for m in entity.key):
        return None
    return Key(entity.key, tuple(values[m.wire] for m in entity.key))
