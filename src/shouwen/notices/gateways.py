"""Ways out of the house. Which channel has one is a setting; a channel without one keeps its messages readable here."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

PATIENCE = 30  # seconds


@dataclass(frozen=True, slots=True)
class Message:
    """What a gateway is handed. The id is the order's, the same at every try; a text message needs no subject."""

    id: UUID
    to: str
    text: str
    subject: str = ""


class NotNow(Exception):
    """Certainly not sent; a later try may do better."""


class Undeliverable(Exception):
    """Certainly not sent, and no later try will do better."""


class OutcomeUnknown(Exception):
    """Perhaps sent, perhaps not: nobody can tell from here."""


class Gateway(Protocol):
    """A way out for one channel.

    `send` returns once the other side has taken the message over, or raises one of the three above. A gateway that
    `repeats_safely` knows a message by its id and sends it once, however often it is handed over.
    """

    repeats_safely: bool

    def send(self, message: Message) -> None: ...


def gateways() -> Mapping[str, Gateway]:
    """The gateways of this installation, by channel: `SHOUWEN_GATEWAYS` names a class for each."""
    return {channel: import_string(path)() for channel, path in settings.SHOUWEN_GATEWAYS.items()}


class Smtp:
    """E-mail through the server in Django's own `EMAIL_…` settings.

    SMTP cannot ask whether a message has arrived already, so a broken connection while it is handed over leaves the
    outcome unknown. Without a subject the first line of the text is it.
    """

    repeats_safely = False

    def send(self, message: Message) -> None:
        message = replace(message, to=_in_ascii(message.to))
        server = _connected()
        handed_over = False
        try:
            server.ehlo_or_helo_if_needed()
            _check(*server.mail(_sender()))
            _check(*server.rcpt(message.to))
            handed_over = True
            _check(*server.data(_letter(message).as_bytes()))
        except smtplib.SMTPResponseException as error:
            _check(error.smtp_code)
        except OSError as error:
            raise (OutcomeUnknown if handed_over else NotNow)(type(error).__name__) from error
        finally:
            with suppress(OSError):
                server.quit()


def _connected() -> smtplib.SMTP:
    patience = settings.EMAIL_TIMEOUT or PATIENCE
    try:
        server = (
            smtplib.SMTP_SSL(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=patience, context=_trusting())
            if settings.EMAIL_USE_SSL
            else smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=patience)
        )
        if settings.EMAIL_USE_TLS:
            server.starttls(context=_trusting())
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except OSError as error:  # every error of smtplib is one
        raise NotNow(type(error).__name__) from error
    return server


def _in_ascii(address: str) -> str:
    """The address as every server takes it: its domain in IDNA (例子.中国 is xn--fsqu00a.xn--fiqs8s)."""
    name, at, domain = address.rpartition("@")
    try:
        return name.encode("ascii").decode() + at + domain.encode("idna").decode()
    except UnicodeError as error:
        raise Undeliverable("address not in ASCII") from error


def _trusting() -> ssl.SSLContext:
    """A server is believed whose certificate is of an authority this machine trusts, or of the one that is named."""
    return ssl.create_default_context(cafile=settings.SHOUWEN_EMAIL_CA or None)


def _check(code: int, _said: bytes = b"") -> None:
    if code >= 500:
        raise Undeliverable(f"SMTP {code}")
    if code >= 400:
        raise NotNow(f"SMTP {code}")


def _sender() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _letter(message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = settings.DEFAULT_FROM_EMAIL, message.to
    letter["Subject"] = " ".join((message.subject or message.text.strip().splitlines()[0]).split())[:120]
    letter["Date"] = format_datetime(timezone.now())
    letter["Message-ID"] = f"<{message.id}@{_sender().rpartition('@')[2]}>"
    letter.set_content(message.text)
    return letter
