"""Shift handover: the list of lists, a new one, and one to confirm and print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.desk.handovers import (
    LONGEST_NOTE,
    LONGEST_NOTES,
    SECTIONS,
    Line,
    by_section,
    left_out_of,
    lines_of,
    without_a_line,
    without_names,
)
from shouwen.desk.pages.living import living_list
from shouwen.desk.pages.places import places_in
from shouwen.desk.pages.rosters import RosterDoor
from shouwen.desk.paging import page_of
from shouwen.desk.rosters import teams_seen
from shouwen.handbook.refusals import Refusal
from shouwen.people.duty import on_shift
from shouwen.people.handovers import confirm_handover, hand_over_shift
from shouwen.people.models import Handover, Team
from shouwen.people.names import team_words
from shouwen.screens.tables import kind_asked
from shouwen.tickets.queries import sees_tickets

NEWEST = ("-made_at", "-id")
SOON = timedelta(minutes=45)


class HandoverDoor(RosterDoor):
    """Lists are for those who see tickets, of the teams they are in or answer for."""

    def _may_enter(self) -> bool:
        return sees_tickets(self.actor)

    def lists(self) -> Any:
        teams = [team.pk for team in teams_seen(self.actor)]
        return Handover.objects.filter(team__in=teams).select_related("team", "made_by", "confirmed_by")


class HandoversPage(HandoverDoor):
    """The lists of somebody's teams, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        teams = teams_seen(self.actor)
        chosen = next((team for team in teams if team.pk == request.GET.get("team")), None)
        lists = self.lists().filter(team=chosen) if chosen else self.lists()
        if kind := kind_asked(request):
            headings = [
                _("Team"),
                _("Handed over"),
                _("By whom"),
                pgettext("shift", "Taken over"),
                _("By whom it was taken"),
                _("Tickets"),
            ]
            rows = _rows(lists.order_by(*NEWEST).iterator(chunk_size=200))
            return self.file_of(kind, _("Shift handovers"), headings, rows)
        page = page_of(lists, NEWEST, **places_in(request))
        own = [team for team in teams if team.pk in self.actor.teams] or teams
        return living_list(
            self,
            "desk/handovers.html",
            page,
            [(str(one.pk), str(one.confirmed_at)) for one in page.rows],
            lambda: {"rows": page.rows, "teams": teams, "own": own, "chosen": chosen},
        )


class NewHandover(HandoverDoor):
    """What the shift leaves, gathered; notes are added, and it is handed over."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self._show(self.team(code))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        team = self.team(code)
        given = {name.removeprefix("note-"): value for name, value in request.POST.items() if name.startswith("note-")}
        noted = {number: without_names(text.strip(), LONGEST_NOTE) for number, text in given.items()}
        lines = lines_of(team, self.actor, self.at, noted)
        typed = without_names(request.POST.get("notes", "").strip(), LONGEST_NOTES)
        notes = "\n".join(filter(None, (typed, without_a_line(noted, lines))))
        left_out = left_out_of(lines, team, self.actor)
        kept = [line.kept() for line in lines]
        made = hand_over_shift(team, kept, notes=notes, left_out=left_out, by=self.me, at=self.at)
        messages.success(request, _("Handed over. Whoever comes confirms it on this page."))
        return redirect("desk:handover", made.pk)

    def _show(self, team: Team) -> HttpResponse:
        coming = [shift.person for shift in on_shift(team, self.at + SOON)]
        lines = lines_of(team, self.actor, self.at)
        context = {
            "team": team,
            "sections": by_section(lines),
            "left_out": left_out_of(lines, team, self.actor),
            "coming": coming,
        }
        return render(self.request, "desk/new_handover.html", context)


class HandoverPage(HandoverDoor):
    """One list: to read, to print, to confirm."""

    def get(self, request: HttpRequest, handover: UUID) -> HttpResponse:
        return self.show(self.one(handover))

    def one(self, handover: UUID) -> Handover:
        """Raises Http404."""
        return get_object_or_404(self.lists(), pk=handover)

    def show(self, handover: Handover, status: int = 200, **given: Any) -> HttpResponse:
        lines = [Line.read(kept) for kept in handover.content]
        may_confirm = not handover.confirmed_at and str(handover.made_by_id) != self.actor.id
        context = {
            "handover": handover,
            "team": handover.team,
            "left_out": handover.left_out,
            "sections": by_section(lines),
            "may_confirm": may_confirm,
            **given,
        }
        return render(self.request, "desk/handover.html", context, status=status)


class HandoverConfirmation(HandoverPage):
    """The list is taken over."""

    def get(self, request: HttpRequest, handover: UUID) -> HttpResponse:
        return redirect("desk:handover", handover)

    def post(self, request: HttpRequest, handover: UUID) -> HttpResponse:
        one = self.one(handover)
        remark = without_names(request.POST.get("remark", "").strip(), LONGEST_NOTES)
        try:
            confirm_handover(one.pk, remark=remark, by=self.me, at=self.at)
        except Refusal as refusal:
            return self.show(self.one(handover), status=409, refusal=refusal)
        messages.success(request, _("Taken over."))
        return redirect("desk:handover", one.pk)


def _rows(lists: Iterator[Handover]) -> Iterator[Sequence[Any]]:
    for one in lists:
        counted = Counter(line["section"] for line in one.content)
        said = "; ".join(f"{words}: {counted[code]}" for code, words in SECTIONS.items() if counted[code])
        yield [team_words(one.team), one.made_at, str(one.made_by), one.confirmed_at, str(one.confirmed_by or ""), said]
