"""The blanks of wording as people read them: what each stands for, and an example of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from shouwen.desk.replies import BLANKS
from shouwen.editions.edition import Edition

# What each stands for, and an example; one that is a time or a name of the rules has none here.
MEANINGS = {
    "number": (pgettext_lazy("blank", "ticket number"), "AH-7K3MP-9QXTD-4"),
    "into": (pgettext_lazy("blank", "number of the ticket that goes on"), "AH-2V8CN-4HTRW-6"),
    "merged": (pgettext_lazy("blank", "number of the ticket merged into it"), "AH-2V8CN-4HTRW-6"),
    "text": (pgettext_lazy("blank", "what was written for the customers"), gettext_lazy("service is back")),
    "code": (pgettext_lazy("blank", "one-time code"), "482913"),
    "minutes": (pgettext_lazy("blank", "for how many minutes"), "10"),
    "link": (pgettext_lazy("blank", "link to the survey"), "https://desk.example/s/7K3MP9QX"),
    "asked": (pgettext_lazy("blank", "what the customer is asked for"), gettext_lazy("a photograph of the bill")),
    "expected_at": (pgettext_lazy("blank", "time by which the next step is expected"), ""),
    "due_at": (pgettext_lazy("blank", "time by which it is due"), ""),
    "until": (pgettext_lazy("blank", "until when"), ""),
    "rule": (pgettext_lazy("blank", "name of the time limit"), ""),
    "calendar": (pgettext_lazy("blank", "name of the calendar"), ""),
    "last_day": (pgettext_lazy("blank", "last day published"), "2026-12-31"),
    "days": (pgettext_lazy("blank", "days left"), "30"),
    "draft": (pgettext_lazy("blank", "name of the draft"), gettext_lazy("Rules of next year")),
    "count": (pgettext_lazy("blank", "how many"), "3"),
    "tickets": (pgettext_lazy("blank", "numbers of the tickets"), "AH-7K3MP-9QXTD-4, AH-2V8CN-4HTRW-6"),
    "person": (pgettext_lazy("blank", "whom it is about"), gettext_lazy("an agent")),
    "score": (pgettext_lazy("blank", "the rating"), "3"),
    "month": (pgettext_lazy("blank", "month"), "2026-11"),
    "figure": (pgettext_lazy("blank", "figure reached"), "82.5"),
    "goal": (pgettext_lazy("blank", "goal"), "85"),
    "team": (pgettext_lazy("blank", "team"), gettext_lazy("the team")),
    "staff_no": (pgettext_lazy("blank", "staff number of who calls"), "1024"),
    "matter": (BLANKS["matter"], gettext_lazy("a fee nobody ordered")),
    "demand": (BLANKS["demand"], gettext_lazy("the money back")),
    "measure": (BLANKS["measure"], gettext_lazy("the fee was given back")),
    "finding": (BLANKS["finding"], gettext_lazy("an error in the bill")),
    "fee": (BLANKS["fee"], "19"),
    "effective_on": (BLANKS["effective_on"], "2027-01-01"),
}
IN_REPLIES = tuple(BLANKS)
TIMES = {"expected_at": 18, "due_at": 17, "until": 12}  # the hour of tomorrow that is shown for it


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank that may be put in, and what it stands for."""

    name: str
    meaning: str
    needed: bool = False

    @property
    def written(self) -> str:
        return f"{{{self.name}}}"


def blanks_shown(names: Iterable[str], needed: Iterable[str] = ()) -> list[Blank]:
    """In the order in which they are explained; those without an explanation last."""
    order, must = list(MEANINGS), set(needed)
    found = sorted(set(names), key=lambda name: (order.index(name) if name in order else len(order), name))
    return [Blank(name, str(MEANINGS[name][0]) if name in MEANINGS else "", name in must) for name in found]


def examples(rules: Edition, language: str, at: datetime) -> Mapping[str, str]:
    """Something that could stand in every blank there is, in one language."""
    tomorrow = timezone.localtime(at) + timedelta(days=1)
    rule = next(iter(rules.rules_by_id.values()), None)
    calendar = next((one.words for one in rules.calendars.values() if one.words), None)
    with override("zh-hans" if language == "zh" else "en"):
        found = {name: str(example) for name, (_meaning, example) in MEANINGS.items()}
    found |= {name: f"{tomorrow:%Y-%m-%d} {hour:02}:00" for name, hour in TIMES.items()}
    found["rule"] = rule.name.spoken(language) if rule else "—"
    found["calendar"] = calendar.spoken(language) if calendar else "—"
    return found
