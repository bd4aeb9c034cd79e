"""The kinds of answers a move can ask for, each as a form field with its choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shouwen.desk.asks import Ask
from shouwen.desk.clocks import extensible_rules
from shouwen.desk.events import events_going_on
from shouwen.desk.loads import people_of, teams_under
from shouwen.desk.wording import here
from shouwen.handbook.categories import INTAKE_LEVEL
from shouwen.handbook.history import Happening, open_promises, tasks_of
from shouwen.handbook.lifecycle import AFTER_WORK, AT_WORK
from shouwen.handbook.merging import MAY_LEAD
from shouwen.handbook.moves import MARKED_BY
from shouwen.handbook.overdue import overruns_of, talks_of
from shouwen.people.models import Person, Team
from shouwen.people.names import team_words
from shouwen.people.queries import HANDLERS, covers, holders_of
from shouwen.screens.templatetags.times import moment
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import visible_to

if TYPE_CHECKING:
    from shouwen.desk.asking import Asking

LONGEST_WORDS = 4000
MOST_LEADS = 20
LONGEST_LINE = 200
SAID = 40  # characters of what was said that a choice shows
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"
Choices = list[tuple[str, Any]]
NOBODY_LEADS = _(
    "None can be chosen: only an earlier ticket of this customer, of the same type, whose result has not been told yet "
    "can go on for both. Open the later one of the two, or link them by a note."
)


def field_for(ask: Ask, asking: Asking) -> forms.Field:
    """The field that takes the answer."""
    field = FIELDS.get(ask.kind, _vocabulary)(ask, asking)
    field.label, field.required = _label(ask, asking), asking.must(ask)
    field.help_text = field.help_text or ask.help
    field.widget.is_required = field.required
    return field


def vocabulary(asking: Asking, kind: str) -> Choices:
    """A vocabulary of the edition as choices."""
    terms: Mapping[str, Any] = getattr(asking.rules, kind)
    return [(code, _with_note(term)) for code, term in terms.items()]


def minute_input(earliest: datetime | None, latest: datetime | None) -> forms.DateTimeInput:
    """Day and minute, between two instants."""
    bounds = {"min": earliest, "max": latest}
    shown = {name: timezone.localtime(at).strftime(MINUTE_FORMAT) for name, at in bounds.items() if at}
    return forms.DateTimeInput(format=MINUTE_FORMAT, attrs={"type": "datetime-local", **shown})


def _label(ask: Ask, asking: Asking) -> Any:
    return f"{ask.label} ({here(asking.rules.currency)})" if ask.kind == "amount" else ask.label


def _words(ask: Ask, asking: Asking) -> forms.Field:
    return forms.CharField(max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}))


def _line(ask: Ask, asking: Asking) -> forms.Field:
    return forms.CharField(max_length=LONGEST_LINE)


def _amount(ask: Ask, asking: Asking) -> forms.Field:
    return forms.DecimalField(min_value=0, max_digits=10, decimal_places=2)


def _time_ahead(ask: Ask, asking: Asking) -> forms.Field:
    return forms.DateTimeField(input_formats=[MINUTE_FORMAT], widget=minute_input(asking.at, None))


def _tick(ask: Ask, asking: Asking) -> forms.Field:
    return forms.BooleanField()


def _yes_no(ask: Ask, asking: Asking) -> forms.Field:
    choices = [("true", _("yes")), ("false", _("no"))]
    return forms.TypedChoiceField(
        choices=choices, coerce=lambda value: value == "true", empty_value=None, widget=forms.RadioSelect
    )


def _scores(ask: Ask, asking: Asking) -> forms.Field:
    return forms.TypedChoiceField(
        choices=vocabulary(asking, "scores"), coerce=int, empty_value=None, widget=forms.RadioSelect
    )


def _vocabulary(ask: Ask, asking: Asking) -> forms.Field:
    return _choice(vocabulary(asking, ask.kind), asking.must(ask))


def _category(ask: Ask, asking: Asking) -> forms.Field:
    """The tree, one group a first level; the fourth level only once the facts have been looked into (U3.1)."""
    deepest = 9 if asking.state.stage in (*AT_WORK, *AFTER_WORK) else INTAKE_LEVEL
    tree, groups = asking.rules.categories, []
    for first in tree.children():
        inside = [node for node in tree.nodes.values() if node.code.startswith(f"{first.code}.")]
        listed = [(node.code, _below_first(asking, node.code)) for node in inside if node.level <= deepest]
        groups.append((here(first.words), listed or [(first.code, here(first.words))]))
    present = asking.state.category
    if ask.name != "category":
        return _choice(groups, True)
    if present not in {code for _, group in groups for code, _ in group}:
        words = here(asking.rules.label("categories", present))
        groups.insert(0, (pgettext_lazy("category", "now"), [(present, words)]))
    return _choice(groups, True)


def _below_first(asking: Asking, code: str) -> str:
    return " › ".join(here(node.words) for node in asking.rules.categories.path(code)[1:])


def _lead(ask: Ask, asking: Asking) -> forms.Field:
    """The customer's earlier tickets that may lead."""
    own = asking.ticket
    same = visible_to(asking.actor).filter(customer=own.customer_id, ticket_type=own.ticket_type, stage__in=MAY_LEAD)
    earlier = same.filter(received_at__lte=own.received_at).exclude(pk=own.pk).order_by("-received_at")[:MOST_LEADS]
    field = _choice(
        [(one.number, f"{one.number} · {_matter(asking, one)}{_unlike(own, one)}") for one in earlier], True
    )
    field.help_text = "" if earlier else NOBODY_LEADS
    return field


