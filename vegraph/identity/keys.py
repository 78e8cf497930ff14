"""Signing keys of one issuer: found by `kid` in a map, never by what a token says (T02).

Where the keys are fetched, `fetched_keys` does it. The portal's single PEM key has no `kid` and does not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vegraph.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["Keys", "PemKey", "SigningKey", "StaticKeys", "read_key_set"]

MIN_BITS = 2048
_KID = re.compile(r"[\x21-\x7e]{1,256}")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public RSA key that signatures of one issuer are checked with."""

    kid: str | None
    key: RSAPublicKey
    issuer: str | None = None
    """The key's own `issuer` property: whose tokens it may sign (Entra ID's shared key sets)."""


class Keys(Protocol):
    """The signing keys of one issuer."""

    async def find(self, kid: str | None) -> SigningKey | None:
        """The key of that id; None where the issuer has none such. Raises IdentityUnavailable."""

    async def run(self) -> None:
        """Keeps the keys fresh until cancelled; returns at once where there is nothing to do."""


class StaticKeys:
    """Keys that are known from the start: of an issuer in this process, or a file."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = tuple(keys)

    async def find(self, kid: str | None) -> SigningKey | None:
        """By id; a token without one is taken to mean the only key, where there is only one."""
        return choose(self._keys, kid)

    async def run(self) -> None:
        """Nothing to do."""


class PemKey(StaticKeys):
    """The portal's public key. Its tokens carry no `kid`; one that is there is not looked at."""

    def __init__(self, pem: bytes, where: str) -> None:
        super().__init__([SigningKey(None, _pem(pem, where))])

    @classmethod
    def read(cls, path: Path) -> PemKey:
        """From a file. Raises ConfigError."""
        try:
            return cls(path.read_bytes(), str(path))
        except OSError as problem:
            raise ConfigError(f"{path}: the portal's public key can't be read ({problem.strerror}).") from None

    async def find(self, kid: str | None) -> SigningKey | None:
        """Always the one key."""
        return self._keys[0]


def choose(keys: Iterable[SigningKey], kid: str | None) -> SigningKey | None:
    """The key of that id; without an id the only key, if there is exactly one."""
    found = tuple(keys)
    if kid is None:
        return found[0] if len(found) == 1 else None
    return next((key for key in found if key.kid == kid), None)


def read_key_set(document: Any) -> dict[str, SigningKey]:
    """Usable keys of a JWK set, by `kid`. Raises ValueError where there are none.

    Passed over: other than RSA, for encryption or other algorithms, under 2,048 bits, without or with a repeated `kid`.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > 200:
        raise ValueError("it is not a key set")
    found: dict[str, SigningKey] = {}
    repeated: set[str] = set()
    for key in filter(None, map(_usable, entries)):
        assert key.kid is not None  # noqa: S101  _usable passes over keys without one
        (repeated.add(key.kid) if key.kid in found else found.update({key.kid: key}))
    usable = {kid: key for kid, key in found.items() if kid not in repeated}
    if not usable:
        raise ValueError("there is no RSA signing key in it")
    return usable


def _usable(entry: Any) -> SigningKey | None:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA" or "d" in entry:
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return None
    kid, issuer = entry.get("kid"), entry.get("issuer")
    if not isinstance(kid, str) or not _KID.fullmatch(kid) or not isinstance(issuer, str | None):
        return None
    import jwt  # a server without doors does without
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key = jwt.PyJWK(entry, "RS256").key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_BITS:
        return None
    return SigningKey(kid, key, issuer)


def _pem(pem: bytes, where: str) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        certificate = b"BEGIN CERTIFICATE" in pem
        key = load_pem_x509_certificate(pem).public_key() if certificate else load_pem_public_key(pem)
    except ValueError:
        raise ConfigError(f"{where}: is not a public key in PEM form.") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_BITS:
        raise ConfigError(f"{where}: must be an RSA key of at least {MIN_BITS} bits.")
    return key
