"""Starts the OpenID provider of `scripts/oidc` for tests, and signs people in as a browser would."""

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.identity.provider import certificate
from tests.node import end, package
from vegraph.identity.json_http import trust

SOURCE = Path(__file__).resolve().parents[2] / "scripts" / "oidc"
REDIRECT = "http://127.0.0.1:5173/signed-in"
"""Where the browser application of these tests would be; nothing needs to listen there."""


class Oidc:
    """A running provider."""

    def __init__(self, process: subprocess.Popen[str], issuer: str, ca: Path) -> None:
        self._process = process
        self.issuer = issuer
        self.ca = ca

    def command(self, **command: Any) -> dict[str, Any]:
        """Tells the provider to do something (see `scripts/oidc/main.mjs`); gives its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._line()

    def sign_in(self, name: str, password: str, *, resource: str, scope: str, client_id: str = "browser") -> str:
        """The access token that person gets through the page, by authorization code and PKCE."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        question = {
            "client_id": client_id, "response_type": "code", "redirect_uri": REDIRECT, "scope": f"openid {scope}",
            "resource": resource, "code_challenge": challenge, "code_challenge_method": "S256", "state": "s",
        }  # fmt: skip
        with httpx.Client(verify=trust(self.ca), trust_env=False) as browser:
            page = _follow(browser, browser.get(f"{self.issuer}/auth", params=question))
            action = re.search('action="([^"]+)"', page.text)
            assert action, page.text
            form = {"name": name, "password": password}
            answer = _follow(browser, browser.post(str(page.url.join(action[1])), data=form))
            assert answer.is_redirect, answer.text
            code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
            form = {
                "grant_type": "authorization_code", "client_id": client_id, "code": code, "code_verifier": verifier,
                "redirect_uri": REDIRECT,
            }  # fmt: skip
            return browser.post(f"{self.issuer}/token", data=form).raise_for_status().json()["access_token"]

    def app_token(self, client_id: str, client_secret: str, *, resource: str) -> str:
        """An application's own token."""
        form = {
            "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret,
            "scope": f"{resource}/.default",
        }  # fmt: skip
        with httpx.Client(verify=trust(self.ca), trust_env=False) as http:
            return http.post(f"{self.issuer}/token", data=form).raise_for_status().json()["access_token"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the OpenID provider ended; what it said stands above")
        return json.loads(line)


def _follow(browser: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """The page that a browser would show, or the redirect to the application."""
    while answer.is_redirect and not answer.headers["location"].startswith(REDIRECT):
        answer = browser.get(str(answer.url.join(answer.headers["location"])))
    return answer


@contextmanager
def running(folder: Path, config: dict[str, Any]) -> Iterator[Oidc]:
    """The provider with that configuration, on a free port. Skips, or fails in CI, where it can't be had."""
    modules = package(SOURCE) / "node_modules"
    place = folder / "oidc"
    place.mkdir()
    for file in SOURCE.glob("*.mjs"):
        shutil.copy(file, place)
    (place / "node_modules").symlink_to(modules, target_is_directory=True)
    pem = certificate(folder)
    whole = {"port": 0, "certificate": str(pem), **config}
    (place / "config.json").write_text(json.dumps(whole))
    with (folder / "oidc.log").open("w") as log:
        process = subprocess.Popen(
            ["node", "main.mjs", "config.json"],
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
    try:
        provider = Oidc(process, "", pem)
        provider.issuer = provider._line()["issuer"]
        yield provider
    finally:
        end(process)
