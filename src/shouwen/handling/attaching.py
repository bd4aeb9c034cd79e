"""Files on a ticket: each is looked at, sealed under its customer's key and written into the history, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from shouwen.handbook.attachments import Attachment, present
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening
from shouwen.handbook.moves import Move
from shouwen.handling.actions import move_locked
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, locked
from shouwen.vault.files import KeptFile, keep_file, kept_files
from shouwen.vault.refusals import SubjectErased


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: what it calls itself is for people to read, and decides nothing."""

    file: BinaryIO
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a ticket: what the history says of it, and what the vault keeps (None once it keeps nothing)."""

    attachment: Attachment
    kept: KeptFile | None

    @property
    def name(self) -> str:
        return self.kept.name if self.kept else ""


@transaction.atomic
def attach_file(ticket: Ticket, upload: Upload, *, by: Actor, at: datetime, form: str, source: str = "desk") -> Ticket:
    """Put a file on a ticket whose door the caller keeps. `form` names the sending: sent twice, it counts once.

    Raises SubjectErased, a FileRefused of the vault, or a `Refusal` of the handbook.
    """
    if ticket.customer_id is None:
        raise SubjectErased
    kept = keep_file(ticket.customer_id, upload.file, size=upload.size, name=upload.name)
    row = locked(ticket.pk)
    if any(before.facts.get("form") == form for before in history_of(row.pk)):
        transaction.set_rollback(True)  # it came twice: what was just kept is not kept
        return row
    facts = {
        "attachment": str(kept.id),
        "media": kept.media.code,
        "size": kept.size,
        "digest": kept.digest,
        "form": form,
    }
    return move_locked(row, Move.ATTACH, by=by, happened_at=at, now=at, facts=facts, source=source)


@transaction.atomic
def detach_file(ticket: Ticket, attachment: str, reason: str, *, by: Actor, at: datetime) -> Ticket:
    """Take a file off a ticket; the history says who did and why, and it can be put back. Raises a `Refusal`."""
    facts = {"attachment": attachment, "reason": reason}
    return move_locked(locked(ticket.pk), Move.DETACH, by=by, happened_at=at, now=at, facts=facts)


@transaction.atomic
def put_back(ticket: Ticket, attachment: str, *, by: Actor, at: datetime) -> Ticket:
    """Put a removed file back on its ticket. Raises a `Refusal`."""
    row = locked(ticket.pk)
    return move_locked(row, Move.ATTACH, by=by, happened_at=at, now=at, facts={"attachment": attachment})


def files_of(ticket: Ticket, attachments: list[Attachment]) -> list[AttachedFile]:
    """These files with their names: two questions, whatever their number; none without any."""
    if not attachments or ticket.customer_id is None:
        return []
    kept = kept_files(ticket.customer_id, [UUID(one.id) for one in attachments])
    return [AttachedFile(one, kept.get(UUID(one.id))) for one in attachments]


def file_on(ticket: Ticket, history: list[Happening], attachment: UUID) -> AttachedFile | None:
    """The file of this name, if it is on the ticket now and its customer still has a key."""
    found = files_of(ticket, [one for one in present(history) if one.id == str(attachment)])
    return next((one for one in found if one.kept and one.name), None)
