"""Changes as values, and their text and JSON forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Change", "Difference"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that changed."""

    subject: str
    """The entity set, or the type or operation that several share."""
    what: str
    """`property gone`, `key changed`, …: a fixed vocabulary, in the tests."""
    member: str = ""
    """Wire name of the member, "" for the subject itself."""
    before: str = ""
    after: str = ""
    breaking: bool = False

    @property
    def sentence(self) -> str:
        """One line for people."""
        member = f"/{self.member}" if self.member else ""
        values = f" ({self.before} → {self.after})" if self.before or self.after else ""
        return f"{'BREAKING ' if self.breaking else ''}{self.subject}{member}: {self.what}{values}"


class Difference(msgspec.Struct, frozen=True):
    """All changes, in a stable order: by subject, then member, then what."""

    changes: tuple[Change, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether any change is."""
        return any(change.breaking for change in self.changes)

    def by_subject(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of each entity, shared type or operation."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.subject, []).append(change)
        return {subject: tuple(each) for subject, each in found.items()}

    def text(self) -> str:
        """One line per change, under a line per subject; "" when nothing changed."""
        lines: list[str] = []
        for subject, changes in self.by_subject().items():
            lines.append(subject)
            for change in changes:
                mark = "!" if change.breaking else " "
                member = f"{change.member}: " if change.member else ""
                values = f" ({change.before} → {change.after})" if change.before or change.after else ""
                lines.append(f"  {mark} {member}{change.what}{values}")
        return "".join(f"{line}\n" for line in lines)

    def json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "breaking": self.breaking,
            "changes": [
                {
                    "subject": change.subject,
                    "member": change.member or None,
                    "what": change.what,
                    "before": change.before or None,
                    "after": change.after or None,
                    "breaking": change.breaking,
                }
                for change in self.changes
            ],
        }
