"""What an administrator looks after: people, teams, keys. No complaint is among it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, npgettext
from django.utils.translation import gettext_lazy as _

from shouwen.desk.afterwards import Undo
from shouwen.desk.first_run import left, steps
from shouwen.desk.header import rules_for
from shouwen.desk.menu import tiles_for
from shouwen.desk.pages.door import DeskPage, no_store
from shouwen.desk.staffing import codes_in, region_meant, regions_by_name
from shouwen.editions.queries import calendars_now, current_edition
from shouwen.handbook.calendars import horizons_near
from shouwen.people.actions import UNDO_WITHIN, make_api_key, restore_api_key, revoke_api_key
from shouwen.people.models import ApiKey, Person, Team
from shouwen.people.queries import SCOPES
from shouwen.screens.days import DayField
from shouwen.screens.tables import kind_asked

KEYS_AT_MOST = 200
MADE_BY = "key_made_by"  # in the session: the form that made the last key
SCOPE_NAMES = {
    "tickets:create": _("take in tickets"),
    "tickets:read": _("read tickets"),
    "tickets:ledger": _("read who spent the time of a ticket"),
    "surveys:reply": _("hand over replies to surveys"),
}


class KeyForm(forms.Form):
    """A new key for another system."""

    name = forms.CharField(label=_("Which system"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, SCOPE_NAMES.get(scope, scope)) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "As little as the system needs: a web form takes in, a board reads, a regulator's report has the ledger."
        ),
    )
    regions = forms.CharField(
        label=_("Regions"),
        required=False,
        initial="0",
        max_length=400,
        help_text=_("Regions by their names or codes, separated by commas; 0 is everywhere."),
    )
    expires_on = DayField(label=_("Valid until"), required=False)

    def clean_regions(self) -> list[str]:
        rules = current_edition()
        names, codes = regions_by_name(rules), []
        for written in codes_in(self.cleaned_data["regions"]):
            code = region_meant(written, names, rules)
            if code is None:
                raise forms.ValidationError(
                    gettext("“{value}” is no region: write its name or its code.").format(value=written)
                )
            codes.append(code)
        return codes


class AdministrationPage(DeskPage):
    """Where an administrator starts."""

    roles = frozenset({"administrator"})

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"tiles": self._tiles(), "rules": rules_for(request, self.at)}
        return render(request, "desk/administration.html", context)

    def _tiles(self) -> list[dict[str, Any]]:
        """The pages somebody works from here, each with what is told of it; the first steps until they are made."""
        rules, notes = rules_for(self.request, self.at), _notes(self.at)
        pages = {page.address: page for page in tiles_for(self.actor, rules)}
        return [{"page": pages[address], "note": note} for address, note in notes.items() if address in pages]


def _notes(at: datetime) -> dict[str, str]:
    people = Person.objects.filter(is_active=True).count()
    teams = Team.objects.filter(active=True).count()
    keys = ApiKey.objects.filter(revoked_at=None).count()
    steps_left = left(steps(current_edition(at), at))
    ends = next(iter(horizons_near(calendars_now().values(), at)), None)
    first = (
        {"desk:first_run": ngettext("%(n)s left", "%(n)s left", steps_left) % {"n": steps_left}} if steps_left else {}
    )
    return first | {
        "desk:moving_in": gettext("spreadsheets of before"),
        "desk:known": gettext("services, devices, bills"),
        "desk:people": ngettext("%(number)s active", "%(number)s active", people) % {"number": people},
        "desk:teams": npgettext("teams", "%(number)s active", "%(number)s active", teams) % {"number": teams},
        "desk:coverage": gettext("who is there for what"),
        "desk:rosters": gettext("who is on duty, and shift handover"),
        "desk:keys": ngettext("%(number)s in use", "%(number)s in use", keys) % {"number": keys},
        "desk:calendars": _ending(ends.days_left) if ends else gettext("working days and holidays"),
        "desk:outbox": gettext("messages to customers"),
        "desk:access_log": gettext("who saw personal data, and why"),
        "desk:changes": gettext("who changed what about whom"),
    }


def _ending(days: int) -> str:
    return ngettext("ends in %(days)s day", "ends in %(days)s days", days) % {"days": days}


class KeysPage(DeskPage):
    """The keys of other systems; a new one's secret is shown once."""

    roles = frozenset({"administrator"})

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if kind := kind_asked(request):
            headings = [_("System"), _("What it may do"), _("Regions"), _("By whom"), _("When"), _("Valid until")]
            headings += [_("Last used"), _("Revoked")]
            rows = map(_row, ApiKey.objects.select_related("created_by").order_by("-created_at", "-id"))
            return self.file_of(kind, gettext("API keys"), headings, rows)
        return self.show(KeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = KeyForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        sending = request.POST.get("form", "")
        if sending and request.session.get(MADE_BY) == sending:  # the page that showed it was loaded again
            messages.info(request, gettext("This key is made. Its secret is not shown again: if lost, make another."))
            return redirect("desk:keys")
        request.session[MADE_BY] = sending
        wanted = form.cleaned_data
        person = get_object_or_404(Person, pk=self.actor.id)
        key, secret = make_api_key(
            wanted["name"],
            wanted["scopes"],
            by=person,
            at=self.at,
            regions=wanted["regions"],
            expires_at=_end_of(wanted["expires_on"]),
        )
        return no_store(self.show(KeyForm(), key=key, secret=secret))

    def show(self, form: KeyForm, status: int = 200, **made: Any) -> HttpResponse:
        live_first = F("revoked_at").desc(nulls_first=True), "-created_at", "-id"
        keys = ApiKey.objects.select_related("created_by").order_by(*live_first)[:KEYS_AT_MOST]
        context = {
            "form": form,
            "sending": uuid4().hex,
            "keys": keys,
            "scope_names": SCOPE_NAMES,
            "at": self.at,
            "undo": self._undo(),
            **made,
        }
        return render(self.request, "desk/keys.html", context, status=status)

    def _undo(self) -> Undo | None:
        """The key revoked a moment ago, while it can be undone."""
        try:
            wanted = UUID(self.request.GET.get("revoked", ""))
        except ValueError:
            return None
        key = ApiKey.objects.filter(pk=wanted, revoked_at__gt=self.at - UNDO_WITHIN).first()
        if key is None:
            return None
        says = gettext("The key of %(name)s is revoked.") % {"name": key.name}
        return Undo(reverse("desk:restore_key", args=[key.pk]), says)


class Revocation(DeskPage):
    """The end of a key; for some seconds it can be undone."""

    roles = frozenset({"administrator"})

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        revoke_api_key(key, at=self.at, by=get_object_or_404(Person, pk=self.actor.id))
        return redirect(f"{reverse('desk:keys')}?revoked={key}")


class Restoration(DeskPage):
    """A revocation made by mistake a moment ago is undone."""

    roles = frozenset({"administrator"})

    def post(self, request: HttpRequest, key: UUID) -> HttpResponse:
        if restore_api_key(key, at=self.at, by=get_object_or_404(Person, pk=self.actor.id)):
            messages.success(request, gettext("The key works again."))
        else:
            messages.error(request, gettext("It is too late to undo this: make a new key."))
        return redirect("desk:keys")


def _row(key: ApiKey) -> list[Any]:
    """A key as a table has it; never its secret."""
    may = gettext(", ").join(str(SCOPE_NAMES.get(scope, scope)) for scope in key.scopes)
    by, regions = str(key.created_by or ""), ", ".join(key.regions)
    return [key.name, may, regions, by, key.created_at, key.expires_at, key.last_used_on, key.revoked_at]


def _end_of(day: date | None) -> datetime | None:
    """The end of a day where the carrier is."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())
