"""Who may see a ticket: what `visible_to` lets a person see, asked from the ticket's side, about everybody at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from shouwen.handbook.authority import SIGHTS_OF_TICKETS, Role, Sight
from shouwen.people.models import Leave, Person
from shouwen.people.queries import EVERYWHERE, running_at
from shouwen.tickets.models import Task, Ticket


def seers_of(ticket: Ticket, roles: Mapping[str, Role], *, at: datetime) -> Q:
    """A condition on people: those who may see this ticket under these roles, by their rights at this moment."""
    hands = [ticket.first_owner_id, ticket.handler_id]
    covers = Leave.objects.filter(running_at(at), person__in=hands).values("cover")
    seeing = _holding(roles, SIGHTS_OF_TICKETS) & (Q(pk__in=hands) | Q(pk__in=covers))
    seeing |= _holding(roles, {Sight.TEAMS}) & Q(pk__in=_members_of_its_teams(ticket))
    there = _answering_for(ticket.region)
    seeing |= _holding(roles, {Sight.REGIONS}) & there
    if not ticket.is_open:
        seeing |= _holding(roles, {Sight.FINISHED}) & there
    levels = [role.code for role in roles.values() if ticket.customer_level in role.customer_levels]
    return seeing | (_holding(roles, {Sight.CUSTOMER_LEVELS}) & Q(roles__overlap=levels) & there)


def _holding(roles: Mapping[str, Role], sights: Iterable[Sight]) -> Q:
    return Q(roles__overlap=[role.code for role in roles.values() if not role.sees.isdisjoint(sights)])


def _members_of_its_teams(ticket: Ticket) -> object:
    """Of the team that has it, of the one that leads, and of those that help."""
    helping = Task.objects.filter(ticket_id=ticket.pk).values("team")
    own = [code for code in (ticket.team_id, ticket.lead_team_id) if code]
    return Person.objects.filter(Q(teams__in=own) | Q(teams__in=helping)).values("pk")


def _answering_for(region: str) -> Q:
    """A ticket without a region is everybody's who answers for one."""
    if not region:
        return Q(regions__len__gt=0)
    return Q(regions__overlap=[EVERYWHERE, *(region[:length] for length in range(len(region) + 1))])
