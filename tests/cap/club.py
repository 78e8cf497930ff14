"""A service with what SAP CAP has not: derived and open types, a singleton, containment, flags, a media entity.

It reads: keys, navigation, type casts, functions, `$select`, `$expand` with nested options, `$orderby`, `$top`,
`$skip`, `$count`, and `$filter` as `or` of `eq` and `ne`; 501 for any other filter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["DATA", "DOCUMENT", "PICTURE", "club"]

DOCUMENT = Path(__file__).with_name("club.xml").read_bytes()
PICTURE = b"\x89PNG picture"

DATA: dict[str, list[dict[str, Any]]] = {
    "Airlines": [{"Code": "AA", "Name": "Air Ada"}, {"Code": "BB", "Name": "Bo's Balloons"}],
    "Teams": [{"Id": 9007199254740993, "Name": "Reds", "~Members": ["People:ann", "People:cat"]}],
    "Photos": [{"Id": 1, "Title": "Start", "@odata.mediaContentType": "image/png"}],
    "People": [
        {
            "UserName": "ann", "Name": "Ann O'Neil", "Emails": ["ann@club.test"], "Level": "Senior",
            "Skills": "Swims,Reads", "Home": {"Street": "Quay 1", "City": "Oslo", "floor": 3}, "Courts": [],
            "nickname": "Annie", "visits": [1, 2.5], "~Friends": ["People:bob", "People:cat"],
            "~BestFriend": "People:cat", "~Outings": [
                {"Id": 1, "Name": "Alps", "~Parts": [
                    {"@odata.type": "#Club.Flight", "Id": 1, "Note": "early", "Number": "AA1",
                     "~Airline": "Airlines:AA"},
                    {"@odata.type": "#Club.Concert", "Id": 2, "Note": None, "Band": "The \"Bs\"",
                     "Where": {"@odata.type": "#Club.Court", "Street": None, "City": "Zürich", "Number": 7}},
                ]},
                {"Id": 2, "Name": None, "~Parts": []},
            ],
        },
        {
            "@odata.type": "#Club.Coach", "UserName": "bob", "Name": "Bob", "Emails": [], "Level": "Junior",
            "Skills": "Climbs", "Home": None, "Fee": 12.5, "~Team": f"Teams:{9007199254740993}", "~Friends": [],
            "Courts": [{"City": "Bern", "Street": None},
                       {"@odata.type": "#Club.Court", "City": "Rom", "Street": "x", "Number": 2}],
            "~BestFriend": None, "~Outings": [],
        },
        {
            "@odata.type": "#Club.Captain", "UserName": "cat", "Name": None, "Emails": ["a@b", "c@d"], "Level": None,
            "Skills": "0", "Home": {"Street": None, "City": "Bern"}, "Courts": [], "Fee": None, "Armband": "red",
            "~Team": None, "~Friends": ["People:ann"], "~BestFriend": "People:ann", "~Outings": [], "nickname": None,
        },
    ],
}  # fmt: skip
"""Entity set → rows; after `~` stand navigation properties: rows inside, or `Set:key` of others."""

KEYS = {"Airlines": "Code", "Teams": "Id", "Photos": "Id", "People": "UserName"}
Row = dict[str, Any]


class _Missing(Exception):
    """404."""


class _Unable(Exception):
    """501."""


def club(asked: list[str]) -> Starlette:
    """The service; what is asked of it is written down."""

    async def answer(request: Request) -> Response:
        query = request.scope["query_string"].decode()
        asked.append(f"{request.method} {unquote(request.url.path)[6:]}{'?' + unquote(query) if query else ''}")
        if request.url.path == "/club/$metadata":
            return Response(DOCUMENT, media_type="application/xml")
        options = dict(part.split("=", 1) for part in query.split("&") if part)
        try:
            return _answer(request.scope["raw_path"].decode()[6:], {k: unquote(v) for k, v in options.items()})
        except _Missing:
            return JSONResponse({"error": {"code": "404", "message": "There is nothing here."}}, status_code=404)
        except _Unable as what:
            return JSONResponse({"error": {"code": "501", "message": f"Not here: {what}"}}, status_code=501)

    return Starlette(routes=[Route("/club/{path:path}", answer)])


def _answer(path: str, options: Mapping[str, str]) -> Response:
    found: Any = None
    for segment in map(unquote, path.split("/")):
        name, _, given = segment.removesuffix(")").partition("(")
        if segment == "$value":
            return Response(PICTURE, media_type="image/png")
        if segment == "$count":
            return Response(str(len(found)), media_type="text/plain")
        found = _step(found, name, given, "(" in segment)
    if found is None:
        return Response(status_code=204)
    if isinstance(found, list):
        return JSONResponse({"@odata.context": "$metadata", **_page(found, options, "")})
    return JSONResponse({"@odata.context": "$metadata", **_shown(found, options)})


def _step(here: Any, name: str, given: str, called: bool) -> Any:
    if name == "Me":
        return _row("People:ann")
    if name in DATA:
        rows = DATA[name]
        return _keyed(rows, KEYS[name], given) if called else rows
    if name == "Nearest":
        return DATA["Airlines"][0 if "lat=1" in given else 1]
    if name == "Skilled":
        return [p for p in DATA["People"] if given.split("'")[1] in p["Skills"].split(",")]
    if name == "Club.FavouriteAirline":
        return DATA["Airlines"][1] if here["UserName"] == "ann" else None
    if name.startswith("Club."):
        kept = [r for r in here if _is(r, name)] if isinstance(here, list) else (here if _is(here, name) else None)
        if kept is None:
            raise _Missing
        return kept
    if here is None or f"~{name}" not in here:
        raise _Missing
    found = _related(here, name)
    return _keyed(found, "Id" if name in ("Outings", "Parts") else "UserName", given) if called else found


def _keyed(rows: list[Row], key: str, given: str) -> Row:
    wanted = given.partition("=")[2] or given
    for row in rows:
        if _literal(row[key]) == wanted:
            return row
    raise _Missing


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


_BASES = {"#Club.Captain": ["Club.Captain", "Club.Coach", "Club.Person"], "#Club.Coach": ["Club.Coach", "Club.Person"]}


def _is(row: Row, type_: str) -> bool:
    said = row.get("@odata.type", "#Club.Person")
    return type_ in _BASES.get(said, [said[1:]])


def _row(address: str) -> Row:
    name, _, key = address.partition(":")
    return next(row for row in DATA[name] if str(row[KEYS[name]]) == key)


def _related(row: Row, name: str) -> Any:
    value = row[f"~{name}"]
    if isinstance(value, list):
        return [_row(each) if isinstance(each, str) else each for each in value]
    return None if value is None else _row(value)


def _page(rows: list[Row], options: Mapping[str, str], name: str) -> Row:
    if condition := options.get("$filter"):
        rows = [row for row in rows if any(_fits(row, part) for part in condition.split(" or "))]
    for item in reversed(options.get("$orderby", "").split(",")):
        wire, _, way = item.partition(" ")
        if wire:
            rows = sorted(rows, key=lambda r, w=wire: (r.get(w) is not None, r.get(w)), reverse=way == "desc")
    count = {f"{name}@odata.count": len(rows)} if options.get("$count") == "true" else {}
    rows = rows[int(options.get("$skip", 0)) :]
    rows = rows[: int(options["$top"])] if "$top" in options else rows
    return {**count, name or "value": [_shown(row, options) for row in rows]}


def _fits(row: Row, condition: str) -> bool:
    found = re.fullmatch(r"\(?(\w+) (eq|ne) ('(?:[^']|'')*'|\d+|null)\)?", condition)
    if found is None:
        raise _Unable(condition)
    value = row.get(found[1])
    return (("null" if value is None else _literal(value)) == found[3]) == (found[2] == "eq")


def _shown(row: Row, options: Mapping[str, str]) -> Row:
    wanted = options["$select"].split(",") if options.get("$select", "*") != "*" else None
    shown = {k: v for k, v in row.items() if k[0] == "@" or (k[0] != "~" and (wanted is None or k in wanted))}
    for item in _split(options.get("$expand", ""), ","):
        path, _, inner = item.removesuffix(")").partition("(")
        cast, _, name = path.rpartition("/")
        if cast and not _is(row, cast):
            continue
        nested = dict(part.split("=", 1) for part in _split(inner, ";"))
        if f"~{name}" in row:
            found = _related(row, name)
            page = _page(found, nested, name) if isinstance(found, list) else None
            shown.update(page or {name: found and _shown(found, nested)})
    return shown


def _split(text: str, sign: str) -> list[str]:
    """At signs that stand in no parentheses."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == sign and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part for part in parts if part]
