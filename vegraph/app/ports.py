"""Where to listen, made sure of before anything else is started."""

from __future__ import annotations

import errno
import socket

from vegraph.errors import ConfigError

__all__ = ["listen", "url_of"]

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError when the port is in use or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise ConfigError(_sentence(host, port, problem)) from None
    listener.set_inheritable(True)
    return listener


def url_of(listener: socket.socket) -> str:
    """How a browser on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def _sentence(host: str, port: int, problem: OSError) -> str:
    match problem.errno:
        case errno.EADDRINUSE:
            return f"Port {port} of {host} is in use. End what listens there, or choose another one with --port."
        case errno.EACCES:
            return f"Port {port} needs rights that this user does not have; choose one above 1023 with --port."
    return f"{host} is not an address that can be listened at here ({problem.strerror or problem}). See --host."
