"""Every shared part with example data, to look at and to test against. Served in the demo and in development only."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace as Example
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.handbook.refusals import FeedbackMissing, MoveNotAllowed
from shouwen.screens.templatetags.spoken import ROLES

HOUR = timedelta(hours=1)
WORKING_DAY = timedelta(hours=8)


class ExampleForm(forms.Form):
    """A field of each kind."""

    phone = forms.CharField(label=_("Phone number"), help_text=_("The number the complaint is about."))
    contact = forms.CharField(label=_("Contact"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), choices=[("", "—"), ("1", _("Network quality")), ("2", _("Tariff dispute"))]
    )
    channel = forms.ChoiceField(
        label=_("How we may reach you"),
        choices=[("phone", _("Phone")), ("sms", _("Text message"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("What happened"), widget=forms.Textarea(attrs={"rows": 4}))
    told = forms.BooleanField(label=_("The customer was told the tariff, when it takes effect and how to cancel"))


class ExampleFilters(forms.Form):
    """The filters of a list."""

    stage = forms.ChoiceField(label=_("Stage"), choices=[("", _("Any stage")), ("received", _("received"))])
    q = forms.CharField(label=_("Words"), required=False)


def styleguide(request: HttpRequest) -> HttpResponse:
    """The desk's parts, inside the desk's frame."""
    return render(request, "styleguide/desk.html", _desk_examples(timezone.now()))


def portal_styleguide(request: HttpRequest) -> HttpResponse:
    """The public pages' parts, inside their frame."""
    now = timezone.now()
    return render(request, "styleguide/portal.html", {"form": _filled_form(), "state": _states()[1], "now": now})


def why(request: HttpRequest) -> HttpResponse:
    """An example of a clock's ledger."""
    return render(request, "styleguide/ledger.html", {"now": timezone.now()})


def dialog(request: HttpRequest) -> HttpResponse:
    """An example of a move's dialog; sent back empty it is refused."""
    if request.method == "POST" and not request.POST.get("reason"):
        return render(request, "shared/refusal.html", {"refusal": FeedbackMissing(who="customer")}, status=409)
    if request.method == "POST":
        return HttpResponse("<div id='ticket'>✓</div>")
    return render(request, "styleguide/dialog.html", {"action": request.path, "draft": "styleguide"})


def reveal(request: HttpRequest) -> HttpResponse:
    """An example of a revealed value."""
    return HttpResponse("13800005678")


def error(request: HttpRequest, code: int) -> HttpResponse:
    """An error page as people see it."""
    refusal = MoveNotAllowed(stage="received", move="propose") if code == 409 else None
    return render(request, f"{code}.html", {"refusal": refusal}, status=code)


