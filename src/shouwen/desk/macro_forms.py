"""The forms a macro is written in: its name, who may run it, and one form for each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.desk.asking import Asking
from shouwen.desk.asks import ASKS, Ask
from shouwen.desk.fields import LONGEST_LINE, LONGEST_WORDS
from shouwen.desk.macros import HOURS, MACRO_MOVES, stated_by
from shouwen.desk.models import Macro
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.gates import NEEDS_A_REASON
from shouwen.handbook.moves import Move
from shouwen.people.models import Team
from shouwen.people.names import team_words

MOST_STEPS = 8
LONGEST_SPAN = 24 * 60
SHARED = [(Macro.TEAM, _("one team")), (Macro.EVERYBODY, _("everybody")), (Macro.OWN, _("only me"))]
# What only the ticket itself or the moment can answer is left to the run: nobody is named ahead, nothing is paid ahead.
LEFT_OUT = frozenset({"handler", "colleague", "owner", "amount", "item", "promise", "task", "rule", "lead"})


class MacroForm(forms.Form):
    """What a macro is called and who may run it."""

    name = forms.CharField(label=pgettext_lazy("of a macro", "Name"), max_length=60)
    shared = forms.ChoiceField(label=_("Who may run it"), choices=SHARED, widget=forms.RadioSelect, initial=Macro.TEAM)
    team = forms.ModelChoiceField(Team.objects.filter(active=True), label=_("Team"), required=False, empty_label="—")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("shared") == Macro.TEAM and not cleaned.get("team"):
            self.add_error("team", _("Choose the team whose macro this is."))
        return cleaned


class StepForm(forms.Form):
    """One step: what its move states, as far as that can be said ahead."""

    def __init__(
        self, move: Move, place: int, rules: Edition, *, data: Any = None, initial: Mapping[str, Any] | None = None
    ):
        super().__init__(data, prefix=f"s{place}", initial={**(initial or {})})
        self.move, self.place = move, place
        asked = [ask for ask in ASKS[move] if ask.kind not in LEFT_OUT]
        self.fields = {ask.name: _field(ask, move, rules) for ask in asked}
        self._spans = {ask.name for ask in asked if ask.kind == "time_ahead"}

    def facts(self) -> dict[str, Any]:
        """What the step states, as a macro keeps it."""
        stated = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return {name: {HOURS: value} if name in self._spans else value for name, value in stated.items()}


def steps_posted(data: Any, rules: Edition) -> list[StepForm]:
    """The steps of a form as it was sent, in their order."""
    found = []
    for place in data.getlist("step")[:MOST_STEPS]:
        move = data.get(f"s{place}-move", "")
        if place.isdigit() and move in MACRO_MOVES:
            found.append(StepForm(Move(move), int(place), rules, data=data))
    return found


def steps_of(macro: Macro, rules: Edition) -> list[StepForm]:
    """The steps of a macro, to be changed."""
    moves = [Move(step["move"]) for step in macro.steps]
    stated = [{name: _shown(value) for name, value in step["facts"].items()} for step in macro.steps]
    return [StepForm(moves[place], place, rules, initial=initial) for place, initial in enumerate(stated)]


def steps_ahead(macros: Sequence[Macro], asking: Asking) -> list[list[tuple[Move, list[tuple[Any, str]]]]]:
    """What each macro would do on this ticket now: its moves with what they state; an unknown blank stays a blank."""
    teams = {team.code: team_words(team) for team in Team.objects.all()}

    def said(move: Move, facts: Mapping[str, Any]) -> list[tuple[Any, str]]:
        stated = stated_by(facts, asking)
        asked = [ask for ask in ASKS[move] if ask.name in stated]
        return [(ask.label, _in_words(ask, move, stated[ask.name], asking.rules, teams)) for ask in asked]

    return [[(move := Move(step["move"]), said(move, step["facts"])) for step in macro.steps] for macro in macros]


def _in_words(ask: Ask, move: Move, value: Any, rules: Edition, teams: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if ask.kind in ("team", "other_team"):
        return teams.get(value, value)
    if ask.kind == "time_ahead":
        return str(value).replace("T", " ")
    return str(value) if ask.kind in FIELDS else str(dict(_choices(ask, move, rules)).get(value, value)).strip()


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return value[HOURS]
    return str(value).lower() if isinstance(value, bool) else value


def _field(ask: Ask, move: Move, rules: Edition) -> forms.Field:
    make = FIELDS.get(ask.kind)
    field = make() if make else forms.ChoiceField(choices=[("", "—"), *_choices(ask, move, rules)])
    field.label, field.help_text = ask.label, "" if ask.kind == "team" else ask.help
    if ask.kind == "time_ahead":
        field.label = _("%(label)s: in how many hours") % {"label": ask.label}
    field.required = ask.must or ask.name in rules.needs.facts.get(move, ()) or _is_reason(ask, move)
    if move is Move.DISPATCH and ask.name == "team":
        field.required = False  # the routes name one
    field.widget.is_required = field.required
    return field


def _is_reason(ask: Ask, move: Move) -> bool:
    return ask.name == "reason" and move in NEEDS_A_REASON


def _choices(ask: Ask, move: Move, rules: Edition) -> Sequence[tuple[str, Any]]:
    if ask.kind == "category":
        return [(node.code, "\u3000" * (node.level - 1) + here(node.words)) for node in rules.categories.nodes.values()]
    if ask.kind == "pause":
        return [(pause.code, here(pause.words)) for pause in rules.pauses.values() if pause.move is move]
    if ask.kind in ("team", "other_team"):
        return [(team.code, team_words(team)) for team in Team.objects.filter(active=True)]
    if ask.kind == "stated_marks":
        return [(code, here(term.words)) for code, term in rules.marks.items()]
    return [(code, here(term.words)) for code, term in getattr(rules, ask.kind).items()]


FIELDS: dict[str, Callable[[], forms.Field]] = {
    "words": lambda: forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2})),
    "line": lambda: forms.CharField(max_length=LONGEST_LINE),
    "time_ahead": lambda: forms.IntegerField(min_value=1, max_value=LONGEST_SPAN),
    "tick": forms.BooleanField,
    "yes_no": lambda: forms.TypedChoiceField(
        choices=[("", "—"), ("true", _("yes")), ("false", _("no"))], empty_value=None
    ),
}
