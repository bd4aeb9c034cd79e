"""A draft of the rules as its page shows it: what is wrong, what is unwise, what would be other, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.wording import here
from shouwen.editions.comparing import ChangedFile, changed_files, differences, name_of
from shouwen.editions.comparing_words import PARTS
from shouwen.editions.drafting import approval_of, newest_edition, writers_of
from shouwen.editions.edition import Edition
from shouwen.editions.models import DraftEvent, EditionDraft, EditionVersion
from shouwen.editions.pack import read_pack
from shouwen.editions.reading import BrokenPack, Problem
from shouwen.editions.schema import FILES
from shouwen.editions.weighing import Finding, weighed
from shouwen.editions.working_days import calendar_of
from shouwen.handbook.authority import Actor, RulesRight
from shouwen.handbook.history import Happening, What
from shouwen.handbook.rulemaking import RIGHTS, DraftState, acts_from, holds_right
from shouwen.people.names import Names, names_in
from shouwen.screens.templatetags.spoken import move_name
from shouwen.screens.templatetags.times import moment
from shouwen.service_levels.models import EditionReplay
from shouwen.service_levels.rehearsing import share_done

REPLAYS_SHOWN = 5
NUMBERS_SHOWN = 50
STATES = {
    DraftState.WRITING: pgettext_lazy("draft", "being written"),
    DraftState.IN_REVIEW: pgettext_lazy("draft", "in review"),
    DraftState.APPROVED: pgettext_lazy("draft", "approved"),
    DraftState.PUBLISHED: pgettext_lazy("draft", "published"),
    DraftState.DISCARDED: pgettext_lazy("draft", "thrown away"),
}
TONES = {
    DraftState.IN_REVIEW: "term-heed",
    DraftState.APPROVED: "term-calm",
    DraftState.PUBLISHED: "term-calm",
}
EVENTS = {
    "begun": pgettext_lazy("draft", "Begun"),
    "changed": pgettext_lazy("draft", "Changed"),
    "sent": pgettext_lazy("draft", "Sent to review"),
    "approved": pgettext_lazy("draft", "Approved"),
    "returned": pgettext_lazy("draft", "Returned"),
    "published": pgettext_lazy("draft", "Published"),
    "discarded": pgettext_lazy("draft", "Thrown away"),
    "restored": pgettext_lazy("draft", "Fetched back"),
}
REPLAY_STATES = {
    EditionReplay.WAITING: gettext_lazy("waiting for the worker"),
    EditionReplay.RUNNING: pgettext_lazy("replay", "under way"),
    EditionReplay.DONE: pgettext_lazy("replay", "done"),
    EditionReplay.FAILED: gettext_lazy("ended early"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the draft, in words."""

    what: str
    by: str
    at: datetime
    more: str


