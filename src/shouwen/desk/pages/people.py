"""People: the list of everybody, the page of one, and how somebody leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.desk.header import rules_for
from shouwen.desk.leaving import hand_all_over, hanging_on
from shouwen.desk.pages.door import DeskPage, no_store
from shouwen.desk.pages.places import neighbours, places_in
from shouwen.desk.paging import page_of
from shouwen.desk.people_tables import leave_leaf, people_columns, people_rows, tables
from shouwen.desk.staff import BY_NAME, PersonForm, StaffFilters, staff_row, staff_rows, with_leaves
from shouwen.desk.told_changes import told_changes
from shouwen.handbook.refusals import Refusal
from shouwen.people.actions import LINK_LIVES_FOR, make_password_link, save_person, set_active
from shouwen.people.leaves import end_leave, take_leave
from shouwen.people.models import Change, Leave, Person
from shouwen.people.queries import HANDLERS, holders_of
from shouwen.people.second_factor import has_codes, needs_codes, take_codes_away
from shouwen.screens.tables import Leaf, kind_asked
from shouwen.screens.taking import answers_in_words
from shouwen.screens.templatetags.spoken import refusal_text

CHANGES_SHOWN = 10


class StaffPage(DeskPage):
    """A page about people, for who looks after them."""

    roles = frozenset({"administrator"})

    @property
    def me(self) -> Person:
        return self.request.user  # type: ignore[return-value]

    def person(self, person: UUID) -> Person:
        """Raises Http404."""
        return get_object_or_404(with_leaves(Person.objects.all(), self.at), pk=person)


class PeoplePage(StaffPage):
    """Everybody who works or worked here."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rules = rules_for(request, self.at)
        filters = StaffFilters(request.GET, rules)
        people = with_leaves(filters.people(self.at), self.at)
        if kind := kind_asked(request):
            rows = people_rows(people.order_by(*BY_NAME).iterator(chunk_size=500), rules)
            leaves = [Leaf(tables()[0], people_columns(rules), rows), leave_leaf(people, self.at)]
            return self.files_of(kind, _("People"), leaves, narrowed=answers_in_words(filters))
        page = page_of(people, BY_NAME, **places_in(request))
        context = {
            "rows": staff_rows(page.rows, rules, self.at),
            "filters": filters,
            "tables": tables(),
            "at": self.at,
            **neighbours(request, page),
        }
        return render(request, "desk/people.html", context)


