"""Macros: where supervisors write them, and where they are run on a ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.desk.afterwards import Undo
from shouwen.desk.asking import asking_for
from shouwen.desk.header import rules_for
from shouwen.desk.macro_forms import MOST_STEPS, MacroForm, StepForm, steps_ahead, steps_of, steps_posted
from shouwen.desk.macros import MACRO_MOVES, Ran, fitting_macros, macros_for, preview_of, run_macro, save_macro
from shouwen.desk.models import Macro
from shouwen.desk.pages.door import WORKERS, DeskPage, is_fragment
from shouwen.desk.pages.ticket import ticket_again
from shouwen.desk.shown_tables import macros_leaf
from shouwen.handbook.merging import merged_into
from shouwen.handbook.moves import Move
from shouwen.people.actions import UNDO_WITHIN
from shouwen.people.models import Person
from shouwen.screens.tables import kind_asked
from shouwen.tickets.queries import ticket_for

WRITERS = frozenset({"supervisor"})
MOST_MACROS = 200


class MacrosPage(DeskPage):
    """The macros a supervisor may run or change, and those out of use."""

    roles = WRITERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        found = macros_for(self.actor).select_related("team", "owner") | _everything()
        shown = found.order_by("name", "id")[:MOST_MACROS]
        if kind := kind_asked(request):
            return self.files_of(kind, _("Macros"), [macros_leaf(shown)])
        macros = [(macro, preview_of(macro)) for macro in shown]
        out_of_use = _changeable(self.actor.id, retired=True).order_by("-retired_at", "id")[:MOST_MACROS]
        retired = [(macro, preview_of(macro)) for macro in out_of_use]
        context = {"macros": macros, "retired": retired, "undo": self._undo([macro for macro, _does in retired])}
        return render(request, "desk/macros.html", context)

    def _undo(self, retired: list[Macro]) -> Undo | None:
        """The macro taken out of use a moment ago."""
        asked = self.request.GET.get("retired", "")
        known = next((one for one in retired if str(one.pk) == asked), None)
        if known is None or known.retired_at is None or self.at - known.retired_at > UNDO_WITHIN:
            return None
        says = _("“%(name)s” can no longer be run.") % {"name": known.name}
        return Undo(reverse("desk:restore_macro", args=[known.pk]), says)


class MacroPage(DeskPage):
    """One macro, being written: a new one, or the next version of one there is."""

    roles = WRITERS

    def get(self, request: HttpRequest, macro: UUID | None = None) -> HttpResponse:
        known = self._known(macro)
        if known is None:
            return self._show(MacroForm(), [])
        given = {"name": known.name, "shared": known.shared, "team": known.team_id}
        return self._show(MacroForm(initial=given), steps_of(known, rules_for(request, self.at)), known)

    def post(self, request: HttpRequest, macro: UUID | None = None) -> HttpResponse:
        known, rules = self._known(macro), rules_for(request, self.at)
        form, steps = MacroForm(request.POST), steps_posted(request.POST, rules)
        if not steps:
            form.add_error(None, _("A macro does something: add a step."))
        if not all([form.is_valid(), *(step.is_valid() for step in steps)]):
            return self._show(form, steps, known, status=422)
        person = Person.objects.get(pk=self.actor.id)
        known = known or Macro(owner=person)
        known.name, known.shared = form.cleaned_data["name"], form.cleaned_data["shared"]
        known.team = form.cleaned_data["team"] if known.shared == Macro.TEAM else None
        known.steps = [{"move": str(step.move), "facts": step.facts()} for step in steps]
        save_macro(known, by=person, at=self.at)
        messages.success(request, _("Saved as version %(version)d.") % {"version": known.version})
        return redirect("desk:macros")

    def _known(self, macro: UUID | None) -> Macro | None:
        return get_object_or_404(_changeable(self.actor.id), pk=macro) if macro else None

    def _show(
        self, form: MacroForm, steps: list[StepForm], macro: Macro | None = None, *, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "steps": steps, "macro": macro, "moves": MACRO_MOVES, "most": MOST_STEPS}
        return render(self.request, "desk/macro.html", context, status=status)


class MacroStep(DeskPage):
    """An empty step of a macro being written."""

    roles = WRITERS

    def get(self, request: HttpRequest) -> HttpResponse:
        move = request.GET.get("move", "")
        place = request.GET.get("place", "")
        if move not in MACRO_MOVES or not place.isdigit():
            return HttpResponse(status=422)
        step = StepForm(Move(move), int(place), rules_for(request, self.at))
        return render(request, "desk/_macro_step.html", {"step": step})


class Retirement(DeskPage):
    """A macro nobody is to run any more; the histories that name it still can be read."""

    roles = WRITERS

    def post(self, request: HttpRequest, macro: UUID) -> HttpResponse:
        known = get_object_or_404(_changeable(self.actor.id), pk=macro)
        Macro.objects.filter(pk=known.pk).update(retired_at=self.at)
        return redirect(f"{reverse('desk:macros')}?retired={known.pk}")


class Restoration(DeskPage):
    """A macro out of use that is to be run again, at once or years later."""

    roles = WRITERS

    def post(self, request: HttpRequest, macro: UUID) -> HttpResponse:
        known = get_object_or_404(_changeable(self.actor.id, retired=True), pk=macro)
        Macro.objects.filter(pk=known.pk).update(retired_at=None)
        messages.success(request, _("“%(name)s” can be run again.") % {"name": known.name})
        return redirect("desk:macros")


class TicketMacros(DeskPage):
    """The macros somebody may run on a ticket, and running one."""

    roles = WORKERS

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        asking = asking_for(self.actor, number, Move.NOTE, self.at)
        known = list(macros_for(self.actor)[:MOST_MACROS])
        found = fitting_macros(known, asking)
        macros = [(one, preview_of(one), steps) for one, steps in zip(found, steps_ahead(found, asking), strict=True)]
        context = {
            "ticket": asking.ticket,
            "macros": macros,
            "unfit": len(known) - len(found),
            "goes_on_as": merged_into(asking.history),
            "may_write": bool(WRITERS & self.actor.roles),
        }
        return render(request, "desk/_macros.html" if is_fragment(request) else "desk/ticket_macros.html", context)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        ticket = ticket_for(self.actor, number)
        macro = get_object_or_404(macros_for(self.actor), pk=_uuid(request.POST.get("macro", "")))
        seen = request.POST.get("seen", "")
        ran = run_macro(macro, ticket.number, by=self.actor, at=self.at, seen=int(seen) if seen.isdigit() else None)
        _say(request, ran)
        return ticket_again(self, ticket.number, ran=ran)


def _say(request: HttpRequest, ran: Ran) -> None:
    if ran.whole:
        done = ngettext("%(name)s: %(count)d step done.", "%(name)s: %(count)d steps done.", len(ran.done))
        messages.success(request, done % {"name": ran.macro, "count": len(ran.done)})


def _changeable(person: str, *, retired: bool = False) -> Any:
    """What a supervisor may change: what is shared, and their own; in use, or out of use."""
    return _everything(retired=retired) | Macro.objects.filter(owner=person, retired_at__isnull=not retired)


def _everything(*, retired: bool = False) -> Any:
    return Macro.objects.filter(retired_at__isnull=not retired).exclude(shared=Macro.OWN)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
