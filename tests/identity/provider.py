"""A provider for tests: real HTTP over TLS on loopback, answering as it is told. MSAL and httpx talk to it."""

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.identity.tokens import TENANT, key


@dataclass(frozen=True)
class Reply:
    """One answer."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Provider:
    """What it was asked, and how it answers."""

    def __init__(self, server: ThreadingHTTPServer, ca: Path) -> None:
        self.ca = ca
        self.origin = f"https://127.0.0.1:{server.server_port}"
        self.issuer = f"{self.origin}/{TENANT}/v2.0"
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        """(method, path, form) of each request, in order."""
        self.metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.answers: dict[str, Reply | Callable[[dict[str, str]], Reply]] = {}
        """Path's last part → how it answers."""

    @property
    def forms(self) -> list[dict[str, str]]:
        """What tokens were asked for."""
        return [form for method, _, form in self.asked if method == "POST"]

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        form = dict(parse_qsl(body.decode()))
        self.asked.append((method, path, form))
        last = path.rsplit("/", 1)[1]
        if last == "openid-configuration" and last not in self.answers:
            return Reply(self.metadata)
        found = self.answers.get(last, Reply(status=404))
        return found(form) if callable(found) else found


@contextmanager
def running(folder: Path) -> Iterator[Provider]:
    """The provider on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = provider.answer(self.command, self.path, body)
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.raw)))
            self.end_headers()
            self.wfile.write(reply.raw)

        do_GET = do_POST = _serve  # noqa: N815  http.server looks for these names

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    pem = certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    provider = Provider(server, pem)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path, name: str = "loopback") -> Path:
    """A PEM file with a private key and a certificate for 127.0.0.1 signed with it."""
    path = folder / f"{name}.pem"
    private = key(f"certificate {name}")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, SHA256())
    )
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    path.write_bytes(text)
    return path
