"""From the form of telling.yaml to what the handbook knows of telling and asking."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from shouwen.editions.building_words import Sources, conditions, words
from shouwen.handbook.calling import Calls, Script
from shouwen.handbook.quiet import QuietHours
from shouwen.handbook.satisfaction import Coaching, Marking, Reviewing
from shouwen.handbook.telling import Copy, Delay, Progress, Telling

PARTS = ("quiet", "progress", "delays", "copies", "calls", "marking", "reviewing", "coaching")


def telling(form: Any, sources: Sources) -> Telling:
    """All of it; what the file leaves out there is not."""
    return Telling(
        quiet=QuietHours(form.quiet.begins, form.quiet.ends, ZoneInfo(form.quiet.zone)) if form.quiet else None,
        progress=tuple(map(_progress, form.progress.steps)) if form.progress else (),
        delays=tuple(Delay(frozenset(one.rules), one.share, one.template) for one in form.delays.of)
        if form.delays
        else (),
        copies=tuple(Copy(one.to, one.template, conditions(one.when)) for one in form.copies.to) if form.copies else (),
        calls=calls(form.calls),
        marking=_marking(form.marking) if form.marking else None,
        reviewing=Reviewing(form.reviewing.within) if form.reviewing else None,
        coaching=Coaching(form.coaching.in_a_row, form.coaching.whose, form.coaching.within) if form.coaching else None,
        sources={name: sources.of(part) for name in PARTS if (part := getattr(form, name))},
    )


def calls(form: Any) -> Calls | None:
    """Who is called by a person; nobody where the pack does not say."""
    if form is None:
        return None
    scripts = (Script(one.id, words(one), conditions(one.when), tuple(map(words, one.lines))) for one in form.scripts)
    return Calls(
        applies=tuple(map(conditions, form.whom)),
        within=form.within,
        attempts=form.attempts,
        apart=form.apart,
        via=frozenset(form.via),
        scripts=tuple(scripts),
    )


def _progress(form: Any) -> Progress:
    return Progress(form.at, form.template, form.otherwise, frozenset(form.next), conditions(form.when))


def _marking(form: Any) -> Marking:
    return Marking({int(score): marks for score, marks in form.marks.items()}, dict(form.weights), form.below)
