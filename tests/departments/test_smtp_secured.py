"""E-mail over TLS and with a password, against a real server on the loopback that asks for both."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shouwen.notices.gateways import NotNow, Smtp, Undeliverable
from tests.departments.test_notices import LETTER, Post, Postman

pytestmark = pytest.mark.clause("T1.3b")
USER, PASSWORD = "desk", "biyi-9"


class Guarded(Post):
    """A server that speaks TLS from the start, or when it is asked to, and knows one password."""

    def __init__(self, context: ssl.SSLContext, *, from_the_start: bool) -> None:
        super().__init__()
        self.context, self.from_the_start = context, from_the_start
        self.RequestHandlerClass = Guard  # type: ignore[assignment]
        self.signed_in: list[bytes] = []
        self.secured = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us hangs up: that is the test, not a mistake."""


class Guard(Postman):
    server: Guarded

    def setup(self) -> None:
        if self.server.from_the_start:
            self.secure()
        super().setup()

    def secure(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.server.secured += 1

    def handle(self) -> None:
        self.say(b"220 post")
        while line := self.rfile.readline():
            verb, _, rest = line.strip().partition(b" ")
            match verb.upper():
                case b"EHLO":
                    self.say(b"250-post\r\n250-AUTH PLAIN\r\n250 STARTTLS")
                case b"STARTTLS":
                    self.say(b"220 go on")
                    self.secure()
                    self.setup_streams()
                case b"AUTH":
                    self.sign_in(rest)
                case b"DATA":
                    self.say(b"354 go on")
                    self.take_letter()
                case b"QUIT":
                    self.say(b"221 bye")
                    return
                case _:
                    self.say(b"250 well" if self.server.signed_in else b"530 sign in first")

    def setup_streams(self) -> None:
        self.connection = self.request
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", 0)

    def sign_in(self, said: bytes) -> None:
        right = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
        if said.partition(b" ")[2] == right:
            self.server.signed_in.append(said)
        self.say(b"235 welcome" if self.server.signed_in else b"535 wrong")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the loopback that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(params=["STARTTLS", "TLS"])
def guarded(request: pytest.FixtureRequest, certificate: tuple[Path, Path], settings: Any) -> Iterator[Guarded]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Guarded(context, from_the_start=request.param == "TLS") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = *server.server_address, 5
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = request.param == "STARTTLS", request.param == "TLS"
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
        settings.SHOUWEN_EMAIL_CA = str(certificate[0])
        settings.DEFAULT_FROM_EMAIL = "desk@carrier.example"
        yield server
        server.shutdown()


def test_a_letter_goes_encrypted_after_signing_in(guarded: Guarded) -> None:
    Smtp().send(LETTER)

    assert len(guarded.letters) == 1
    assert guarded.secured == 1
    assert guarded.signed_in


def test_a_server_nobody_vouches_for_gets_neither_letter_nor_password(guarded: Guarded, settings: Any) -> None:
    """Because whoever stands in the middle could show any certificate."""
    settings.SHOUWEN_EMAIL_CA = ""

    with pytest.raises(NotNow):
        Smtp().send(LETTER)
    assert (guarded.letters, guarded.signed_in) == ([], [])


def test_a_wrong_password_is_tried_again_later_because_somebody_may_mend_it(guarded: Guarded, settings: Any) -> None:
    settings.EMAIL_HOST_PASSWORD = "wrong"

    with pytest.raises(NotNow):
        Smtp().send(LETTER)
    assert guarded.letters == []


def test_without_signing_in_the_server_refuses(guarded: Guarded, settings: Any) -> None:
    settings.EMAIL_HOST_USER = ""

    with pytest.raises(Undeliverable):
        Smtp().send(LETTER)
