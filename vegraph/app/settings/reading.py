"""A TOML table becomes a frozen dataclass: the fields say which keys there are, their types and defaults.

Understood as field types: text, numbers, booleans, `Literal`, `Path` (relative ones start at the file), other
dataclasses, `X | None`, `tuple[X, ...]`, `Mapping[str, X]`, `Annotated[X, check]` (see `checks`), and any class
made from one text, such as a secret. A trailing underscore of a field's name is not part of the key (`from_`).
In `Mapping[str, D]` of a dataclass D with a field `name`, that field is the key itself.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from vegraph.app.settings.environment import MissingVariable, substitute
from vegraph.app.settings.suggest import or_known
from vegraph.errors import ConfigError

__all__ = ["Place", "keys_of", "read"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file a value stands, and what it is read with."""

    file: Path
    environ: Mapping[str, str]
    key: str = ""

    def __truediv__(self, key: str) -> Place:
        return Place(self.file, self.environ, f"{self.key}.{key}" if self.key else key)

    def __getitem__(self, index: int) -> Place:
        return Place(self.file, self.environ, f"{self.key}[{index}]")

    def wrong(self, problem: str) -> ConfigError:
        """The error to raise: file, key, and the problem as the rest of the sentence."""
        return ConfigError(": ".join(part for part in (str(self.file), self.key, problem) if part))


def read(cls: type[T], value: object, place: Place, *, given: Mapping[str, Any] | None = None) -> T:
    """The dataclass that a table describes. `given` are fields that the table does not hold.

    Raises ConfigError.
    """
    if not isinstance(value, dict):
        raise place.wrong(f"must be a table, not {_kind(value)}.")
    found = dict(given or {})
    known = {key: field for key, field in keys_of(cls).items() if field.name not in found}
    for key in value:
        if key not in known:
            raise (place / key).wrong(f"there is no such key.{or_known(key, known)}")
    hints = _hints(cast("type", cls))
    for key, field in known.items():
        if key in value:
            found[field.name] = _convert(hints[field.name], value[key], place / key)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise (place / key).wrong("is missing, and there is no default.")
    try:
        return cls(**found)
    except ValueError as problem:
        raise place.wrong(str(problem)) from None


def keys_of(cls: type) -> dict[str, Field[Any]]:
    """TOML key → field, in the order of the dataclass."""
    return {field.name.rstrip("_"): field for field in fields(cls) if field.init}


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _convert(tp: Any, value: object, place: Place) -> Any:
    """The value as the annotated type has it."""
    origin = get_origin(tp)
    if origin in (None, Literal) and isinstance(value, str):  # once, at the leaf: a variable may hold '${'
        value = _filled(value, place)
    if origin is Annotated:
        inner, *checks = get_args(tp)
        result = _convert(inner, value, place)
        for check in checks:
            if callable(check) and (problem := check(result)):
                raise place.wrong(problem)
        return result
    reader = _READERS.get(origin)
    return reader(tp, value, place) if reader else _plain(tp, value, place)


def _filled(text: str, place: Place) -> str:
    try:
        return substitute(text, place.environ)
    except MissingVariable as problem:
        raise place.wrong(str(problem)) from None


def _literal(tp: Any, value: object, place: Place) -> Any:
    choices = get_args(tp)
    if value in choices:
        return value
    raise place.wrong(f"{_shown(value)} is not one of the choices.{or_known(str(value), map(str, choices))}")


def _union(tp: Any, value: object, place: Place) -> Any:
    choices = [choice for choice in get_args(tp) if choice is not type(None)]
    fitting = [choice for choice in choices if _fits(choice, value)]
    return _convert((fitting or choices)[0], value, place)


def _tuple(tp: Any, value: object, place: Place) -> Any:
    if not isinstance(value, list):
        raise place.wrong(f"must be a list, not {_kind(value)}.")
    return tuple(_convert(get_args(tp)[0], item, place[index]) for index, item in enumerate(value))


def _mapping(tp: Any, value: object, place: Place) -> Any:
    if not isinstance(value, dict):
        raise place.wrong(f"must be a table, not {_kind(value)}.")
    inner = get_args(tp)[1]
    named = is_dataclass(inner) and "name" in {field.name for field in fields(inner)}
    return {
        key: read(inner, item, place / key, given={"name": key}) if named else _convert(inner, item, place / key)
        for key, item in value.items()
    }


_READERS: dict[Any, Callable[[Any, object, Place], Any]] = {
    Literal: _literal,
    Union: _union,
    types.UnionType: _union,
    tuple: _tuple,
    dict: _mapping,
    Mapping: _mapping,
}


def _plain(tp: Any, value: object, place: Place) -> Any:
    if tp in (Any, object):
        return value
    if is_dataclass(tp) and isinstance(tp, type):
        return read(tp, value, place)
    if tp is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if tp in (str, int, float, bool):
        if type(value) is tp:
            return value
        raise place.wrong(f"must be {_NAMES[tp]}, not {_kind(value)}.")
    if not isinstance(value, str):
        raise place.wrong(f"must be text, not {_kind(value)}.")
    if tp is Path:
        return place.file.parent / Path(value).expanduser()
    try:
        return tp(value)
    except ValueError as problem:
        raise place.wrong(str(problem)) from None


def _fits(tp: Any, value: object) -> bool:
    """Whether a member of a union is the one meant, told from the TOML value's kind alone."""
    origin = get_origin(tp)
    if origin is Annotated:
        return _fits(get_args(tp)[0], value)
    if origin is Literal:
        return value in get_args(tp)
    if origin is tuple:
        return isinstance(value, list)
    if origin in (dict, Mapping) or is_dataclass(tp):
        return isinstance(value, dict)
    if tp in (int, float, bool):
        return type(value) is tp
    return isinstance(value, str)


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else _NAMES.get(type(value), "a date or time")


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else _kind(value)
