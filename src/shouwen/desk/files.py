"""The files of a ticket as its page shows them: those that are there, those that were removed, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.conf import settings

from shouwen.editions.edition import Edition
from shouwen.handbook.attachments import attachments_of
from shouwen.handbook.authority import Actor, Sight, may
from shouwen.handbook.history import Happening, TicketState
from shouwen.handbook.lifecycle import moves_from
from shouwen.handbook.moves import Move
from shouwen.handling.attaching import AttachedFile, files_of
from shouwen.people.names import Names
from shouwen.tickets.models import Ticket
from shouwen.vault.contents import MEDIA, PICTURE, RECORDING
from shouwen.vault.pictures import FORMATS

ICONS = {
    "pdf": "file-type-pdf",
    "docx": "file-text",
    "xlsx": "file-spreadsheet",
    "txt": "file-text",
    "mp4": "video",
}


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file: its name, what it is, who brought it; and who removed it, if somebody did."""

    id: str
    name: str
    media: str
    size: int
    by: str
    at: datetime
    removed_by: str
    removed_at: datetime | None
    reason: str
    erased: bool

    @property
    def icon(self) -> str:
        group = MEDIA[self.media].group
        return ICONS.get(self.media, "photo" if group == PICTURE else "microphone")

    @property
    def has_picture(self) -> bool:
        return self.media in FORMATS and bool(self.name)

    @property
    def is_sound(self) -> bool:
        return MEDIA[self.media].group == RECORDING and self.media != "mp4" and bool(self.name)


@dataclass(frozen=True, slots=True)
class FilesShown:
    """The card of a ticket's files."""

    number: str
    here: Sequence[ShownFile]
    removed: Sequence[ShownFile]
    may_attach: bool
    may_remove: bool

    @property
    def form(self) -> str:
        """The name of the next sending: sent twice, it counts once."""
        return uuid4().hex

    @property
    def accept(self) -> str:
        """What a file dialog offers; what is taken is decided by content."""
        endings = [f".{media.extension}" for media in MEDIA.values()]
        return ",".join(["image/*", "audio/*", "video/mp4", *endings, ".jpeg", ".heif"])

    @property
    def largest(self) -> int:
        return max(self.file_mb, self.recording_mb) * 1_000_000

    @property
    def file_mb(self) -> int:
        return int(settings.SHOUWEN_FILE_MB)

    @property
    def recording_mb(self) -> int:
        return int(settings.SHOUWEN_RECORDING_MB)


def files_shown(
    ticket: Ticket, state: TicketState, history: Sequence[Happening], rules: Edition, actor: Actor, names: Names
) -> FilesShown:
    """The card: no question for a ticket without files, two for any number of them.

    Whoever may not see personal data is shown what each is, and neither its name nor its content.
    """
    attachments, personal = attachments_of(history), Sight.PERSONAL in actor.sights
    files = files_of(ticket, attachments) if personal else [AttachedFile(one, None) for one in attachments]
    shown = [_shown(one, names, personal) for one in files]
    legal = moves_from(state, rules.path(state.ticket_type))
    return FilesShown(
        ticket.number,
        [one for one in shown if one.removed_at is None],
        [one for one in shown if one.removed_at is not None],
        Move.ATTACH in legal and may(rules.roles, actor, Move.ATTACH) and ticket.customer_id is not None,
        Move.DETACH in legal and may(rules.roles, actor, Move.DETACH),
    )


def _shown(file: AttachedFile, names: Names, personal: bool) -> ShownFile:
    one = file.attachment
    return ShownFile(
        one.id,
        file.name,
        one.media,
        one.size,
        names.of(one.by),
        one.at,
        names.of(one.removed_by) if one.removed_by else "",
        one.removed_at,
        one.reason,
        personal and not file.name,
    )
