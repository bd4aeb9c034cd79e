"""Into whose hands a move puts a ticket: the team a route names, whoever has least to do there, the desk again."""

from __future__ import annotations

from datetime import datetime

from shouwen.editions.edition import Edition
from shouwen.handbook.assignment import Assignment, PersonOnDuty, TeamOnDuty, assign, assign_in
from shouwen.handbook.evidence import check_checked
from shouwen.handbook.history import TicketState
from shouwen.handbook.refusals import FactRequired
from shouwen.handling.moving import Moving
from shouwen.people.models import Person, Team
from shouwen.people.queries import HANDLERS, on_duty
from shouwen.tickets.queries import open_tickets_of


def dispatch(moving: Moving) -> Moving:
    """Nothing leaves the desk that could have been settled with the user there and then (U4.4)."""
    required = moving.rules.categories.find(moving.state.category).required
    check_checked(required, moving.facts, moving.history)
    return _hand_on(moving)


def _hand_on(moving: Moving) -> Moving:
    """To the team named, or to the one the routes name; the first team leads (S3.1)."""
    chosen = _assigned(moving)
    if not chosen.team:
        raise FactRequired(fact="team", move=moving.move)
    return moving.adding(
        team=chosen.team,
        handler=chosen.handler,
        lead_team=moving.state.lead_team or chosen.team,
        why=[{"zh": words.zh, "en": words.en} for words in chosen.why],
    )


def _assigned(moving: Moving) -> Assignment:
    team, handler = moving.facts.get("team"), moving.facts.get("handler")
    if team:
        Team.objects.only("code").get(pk=team)
        if handler:
            return Assignment(team, handler, ())
        return assign_in(team, moving.state, moving.rules.routes, _handlers_of(team, moving.now))
    return propose_assignment(moving.state, moving.rules, moving.now)


def propose_assignment(state: TicketState, rules: Edition, at: datetime) -> Assignment:
    """Where the routes would send this ticket at `at`; who has least in hand is counted in that team alone."""
    teams = [TeamOnDuty(team.code, team.region) for team in Team.objects.filter(active=True)]
    to = assign(state, rules.routes, teams, ()).team
    places = {code: term.words for code, term in rules.regions.items()}
    return assign(state, rules.routes, teams, _handlers_of(to, at) if to else (), places)


def _handlers_of(team: str, at: datetime) -> list[PersonOnDuty]:
    skills = {str(person.pk): frozenset(person.skills) for person in on_duty(HANDLERS, at).filter(teams=team)}
    load = open_tickets_of(list(skills), "handler")
    return [PersonOnDuty(person, team, skills[person], load[person]) for person in skills]


def transfer(moving: Moving) -> Moving:
    """To a team that is named: no route knows better why it is passed on."""
    if not moving.facts.get("team"):
        raise FactRequired(fact="team", move=moving.move)
    return _hand_on(moving)


def decline(moving: Moving) -> Moving:
    """Back at the desk: its first owner dispatches it anew."""
    return moving.adding(team=None, handler=moving.state.first_owner)


def hand_over(moving: Moving) -> Moving:
    """Another first owner; what is still at the desk goes with it."""
    to = moving.facts.get("first_owner")
    if not to:
        raise FactRequired(fact="first_owner", move=moving.move)
    Person.objects.only("pk").get(pk=to, is_active=True)
    at_desk = moving.state.team is None
    return moving.adding(**({"handler": to} if at_desk else {}))


def assign_handler(moving: Moving) -> Moving:
    """Whoever is named, or the mover; nobody, where it is put back to the team."""
    if "handler" in moving.facts and moving.facts["handler"] is None:
        return moving  # back to its team: somebody there takes it up
    handler = moving.facts.get("handler") or moving.by.id
    Person.objects.only("pk").get(pk=handler, is_active=True)
    return moving.adding(handler=handler)
