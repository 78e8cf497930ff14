"""Next links: followed only to the source's own origin and path (T30). Everything else a service links to, likewise."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from vegraph.backend.faults import malformed

__all__ = ["checked_link", "key_of"]

_PORTS = {"http": 80, "https": 443}
_DOTS = re.compile(r"(^|[/\\])\.\.?([/\\]|$)")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\^`{|}<>\"]")
_LONGEST = 60_000


def checked_link(source: str, link: str, *, root: str, prefixes: tuple[str, ...]) -> str:
    """The link, absolute, if it stays under one of the prefixes (paths without a closing slash) of the root's origin.

    Relative ones are resolved against the service root. Raises BackendUnavailable for a link that leads away: it is
    never followed, and no credential goes there."""
    if not isinstance(link, str) or len(link) > _LONGEST or "\\" in link:
        raise malformed(source, "a next link that is not a link")
    absolute = _UNSAFE.sub(lambda m: f"%{ord(m.group()):02X}", urljoin(root + "/", link.strip()))
    try:
        found, own = urlsplit(absolute), urlsplit(root)
        port = found.port
    except ValueError:
        raise malformed(source, "a next link that is not a link") from None
    same = (
        found.scheme == own.scheme
        and (found.hostname or "").rstrip(".") == (own.hostname or "").rstrip(".")
        and (port or _PORTS.get(found.scheme)) == (own.port or _PORTS.get(own.scheme))
        and found.username is None
        and found.password is None
        and not found.fragment
        and absolute.isascii()
    )
    path = found.path
    inside = any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)
    if not same or not inside or _DOTS.search(unquote(unquote(path))):
        raise malformed(source, "a link to an address that is not its own")
    return absolute


def key_of(link: str) -> str | None:
    """The key predicate at the end of a checked link, percent-encoded: `…/customers(<guid>)` gives the guid."""
    segment = link.partition("?")[0].rstrip("/").rpartition("/")[2]
    _, opened, rest = segment.partition("(")
    return rest[:-1] if opened and rest.endswith(")") else None
