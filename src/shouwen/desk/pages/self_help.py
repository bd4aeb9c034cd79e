"""What became of self-help: how many faults customers put right themselves, and at which step the others gave up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from shouwen.desk.header import rules_for
from shouwen.desk.menu import OVERSEERS
from shouwen.desk.pages.door import DeskPage
from shouwen.editions.edition import Edition
from shouwen.intake.guiding import Ended, outcomes_since
from shouwen.screens.tables import kind_asked

DAYS = 90


@dataclass(frozen=True, slots=True)
class Line:
    """Where a guide ended, in words."""

    guide: str
    step: str
    solved: bool
    times: int


class SelfHelpPage(DeskPage):
    """The figures of the last three months. They are counted without knowing of whom."""

    roles = OVERSEERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        ended = outcomes_since(self.at.astimezone(UTC).date() - timedelta(days=DAYS))
        lines = [_line(one, rules_for(request, self.at)) for one in ended]
        if kind := kind_asked(request):
            return self._as_file(lines, kind)
        return self._show(request, lines)

    def _show(self, request: HttpRequest, lines: list[Line]) -> HttpResponse:
        all_, solved = sum(line.times for line in lines), sum(line.times for line in lines if line.solved)
        share = round(100 * solved / all_) if all_ else 0
        context = {"lines": lines, "all": all_, "solved": solved, "share": share, "days": DAYS}
        return render(request, "desk/self_help.html", context)

    def _as_file(self, lines: list[Line], kind: str) -> HttpResponseBase:
        headings = (_("Guide"), _("Last question"), _("How it ended"), _("Times"))
        rows = ((line.guide, line.step, end_name(line.solved), line.times) for line in lines)
        return self.file_of(kind, _("Self-help"), headings, rows)


def end_name(solved: bool) -> str:
    return pgettext("self-help", "put right") if solved else pgettext("self-help", "not put right")


def _line(one: Ended, rules: Edition) -> Line:
    """In the words of the rules in force; what they no longer know is said by its code."""
    guide, language = rules.guides.get(one.guide), get_language() or ""
    step = guide.steps.get(one.step) if guide else None
    words = (guide.words.spoken(language) if guide else one.guide, step.words.spoken(language) if step else one.step)
    return Line(*words, one.solved, one.times)
