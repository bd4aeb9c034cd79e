"""The pages of the desk: one table for the bar, the menu of the account, an administrator's tiles and Ctrl+K."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from shouwen.desk.queues import ALL_OPEN, has_team_tasks
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor, RulesRight, Sight, may
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.rulemaking import holds_right
from shouwen.tickets.queries import sees_tickets

OVERSEERS = frozenset({"supervisor", "manager"})
LANGUAGES = ("zh-hans", "en")

Who = Callable[[Actor, Edition], bool]


def makes_calls(actor: Actor, rules: Edition) -> bool:
    """Whoever calls customers back, where the rules have calls made."""
    return bool(actor.roles & {"agent", "supervisor"} and rules.telling.calls)


def writes_known(actor: Actor, rules: Edition) -> bool:
    """Whoever writes down what is known of customers: by hand, of those they see; administrators, from tables."""
    writes = sees_tickets(actor) and Sight.PERSONAL in actor.sights and may(rules.roles, actor, Move.ADD)
    return writes or "administrator" in actor.roles


def _anybody(actor: Actor, rules: Edition) -> bool:
    return True


def _of(*roles: str) -> Who:
    return lambda actor, rules: bool(actor.roles.intersection(roles))


def _workers(actor: Actor, rules: Edition) -> bool:
    return sees_tickets(actor)


def _reads_accesses(actor: Actor, rules: Edition) -> bool:
    return Sight.ACCESS_LOG in actor.sights


def _reads_accesses_from_the_bar(actor: Actor, rules: Edition) -> bool:
    return _reads_accesses(actor, rules) and "administrator" not in actor.roles


def _has_a_hand_in_rules(actor: Actor, rules: Edition) -> bool:
    return any(holds_right(rules.roles, actor, right) for right in RulesRight)


def _leaves_the_demo(actor: Actor, rules: Edition) -> bool:
    return settings.DEMO and "administrator" in actor.roles


_OVERSEES, _ADMINISTERS = _of(*OVERSEERS), _of("administrator")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: what it is called, where it is, who finds it, and where it is offered beside Ctrl+K."""

    name: Any
    address: str
    icon: str
    who: Who
    in_bar: Who | None = None
    in_account: bool = False
    is_tile: bool = False
    args: tuple[str, ...] = ()
    also: Any = ""  # other words people type for it

    @property
    def url(self) -> str:
        return reverse(self.address, args=self.args)


