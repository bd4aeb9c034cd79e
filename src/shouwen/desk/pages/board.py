"""The load board on the screen, and the moves made on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from shouwen.desk.board import Reassignment, board_of, reassign, warnings_about
from shouwen.desk.header import rules_for
from shouwen.desk.loads import people_of, teams_under
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.opening_team import opening_team, remember
from shouwen.desk.pages.door import DeskPage, no_store
from shouwen.desk.sources import in_terms, source_of
from shouwen.editions.queries import edition
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import TicketChanged
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.queries import NoSuchTicket, ticket_for


class BoardPage(DeskPage):
    """One team at a time: its people as columns, their tickets by what is due."""

    roles = OVERSEERS

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        teams = teams_under(self.actor)
        team = self.team_of(teams)
        context = {
            "teams": [(one.pk, team_words(one)) for one in teams],
            "team": team,
            "columns": board_of(team, self.actor, rules_for(request, self.at), self.at) if team else [],
            "at": self.at,
        }
        return render(request, "desk/board.html", context)

    def team_of(self, teams: list[Team]) -> Team | None:
        """The team the address names, which is opened again the next time; or the one to open on. Raises Http404."""
        asked = self.request.GET.get("team", "")
        if not asked:
            return opening_team(teams, self.actor, self.request)
        team = next((one for one in teams if one.pk == asked), None)
        if team is None:
            raise Http404
        remember(team, self.request)
        return team


class BoardMoves(DeskPage):
    """A ticket put into other hands: with `trying` only whether that would go, and what to think of first."""

    roles = OVERSEERS

    def post(self, request: HttpRequest) -> HttpResponse:
        one = self._asked()
        trying = request.POST.get("trying") == "yes"
        if not one.reason:
            return self._no(_("Say why first: the reason stands in the ticket's history."))
        try:
            warnings = warnings_about(one, ticket_for(self.actor, one.number), self.at)
            moved = reassign(one, by=self.actor, at=self.at, trying=trying)
        except NoSuchTicket:
            return self._no(_("This ticket is no longer in your sight."))
        except TicketChanged:
            return self._no(_("Somebody has changed it since you looked: load the board anew."))
        except Refusal as refusal:
            return self._refused(one, refusal)
        seen = one.seen if trying else moved.last_seq
        return no_store(JsonResponse({"warnings": warnings, "seen": seen}))

    def _asked(self) -> Reassignment:
        posted = self.request.POST
        team = get_object_or_404(Team, pk__in=[one.pk for one in teams_under(self.actor)], code=posted.get("team"))
        to = get_object_or_404(people_of([team]), pk=_id(posted["to"])) if posted.get("to") else None
        seen = posted.get("seen", "")
        reason = posted.get("reason", "").strip()[:4000]
        return Reassignment(posted.get("number", ""), team, to, reason, int(seen) if seen.isdecimal() else None)

    def _refused(self, one: Reassignment, refusal: Refusal) -> HttpResponse:
        rules = edition(ticket_for(self.actor, one.number).edition)
        return self._no(refusal_text(in_terms(refusal, rules)), source_of(refusal.clause, rules))

    def _no(self, says: str, source: str = "") -> HttpResponse:
        return no_store(JsonResponse({"says": says, "source": source}, status=409))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
