"""The manual cannot drift: settings, error codes, commands and paths are looked up in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from vegraph import errors
from vegraph.app.cli.commands import app as command_line
from vegraph.app.settings import manual

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> Iterator[str]:
    """Every command with its group before it."""
    for command in command_line().registered_commands:
        yield _name(command)
    for group in command_line().registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            yield f"{group.name} {_name(command)}"


def _name(command: typer.models.CommandInfo) -> str:
    return command.name or (command.callback.__name__ if command.callback else "")


def codes() -> set[str]:
    """Every error code: of the tree, and those that the code writes itself."""
    found = {cls.code for name in errors.__all__ if (cls := getattr(errors, name))}
    for path in (ROOT / "vegraph" / "app").rglob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r'code="([A-Z_]+)"', text))
        found |= set(re.findall(r'RequestErrors\(.*, "([A-Z_]+)"\)', text))
    return found


def test_it_opens_with_the_two_commands():
    [block] = re.findall(r"\A# vegraph\n\n[^\n]*\n\n```sh\n(.*?)```", README, re.DOTALL)
    assert [line.split()[0] for line in block.splitlines()] == ["scripts/demo", "scripts/test"]


def test_the_tables_of_settings_are_those_of_the_code():
    assert manual.page(README) == README, "run scripts/generate"


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_is_in_it(command: str):
    assert f"| `vegraph {command}` |" in README


def test_it_names_no_command_that_is_not_there():
    assert set(re.findall(r"\| `vegraph ([a-z ]+)` \|", README)) == set(commands())


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_error_code_is_in_it(code: str):
    assert f"| `{code}` |" in README


def test_every_chore_it_names_is_there():
    for name in set(re.findall(r"scripts/([a-z-]+)", README)):
        assert (ROOT / "scripts" / name).exists(), name


def test_every_page_it_leads_to_is_there():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("title", [title for title, _ in manual.TABLES])
def test_every_table_of_settings_is_in_it(title: str):
    assert f"### `{title}`" in README
