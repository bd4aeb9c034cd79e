"""Taking a list away as a file: who, for what, and what was in it is written down before anything leaves."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from shouwen.desk.exporting import MOST_ROWS, columns, exported
from shouwen.desk.listing import Listing
from shouwen.desk.pages.door import is_fragment
from shouwen.desk.pages.queues import ListPage
from shouwen.handbook.refusals import Refusal
from shouwen.screens.tables import KINDS, table_response
from shouwen.vault.actions import record_handing_out

LONGEST_REASON = 200


class ExportPage(ListPage):
    """GET asks what it is for, POST hands it over."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.ask({"listing": self.listing(request.GET, code)})

    def post(self, request: HttpRequest, code: str) -> HttpResponseBase:
        listing, kind = self.listing(request.GET, code), request.POST.get("kind", "")
        if kind not in KINDS:
            raise Http404
        try:
            self.write_down(listing, request.POST.get("reason", "")[:LONGEST_REASON])
        except Refusal as refusal:
            return self.ask({"listing": listing, "refusal": refusal}, status=409)
        name = str(listing.queue.name)
        return table_response(
            name, columns(), exported(listing), at=self.at, kind=kind, by=self.actor.name, limit=MOST_ROWS
        )

    def write_down(self, listing: Listing, reason: str) -> None:
        """Who takes which list away, and why. Raises HandingOutNeedsReason."""
        about = f"{listing.path}?{listing.query}".removesuffix("?")
        record_handing_out(about, subject_id=None, by=self.actor.id, reason=reason, at=self.at)

    def ask(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        template = "desk/_export.html" if is_fragment(self.request) else "desk/export.html"
        return render(self.request, template, {**context, "most": MOST_ROWS}, status=status)
