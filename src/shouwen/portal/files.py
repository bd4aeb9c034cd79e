"""Files a customer sends with a complaint: photos of the lights, of a bill. They see their own, by name and size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from shouwen.handbook.attachments import present
from shouwen.handbook.history import Happening
from shouwen.handbook.refusals import Refusal
from shouwen.handling.attaching import AttachedFile, Upload, attach_file, files_of
from shouwen.portal.forms import new_form_name
from shouwen.portal.limits import count
from shouwen.portal.queries import customer_of
from shouwen.tickets.models import Ticket
from shouwen.vault.contents import MEDIA


@dataclass(frozen=True, slots=True)
class Files:
    """What a customer has sent, and where more is sent to."""

    url: str
    sent: Sequence[AttachedFile]

    @property
    def form(self) -> str:
        """The name of the next sending: sent twice, it counts once."""
        return new_form_name()

    @property
    def accept(self) -> str:
        """What a phone offers to choose from; what is taken is decided by content."""
        return ",".join(["image/*", "audio/*", "video/mp4", *(f".{media.extension}" for media in MEDIA.values())])

    @property
    def file_mb(self) -> int:
        return int(settings.SHOUWEN_FILE_MB)

    @property
    def recording_mb(self) -> int:
        return int(settings.SHOUWEN_RECORDING_MB)

    @property
    def largest(self) -> int:
        return max(self.file_mb, self.recording_mb) * 1_000_000


def files_sent(ticket: Ticket, history: Iterable[Happening], url: str) -> Files:
    """The customer's own files on a ticket; what the desk attached is the desk's."""
    own = [one for one in present(history) if one.by.startswith("customer")]
    return Files(url, files_of(ticket, own))


def take_files(
    ticket: Ticket, brought: Sequence[UploadedFile], *, form: str, at: datetime
) -> list[tuple[str, Refusal]]:
    """Put files on a ticket, each taken or refused for itself; those refused, and why. Raises TooOften."""
    refused = []
    for place, file in enumerate(brought):
        count("file", str(ticket.pk), at=at)
        upload = Upload(file.file, file.size or 0, file.name or "")
        try:
            attach_file(ticket, upload, by=customer_of(ticket), at=at, form=f"{form}-{place}", source="portal")
        except Refusal as refusal:
            refused.append((file.name or "", refusal))
    return refused
