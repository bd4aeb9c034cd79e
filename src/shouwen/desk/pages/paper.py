"""A ticket to be printed: masked for whoever may see it; in full to who says for what, and that is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwen.desk.pages.door import WORKERS, DeskPage, no_store
from shouwen.desk.paper import paper_of
from shouwen.desk.sheet import Sheet, sheet_of
from shouwen.handbook.authority import Sight
from shouwen.handbook.refusals import Refusal
from shouwen.vault.actions import reveal


class PaperPage(DeskPage):
    """The record of a case on A4 (H5.3.1): GET with masked values, POST with a reason in full."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        return self.show(self.sheet(number))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        sheet = self.sheet(number)
        if Sight.PERSONAL not in self.actor.sights:
            return self.show(sheet)
        reason = request.POST.get("reason", "")[:200]
        try:
            revealed = reveal(sheet.values, by=self.actor.id, reason=reason, at=self.at, about=sheet.ticket.number)
        except Refusal as refusal:
            return self.show(sheet, refusal=refusal)
        return self.show(sheet, revealed=revealed)

    def sheet(self, number: str) -> Sheet:
        return sheet_of(self.actor, number, self.at, whole=True)

    def show(
        self, sheet: Sheet, *, revealed: Mapping[Any, str | None] | None = None, refusal: Refusal | None = None
    ) -> HttpResponse:
        """The record, ready to be printed."""
        context = {
            "paper": paper_of(sheet, printed_by=self.actor.name, revealed=revealed),
            "sheet": sheet,
            "carrier": settings.SHOUWEN_CARRIER,
            "refusal": refusal,
            "at": self.at,
        }
        return no_store(render(self.request, "desk/paper.html", context, status=409 if refusal else 200))
