"""Badges that say where a ticket and its clocks stand: never by colour alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy

from shouwen.handbook import lifecycle
from shouwen.handbook.history import Stage, Standing
from shouwen.screens.templatetags.parts import icon
from shouwen.screens.templatetags.spoken import STAGES, STANDINGS, STEPS, spoken
from shouwen.screens.templatetags.times import moment, spelled

register = template.Library()

NARROWEST_BAR = 287  # pixels, beside a conversation
WIDE, NARROW, BEFORE_NAME = 11, 7, 22  # pixels of a letter of Chinese, of any other, of the mark before them
LATIN = 0x2E80  # Chinese begins after it

# From which share of its time spent a running clock changes its tone: a traffic light, with an icon beside it.
TONES = ((1.0, "late"), (0.75, "press"), (0.5, "heed"), (0.0, "calm"))
ICONS = {
    "calm": "clock",
    "heed": "clock-hour-9",
    "press": "alert-triangle",
    "late": "alert-octagon",
    "still": "player-pause",
    "met": "circle-check",
    "missed": "circle-x",
    "void": "circle-off",
}
KINDS = {
    "target": pgettext_lazy("clock kind", "target"),
    "limit": pgettext_lazy("clock kind", "limit"),
    "statutory": pgettext_lazy("clock kind", "by law"),
    "promise": pgettext_lazy("clock kind", "promised"),
    "task": pgettext_lazy("clock kind", "task"),
}
LEFT_THE_WAY = (Stage.REJECTED, Stage.CANCELLED, Stage.WITHDRAWN, Stage.MERGED)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the six steps of the stage bar."""

    name: str
    state: str  # done, now, ahead, skipped, left


@register.inclusion_tag("shared/stage_bar.html")
def stage_bar(
    state: Any, visited: Collection[str] = (), since: datetime | None = None, brief: bool = False
) -> dict[str, Any]:
    """Where a ticket stands on its way: `{% stage_bar ticket visited=stages since=at %}`.

    `state` has `stage` and `standing`. `visited` are the stages it has been at in this round, in order; they tell the
    steps a short way skips, and where a ticket left the way. `brief` shows the steps alone.
    """
    stage, standing = Stage(state.stage), Standing(state.standing)
    return {
        "steps": _steps(stage, [Stage(code) for code in visited]),
        "left": stage in LEFT_THE_WAY,
        "stage": "" if brief else STAGES[stage],
        "standing": "" if brief or standing is Standing.RUNNING else STANDINGS[standing],
        "since": since,
    }


def _steps(stage: Stage, visited: list[Stage]) -> list[Step]:
    known = [code for code in visited if code not in LEFT_THE_WAY]
    last = stage if stage not in LEFT_THE_WAY else (known[-1] if known else Stage.RECEIVED)
    reached = list(STEPS).index(lifecycle.step_of(last) or "intake")
    seen = {lifecycle.step_of(code) for code in known}
    return [
        Step(str(name), _step_state(at, reached, stage, skipped=bool(seen) and code not in seen))
        for at, (code, name) in enumerate(STEPS.items())
    ]


def _step_state(at: int, reached: int, stage: Stage, *, skipped: bool) -> str:
    if at > reached:
        return "ahead"
    if at == reached:
        return "left" if stage in LEFT_THE_WAY else "done" if stage is Stage.ARCHIVED else "now"
    return "skipped" if skipped else "done"


@register.simple_tag
def clock_badge(clock: Any, why_url: str = "", now: datetime | None = None) -> SafeString:
    """One commitment and what is left of it: `{% clock_badge clock why_url=url %}`.

    `clock` has `state` (running, paused, met, missed, void), `kind`, `started_at`, `due_at`, `stopped_at`,
    `provisional`, `extended`; and where the caller knows them `name`, `left` and `target` (spans of its own calendar),
    `working_day`, `counts` (the instants between which it counts next) and `paused_because`.
    """
    face = _face(clock, now or timezone.now())
    if not why_url:
        return _small(clock, face)
    because = spoken(getattr(clock, "paused_because", "") or "")
    shown = {"clock": clock, "face": face, "why_url": why_url, "because": because}
    return render_to_string("shared/clock_card.html", shown)


@dataclass(frozen=True, slots=True)
class Face:
    """What a badge shows of a clock."""

    name: str
    kind: str
    tone: str
    html: SafeString


def _face(clock: Any, at: datetime) -> Face:
    left, target = _left(clock, at), _target(clock)
    tone = _tone(clock, left, target)
    working_day = getattr(clock, "working_day", None)
    ticking = clock.state == "running" and left is not None
    html = _FACE % (
        _ticks(clock, left, target, working_day, at) if ticking else "",
        icon(ICONS[tone]),
        escape(_text(clock, left, working_day)),
        _SPENT % _share(left, target) if clock.state in {"running", "paused"} else "",
    )
    kind = str(KINDS.get(clock.kind, clock.kind))
    return Face(spoken(getattr(clock, "name", "")), kind, tone, SafeString(html))


