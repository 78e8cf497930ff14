"""`vegraph portal …`: which contact of a portal is which user of an ERP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import anyio
import typer

from vegraph.app.cli.options import DEFAULT_CONFIG, AsJson, Config
from vegraph.app.cli.output import print_json, print_table, progress, say
from vegraph.app.principals import contact as contact_of
from vegraph.app.principals import runs_as
from vegraph.app.settings import Settings, load
from vegraph.app.settings.suggest import or_known
from vegraph.errors import ConfigError
from vegraph.identity.mapping import MappingRow
from vegraph.identity.mapping_store import MappingReader, MappingStore
from vegraph.identity.secret import Secret

__all__ = ["commands"]

commands = typer.Typer(no_args_is_help=True, help="Which contact of a portal is which user of an ERP.")

Portal = Annotated[str, typer.Argument(metavar="PORTAL", help="Name of the portal in the configuration.")]
Contact = Annotated[str, typer.Argument(metavar="CONTACT", help="Id of the contact, `sub` of its tokens.")]
SourceName = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source in the configuration.")]
User = Annotated[str, typer.Argument(metavar="USER", help="Id of the user in that ERP.")]


@commands.command()
def add(portal: Portal, contact: Contact, source: SourceName, user: User, config: Config = DEFAULT_CONFIG) -> None:
    """Map a contact to a user of an ERP."""
    with _store(config, portal, source) as store:
        store.add(MappingRow(portal=portal, contact_id=contact, source=source, erp_user=user))
    say(f"{contact} of {portal} is {user} at {source} from now on.")


@commands.command()
def remove(portal: Portal, contact: Contact, source: SourceName, config: Config = DEFAULT_CONFIG) -> None:
    """Take a contact's mapping away. Exit code 1: there was none."""
    with _store(config, portal, source) as store:
        count = store.remove(portal, contact, source)
    say(f"{contact} of {portal} is nobody at {source} from now on." if count else "There was no such mapping.")
    if not count:
        raise typer.Exit(1)


@commands.command(name="list")
def list_(portal: Portal, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List a portal's mappings."""
    rows = _rows(config, portal)
    if as_json:
        print_json(
            [{"contact": r.contact_id, "source": r.source, "user": r.erp_user, "disabled": r.disabled} for r in rows]
        )
    else:
        shown = ((r.contact_id, r.source, r.erp_user, "disabled" if r.disabled else "") for r in rows)
        print_table(("contact", "source", "user", ""), shown)


@commands.command()
def verify(portal: Portal, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say for each contact as whom it would run, or why not. Exit code 1: somebody is mapped and refused."""
    settings = load(config)
    places = sorted({(row.contact_id, row.source) for row in _rows(config, portal)})
    with progress("asking as whom they would run"):
        found = anyio.run(runs_as, settings, [(contact_of(portal, person), source) for person, source in places])
    lines = [
        {"contact": person, "source": each.source, "user": each.principal, "refused": each.reason}
        for (person, _), each in zip(places, found, strict=True)
    ]
    if as_json:
        print_json(lines)
    else:
        columns = ("contact", "source", "runs as", "refused because")
        print_table(columns, ([line[key] or "" for key in ("contact", "source", "user", "refused")] for line in lines))
    if not all(each.allowed for each in found):
        raise typer.Exit(1)


@contextmanager
def _store(config: Path, portal: str, source: str) -> Iterator[MappingStore]:
    """The mapping of a portal, to be written. Raises ConfigError."""
    settings = load(config)
    url, table = _where(settings, portal)
    if source not in settings.sources:
        raise ConfigError(f"there is no source '{source}'.{or_known(source, settings.sources)}")
    store = MappingStore(url, table, base=config.parent)
    try:
        yield store
    finally:
        store.close()


def _rows(config: Path, portal: str) -> list[MappingRow]:
    """A portal's mapping, read with the rights of a server; made where nobody is mapped yet. Raises ConfigError."""
    url, table = _where(load(config), portal)
    reader = MappingReader(url, table, base=config.parent)
    try:
        return reader.rows(portal)
    except ConfigError:
        MappingStore(url, table, base=config.parent).close()
        return reader.rows(portal)
    finally:
        reader.close()


def _where(settings: Settings, portal: str) -> tuple[Secret, str]:
    """The database and its table. Raises ConfigError."""
    if portal not in settings.portals:
        raise ConfigError(f"there is no portal '{portal}'.{or_known(portal, settings.portals)}")
    found = settings.portals[portal]
    if found.mapping is None or found.mapping.reveal().startswith("dataverse:"):
        raise ConfigError(
            f"portals.{portal}.mapping: is not a database of vegraph's own; "
            'set it to something like "sqlite:///portal.db", or keep the mapping where it is kept now.'
        )
    return found.mapping, found.mapping_table
