"""How a customer without an account gets at their ticket: a code on their phone, or a slip from an agent.

Guarantees. A phone code has six digits, lives ten minutes and bears five tries; every try is counted before it is
compared, so trying at once from many sides gains nothing. It is checked under the name of the request that ordered it,
which only the browser that asked can know: nobody else can use up its tries. So many codes an hour, and a day, are made
for one ticket, whoever asks. A slip has about fifty random bits, lives a week and opens its ticket once. Only hashes
are kept, keyed with a secret that is not in the database. A code sent to an e-mail address bears as many tries and is
made as rarely; it lives longer, because letters take their time, and the latest alone counts.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from shouwen.customers.models import AccessCode
from shouwen.handbook.authority import Actor
from shouwen.handbook.numbers import UNMISTAKABLE

CODE_DIGITS = 6
CODE_LIVES_FOR = timedelta(minutes=10)
MAILBOX_CODE_LIVES_FOR = timedelta(minutes=30)
CODE_TRIES = 5
CODES_AT_MOST = ((timedelta(hours=1), 3), (timedelta(days=1), 10))
SLIP_LENGTH = 10
SLIP_LIVES_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class NewCode:
    """A phone code just made: its plain digits exist here and in the message, nowhere else."""

    id: UUID
    digits: str
    expires_at: datetime


def make_code(ticket_id: UUID | str, *, at: datetime, mailbox: str = "") -> NewCode | None:
    """A code for whoever holds this ticket's phone, or reads the `mailbox` with this token.

    None when too many have been made lately.
    """
    kind = AccessCode.EMAIL if mailbox else AccessCode.PHONE
    made = AccessCode.objects.filter(ticket_id=ticket_id, kind=kind)
    if any(made.filter(made_at__gt=at - span).count() >= most for span, most in CODES_AT_MOST):
        return None
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    row = AccessCode(kind=kind, ticket_id=ticket_id, token=mailbox, made_at=at, made_by="customer")
    row.expires_at = at + (MAILBOX_CODE_LIVES_FOR if mailbox else CODE_LIVES_FOR)
    row.code_hash = _hash(str(row.id), digits)
    row.save(force_insert=True)
    return NewCode(row.id, digits, row.expires_at)


def check_code(request: UUID, digits: str, *, at: datetime) -> UUID | None:
    """The ticket that these digits open, once; None for every wrong, late, worn out or unknown one."""
    row = _proved(AccessCode.objects.filter(pk=request, kind=AccessCode.PHONE), digits, at)
    return row.ticket_id if row else None


def check_mailbox_code(ticket_id: UUID | str, digits: str, *, at: datetime) -> str | None:
    """The token of the mailbox to which these digits were sent last for this ticket, once; None as above."""
    sent = mailbox_code_sent(ticket_id, at=at)
    row = _proved(AccessCode.objects.filter(pk=sent.pk), digits, at) if sent else None
    return row.token if row else None


def mailbox_code_sent(ticket_id: UUID | str, *, at: datetime) -> AccessCode | None:
    """The code that was sent to a mailbox last, while it may still be entered."""
    last = AccessCode.objects.filter(ticket_id=ticket_id, kind=AccessCode.EMAIL).order_by("-made_at", "-id").first()
    return last if last and last.used_at is None and last.expires_at > at else None


def _proved(codes: QuerySet[AccessCode], digits: str, at: datetime) -> AccessCode | None:
    """The one code among `codes`, if these are its digits; it is used then. Every try counts before it is compared."""
    live = codes.filter(used_at=None, expires_at__gt=at)
    if not live.filter(tries__lt=CODE_TRIES).update(tries=F("tries") + 1):
        return None
    row = live.first()  # none if the same button, pressed twice, has used it meanwhile
    if row is None or not hmac.compare_digest(bytes(row.code_hash), _hash(str(row.id), _plain(digits))):
        return None
    return row if live.update(used_at=at) else None


def make_slip(ticket_id: UUID | str, *, by: Actor, at: datetime) -> str:
    """A code for an agent to hand or read out to a customer who has proved who they are; shown once."""
    code = "".join(secrets.choice(UNMISTAKABLE) for _ in range(SLIP_LENGTH))
    AccessCode.objects.create(
        kind=AccessCode.SLIP,
        ticket_id=ticket_id,
        code_hash=_hash(str(ticket_id), code),
        made_at=at,
        made_by=by.ref,
        expires_at=at + SLIP_LIVES_FOR,
    )
    return f"{code[:5]}-{code[5:]}"


def check_slip(ticket_id: UUID | str, code: str, *, at: datetime) -> bool:
    """True for a slip of this ticket that nobody has used yet; it is used then."""
    wanted = _hash(str(ticket_id), _plain(code))
    unused = AccessCode.objects.filter(ticket_id=ticket_id, kind=AccessCode.SLIP, used_at=None, expires_at__gt=at)
    return bool(unused.filter(code_hash=wanted).update(used_at=at))


def _plain(code: str) -> str:
    """The code as it was given, however it was typed: wide digits, small letters, spaces and strokes."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", code[:100]).upper() if letter.isalnum())


def _hash(place: str, code: str) -> bytes:
    return salted_hmac("shouwen.customers.access", f"{place}:{code}", algorithm="sha256").digest()