def _small(clock: Any, face: Face) -> SafeString:
    provisional = gettext("provisional") if clock.provisional else ""
    mark = _PROVISIONAL % escape(provisional) if provisional else ""
    title = " · ".join(filter(None, (face.name, face.kind, moment(clock.due_at), provisional)))
    return SafeString(_SMALL % (face.tone, escape(title), face.html, mark))


# Written here and not as templates: a list shows fifty of these, and node by node they would take half of its time.
_FACE = '<span class="clock-face" %s>%s<span class="clock-text">%s</span>%s</span>'
_SPENT = '<progress max="100" value="%d" aria-hidden="true"></progress>'
_SMALL = '<span class="clock clock-%s" title="%s">%s%s</span>'
_PROVISIONAL = (
    '<span class="provisional"><span aria-hidden="true">?</span><span class="visually-hidden">%s</span></span>'
)


def _left(clock: Any, at: datetime) -> timedelta | None:
    """What is left of it; less than nothing once it is late. None where nothing is being counted down."""
    known = getattr(clock, "left", None)
    if known is not None or clock.due_at is None:
        return known
    return clock.due_at - (clock.stopped_at or at)


def _target(clock: Any) -> timedelta | None:
    known = getattr(clock, "target", None)
    if known is not None or clock.due_at is None:
        return known
    return clock.due_at - clock.started_at


def _share(left: timedelta | None, target: timedelta | None) -> int:
    """How much of the time is spent, in whole per cent, at most 100."""
    if left is None or not target:
        return 0
    return max(0, min(100, int(100 * (target - left) / target)))


def _tone(clock: Any, left: timedelta | None, target: timedelta | None) -> str:
    if clock.state != "running":
        return "still" if clock.state == "paused" else clock.state
    if left is None or not target:
        return "calm"
    share = (target - left) / target
    return next((tone for at, tone in TONES if share >= at), "calm")


def _text(clock: Any, left: timedelta | None, working_day: timedelta | None) -> str:
    return what_became(clock.state, left, spelled(left, working_day) if left is not None else "")


def what_became(state: str, left: timedelta | None, span: str) -> str:
    """What has become of a clock: kept, over, still running, and by how much; `span` is what is left, in words."""
    if state == "void":
        return gettext("no longer counts")
    if left is None:
        return gettext("paused") if state == "paused" else "–"
    if state == "paused":
        return gettext("paused, %(span)s left") % {"span": span}
    if state == "met":
        return gettext("kept, %(span)s early") % {"span": span}
    if left <= timedelta(0) or state == "missed":  # after hours nothing is left, and no working time is over yet
        return gettext("%(span)s over") % {"span": span}
    return gettext("%(span)s left") % {"span": span}


def _ticks(clock: Any, left: timedelta, target: timedelta | None, day: timedelta | None, at: datetime) -> str:
    """What the page needs to go on counting by itself, in seconds."""
    counts = getattr(clock, "counts", None)
    return _TICKS % (
        int(at.timestamp()),
        int(left.total_seconds()),
        int((target or timedelta(0)).total_seconds()),
        int(day.total_seconds()) if day else "",
        int(counts[0].timestamp()) if counts else "",
        int(counts[1].timestamp()) if counts else "",
    )


_TICKS = 'data-clock data-at="%d" data-left="%d" data-target="%d" data-day="%s" data-from="%s" data-until="%s"'


@register.simple_tag
def clock_words() -> SafeString:
    """The words a page needs to go on counting, as a data block for `clocks.ts`."""
    words = {
        "working_day": [ngettext("%(n)d working day", "%(n)d working days", count) for count in (1, 2)],
        "day": [ngettext("%(n)d day", "%(n)d days", count) for count in (1, 2)],
        "hour": pgettext("span", "%(n)d h"),
        "minute": pgettext("span", "%(n)d min"),
        "working_hour": pgettext("span", "%(n)d working h"),
        "working_minute": pgettext("span", "%(n)d working min"),
        "moments": pgettext("span", "under 1 min"),
        "left": gettext("%(span)s left"),
        "over": gettext("%(span)s over"),
    }
    return format_html('<template id="clock-words" data-words="{}"></template>', json.dumps(words, ensure_ascii=False))


@register.filter
def has_room(piece: Any) -> bool:
    """Whether the name of a piece of a time bar fits into it, also where the bar is narrowest."""
    letters = sum(WIDE if ord(letter) > LATIN else NARROW for letter in piece.whose)
    return letters + BEFORE_NAME <= piece.width * NARROWEST_BAR / 100