@dataclass(frozen=True, slots=True)
class Unwise:
    """A finding of the check, with the name of what it is about."""

    weight: str
    part: str
    says: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of the draft, and how many problems it has."""

    name: str
    lines: int
    problems: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a replay: a rule or the work of a team, as it was and as it would be."""

    name: str
    was: tuple[int, ...]
    would: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay as it stands."""

    replay: EditionReplay
    state: str
    share: int
    asked_by: str
    outdated: bool
    rules: tuple[Row, ...]
    teams: tuple[Row, ...]

    @property
    def under_way(self) -> bool:
        return self.replay.state in {EditionReplay.WAITING, EditionReplay.RUNNING}

    @property
    def last(self) -> datetime:
        """A moment of the last day."""
        return self.replay.end - timedelta(seconds=1)

    @property
    def newly_late(self) -> Mapping[str, Any]:
        return _first(self.replay.outcome.get("newly_late"))

    @property
    def no_longer_late(self) -> Mapping[str, Any]:
        return _first(self.replay.outcome.get("no_longer_late"))


@dataclass(frozen=True, slots=True)
class DraftSheet:
    """Everything the page of a draft shows."""

    draft: EditionDraft
    state: str
    tone: str
    problems: tuple[Problem, ...]
    findings: Sequence[Unwise]
    differences: Sequence[tuple[str, Sequence[str]]]  # by part: sentences
    changed: Sequence[ChangedFile]
    files: Sequence[File]
    events: Sequence[Event]
    acts: frozenset[str]
    own: bool  # the reader has written at it
    approved_by: str
    against: str  # the edition it is compared with
    newest: str  # the edition published last, in force or not yet


def draft_sheet(draft: EditionDraft, rules: Edition, actor: Actor, against: Edition) -> DraftSheet:
    """What a draft would change about the edition `against`, and what the actor may do with it under `rules`."""
    before = EditionVersion.objects.get(pk=against.id).content
    problems, edition = _read(draft)
    events = list(draft.events.all())
    names = people_named(event.by for event in events)
    approval = approval_of(draft)
    changed = changed_files(before, draft.content)
    state = DraftState(draft.state)
    return DraftSheet(
        draft=draft,
        state=str(STATES[state]),
        tone=TONES.get(state, ""),
        problems=problems,
        findings=_findings(edition) if edition else (),
        differences=_by_part(against, edition) if edition else (),
        changed=changed,
        files=_files(draft, problems, {one.file for one in changed}),
        events=[_event(event, names) for event in reversed(events)],
        acts=frozenset(act for act in acts_from(state) if holds_right(rules.roles, actor, RIGHTS[act])),
        own=actor.ref in writers_of(draft),
        approved_by=names.of(approval.by) if approval else "",
        against=against.id,
        newest=newest_edition(),
    )


def has_a_hand_in_rules(rules: Edition, actor: Actor) -> bool:
    """True for whoever may draft or approve."""
    return any(holds_right(rules.roles, actor, right) for right in RulesRight)


def replays_of(draft: EditionDraft, rules: Edition) -> list[Replay]:
    """The newest replays of a draft, with the names its rules have in the draft or in force."""
    _problems, edition = _read(draft)
    found = list(draft.replays.all()[:REPLAYS_SHOWN])  # type: ignore[attr-defined]
    names = people_named(replay.asked_by for replay in found)
    return [_replay(replay, draft, edition or rules, rules, names) for replay in found]


def people_named(refs: Iterable[str]) -> Names:
    """The names behind some `Actor.ref`."""
    return names_in(Happening(0, What.NOTED, datetime.min, by=ref) for ref in refs)  # noqa: DTZ901 -- never read


def published_by(version: EditionVersion, names: Names) -> str:
    """Who published an edition, and by which way."""
    if version.origin == EditionVersion.DESK:
        return names.of(version.published_by)
    if version.origin == EditionVersion.INSTALLER or version.published_by == "system":
        return _("came with the program")
    return _("%(name)s, from the command line") % {"name": version.published_by}


def _read(draft: EditionDraft) -> tuple[tuple[Problem, ...], Edition | None]:
    try:
        return (), read_pack(draft.content).edition(0)
    except BrokenPack as broken:
        return broken.problems, None


def _findings(edition: Edition) -> list[Unwise]:
    calendars = {name: calendar_of(spec) for name, spec in edition.calendars.items()}
    return [Unwise(one.weight, _about(one, edition), here(one.words)) for one in weighed(edition, calendars)]


def _about(finding: Finding, edition: Edition) -> str:
    """Time limit “First response”: what a finding is about, by its name."""
    part, _space, code = finding.part.rpartition(" ")
    noun = here(PARTS[part]) if part in PARTS else part
    return _("%(noun)s “%(name)s”") % {"noun": noun, "name": _name(part, code, edition) or code}


def _by_part(before: Edition, after: Edition) -> list[tuple[str, list[str]]]:
    found = groupby(differences(before, after), key=lambda one: one.part)
    return [(here(PARTS[part]), [here(one.words) for one in ones]) for part, ones in found]


def _name(part: str, code: str, edition: Edition) -> str:
    """What people call it; "" where it has no name or is gone."""
    if part == "move":
        return move_name(code)
    name = name_of(part, code, edition)
    return here(name) if name else ""


def _files(draft: EditionDraft, problems: Sequence[Problem], changed: set[str]) -> list[File]:
    """In the order in which a pack is explained; what a pack has no file for, last."""
    order = [*FILES, *sorted(draft.content.keys() - FILES.keys())]
    return [
        File(
            name,
            draft.content[name].count("\n") + 1 if name in draft.content else 0,
            sum(problem.file == name for problem in problems),
            name in changed,
        )
        for name in order
    ]


def _event(event: DraftEvent, names: Names) -> Event:
    return Event(str(EVENTS.get(event.what, event.what)), names.of(event.by), event.at, _more(event))


def _more(event: DraftEvent) -> str:
    facts = event.facts
    if event.what == "changed":
        return _(", ").join(facts["files"])
    if event.what == "returned":
        return str(facts["reason"])
    if event.what == "published":
        when = moment(datetime.fromisoformat(facts["effective_at"]))
        return _("%(edition)s, in force from %(when)s") % {"edition": facts["edition"], "when": when}
    if facts.get("alone"):
        return _("by its own author: the rule of two people is switched off")
    return ""


def _replay(replay: EditionReplay, draft: EditionDraft, rules: Edition, in_force: Edition, names: Names) -> Replay:
    outcome = replay.outcome

    def rule_name(code: str) -> str:
        named = rules if code in rules.rules_by_id else in_force
        return here(named.label("rules", code))

    return Replay(
        replay=replay,
        state=str(REPLAY_STATES[replay.state]),
        share=share_done(replay),
        asked_by=names.of(replay.asked_by),
        outdated=replay.digest != draft.digest,
        rules=tuple(_moved(_rows(outcome, ("clocks", "late"), rule_name))),
        teams=tuple(_rows(outcome, ("teams",), lambda code: here(rules.label("teams", code)) if code else "—")),
    )


def _rows(outcome: Mapping[str, Any], counted: Sequence[str], name_of: Any) -> Iterable[Row]:
    pairs = [outcome.get(name) or ({}, {}) for name in counted]
    for code in sorted({code for pair in pairs for side in pair for code in side}):
        sides = [tuple(pair[side].get(code, 0) for pair in pairs) for side in (0, 1)]
        yield Row(name_of(code), sides[0], sides[1])


def _moved(rows: Iterable[Row]) -> Iterable[Row]:
    """Only what would be other: most rules of a draft are those in force."""
    return (row for row in rows if row.was != row.would)


def _first(numbers: Mapping[str, Any] | None) -> Mapping[str, Any]:
    numbers = numbers or {"count": 0, "first": []}
    return {"count": numbers["count"], "first": numbers["first"][:NUMBERS_SHOWN]}
