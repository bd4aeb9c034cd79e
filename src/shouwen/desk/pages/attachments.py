"""Files on a ticket: brought, looked at, taken off and put back; given out only as what they are, to be saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from shouwen.desk.files import files_shown
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment, no_store, tag_of
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Sight
from shouwen.handbook.refusals import Refusal
from shouwen.handling.attaching import AttachedFile, Upload, attach_file, detach_file, file_on, put_back
from shouwen.people.names import names_in
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of, ticket_for
from shouwen.vault.files import contents_of, record_opening, thumbnail_of, view_of

# Whatever a browser makes of a file: no script, no form, no page of ours.
SANDBOX = "default-src 'none'; sandbox"


class FilesPage(DeskPage):
    """The files of a ticket, and the way to bring more: several at once, each taken or refused for itself."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show(ticket_for(self.actor, number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        form, brought = request.POST.get("form", "")[:64], request.FILES.getlist("file")
        refused = [
            (file.name or "", refusal)
            for place, file in enumerate(brought)
            if (refusal := self._attach(ticket, file, f"{form}-{place}")) is not None
        ]
        if is_fragment(request):
            return self._answer(refused[0][1] if refused else None)
        for name, refusal in refused:
            messages.error(request, f"{name}: {refusal_text(refusal)}")
        if len(brought) > len(refused):
            messages.success(request, _("The files are on the ticket."))
        return redirect("desk:ticket", number)

    def _attach(self, ticket: Ticket, file: UploadedFile, form: str) -> Refusal | None:
        upload = Upload(file.file, file.size or 0, file.name or "")
        try:
            attach_file(ticket, upload, by=self.actor, at=self.at, form=form)
        except Refusal as refusal:
            return refusal
        return None

    def _answer(self, refusal: Refusal | None) -> HttpResponse:
        if refusal is None:
            return HttpResponse(status=201)
        return render(self.request, "shared/refusal.html", {"refusal": refusal}, status=409)

    def show(self, ticket: Ticket, *, removed: str = "", refusal: Refusal | None = None) -> HttpResponse:
        """The card: as a part of the ticket's page, or as a page of its own."""
        history, rules = history_of(ticket.pk), edition(ticket.edition)
        shown = files_shown(ticket, state_of(ticket), history, rules, self.actor, names_in(history))
        context: dict[str, Any] = {"ticket": ticket, "files": shown, "refusal": refusal, "at": self.at}
        context["just_removed"] = next((one for one in shown.removed if one.id == removed), None)
        template = "desk/_files.html" if is_fragment(self.request) else "desk/files.html"
        return render(self.request, template, context, status=409 if refusal else 200)


class Removal(FilesPage):
    """Taking a file off, with a reason; it stays kept and can be put back."""

    def get(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        try:
            detach_file(ticket, str(file), request.POST.get("reason", "")[:500], by=self.actor, at=self.at)
        except Refusal as refusal:
            return self._answer(refusal) if is_fragment(request) else self.show(ticket, refusal=refusal)
        return self.show(ticket_for(self.actor, number), removed=str(file))


class Restoration(FilesPage):
    """Putting a removed file back."""

    def get(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        try:
            put_back(ticket, str(file), by=self.actor, at=self.at)
        except Refusal as refusal:
            return self._answer(refusal) if is_fragment(request) else self.show(ticket, refusal=refusal)
        return self.show(ticket_for(self.actor, number))


class OneFile(DeskPage):
    """What is given out of one file that is on the ticket now, to who may see personal data."""

    roles, shows = WORKERS, Sight.PERSONAL

    def found(self, number: str, file: UUID) -> tuple[Ticket, UUID, AttachedFile]:
        """The ticket, whose file it is, and the file. Raises Http404 for a file that is not on it."""
        ticket = ticket_for(self.actor, number)
        attached = file_on(ticket, history_of(ticket.pk), file)
        if attached is None or ticket.customer_id is None:
            raise Http404
        return ticket, ticket.customer_id, attached


class FilePage(OneFile):
    """The file itself, to be saved; that it was taken is written down."""

    def get(self, request: HttpRequest, number: str, file: UUID) -> HttpResponseBase:
        ticket, customer, attached = self.found(number, file)
        record_opening(file, subject_id=customer, by=self.actor.id, about=ticket.number, at=self.at)
        return as_download(attached, contents_of(customer, file))


class Thumbnail(OneFile):
    """The small picture of a file: it never changes, so a browser may keep it, and asks each time whether it may."""

    def get(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        _ticket, customer, _attached = self.found(number, file)
        answer = as_picture(thumbnail_of(customer, file))
        tag = tag_of(str(file))
        if request.headers.get("If-None-Match") == tag:
            answer = HttpResponse(status=304)
        answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
        return answer


class View(OneFile):
    """A picture drawn anew, large enough to read; that it was looked at is written down."""

    def get(self, request: HttpRequest, number: str, file: UUID) -> HttpResponse:
        ticket, customer, _attached = self.found(number, file)
        record_opening(file, subject_id=customer, by=self.actor.id, about=ticket.number, at=self.at)
        return as_picture(view_of(customer, file))


def as_download(attached: AttachedFile, pieces: Iterator[bytes]) -> HttpResponseBase:
    """A file to be saved under its name, as what it is and nothing else."""
    kept = attached.kept
    if kept is None:
        raise Http404
    response = StreamingHttpResponse(pieces, content_type=kept.media.mime)
    response["Content-Disposition"] = content_disposition_header(True, kept.name)
    response["Content-Length"] = str(kept.size)
    return _guarded(response)


def as_picture(data: bytes | None) -> HttpResponse:
    """A picture we drew ourselves, to be looked at. Raises Http404 where there is none."""
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return _guarded(response)


def _guarded(response: Any) -> Any:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return no_store(response)