class NewPerson(StaffPage):
    """Somebody begins to work here; they set their own password with a link."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(PersonForm(rules=rules_for(request, self.at)))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PersonForm(request.POST, rules=rules_for(request, self.at))
        if not form.is_valid():
            return self._show(form, status=422)
        person = save_person(None, form.cleaned_data, by=self.me, at=self.at)
        messages.success(
            request, _("%(name)s works here now. Make a link so that they can sign in.") % {"name": person}
        )
        return redirect("desk:person", person.pk)

    def _show(self, form: PersonForm, status: int = 200) -> HttpResponse:
        return render(self.request, "desk/new_person.html", {"form": form}, status=status)


class LeaveForm(forms.Form):
    """When somebody is away, and who stands in."""

    from_at = forms.DateTimeField(
        label=gettext_lazy("Away from"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    until_at = forms.DateTimeField(
        label=gettext_lazy("Away until"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    cover = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Cover"),
        required=False,
        empty_label=gettext_lazy("nobody named: the team's lead and the supervisors"),
        help_text=gettext_lazy(
            "What falls due is told to the cover and the team's lead, too. First ownership stays where it is."
        ),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=80)

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        there = Person.objects.filter(is_active=True).exclude(pk=person.pk)
        own = there.filter(teams__in=person.teams.all()) if person.teams.exists() else there
        self.fields["cover"].queryset = own.distinct().order_by(*BY_NAME)  # type: ignore[attr-defined]


class PersonPage(StaffPage):
    """One person: their form, how they sign in, their leave, what hangs on them, and who changed what about them."""

    def get(self, request: HttpRequest, person: UUID) -> HttpResponse:
        return self.show(self.person(person))

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        form = PersonForm(request.POST, rules=rules_for(request, self.at), person=one)
        if not form.is_valid():
            return self.show(one, form=form, status=422)
        try:
            save_person(one, form.cleaned_data, by=self.me, at=self.at)
        except Refusal as refusal:
            return self.show(one, form=form, refusal=refusal, status=409)
        messages.success(request, _("Saved."))
        return redirect("desk:person", one.pk)

    def show(self, person: Person, status: int = 200, **given: Any) -> HttpResponse:
        """The page; `given` are forms that came back with something wrong, or a link just made."""
        rules = rules_for(self.request, self.at)
        changes = Change.objects.filter(about=str(person.pk)).select_related("by").order_by("-at", "-id")
        context = {
            "person": person,
            "row": staff_row(person, rules, self.at),
            "form": given.pop("form", None) or PersonForm(rules=rules, person=person),
            "leave_form": given.pop("leave_form", None) or LeaveForm(person=person),
            "leaves": leaves_ahead(person, self.at),
            "hanging": hanging_on(person),
            "changes": told_changes(changes[:CHANGES_SHOWN], rules),
            "has_codes": has_codes(person),
            "needs_codes": needs_codes(person),
            "at": self.at,
            **given,
        }
        return render(self.request, "desk/person.html", context, status=status)


def leaves_ahead(person: Person, at: datetime) -> QuerySet[Leave]:
    """The leave somebody is on, and those to come."""
    ahead = Leave.objects.filter(person=person, cancelled_at=None, until_at__gt=at)
    return ahead.select_related("cover").order_by("from_at")


class PasswordLinkPage(PersonPage):
    """A link with which somebody sets their own password, shown once. No password is ever typed by another."""

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        if not one.is_active:
            messages.error(request, _("Whoever cannot sign in needs no link."))
            return redirect("desk:person", one.pk)
        secret = make_password_link(one, by=self.me, at=self.at)
        link = request.build_absolute_uri(reverse("password_link", args=[secret]))
        return no_store(self.show(one, link=link, link_until=self.at + LINK_LIVES_FOR))

    def get(self, request: HttpRequest, person: UUID) -> HttpResponse:
        return redirect("desk:person", person)


class LeavesOf(PersonPage):
    """A leave is entered."""

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        form = LeaveForm(request.POST, person=one)
        if not form.is_valid():
            return self.show(one, leave_form=form, status=422)
        try:
            take_leave(one, **form.cleaned_data, by=self.me, at=self.at)
        except Refusal as refusal:
            return self.show(one, leave_form=form, refusal=refusal, status=409)
        messages.success(request, _("The leave has been entered."))
        return redirect("desk:person", one.pk)


class LeaveEnd(StaffPage):
    """A leave is cancelled, or ends now."""

    def post(self, request: HttpRequest, person: UUID, leave: UUID) -> HttpResponse:
        one = get_object_or_404(Leave.objects.select_related("person"), pk=leave, person=person)
        if end_leave(one, by=self.me, at=self.at):
            messages.success(request, _("The leave has ended."))
        return redirect("desk:person", person)


class LeavingForm(forms.Form):
    """To whom what still hangs on somebody goes."""

    owner = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("First ownership and calls to make go to"),
        required=False,
        empty_label="—",
    )
    handler = forms.ModelChoiceField(
        Person.objects.none(), label=gettext_lazy("Work in hand goes to"), required=False, empty_label="—"
    )
    measures = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Measures agreed after overruns go to"),
        required=False,
        empty_label="—",
    )

    def __init__(self, *args: Any, person: Person) -> None:
        super().__init__(*args)
        for name, roles in (("owner", ["agent"]), ("handler", HANDLERS)):
            others = holders_of(roles).exclude(pk=person.pk).order_by(*BY_NAME)
            self.fields[name].queryset = others  # type: ignore[attr-defined]
        here = Person.objects.filter(is_active=True).exclude(pk=person.pk)
        self.fields["measures"].queryset = here.order_by(*BY_NAME)  # type: ignore[attr-defined]


class Leaving(StaffPage):
    """Somebody leaves: first what is still theirs is handed on, then they are shut out."""

    def get(self, request: HttpRequest, person: UUID) -> HttpResponse:
        return self._show(self.person(person))

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        form = LeavingForm(request.POST, person=one)
        if not form.is_valid():
            return self._show(one, form=form, status=422)
        handed = hand_all_over(one, **form.cleaned_data, by=self.me, at=self.at)
        said = ngettext("%(n)d ticket handed on.", "%(n)d tickets handed on.", handed.done)
        messages.success(request, said % {"n": handed.done})
        if handed.calls:
            said = ngettext("%(n)d call handed on.", "%(n)d calls handed on.", handed.calls)
            messages.success(request, said % {"n": handed.calls})
        return self._show(one, handed=handed)

    def _show(self, person: Person, status: int = 200, **given: Any) -> HttpResponse:
        given.setdefault("form", LeavingForm(person=person))
        context = {"person": person, "hanging": hanging_on(person), **given}
        return render(self.request, "desk/leaving.html", context, status=status)


class CodesTaken(StaffPage):
    """The one-time codes of somebody who lost their phone are taken away; it is written down."""

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        if take_codes_away(one, by=self.me, at=self.at):
            messages.success(
                request, _("The codes are gone. %(name)s signs in with the password alone.") % {"name": one}
            )
        return redirect("desk:person", one.pk)


class Activity(StaffPage):
    """Whether somebody can sign in."""

    active = True

    def post(self, request: HttpRequest, person: UUID) -> HttpResponse:
        one = self.person(person)
        try:
            set_active(one, self.active, by=self.me, at=self.at)
        except Refusal as refusal:
            messages.error(request, refusal_text(refusal))
            return redirect("desk:person", one.pk)
        said = _("%(name)s can sign in again.") if self.active else _("%(name)s cannot sign in any more.")
        messages.success(request, said % {"name": one})
        return redirect("desk:person", one.pk)
