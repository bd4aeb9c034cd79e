"""Saved views: keeping a list under a name, changing it, putting views in order, taking a deletion back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from shouwen.desk.afterwards import Undo
from shouwen.desk.models import LONGEST_QUERY, SavedView
from shouwen.desk.pages.door import is_fragment
from shouwen.desk.pages.queues import ListPage
from shouwen.desk.shown_tables import views_leaf
from shouwen.desk.views import (
    View,
    delete_view,
    own_view,
    place_views,
    restore_view,
    save_view,
    shares_open_to,
    views_of,
)
from shouwen.desk.wording import here
from shouwen.people.models import Team
from shouwen.people.names import team_words
from shouwen.screens.tables import kind_asked

Shared = SavedView.Shared
BETWEEN = ":"  # a kind of sharing and with whom


class ViewForm(forms.Form):
    """A name, and who finds the view besides its maker."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=40)
    shared = forms.ChoiceField(label=gettext_lazy("Who finds it"), widget=forms.RadioSelect)

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["shared"].choices = choices  # type: ignore[attr-defined]

    def stated(self) -> dict[str, str]:
        """As a view keeps it."""
        shared, _between, whom = self.cleaned_data["shared"].partition(BETWEEN)
        return {"name": self.cleaned_data["name"].strip(), "shared": shared, "shared_with": whom}


class _Keeping(ListPage):
    """A page with the form of a view."""

    def choices(self) -> list[tuple[str, str]]:
        """With whom this person may share."""
        kinds, rules = shares_open_to(self.actor), self.asked.rules
        found = [(Shared.PRIVATE.value, _("only me"))]
        if Shared.TEAM in kinds:
            teams = Team.objects.filter(pk__in=self.actor.teams)
            found += [(f"team{BETWEEN}{team.pk}", _("my team %(team)s") % {"team": team_words(team)}) for team in teams]
        if Shared.ROLE in kinds:
            codes = [code for code, role in rules.roles.items() if role.queues]
            words = {code: here(rules.label("roles", code)) for code in codes}
            found += [
                (f"role{BETWEEN}{code}", _("everybody with the role %(role)s") % {"role": words[code]})
                for code in codes
            ]
        if Shared.PUBLIC in kinds:
            found.append((Shared.PUBLIC.value, _("everybody")))
        return found

    def ask(self, form: ViewForm, action: str, heading: str, status: int = 200) -> HttpResponse:
        context = {"form": form, "action": action, "heading": heading, "target": "#main"}
        template = "desk/_view.html" if is_fragment(self.request) else "desk/view.html"
        return render(self.request, template, context, status=status)

    def go(self, url: str) -> HttpResponse:
        return HttpResponseClientRedirect(url) if is_fragment(self.request) else redirect(url)

    def found(self, view_id: UUID) -> View:
        """A view this person finds. Raises Http404."""
        view = next((view for view in views_of(self.asked) if view.id == view_id), None)
        if view is None:
            raise Http404
        return view

    def own(self, view_id: UUID) -> View:
        """A view of their own. Raises Http404."""
        view = self.found(view_id)
        if not view.own:
            raise Http404
        return view