def _unlike(own: Ticket, other: Ticket) -> str:
    """A word of warning where they are about different things."""
    return "" if other.category == own.category else " · " + gettext("another category than this one")


def _event(ask: Ask, asking: Asking) -> forms.Field:
    """A number, with the events that are going on offered while it is typed: nothing is asked of the server."""
    choices = [(one.number, one.title) for one in events_going_on(asking.actor) if one.pk != asking.ticket.pk]
    return forms.CharField(max_length=24, widget=Suggesting(choices))


class Suggesting(forms.TextInput):
    """A line with suggestions."""

    template_name = "desk/_suggesting.html"

    def __init__(self, choices: Choices) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false"})
        self.choices = choices

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["choices"] = self.choices
        context["widget"]["attrs"]["list"] = f"{name}-choices"
        return context


def _matter(asking: Asking, ticket: Ticket) -> str:
    return f"{here(asking.rules.label('categories', ticket.category))} · {moment(ticket.received_at)}"


def _pause(ask: Ask, asking: Asking) -> forms.Field:
    pauses = asking.rules.pauses.values()
    return _choice([(pause.code, here(pause.words)) for pause in pauses if pause.move is asking.move], True)


def _item(ask: Ask, asking: Asking) -> forms.Field:
    checklist = asking.rules.checklist(asking.state.category)
    items = checklist.items if checklist else ()
    return _choice([*((item.code, here(item.words)) for item in items), ("other", _("something else"))], True)


def _team(ask: Ask, asking: Asking) -> forms.Field:
    return _choice([(team.code, team_words(team)) for team in Team.objects.filter(active=True)], asking.must(ask))


def _other_team(ask: Ask, asking: Asking) -> forms.Field:
    others = Team.objects.filter(active=True).exclude(code=asking.state.team or "")
    return _choice([(team.code, team_words(team)) for team in others], True)


def _handler(ask: Ask, asking: Asking) -> forms.Field:
    """Everybody who handles, each once, with their teams."""
    people = [(person, _(", ").join(map(team_words, person.teams.all()))) for person in _people(HANDLERS)]
    return _choice([(str(person.pk), f"{person} · {teams}") for person, teams in people if teams], False)


def _colleague(ask: Ask, asking: Asking) -> forms.Field:
    """Whoever works in the team that has the ticket."""
    people = [person for person in _people(HANDLERS) if asking.state.team in {team.pk for team in person.teams.all()}]
    return _choice([(str(person.pk), str(person)) for person in people], False)


def _owner(ask: Ask, asking: Asking) -> forms.Field:
    """Agents who answer for the ticket's region."""
    region, present = asking.state.region, asking.state.first_owner
    agents = [one for one in _people("agent") if covers(one.regions, region) and str(one.pk) != present]
    return _choice([(str(one.pk), str(one)) for one in agents], True)


