"""`vegraph emulate`: one emulator alone, to try requests on before one has rights at the real one."""

from __future__ import annotations

import signal
import threading
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from vegraph.app.cli.output import print_text
from vegraph.app.ports import listen
from vegraph.emulator.data.people import MANAGER
from vegraph.errors import ConfigError

__all__ = ["emulate"]


class Kind(StrEnum):
    """Which ERP."""

    bc = "bc"
    fo = "fo"


ROOTS = {"bc": "/v2.0/production/api/v2.0", "fo": "/data"}


def emulate(
    kind: Annotated[
        Kind, typer.Argument(help="bc: Business Central. fo: finance and operations with Human Resources.")
    ],
    port: Annotated[int, typer.Option("--port", help="Port to listen at; 0 takes a free one.", min=0, max=65535)] = 0,
    rows: Annotated[int | None, typer.Option("--rows", help="Sales orders to make.", min=1, max=1_000_000)] = None,
) -> None:
    """Serve one emulator alone; everybody who asks is the sales manager."""
    from vegraph.emulator.data.business import Business
    from vegraph.emulator.engine.access import Anyone
    from vegraph.emulator.process import start

    user = MANAGER.bc if kind is Kind.bc else MANAGER.fo
    assert user is not None  # noqa: S101  # the manager has both accounts
    seed = f"vegraph.emulator.data.{kind}:{kind}_seed"
    options = {
        "tokens": Anyone(user=user),
        "users": (user,),
        "seed": (seed, {"business": Business(orders=rows)}) if rows else seed,
    }
    if port:
        listen("127.0.0.1", port).close()  # a sentence before its data is made, which takes a while
    console = Console(stderr=True, highlight=False)
    with console.status("making its data") as status:
        try:
            handle = start(
                kind,
                port,
                options=options,
                progress=lambda name, count: status.update(f"making its data: {name} {count:,}"),
            )
        except RuntimeError as problem:
            raise ConfigError(str(problem)) from None
    with handle:
        print_text(
            f"service  {handle.url}{ROOTS[kind]}\ncontrol  {handle.control_url}/control/requests\nCtrl-C ends it."
        )
        _wait()


def _wait() -> None:
    """Until the process is told to end."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.5):
        pass
