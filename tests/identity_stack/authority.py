"""What the tests' provider decides: who gets a token for which ERP, and what goes wrong on the way."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import jwt

from tests.identity.provider import Provider, Reply
from tests.identity.tokens import REMOVED, TENANT, jwk, key, signed

__all__ = ["API", "AUDIENCES", "Authority", "Issuer"]

API = "api://vegraph"
AUDIENCES = {"bc": "https://bc.test", "fo": "https://fo.test"}
"""What tokens of each ERP are meant for."""
LIFE_S = 3600
_SCOPE = re.compile(r"(\S+)/\.default")


class Issuer(Protocol):
    """What ERPs and vegraph need to know of a provider."""

    issuer: str
    ca: Path
    public_keys: tuple[Any, ...]


class Authority:
    """A tenant's provider: signs people in, and exchanges for them and for applications."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.issuer = provider.issuer
        self.ca = provider.ca
        self.trouble: Callable[[dict[str, str]], Reply | None] = lambda form: None
        """Answers instead, where it gives an answer."""
        self.extra: Callable[[dict[str, str]], dict[str, str]] = lambda form: {}
        """Headers that go with good answers."""
        self.strong: set[str] = set()
        """Object ids of people who have met what conditional access asks for."""
        self.issued: dict[str, str] = {}
        """Every token that was made → the `oid` in it."""
        self.public_keys = (key().public_key(),)
        """What ERPs check with."""
        self.keys = Reply({"keys": [jwk("k1")]})
        provider.answers["keys"] = self.keys
        provider.answers["token"] = self._token

    def person(self, oid: str, **changes: Any) -> str:
        """The token somebody signs in with at vegraph; claims changed."""
        return self.made(API, {"oid": oid, "scp": "access_as_user", **changes})

    def made(self, audience: str, claims: dict[str, Any], **header: Any) -> str:
        """A token for that audience."""
        now = int(time.time())
        whole = {
            "iss": self.issuer, "aud": audience, "tid": TENANT, "ver": "2.0", "iat": now, "nbf": now,
            "exp": now + LIFE_S, "sub": f"{audience}|{claims.get('oid')}", "uti": str(len(self.issued)), **claims,
        }  # fmt: skip
        token = signed({name: value for name, value in whole.items() if value is not REMOVED}, **header)
        self.issued[token] = str(claims.get("oid"))
        return token

    def _token(self, form: dict[str, str]) -> Reply:
        if (wrong := self.trouble(form)) is not None:
            return wrong
        audience = _SCOPE.search(form.get("scope", ""))
        if audience is None or audience[1] not in AUDIENCES.values():
            return Reply({"error": "invalid_scope"}, 400)
        if form["grant_type"] == "client_credentials":
            claims = {"oid": form["client_id"], "appid": form["client_id"], "idtyp": "app"}
        else:
            found = jwt.decode(form["assertion"], self.public_keys[0], ["RS256"], audience=API, issuer=self.issuer)
            claims = {"oid": found["oid"], "scp": "user_impersonation"}
            if "c1" in form.get("claims", ""):
                if found["oid"] not in self.strong:
                    return Reply({"error": "interaction_required", "error_codes": [50076]}, 400)
                claims["acrs"] = "c1"
        token = self.made(audience[1], claims)
        return Reply({"access_token": token, "token_type": "Bearer", "expires_in": LIFE_S}, headers=self.extra(form))
