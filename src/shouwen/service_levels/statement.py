"""The statement of a ticket's times: one page to hand to a regulator, with what each figure rests on.

No personal data, no name of staff, no free text: the number says which complaint it is. What stands first is what binds
most; what finds no place on the page is told in brief, and where the whole can be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from shouwen.editions.edition import Edition
from shouwen.handbook.categories import CategoryUnknown
from shouwen.handbook.clock import ClockState
from shouwen.handbook.history import What
from shouwen.handbook.targets import CONVENTIONS, Kind
from shouwen.screens.templatetags.spoken import spoken, stage_name, ticket_type_name
from shouwen.screens.templatetags.times import moment
from shouwen.service_levels.explaining import Explanation, TicketLedger
from shouwen.service_levels.ledgers import Bar, Reader, in_words, kind_of, reader_of, why
from shouwen.tickets.models import Ticket

BRIEF_AT_MOST = 24  # clocks that are told in brief
STOOD_AT_MOST = 5  # standstills and extensions on the page
BINDING = (Kind.STATUTORY, Kind.LIMIT, "promise", Kind.TARGET, "task")


@dataclass(frozen=True, slots=True)
class StatedClock:
    """One clock as the page states it."""

    name: str
    kind: str
    standing: str
    late: bool
    rests_on: str  # the document, the place in it, and what it says
    times: str
    bar: Bar
    legend: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything the page says, in one language; `clocks` in the order in which they find a place, in full or brief."""

    language: str
    title: str
    number: str
    made: str
    facts: tuple[str, ...]
    clocks: tuple[StatedClock, ...]
    none: str  # why there is no clock, where there is none
    not_shown: int  # clocks that no longer count, or are only measured
    happened: tuple[str, ...]  # standstills and extensions
    conventions: tuple[str, ...]
    proof: tuple[str, ...]

    def brief(self, shown: int) -> str:
        """What has become of the clocks after the first `shown`, in one line; "" when there are none."""
        others = self.clocks[shown : shown + BRIEF_AT_MOST]
        if not others:
            return ""
        with override(self.language):
            said = [_labelled(f"{clock.name} ({clock.kind})", clock.standing) for clock in others]
            return _labelled(_("Also"), _("; ").join(said))

    def left_out(self, shown: int) -> str:
        """How many clocks the page does not name, if any, and where all are told in full."""
        count = max(len(self.clocks) - shown - BRIEF_AT_MOST, 0) + self.not_shown
        with override(self.language):
            many = ngettext("%(n)d more clock is not shown here", "%(n)d more clocks are not shown here", count)
            where = _("every clock with every interval: /tickets/%(number)s/ledger on the desk")
            said = [where % {"number": self.number}]
            return _("; ").join([many % {"n": count}, *said] if count else said)


def statement_of(ledger: TicketLedger, language: str) -> Statement:
    """The statement of a ticket's times at the moment of its ledger, in `language` (a Django language code)."""
    with override(language), timezone.override(_zone(ledger.rules)):
        binding = [one for one in ledger.clocks if one.clock.rule.leads and one.clock.state is not ClockState.VOID]
        reader = reader_of(ledger)
        return Statement(
            language=language,
            title=_("Statement of times"),
            number=ledger.ticket.number,
            made=_("as of %(at)s, times in %(zone)s")
            % {"at": moment(ledger.at), "zone": timezone.get_current_timezone_name()},
            facts=tuple(_labelled(label, value) for label, value in _facts(ledger)),
            clocks=tuple(_stated(one, reader) for one in sorted(binding, key=_binding)),
            none="" if binding else _none(ledger.ticket),
            not_shown=len(ledger.clocks) - len(binding),
            happened=tuple(_happened(ledger)),
            conventions=tuple(_conventions(binding)),
            proof=tuple(_proof(ledger)),
        )


def statement_name(ticket: Ticket, at: datetime) -> str:
    """The name of its file."""
    return f"{ticket.number}-{timezone.localtime(at):%Y%m%d}.pdf"


