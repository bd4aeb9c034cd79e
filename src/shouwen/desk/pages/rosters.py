"""The duty roster of a team: a week of it, entered, copied from the week before, taken away and brought in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.desk.afterwards import Undo
from shouwen.desk.opening_team import opening_team, remember
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.rosters import (
    columns,
    days_of,
    entries_in,
    entry_again,
    kept_of,
    may_keep,
    members_of,
    rows,
    starting,
    teams_seen,
    week_of,
)
from shouwen.handbook.refusals import Refusal
from shouwen.people.duty import Entry, copy_week, enter_shifts, on_shift, remove_shift, shifts_between
from shouwen.people.models import Person, Shift, Team
from shouwen.people.names import team_words
from shouwen.screens.days import DayField
from shouwen.screens.table_reading import TableRefused, read_table
from shouwen.screens.tables import kind_asked
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.screens.templatetags.times import moment

WEEK = timedelta(days=7)
ROWS_AT_MOST = 2_000
TAKEN_OUT = "shift_taken_out"  # in the session: whoever took a shift out, and nobody else, can put it back


class ShiftForm(forms.Form):
    """One shift."""

    on = DayField(label=gettext_lazy("Day"))
    starts = forms.TimeField(label=gettext_lazy("Begins"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=gettext_lazy("Ends"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Not later than the beginning means the next day."),
    )
    person = forms.ModelChoiceField(Person.objects.none(), label=gettext_lazy("Who is on duty"), empty_label="—")
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=80)

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        members = team.members.filter(is_active=True).order_by("display_name", "id")
        self.fields["person"].queryset = members  # type: ignore[attr-defined]

    def entry(self) -> Entry:
        """The shift that was typed."""
        said = self.cleaned_data
        zone = timezone.get_default_timezone()
        starts, ends = (datetime.combine(said["on"], said[name], zone) for name in ("starts", "ends"))
        return Entry(said["person"], starts, ends if ends > starts else ends + timedelta(days=1), said["note"])


class RosterFileForm(forms.Form):
    """A week, or many, as a table."""

    file = forms.FileField(
        label=gettext_lazy("Table (.xlsx or .csv)"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"})
    )


class RosterDoor(DeskPage):
    """Rosters are read by the team and by who answers for it."""

    def team(self, code: str, *, to_change: bool = False) -> Team:
        """Raises Http404, or PermissionDenied."""
        team = next((team for team in teams_seen(self.actor) if team.pk == code), None)
        if team is None:
            raise Http404
        if to_change and not may_keep(self.actor, team):
            raise PermissionDenied
        return team

    @property
    def me(self) -> Person:
        return self.request.user  # type: ignore[return-value]

    def show(self, team: Team, monday: date, status: int = 200, **given: Any) -> HttpResponse:
        """The page of a week; `given` are forms that came back with something wrong."""
        today = timezone.localdate(self.at)
        keeps = may_keep(self.actor, team)
        first_day = max(today, monday) if monday <= today < monday + WEEK else monday
        context = {
            "team": team,
            "teams": teams_seen(self.actor),
            "days": days_of(team, monday, today),
            "now": list(on_shift(team, self.at)),
            "monday": monday,
            "sunday": monday + timedelta(days=6),
            "before": monday - WEEK,
            "after": monday + WEEK,
            "keeps": keeps,
            "members": members_of(team),
            "form": ShiftForm(team=team, initial={"on": first_day, "starts": "08:00", "ends": "17:30"}),
            "file_form": RosterFileForm(),
            "undo": self._undo(team),
            **given,
        }
        return render(self.request, "desk/roster.html", context, status=status)

    def _undo(self, team: Team) -> Undo | None:
        """The shift taken out a moment ago."""
        entry = entry_again(self.request.session.get(TAKEN_OUT), team, self.at)
        if entry is None:
            return None
        facts = {"name": entry.person, "at": moment(entry.starts_at)}
        return Undo(reverse("desk:shift_restoration", args=[team.pk]), _("Taken out: {name}, {at}.").format(**facts))


class RostersPage(RosterDoor):
    """The team that was chosen, or the one to open on; or what a roster is for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if chosen := request.GET.get("team"):
            week = urlencode({"week": request.GET.get("week", "")})
            return redirect(f"{reverse('desk:roster', args=[self.team(chosen).pk])}?{week}")
        team = opening_team(teams_seen(self.actor), self.actor, request)
        return redirect("desk:roster", team.pk) if team else render(request, "desk/no_roster.html")