class ViewsPage(_Keeping):
    """Every view this person finds, to put in order, rename, put away or delete."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        views = views_of(self.asked)
        if kind := kind_asked(request):
            return self.files_of(kind, _("Views"), [views_leaf(views)])
        return render(request, "desk/views.html", {"views": views, "undo": self._undo(request.GET.get("deleted", ""))})

    def _undo(self, wanted: str) -> Undo | None:
        """The view deleted a moment ago."""
        known = SavedView.objects.filter(pk=wanted, owner=self.actor.id).first() if _is_id(wanted) else None
        if known is None or known.deleted_at is None:
            return None
        says = _("“%(name)s” is deleted.") % {"name": known.name}
        return Undo(reverse("desk:view_restoration", args=[known.pk]), says)


class NewView(_Keeping):
    """Keep the list of an address under a name."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        self.listing(request.GET, code)
        form = ViewForm(self.choices(), initial={"shared": Shared.PRIVATE})
        return self._ask(form, code)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        listing = self.listing(request.GET, code)
        form = ViewForm(self.choices(), request.POST)
        if not form.is_valid():
            return self._ask(form, code, status=422)
        if len(listing.query) > LONGEST_QUERY:
            form.add_error("name", _("More is chosen than a view keeps. Leave some of the filters out."))
            return self._ask(form, code, status=422)
        row = save_view(self.actor, listing, at=self.at, **form.stated())
        if row is None:
            form.add_error("name", _("You have as many views as can be kept. Delete one you no longer need."))
            return self._ask(form, code, status=422)
        messages.success(request, _("Kept as “%(name)s”") % {"name": row.name})
        return self.go(self.found(row.pk).url)

    def _ask(self, form: ViewForm, code: str, status: int = 200) -> HttpResponse:
        action = f"{reverse('desk:new_view', args=[code])}?{self.request.GET.urlencode()}"
        return self.ask(form, action, _("Keep this list as a view"), status)


class ViewPage(_Keeping):
    """Rename a view, or share it with others."""

    def get(self, request: HttpRequest, view: UUID) -> HttpResponse:
        row = self.own(view).row
        shared = f"{row.shared}{BETWEEN}{row.shared_with}" if row.shared_with else row.shared
        return self._ask(ViewForm(self.choices(), initial={"name": row.name, "shared": shared}), view)

    def post(self, request: HttpRequest, view: UUID) -> HttpResponse:
        self.own(view)
        form = ViewForm(self.choices(), request.POST)
        if not form.is_valid():
            return self._ask(form, view, status=422)
        own_view(self.actor, view).update(**form.stated())
        return self.go(reverse("desk:views"))

    def _ask(self, form: ViewForm, view: UUID, status: int = 200) -> HttpResponse:
        return self.ask(form, reverse("desk:view", args=[view]), _("Name and sharing"), status)


class ViewList(_Keeping):
    """What a view of one's own shows is what its list shows now."""

    def post(self, request: HttpRequest, view: UUID) -> HttpResponse:
        kept = self.own(view)
        listing = self.listing(QueryDict(request.POST.get("query", "")), kept.row.queue)
        own_view(self.actor, view).update(query=listing.query)
        messages.success(request, _("“%(name)s” shows this list now") % {"name": kept.row.name})
        return redirect(self.found(view).url)


class Place(_Keeping):
    """One place up or down, out of the bar or back into it."""

    def post(self, request: HttpRequest, view: UUID) -> HttpResponse:
        self.found(view)
        views, where = views_of(self.asked), request.POST.get("where", "")
        at = next(place for place, one in enumerate(views) if one.id == view)
        hidden = {one.id for one in views if one.hidden}
        if where in ("up", "down"):
            to = max(0, min(len(views) - 1, at + (1 if where == "down" else -1)))
            views.insert(to, views.pop(at))
        elif where in ("bar", "away"):
            hidden = hidden - {view} if where == "bar" else hidden | {view}
        place_views(self.actor, views, hidden=frozenset(hidden))
        return redirect("desk:views")


class Deletion(_Keeping):
    """Delete a view; for a moment it can be taken back."""

    def post(self, request: HttpRequest, view: UUID) -> HttpResponse:
        self.own(view)
        delete_view(self.actor, view, at=self.at)
        return redirect(f"{reverse('desk:views')}?deleted={view}")


class Restoration(_Keeping):
    """Take the deletion back."""

    def post(self, request: HttpRequest, view: UUID) -> HttpResponse:
        if restore_view(self.actor, view, at=self.at):
            messages.success(request, _("The view is back"))
        else:
            messages.error(request, _("It is too late to take that back."))
        return redirect("desk:views")


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False