PAGES = (
    Page(_("Team tasks"), "desk:tasks", "users", has_team_tasks),
    Page(_("Calls to make"), "desk:callbacks", "phone-call", makes_calls),
    Page(_("Take in"), "intake_new", "plus", _of("agent", "supervisor")),
    Page(_("Search"), "desk:search", "search", _workers),
    Page(_("Notices"), "desk:notices", "bell", _anybody),
    Page(_("Views"), "desk:views", "bookmarks", _workers),
    Page(_("Events"), "desk:events", "antenna", _workers, also=_("incident, outage")),
    Page(_("Wall"), "desk:wall", "layout-dashboard", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Load board"), "desk:board", "layout-dashboard", _OVERSEES, in_bar=_OVERSEES, also=_("reassign")),
    Page(_("Approvals"), "desk:approvals", "rubber-stamp", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Overruns"), "desk:overdue", "clock", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Collaboration ledger"), "desk:collaboration", "users", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Ratings to look into"), "desk:reviews", "star", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Satisfaction"), "desk:satisfaction", "star", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Trainings"), "desk:trainings", "book-2", _anybody, in_bar=_of(*OVERSEERS, "agent")),
    Page(_("Self-help"), "desk:self_help", "route", _OVERSEES, in_bar=_OVERSEES),
    Page(_("Macros"), "desk:macros", "bolt", _of("supervisor"), in_bar=_of("supervisor")),
    Page(
        _("Outbox"),
        "desk:outbox",
        "send",
        _of("supervisor", "administrator"),
        in_bar=_of("supervisor", "administrator"),
        is_tile=True,
        also=_("messages to customers"),
    ),
    Page(_("Rules"), "desk:rules", "book", _anybody, in_bar=_has_a_hand_in_rules, in_account=True),
    Page(_("Calendars"), "desk:calendars", "calendar", _anybody, in_account=True, is_tile=True),
    Page(_("The next year's holidays"), "desk:holidays", "calendar-plus", _ADMINISTERS),
    Page(
        _("Duty roster"),
        "desk:rosters",
        "calendar-user",
        _anybody,
        in_account=True,
        is_tile=True,
        also=_("shifts, who works when"),
    ),
    Page(_("Shift handover"), "desk:handovers", "arrows-exchange", _workers),
    Page(
        _("Access log"),
        "desk:access_log",
        "eye",
        _reads_accesses,
        in_bar=_reads_accesses_from_the_bar,
        is_tile=True,
    ),
    Page(_("Changes of people"), "desk:changes", "history", _reads_accesses, is_tile=True),
    Page(
        _("Administration"),
        "desk:administration",
        "settings",
        _ADMINISTERS,
        in_bar=_ADMINISTERS,
        in_account=True,
    ),
    Page(_("First steps"), "desk:first_run", "list-check", _ADMINISTERS, is_tile=True),
    Page(_("Leave the demo"), "desk:leaving_demo", "logout", _leaves_the_demo),
    Page(
        _("Moving in"),
        "desk:moving_in",
        "table-import",
        _of("administrator", "supervisor"),
        is_tile=True,
        also=_("import, spreadsheets"),
    ),
    Page(
        _("What is known of customers, from a table"),
        "desk:known",
        "table-import",
        writes_known,
        is_tile=True,
        also=_("import, services, devices, bills"),
    ),
    Page(_("People"), "desk:people", "users", _ADMINISTERS, is_tile=True),
    Page(_("Somebody new"), "desk:new_person", "user", _ADMINISTERS),
    Page(_("Import people and teams"), "desk:people_import", "table-import", _ADMINISTERS),
    Page(_("Teams"), "desk:teams", "users-group", _ADMINISTERS, is_tile=True),
    Page(_("A new team"), "desk:new_team", "users-group", _ADMINISTERS),
    Page(_("Skills and regions"), "desk:coverage", "map-2", _ADMINISTERS, is_tile=True),
    Page(_("API keys"), "desk:keys", "key", _ADMINISTERS, is_tile=True),
    Page(
        _("Export all open tickets"),
        "desk:export",
        "file-spreadsheet",
        _workers,
        args=(ALL_OPEN.code,),
        also=_("take away, download, Excel"),
    ),
    Page(_("What can be typed"), "desk:search_help", "search", _workers),
    Page(_("One-time codes"), "mfa_index", "device-mobile", _anybody, in_account=True),
    Page(_("Change password"), "account_change_password", "lock", _anybody, in_account=True),
)


def pages_for(actor: Actor, rules: Edition) -> list[Page]:
    """All that this person may open, in the table's order."""
    return [page for page in PAGES if page.who(actor, rules)]


def in_bar(actor: Actor, rules: Edition) -> list[Page]:
    """Those that stand in the bar, beside the queues."""
    return [page for page in PAGES if page.in_bar and page.in_bar(actor, rules)]


def in_account(actor: Actor, rules: Edition) -> list[Page]:
    """Those of the menu under somebody's name."""
    return [page for page in pages_for(actor, rules) if page.in_account]


def tiles_for(actor: Actor, rules: Edition) -> list[Page]:
    """Those of an administrator's own page."""
    return [page for page in pages_for(actor, rules) if page.is_tile]


def spellings(*words: Any) -> list[str]:
    """These words in each language: whoever reads Chinese may type English as well."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(" ".join(str(word) for word in words))
    return found
