"""What pickers ask while somebody types: which colleague, which ticket. Answers are JSON, short and never kept.

- `POST /lookup/people` with `q`, and `role`, `team` where only some will do, answers `{"found": [{"id", "name",
  "note", "is_away"}]}`. An empty `q` gives the asker's own teams.
- `POST /lookup/tickets` with `q` (a number or its beginning, a phone, words), `open=1` for open ones only and `but`
  for a number that may not be chosen, answers `{"found": [{"number", "title", "note", "is_open"}]}`.

At most eight, the likeliest first. What is typed is posted, because it may be somebody's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse

from shouwen.desk.lookups import people_called, tickets_meant
from shouwen.desk.pages.door import WORKERS, DeskPage, no_store
from shouwen.tickets.queries import visible_to


class PeopleLookup(DeskPage):
    """Colleagues by name, for a mention or a handover; the asker's own teams first."""

    def post(self, request: HttpRequest) -> JsonResponse:
        given = request.POST
        found = people_called(
            given.get("q", ""),
            self.at,
            role=given.get("role", ""),
            team=given.get("team", ""),
            first_of=sorted(self.actor.teams),
        )
        return _answer(found)


class TicketLookup(DeskPage):
    """Tickets in the asker's sight, to link one to another."""

    roles = WORKERS

    def post(self, request: HttpRequest) -> JsonResponse:
        tickets = visible_to(self.actor)
        if request.POST.get("open"):
            tickets = tickets.filter(is_open=True)
        if but := request.POST.get("but"):
            tickets = tickets.exclude(number=but)
        return _answer(tickets_meant(request.POST.get("q", ""), tickets, self.at, by=self.actor))


def _answer(found: Sequence[Any]) -> JsonResponse:
    return no_store(JsonResponse({"found": [asdict(one) for one in found]}))