def _anybody(ask: Ask, asking: Asking) -> forms.Field:
    """Everybody who works here."""
    people = Person.objects.filter(is_active=True).order_by("display_name", "username")
    return _choice([(str(one.pk), str(one)) for one in people], False)


def _stated_marks(ask: Ask, asking: Asking) -> forms.Field:
    """All but those that a move sets by itself."""
    marks = [(code, words) for code, words in vocabulary(asking, "marks") if code not in MARKED_BY.values()]
    return _choice(marks, asking.must(ask))


def _promise(ask: Ask, asking: Asking) -> forms.Field:
    return _choice([(row.facts["promise"], _promised(row)) for row in open_promises(asking.history)], True)


def _promised(row: Happening) -> str:
    due_at = moment(datetime.fromisoformat(str(row.facts["due_at"])))
    said = str(row.facts.get("text") or row.facts.get("words") or "")
    return f"{due_at} · {said[:SAID]}" if said else due_at


def _overrun(ask: Ask, asking: Asking) -> forms.Field:
    """The time limits of this ticket that ran out."""
    overruns = overruns_of(asking.history)
    names = [(one.name, here(asking.rules.label("rules", one.rule)), moment(one.due_at)) for one in overruns]
    return _choice([(name, f"{words} · {due}") for name, words, due in names], True)


def _measure(ask: Ask, asking: Asking) -> forms.Field:
    """The measures agreed in the talks that stand."""
    talks = [talk for talk in talks_of(asking.history) if talk.stands and talk.has_measure]
    return _choice([(str(talk.seq), str(talk.row.facts["measure"])[:SAID]) for talk in talks], True)


def _measure_owner(ask: Ask, asking: Asking) -> forms.Field:
    """Whoever works in the teams the actor answers for."""
    people = people_of(teams_under(asking.actor)).order_by("display_name", "username")
    return _choice([(str(person.pk), str(person)) for person in people], False)


def _day_ahead(ask: Ask, asking: Asking) -> forms.Field:
    today = timezone.localdate(asking.at).isoformat()
    field = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": today}))
    field.validators.append(MinValueValidator(timezone.localdate(asking.at)))
    return field


def _task(ask: Ask, asking: Asking) -> forms.Field:
    open_ones = [task for task in tasks_of(asking.history) if not task.answered_at and task.team in asking.actor.teams]
    asked = {row.facts.get("task"): str(row.facts.get("asked") or "") for row in asking.history}
    return _choice([(task.task, f"{moment(task.due_at)} · {asked[task.task][:SAID]}") for task in open_ones], True)


def _rule(ask: Ask, asking: Asking) -> forms.Field:
    """The clocks that an agreement with the customer may extend."""
    rules = extensible_rules(asking.history, asking.rules, asking.at)
    return _choice([(rule.id, here(rule.name)) for rule in rules], True)


FIELDS: dict[str, Callable[[Ask, Asking], forms.Field]] = {
    "words": _words,
    "line": _line,
    "amount": _amount,
    "time_ahead": _time_ahead,
    "tick": _tick,
    "yes_no": _yes_no,
    "scores": _scores,
    "category": _category,
    "lead": _lead,
    "event": _event,
    "pause": _pause,
    "item": _item,
    "team": _team,
    "other_team": _other_team,
    "handler": _handler,
    "colleague": _colleague,
    "owner": _owner,
    "anybody": _anybody,
    "stated_marks": _stated_marks,
    "promise": _promise,
    "task": _task,
    "overrun": _overrun,
    "measure": _measure,
    "measure_owner": _measure_owner,
    "day_ahead": _day_ahead,
    "rule": _rule,
}


def _choice(choices: Sequence[Any], certain: bool) -> forms.ChoiceField:
    """A choice; where there is only one and one must be made, it is made already."""
    only = len(choices) == 1 and certain and not isinstance(choices[0][1], list)
    return forms.ChoiceField(choices=choices if only else [("", "—"), *choices])


def _people(roles: str | Iterable[str]) -> Iterable[Person]:
    return holders_of(roles).prefetch_related("teams").order_by("display_name", "username")


def _with_note(term: Any) -> str:
    note = getattr(term, "note", None)
    return f"{here(term.words)} · {here(note)}" if note else here(term.words)
