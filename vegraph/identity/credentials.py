"""vegraph's own proof at a provider, in the form MSAL takes: secret, certificate's signature, or foreign token."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from vegraph.errors import ConfigError
from vegraph.identity.clock import Clock
from vegraph.identity.config import ClientCredential

__all__ = ["MsalCredential", "msal_credential"]

ASSERTION_LIFE_S = 300

MsalCredential: TypeAlias = str | dict[str, Callable[[], str]]


def msal_credential(credential: ClientCredential, audience: Callable[[], str], clock: Clock) -> MsalCredential:
    """MSAL's `client_credential`. `audience`: the token endpoint, asked for when it is needed. Raises ConfigError."""
    if credential.client_secret is not None:
        if not credential.client_secret:  # as a rule an environment variable that is set to nothing
            raise ConfigError(f"client_secret: is empty, that of client_id '{credential.client_id}'.")
        return credential.client_secret.reveal()
    if credential.federated_token_file is not None:
        file = credential.federated_token_file
        return {"client_assertion": lambda: _federated(file)}
    assert credential.client_certificate is not None  # noqa: S101  one of the three is given
    signer = _Certificate(credential.client_id, credential.client_certificate, clock)
    return {"client_assertion": lambda: signer.assertion(audience())}


class _Certificate:
    """Signs an assertion for each request (RFC 7523 §3). MSAL's own is used again for ten minutes, which a strict
    provider takes for a replay."""

    def __init__(self, client_id: str, path: Path, clock: Clock) -> None:
        self._client_id = client_id
        self._clock = clock
        self._key, self._thumbprint = _read(path)

    def assertion(self, audience: str) -> str:
        """A fresh one, PS256 with the certificate's thumbprint as Entra ID wants it."""
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": audience,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_LIFE_S,
        }
        return jwt.encode(claims, self._key, "PS256", headers={"x5t#S256": self._thumbprint})


def _read(path: Path) -> tuple[RSAPrivateKey, str]:
    try:
        pem = path.read_bytes()
        key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError, TypeError):
        raise ConfigError(
            f"{path}: 'client_certificate' must be a PEM file with a private key (no password) and its certificate."
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(f"{path}: the private key must be an RSA key.")
    return key, base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).decode().rstrip("=")


def _federated(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        raise ConfigError(f"{file}: the federated token can't be read.") from None
