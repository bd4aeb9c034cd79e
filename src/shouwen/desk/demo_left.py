"""Out of the demo: somebody wishes it at the desk, and the next start empties it (docs/decisions/0028).

One transaction: everything that was invented goes, what one made oneself stays, and the log keeps who wished it. A
start that is killed on the way has changed nothing, and the next one does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from shouwen.desk.models import Macro, MacroVersion, SavedView
from shouwen.editions.pack import shipped_packs
from shouwen.intake.demo import demo_for
from shouwen.people.changes import record
from shouwen.people.models import ADMINISTRATOR, ApiKey, Change, Leave, PasswordLink, Person, Shift, Team
from shouwen.tickets.models import Ticket

DEMO_NAMES = "demo-"
ABOUT = "demo"
WISHED, TAKEN_BACK, LEFT = "demo_wished", "demo_kept", "demo_left"
WAITS_FOR = "30s"  # for whoever still works on it: another host's server, say

# What becomes of every table. A test knows that none is forgotten.
EMPTIED = (
    *("ticket", "ticket_event", "ticket_task", "ticket_event_cursor", "intake_key", "intake_guide_outcome"),
    *("clock", "edition_replay", "message_order", "overdue_report"),
    *("customer", "access_code", "customer_wish", "customer_mailbox", "customer_fact"),
    *("data_subject", "vault_item", "vault_file", "vault_piece", "vault_access"),
    *("survey", "survey_reply", "round_outcome", "callback", "call_attempt"),
    *("rating_review", "training", "satisfaction_improvement"),
    *("desk_presence", "desk_bulk_outcome", "shift_handover", "portal_visits", "django_session"),
)
SIFTED = frozenset(
    {"person", "person_teams", "team", "leave", "duty_shift", "api_key", "password_link", "people_change"}
    | {"desk_view", "desk_view_place", "desk_macro", "desk_macro_version"}
    | {"spent_code", "wrong_code", "mfa_authenticator", "account_emailaddress", "account_emailconfirmation"}
    | {"django_admin_log", "person_groups", "person_user_permissions"}
)
KEPT = frozenset(
    {"edition_version", "edition_draft", "edition_draft_event", "calendar_version", "holiday_year"}
    | {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}
    | {"axes_accessattempt", "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog"}
)


@dataclass(frozen=True, slots=True)
class Emptied:
    """What went, and who stayed."""

    tickets: int
    people: int
    stay: tuple[str, ...]


class NobodyStays(Exception):
    """Nobody of one's own could let the others in afterwards."""


def invented_people() -> QuerySet[Person]:
    """Those the demo made."""
    return Person.objects.filter(username__startswith=DEMO_NAMES)


def people_who_stay() -> QuerySet[Person]:
    """Those one made oneself."""
    return Person.objects.exclude(username__startswith=DEMO_NAMES)


def administrators_who_stay() -> list[Person]:
    """Of them those who can sign in and let the others in."""
    able = people_who_stay().filter(is_active=True, roles__contains=[ADMINISTRATOR])
    return [person for person in able.order_by("username") if person.has_usable_password()]


def teams_that_go() -> QuerySet[Team]:
    """The demo's, where nobody of one's own belongs to them or leads them."""
    codes = {code for pack in shipped_packs() for code in demo_for(pack)["teams"]}
    ours = people_who_stay().values("pk")
    return Team.objects.filter(code__in=codes).exclude(Q(lead__in=ours) | Q(members__in=ours))


def wish() -> Change | None:
    """Who wished to leave, and when; None where nobody does, or it is done."""
    newest = _newest()
    return newest if newest and newest.what == WISHED else None


def wish_to_leave(*, by: Person, at: datetime) -> None:
    """The next start of the program leaves the demo. Raises NobodyStays."""
    if by not in administrators_who_stay():
        raise NobodyStays
    record(Change.SETUP, ABOUT, ABOUT, WISHED, by=by, at=at)


def take_wish_back(*, by: Person, at: datetime) -> None:
    if wish():
        record(Change.SETUP, ABOUT, ABOUT, TAKEN_BACK, by=by, at=at)


def has_left() -> bool:
    """True once the data is no demo any more, whatever the mark in its folder still says."""
    newest = _newest()
    return newest is not None and newest.what == LEFT


@transaction.atomic
def leave_demo(at: datetime) -> Emptied | None:
    """Empty the demo if somebody wished it who can still sign in. Raises OperationalError while it is worked on."""
    wished, stay = wish(), administrators_who_stay()
    if wished is None or wished.by not in stay:
        return None
    emptied = Emptied(Ticket.objects.count(), invented_people().count(), tuple(one.username for one in stay))
    _empty_tables()
    _sift(invented_people(), list(teams_that_go().values_list("pk", flat=True)))
    facts = {"tickets": [emptied.tickets, 0], "people": [emptied.people, 0]}
    record(Change.SETUP, ABOUT, ABOUT, LEFT, by=wished.by, at=at, facts=facts)
    return emptied


def _newest() -> Change | None:
    changes = Change.objects.filter(kind=Change.SETUP, about=ABOUT, what__in=(WISHED, TAKEN_BACK, LEFT))
    return changes.select_related("by").order_by("-at", "-id").first()


def _empty_tables() -> None:
    """All at once and without CASCADE: a table that was forgotten refuses the whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAITS_FOR}'")
        cursor.execute(f"TRUNCATE {', '.join(EMPTIED)}")


def _sift(gone: QuerySet[Person], teams: Sequence[str]) -> None:
    """Whatever hangs on the invented people and their teams goes before them."""
    people = list(gone.values_list("pk", flat=True))
    Shift.objects.filter(Q(person__in=people) | Q(team__in=teams)).delete()
    Leave.objects.filter(Q(person__in=people) | Q(cover__in=people)).delete()
    PasswordLink.objects.filter(person__in=people).delete()
    PasswordLink.objects.filter(made_by__in=people).update(made_by=None)
    ApiKey.objects.filter(created_by__in=people).delete()
    _sift_what_is_shared(people, teams)
    refs = [*map(str, people), *teams]
    Change.objects.filter(Q(about__in=refs) | Q(by__in=people, kind__in=(Change.KEY, Change.DUTY))).delete()
    Change.objects.filter(by__in=people).update(by=None)
    Team.objects.filter(pk__in=teams).delete()
    gone.delete()


def _sift_what_is_shared(people: Sequence[object], teams: Sequence[str]) -> None:
    """Macros and views of one's own stay; those shared with a team that goes become one's own again."""
    MacroVersion.objects.filter(macro__owner__in=people).delete()
    Macro.objects.filter(owner__in=people).delete()
    _own_versions(people)
    Macro.objects.filter(team__in=teams).update(team=None, shared=Macro.OWN)
    SavedView.objects.filter(shared=SavedView.Shared.TEAM, shared_with__in=teams).update(
        shared=SavedView.Shared.PRIVATE, shared_with=""
    )


def _own_versions(people: Sequence[object]) -> None:
    """A version an invented person wrote of a macro of one's own is its owner's."""
    for version in MacroVersion.objects.filter(by__in=people).select_related("macro"):
        MacroVersion.objects.filter(pk=version.pk).update(by=version.macro.owner_id)
