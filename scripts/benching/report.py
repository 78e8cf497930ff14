"""Results as tables for people and JSON for programs."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

__all__ = ["Report"]


class Report:
    """Collects tables; prints them, or all of it as JSON."""

    def __init__(self, name: str, *, as_json: bool) -> None:
        self.name = name
        self.as_json = as_json
        self._tables: list[dict[str, Any]] = []
        self._console = Console(stderr=as_json, highlight=False)
        if not self._console.is_terminal:
            self._console.width = 150

    def say(self, text: str) -> None:
        """A line on what is going on, never part of the JSON."""
        if not self.as_json or self._console.is_terminal:
            self._console.print(f"[dim]{text}[/dim]")

    def table(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], notes: Sequence[str] = ()
    ) -> None:
        """One table. The first column is text; a cell may be (value, target) and is then marked: within it or not."""
        self._tables.append(
            {
                "title": title,
                "rows": [dict(zip(columns, map(_plain, row), strict=True)) for row in rows],
                "missed": [f"{row[0]}: {c}" for row in rows for c, v in zip(columns, row, strict=True) if _missed(v)],
                "notes": list(notes),
            }
        )
        if self.as_json:
            return
        table = Table(title=title, title_justify="left", title_style="bold")
        for i, column in enumerate(columns):
            table.add_column(column, justify="right" if i else "left", no_wrap=i > 0)
        for row in rows:
            table.add_row(*map(_shown, row))
        self._console.print(table)
        for note in notes:
            self._console.print(f"  {note}")

    def finish(self) -> None:
        """Prints the JSON, where that was asked for."""
        if self.as_json:
            whole = {"bench": self.name, "machine": _machine(), "tables": self._tables}
            sys.stdout.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n")


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "cpus": os.cpu_count()}


def _value(cell: Any) -> Any:
    return cell[0] if isinstance(cell, tuple) else cell


def _missed(cell: Any) -> bool:
    """A (value, (sign, bound)) cell outside its bound."""
    if not isinstance(cell, tuple) or cell[1] is None or _value(cell) is None:
        return False
    value, (sign, bound) = cell
    return not (value <= bound if sign == "≤" else value >= bound)


def _plain(cell: Any) -> Any:
    value = _value(cell)
    return None if isinstance(value, float) and math.isnan(value) else value


def _shown(cell: Any) -> str:
    value = _value(cell)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    text = f"{value:,.{2 if abs(value) < 100 else 0}f}" if isinstance(value, float) else str(value)
    if isinstance(cell, tuple) and cell[1] is not None:
        sign, bound = cell[1]
        colour = "red" if _missed(cell) else "green"
        return f"[{colour}]{text}[/{colour}] [dim]{sign} {bound:g}[/dim]"
    return text