def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page with its demo roles."""
    return render(request, "account/login.html", {"form": _SignIn(), "demo_roles": tuple(ROLES)})


class _SignIn(forms.Form):
    login = forms.CharField(label=_("User name"))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)


urlpatterns = [
    path("", styleguide, name="styleguide"),
    path("portal", portal_styleguide),
    path("why", why, name="styleguide_why"),
    path("dialog", dialog, name="styleguide_dialog"),
    path("reveal", reveal, name="styleguide_reveal"),
    path("error/<int:code>", error),
    path("sign-in", sign_in),
]


def _desk_examples(now: datetime) -> dict[str, Any]:
    clocks = _clocks(now)
    return {
        "queues": _queues(),
        "places": [Example(name=_("Messages"), url="#", current=False), Example(name=_("Import"), url="#")],
        "states": _states(),
        "clocks": clocks,
        "rows": _rows(clocks, now),
        "history": _history(now),
        "form": _filled_form(),
        "filters": ExampleFilters(),
        "chips": [Example(label=_("Network quality"), without_url="?")],
        "refusal": MoveNotAllowed(stage="received", move="propose"),
        "text": "机主 ⟦name:AB12CD34⟧ 反映在 ⟦address:EF56GH78⟧ 室内无信号，回电 ⟦phone:JK90LM12⟧。",
        "now": now,
    }


def _queues() -> list[Example]:
    return [
        Example(name=_("I own"), url="#", count=12, current=False, key="o", tone=""),
        Example(name=_("My work"), url="#", count=7, current=True, key="w", tone=""),
        Example(name=_("To dispatch"), url="#", count=31, current=False, key="d", tone=""),
        Example(name=_("Due soon"), url="#", count=4, current=False, key="s", tone="press"),
        Example(name=_("Overdue"), url="#", count=128, current=False, key="v", tone="late"),
        Example(name=_("To approve"), url="#", count=0, current=False, key="a", tone=""),
        Example(name=_("To call back"), url="#", count=None, current=False, key="c", tone=""),
    ]


def _states() -> list[Example]:
    return [
        Example(stage="received", standing="running", visited=["received"]),
        Example(
            stage="investigating", standing="waiting", visited=["received", "assessed", "dispatched", "investigating"]
        ),
        Example(stage="told", standing="running", visited=["received", "told"]),
        Example(stage="archived", standing="running", visited=[]),
        Example(stage="withdrawn", standing="running", visited=["received", "assessed", "dispatched", "withdrawn"]),
        Example(stage="merged", standing="running", visited=["received", "merged"]),
    ]


def _clocks(now: datetime) -> list[Example]:
    def clock(name: object, kind: str, spent: float, target: timedelta, **more: Any) -> Example:
        left = target * (1 - spent)
        known: dict[str, Any] = {"name": name, "kind": kind, "state": "running", "left": left, "target": target}
        known |= {"started_at": now - target * spent, "due_at": now + left, "stopped_at": None}
        known |= {"provisional": False, "extended": False, "working_day": None, "counts": None, "paused_because": ""}
        return Example(**{**known, **more})

    return [
        clock(_("First response"), "limit", 0.2, 24 * HOUR),
        clock(_("Handled"), "target", 0.62, 7 * WORKING_DAY, working_day=WORKING_DAY, provisional=True),
        clock(_("Called back"), "promise", 0.84, 2 * HOUR),
        clock(_("Dispatched"), "target", 1.6, HOUR),
        clock(
            _("On site"), "limit", 0.4, 24 * HOUR, state="paused", due_at=None, paused_because=_("appointment agreed")
        ),
        clock(_("Answered by law"), "statutory", 0.1, 360 * HOUR, extended=True),
        clock(_("Verified"), "target", 0.5, 24 * HOUR, state="met", stopped_at=now),
        clock(_("Result told"), "limit", 1.1, 24 * HOUR, state="missed", stopped_at=now),
    ]


def _rows(clocks: list[Example], now: datetime) -> list[Example]:
    titles = [
        _("Indoor coverage lost since Monday, calls drop in the bedroom"),
        _("Charged twice for the same traffic package in October"),
        _("Engineer did not come at the agreed time, nobody called"),
        _("Broadband at a tenth of its speed every evening"),
    ]
    return [
        Example(
            number=f"AH-7K3MP-9QX{at}D-4", title=title, stage="investigating", standing="running", clock=clocks[at],
            handler=_("Handler two") if at else None, received_at=now - at * 30 * HOUR,
        )
        for at, title in enumerate(titles)
    ]  # fmt: skip


def _history(now: datetime) -> list[dict[str, Any]]:
    return [
        {"what": "clock_breached", "happened_at": now - HOUR, "lines": [(_("Clock"), _("Dispatched"))]},
        {
            "what": "customer_told", "happened_at": now - 5 * HOUR, "recorded_at": now - 2 * HOUR, "by": _("Agent one"),
            "lines": [(_("Channel"), _("Phone"))], "text": "已告知 ⟦name:AB12CD34⟧ 处理方案。",
        },
        {"what": "transferred", "happened_at": now - 30 * HOUR, "by": _("Supervisor"), "lines": [(_("Team"), "NOC")]},
        {"what": "accepted", "happened_at": now - 300 * HOUR, "by": _("Agent one"), "lines": []},
    ]  # fmt: skip


def _filled_form() -> ExampleForm:
    form = ExampleForm({"phone": "138", "channel": "phone", "category": "1"})
    form.add_error("phone", _("This is not a phone number."))
    form.errors.pop("text", None)
    form.errors.pop("told", None)
    return form
