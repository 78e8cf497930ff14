"""The OASIS grammar of OData URLs as a matcher, independent of what writes them.

`Grammar.read(text)` takes the ABNF (RFC 5234 and 7405); `grammar.matches(rule, input)` says whether the whole input is
that rule; names that exist in a role (`entitySetName`, `primitiveProperty`, …) are bound with `bound`. `check_url` is
for tests: it asserts that a path and query are an `odataRelativeUri`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache

from tests.shared import metadata

__all__ = ["Grammar", "check_url", "grammar"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<repeat>\d*\*\d*|\d+)(?=[A-Za-z("\[%])|(?P<text>(?:%[si])?"[^"]*")|(?P<code>%x[0-9A-F]+(?:-[0-9A-F]+)?)
    |(?P<name>[A-Za-z][A-Za-z0-9-]*)|(?P<sign>[()\[\]/]))""",
    re.VERBOSE,
)
_RULE = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)\s*=(/?)\s*(.*)$")

Node = tuple
_UNRESERVED = re.compile(r"%(4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2D|2E|5F|7E)", re.IGNORECASE)


class Grammar:
    def __init__(self, rules: Mapping[str, Node]) -> None:
        self.rules = dict(rules)

    @classmethod
    def read(cls, *texts: str) -> Grammar:
        found: dict[str, list[str]] = {}
        for text in texts:
            for name, more, body in _rules(text):
                if more:
                    found[name].append(body)
                else:
                    found[name] = [body]
        return cls({name.lower(): _parse(" / ".join(bodies)) for name, bodies in found.items()})

    def bound(self, names: Mapping[str, Iterable[str]]) -> Grammar:
        """The same grammar in which these rules match exactly these texts."""
        made = {rule.lower(): ("any", [("text", n, True) for n in sorted(given)]) for rule, given in names.items()}
        return Grammar({**self.rules, **made})

    def matches(self, rule: str, text: str) -> bool:
        return len(text) in self.ends(rule, text)

    def ends(self, rule: str, text: str) -> frozenset[int]:
        """All positions that the rule can reach from the beginning."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(200_000)
        try:
            return _Match(self.rules, text).at(("rule", rule.lower()), 0)
        finally:
            sys.setrecursionlimit(limit)


class _Match:
    def __init__(self, rules: Mapping[str, Node], text: str) -> None:
        self.rules = rules
        self.text = text
        self.lower = text.lower()
        self.known: dict[tuple[str, int], frozenset[int]] = {}

    def at(self, node: Node, place: int) -> frozenset[int]:
        kind = node[0]
        if kind == "rule":
            return self.rule(node[1], place)
        if kind == "text":
            _, text, exact = node
            here = self.text if exact else self.lower
            return frozenset({place + len(text)}) if here.startswith(text, place) else frozenset()
        if kind == "code":
            fits = place < len(self.text) and node[1] <= ord(self.text[place]) <= node[2]
            return frozenset({place + 1}) if fits else frozenset()
        if kind == "any":
            found: set[int] = set()
            for item in node[1]:
                found |= self.at(item, place)
            return frozenset(found)
        if kind == "all":
            places = frozenset({place})
            for item in node[1]:
                places = frozenset(end for start in places for end in self.at(item, start))
                if not places:
                    break
            return places
        return self.repeated(node, place)

    def rule(self, name: str, place: int) -> frozenset[int]:
        key = (name, place)
        if key not in self.known:
            self.known[key] = frozenset()  # a rule that begins with itself does not match that way
            self.known[key] = self.at(self.rules[name], place)
        return self.known[key]

    def repeated(self, node: Node, place: int) -> frozenset[int]:
        _, least, most, item = node
        found = {place} if least == 0 else set()
        edge, times = {place}, 0
        while edge and times < most:
            edge = {end for start in edge for end in self.at(item, start)} - (found if times >= least else set())
            times += 1
            if times >= least:
                found |= edge
        return frozenset(found)


def _rules(text: str) -> Iterable[tuple[str, bool, str]]:
    name, more, body = "", False, ""
    for line in text.splitlines():
        line = _without_comment(line)
        begins = _RULE.match(line)
        if begins:
            if name:
                yield name, more, body
            name, more, body = begins.group(1), bool(begins.group(2)), begins.group(3)
        elif line.startswith((" ", "\t")):
            body += " " + line.strip()
    if name:
        yield name, more, body


def _without_comment(line: str) -> str:
    quoted = False
    for i, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            return line[:i].rstrip()
    return line.rstrip()


def _parse(body: str) -> Node:
    tokens, place = [], 0
    body = body.strip()
    while place < len(body):
        found = _TOKEN.match(body, place)
        assert found, f"not ABNF: {body[place : place + 40]!r}"
        tokens.append((found.lastgroup, found.group(found.lastgroup or 0)))
        place = found.end()
    node, rest = _alternatives(tokens, 0)
    assert rest == len(tokens), body
    return node


def _alternatives(tokens: list, i: int) -> tuple[Node, int]:
    options = []
    while True:
        items = []
        while i < len(tokens) and tokens[i][1] not in ("/", ")", "]"):
            item, i = _element(tokens, i)
            items.append(item)
        options.append(items[0] if len(items) == 1 else ("all", items))
        if i < len(tokens) and tokens[i][1] == "/":
            i += 1
            continue
        return (options[0] if len(options) == 1 else ("any", options)), i


def _element(tokens: list, i: int) -> tuple[Node, int]:
    kind, text = tokens[i]
    if kind == "repeat":
        least, star, most = text.partition("*")
        item, i = _element(tokens, i + 1)
        low = int(least or 0)
        high = (int(most) if most else 10**9) if star else low
        return ("times", low, high, item), i
    if text == "(":
        node, i = _alternatives(tokens, i + 1)
        return node, i + 1
    if text == "[":
        node, i = _alternatives(tokens, i + 1)
        return ("times", 0, 1, node), i + 1
    if kind == "text":
        exact = text.startswith("%s")
        literal = text[text.index('"') + 1 : -1]
        return ("text", literal if exact else literal.lower(), exact), i + 1
    if kind == "code":
        low, _, high = text[2:].partition("-")
        return ("code", int(low, 16), int(high or low, 16)), i + 1
    return ("rule", text.lower()), i + 1


@cache
def grammar() -> Grammar:
    """The OASIS grammar; skips the test where it is not beside the checkout."""
    return Grammar.read(metadata("odata-abnf-construction-rules.txt").read_text())


def check_url(target: str, names: Mapping[str, Iterable[str]] | None = None) -> None:
    """Asserts that a path and query below a service root follow the grammar, names bound where they are given."""
    assert not _UNRESERVED.search(target), f"an unreserved character is percent-encoded: {target}"
    rules = grammar() if names is None else grammar().bound(names)
    assert rules.matches("odataRelativeUri", target), f"not an OData URL: {target}"