class RosterPage(RosterDoor):
    """A week of a team's roster."""

    def get(self, request: HttpRequest, code: str) -> HttpResponseBase:
        team = self.team(code)
        remember(team, request)
        monday = week_of(request.GET.get("week", ""), timezone.localdate(self.at))
        if kind := kind_asked(request):
            shifts = shifts_between(team, starting(monday), starting(monday + WEEK))
            name = _("Duty roster {team} {week}").format(team=team_words(team), week=monday)
            return self.file_of(kind, name, columns(), rows(shifts))
        return self.show(team, monday)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """One more shift."""
        team = self.team(code, to_change=True)
        form = ShiftForm(request.POST, team=team)
        monday = week_of(request.POST.get("on", ""), timezone.localdate(self.at))
        if not form.is_valid():
            return self.show(team, monday, form=form, status=422)
        try:
            enter_shifts(team, [form.entry()], by=self.me, at=self.at)
        except Refusal as refusal:
            return self.show(team, monday, form=form, refusal=refusal, status=409)
        return redirect(_address(team, monday))


class RosterCopy(RosterDoor):
    """The week before once more."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        team = self.team(code, to_change=True)
        monday = week_of(request.POST.get("week", ""), timezone.localdate(self.at))
        made, left = copy_week(team, starting(monday), by=self.me, at=self.at)
        said = ngettext("%(n)d shift copied.", "%(n)d shifts copied.", made) % {"n": made}
        messages.success(request, said)
        if left:
            names = _(", ").join(left)
            messages.warning(request, _("Left out, because away or on duty already: %(names)s") % {"names": names})
        return redirect(_address(team, monday))


class RosterImport(RosterDoor):
    """Shifts from a table: all of them, or none and what is wrong."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        team = self.team(code, to_change=True)
        monday = week_of(request.POST.get("week", ""), timezone.localdate(self.at))
        form = RosterFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(team, monday, file_form=form, status=422)
        try:
            entries, wrong = entries_in(read_table(form.cleaned_data["file"], limit=ROWS_AT_MOST), team)
        except TableRefused as refused:
            form.add_error("file", str(refused))
            return self.show(team, monday, file_form=form, status=422)
        if not wrong:
            wrong = self._enter(team, entries)
        if wrong:
            return self.show(team, monday, file_form=form, wrong=wrong, status=409)
        said = ngettext("%(n)d shift entered.", "%(n)d shifts entered.", len(entries)) % {"n": len(entries)}
        messages.success(request, said)
        first = min((entry.starts_at for _place, entry in entries), default=self.at)
        return redirect(_address(team, week_of("", timezone.localdate(first))))

    def _enter(self, team: Team, entries: list[tuple[str, Entry]]) -> list[str]:
        """What stood in the way, if anything did."""
        try:
            enter_shifts(team, [entry for _place, entry in entries], by=self.me, at=self.at)
        except Refusal as refusal:
            return [refusal_text(refusal)]
        return []


class ShiftRemoval(RosterDoor):
    """A shift is taken out."""

    def post(self, request: HttpRequest, code: str, shift: UUID) -> HttpResponse:
        team = self.team(code, to_change=True)
        one = get_object_or_404(Shift.objects.select_related("person", "team"), pk=shift, team=team)
        monday = week_of("", timezone.localdate(one.starts_at))
        request.session[TAKEN_OUT] = kept_of(one, self.at)
        remove_shift(one, by=self.me, at=self.at)
        return redirect(_address(team, monday))


class ShiftRestoration(RosterDoor):
    """A shift that was taken out a moment ago is entered again, if nothing stands in its way meanwhile."""

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        team = self.team(code, to_change=True)
        entry = entry_again(request.session.pop(TAKEN_OUT, None), team, self.at)
        if entry is None:
            messages.error(request, _("It is too late to undo this: enter the shift anew."))
            return redirect("desk:roster", team.pk)
        monday = week_of("", timezone.localdate(entry.starts_at))
        try:
            enter_shifts(team, [entry], by=self.me, at=self.at)
        except Refusal as refusal:
            return self.show(team, monday, refusal=refusal, status=409)
        messages.success(request, _("{name} is on duty again.").format(name=entry.person))
        return redirect(_address(team, monday))


def _address(team: Team, monday: date) -> str:
    return f"{reverse('desk:roster', args=[team.pk])}?week={monday.isoformat()}"