def _zone(rules: Edition) -> tzinfo:
    """The zone in which the ticket's rules count, where they agree on one; else the carrier's."""
    zones = {spec.zone for spec in rules.calendars.values()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else timezone.get_default_timezone()


def _binding(one: Explanation) -> tuple[int, bool, timedelta]:
    """The law's before limits, those before targets; in each the missed before the rest, the longest first."""
    return BINDING.index(kind_of(one.clock.rule)), not one.breached, -one.clock.budget


def _stated(one: Explanation, reader: Reader) -> StatedClock:
    clock, said = one.clock, in_words(one, reader)
    times = [
        _("given %(given)s (%(calendar)s)") % {"given": said.given, "calendar": said.calendar},
        _("from %(at)s") % {"at": moment(clock.started_at)},
    ]
    if clock.due_at:
        times.append(_("due %(at)s") % {"at": moment(clock.due_at)})
    if clock.stopped_at:
        times.append(_("done %(at)s") % {"at": moment(clock.stopped_at)})
    times.append(_("spent %(used)s of %(budget)s") % {"used": said.used, "budget": said.budget})
    if clock.provisional:
        times.append(_("provisional: the holidays of that year are not published yet"))
    if clock.extended:
        times.append(_("extended by agreement"))
    if said.calendar_version:
        times.append(_("calendar %(version)s") % {"version": said.calendar_version})
    return StatedClock(
        name=said.name,
        kind=said.kind,
        standing=said.standing,
        late=one.breached,
        rests_on=_labelled(said.source, said.says),
        times=_("; ").join(times),
        bar=said.bar,
        legend=_legend(said.bar),
    )


def _legend(bar: Bar) -> str:
    """The bar in words: each piece with its mark, then what did not count."""
    pieces = [f"[{piece.mark}] {piece.whose} {piece.spent}".removeprefix("[] ") for piece in bar.segments]
    uncounted = _("not counted")
    rest = [f"{_labelled(uncounted, reason)} {span}" for reason, span in bar.rest]
    return _("; ").join([*pieces, *rest])


def _labelled(label: str, value: str) -> str:
    return pgettext("label and value", "%(label)s: %(value)s") % {"label": label, "value": value}


def _facts(ledger: TicketLedger) -> Iterable[tuple[str, str]]:
    ticket, rules = ledger.ticket, ledger.rules
    yield _("Type"), ticket_type_name(ticket.ticket_type)
    yield _("Category"), _category(ledger)
    yield _("Channel"), spoken(rules.label("channels", ticket.channel))
    yield _("Priority"), spoken(rules.label("priorities", ticket.priority))
    yield _("Received"), moment(ticket.received_at)
    yield _("Stage"), stage_name(ticket.stage)
    told = [row.happened_at for row in ledger.history if row.what in (What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT)]
    yield _("Customer told"), moment(told[-1]) if told else "–"
    closed = [row.happened_at for row in ledger.history if row.what is What.CLOSED]
    yield _("Closed"), moment(closed[-1]) if closed else "–"
    yield _("Rules"), f"{spoken(rules.title)} ({rules.id})"


def _category(ledger: TicketLedger) -> str:
    try:
        return " › ".join(spoken(node.words) for node in ledger.rules.categories.path(ledger.ticket.category))
    except CategoryUnknown:
        return ledger.ticket.category


def _none(ticket: Ticket) -> str:
    if ticket.is_history:
        return _("No clock ran on this ticket: it was taken in as history.")
    return _("No clock that binds ran on this ticket.")


def _happened(ledger: TicketLedger) -> Iterable[str]:
    """The standstills and the extensions, the latest last; of many, the last few."""
    lines: list[str] = []
    for stood in ledger.standstills:
        said = {"why": why(f"paused:{stood.reason}", ledger.rules), "start": moment(stood.start)}
        said["end"] = moment(stood.end) if stood.end else _("still")
        line = _("%(why)s, %(start)s – %(end)s") % said
        lines.append(line + (_(", agreed until %(at)s") % {"at": moment(stood.until)} if stood.until else ""))
    for agreed in ledger.extensions:
        rule = spoken(ledger.rules.label("rules", agreed.rule))
        said = {"rule": rule, "at": moment(agreed.agreed_at), "until": moment(agreed.until)}
        lines.append(_("Extension of “%(rule)s” until %(until)s, agreed on %(at)s") % said)
    if len(lines) > STOOD_AT_MOST:
        many = len(lines) - STOOD_AT_MOST
        yield ngettext("%(n)d earlier one is not shown here", "%(n)d earlier ones are not shown here", many) % {
            "n": many
        }
    yield from lines[-STOOD_AT_MOST:]


def _conventions(binding: Iterable[Explanation]) -> Iterable[str]:
    """How what is on the page was counted, each way once."""
    rules = [one.clock.rule for one in binding if not one.clock.rule.for_promises]
    for convention in sorted({rule.convention for rule in rules}):
        units = _(", ").join(sorted({str(rule.duration) for rule in rules if rule.convention is convention}))
        yield _labelled(units, spoken(CONVENTIONS[convention]))


def _proof(ledger: TicketLedger) -> Iterable[str]:
    proof = ledger.proof
    sound = _("each is what was written down") if proof.sound else _("NOT all of them are what was written down")
    counted = ngettext("Counted from %(n)d row of the history", "Counted from %(n)d rows of the history", proof.events)
    yield _("; ").join([counted % {"n": proof.events}, sound])
    yield f"SHA-256 {proof.digest}"
    yield _("To check: shouwen verify %(number)s") % {"number": ledger.ticket.number}
