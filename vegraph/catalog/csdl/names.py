"""Names of one document: aliases resolved, type texts understood, what is declared where, defects collected."""

from __future__ import annotations

from typing import Any, Literal

from vegraph.catalog import annotations as rules
from vegraph.catalog import edm
from vegraph.catalog.annotations import Facts, Rules
from vegraph.catalog.csdl.raw import Annotations, RawDocument
from vegraph.catalog.model import Defect, TypeRef

__all__ = ["Kind", "Names", "Terms"]

Kind = Literal["entity", "complex", "enum", "definition"]

_VALUE = "enum:"


class Terms(dict[str, Any]):
    """Term as written → its rule, or None: an alias is resolved once per spelling."""

    def __init__(self, names: Names, table: Rules) -> None:
        super().__init__()
        self._names = names
        self._rules = table

    def __missing__(self, term: str) -> Any:
        rule = self[term] = self._rules.get(self._names.qualify(term))
        return rule

    def facts(self, *found: Annotations) -> Facts:
        """The members that the annotations set; later ones do not override earlier ones' absence."""
        facts: Facts = {}
        for group in found:
            for term, value in group.items():
                rule = self[term]
                if rule is not None:
                    rule(facts, value)
        return facts


class Names:
    """The names one document declares, and the defects met while resolving them."""

    def __init__(self, document: RawDocument) -> None:
        self.aliases = document.aliases
        self.kinds: dict[str, Kind] = {}
        """Qualified name of every type declared here."""
        self.values: dict[str, str] = {}
        """Name of an entity type that an enumeration has too → the catalog's name of that enumeration (OF-82)."""
        self.defects = [Defect(place=p, problem=q, consequence=c) for p, q, c in document.problems]
        self.targets: dict[str, Annotations] = {}
        """Annotations by external target, aliases resolved."""
        self.used: set[str] = set()
        """Targets that met an element."""
        self._qualified: dict[str, str] = {}
        self._types: dict[str, TypeRef] = {}
        self.property = Terms(self, rules.PROPERTY)
        self.navigation = Terms(self, rules.NAVIGATION)
        self.type = Terms(self, rules.TYPE)
        self.enum = Terms(self, rules.ENUM)
        self.member = Terms(self, rules.MEMBER)
        self.operation = Terms(self, rules.OPERATION)
        self.parameter = Terms(self, rules.PARAMETER)
        self.set = Terms(self, rules.SET)

    def qualify(self, name: str) -> str:
        """`Self.customer` → `Microsoft.NAV.customer`; a name without a known alias stays as it is."""
        found = self._qualified.get(name)
        if found is None:
            prefix, dot, last = name.rpartition(".")
            namespace = self.aliases.get(prefix)
            found = self._qualified[name] = f"{namespace}.{last}" if dot and namespace else name
        return found

    def type_ref(self, text: str) -> TypeRef:
        """`Collection(Self.customer)` → TypeRef('Microsoft.NAV.customer', collection=True); equal texts share one."""
        found = self._types.get(text)
        if found is None:
            inner = text.strip()
            collection = inner.startswith("Collection(") and inner.endswith(")")
            if collection:
                inner = inner[len("Collection(") : -1].strip()
            found = self._types[text] = TypeRef(self.qualify(inner), collection=collection)
        return found

    def is_type(self, name: str) -> bool:
        """Whether a qualified name is built in or declared in this document."""
        return name in edm.BUILT_IN or name in self.kinds

    def declare(self, name: str, kind: Kind) -> bool:
        """Take the name for a type; False, with a defect, where it is taken already or empty."""
        if name.endswith("."):
            self.defect(name, f"a type of kind {kind} has no Name", "it is left out")
            return False
        if name in self.kinds:
            self.defect(name, "the type is declared more than once", "the first declaration counts")
            return False
        self.kinds[name] = kind
        return True

    def declare_enum(self, name: str) -> str | None:
        """The catalog's name for an enumeration; None, with a defect, where it cannot be taken.

        F&O documents may hold an enumeration and an entity type of one name (OF-82). Their uses tell them apart: a
        property or parameter is of the enumeration, navigation and results are of the entity type.
        """
        if self.kinds.get(name) != "entity" or name in self.values:
            return name if self.declare(name, "enum") else None
        own = self.values[name] = f"{_VALUE}{name}"
        self.kinds[own] = "enum"
        self.defect(
            name,
            "an enumeration and an entity type have this name",
            "both are kept: properties and parameters are of the enumeration, navigation leads to the entity type",
        )
        return own

    def value_ref(self, text: str) -> TypeRef:
        """As `type_ref`, for what holds a value rather than a row."""
        ref = self.type_ref(text)
        return TypeRef(self.values[ref.name], ref.collection) if ref.name in self.values else ref

    def target(self, place: str) -> Annotations:
        """What annotates the element at `place` from outside."""
        place = place.replace(_VALUE, "") if self.values else place
        found = self.targets.get(place)
        if found is None:
            return {}
        self.used.add(place)
        return found

    def note_targets(self, document: RawDocument) -> None:
        """Index external annotations by resolved target."""
        for schema in document.schemas.values():
            for text, found in schema.targets:
                known = self.targets.setdefault(self._target(text), {})
                self.targets[self._target(text)] = {**found, **known}

    def _target(self, text: str) -> str:
        """`Self.Type/Prop` with its alias resolved; overload lists too: `Self.op(Self.T)/arg`."""
        head, slash, rest = text.partition("/")
        name, bracket, arguments = head.partition("(")
        if bracket:
            types = ",".join(self.type_ref(part.strip()).text for part in arguments.removesuffix(")").split(","))
            head = f"{self.qualify(name)}({types})"
        else:
            head = self.qualify(name)
        return f"{head}{slash}{rest}"

    def defect(self, place: str, problem: str, consequence: str) -> None:
        """Report something that was skipped."""
        self.defects.append(Defect(place=place, problem=problem, consequence=consequence))

    def report_unused_targets(self) -> None:
        """Annotations whose target is not in the document are the ones of a trimmed document: named, not used."""
        for place, found in self.targets.items():
            if found and place not in self.used:
                self.defect(place, "annotations are aimed at it, but it is not declared", "they are ignored")
