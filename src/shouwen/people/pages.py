"""Signing in, and in a demo the doors with a role written on each."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST

from shouwen.people.actions import LinkSpent, person_of_link, use_password_link
from shouwen.people.models import Person

DEMO_ROLES = (
    "agent",
    "handler",
    "field_engineer",
    "network_engineer",
    "account_manager",
    "supervisor",
    "manager",
    "quality_inspector",
    "analyst",
    "auditor",
    "executive",
    "administrator",
)


class SignInPage(LoginView):
    """Name and password; a demo also offers its roles."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        demo_roles = DEMO_ROLES if settings.DEMO else ()
        return super().get_context_data(demo_roles=demo_roles, **kwargs)


LINK = "password_link"  # in the session, so that the secret stands in no address or log while a form is filled in


class PasswordLinkPage(View):
    """A link an administrator made is opened: it leads to the form, without its secret."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        try:
            person_of_link(secret, at=now())
        except LinkSpent as refusal:
            return _about_password(request, refusal=refusal, status=410)
        request.session[LINK] = secret
        return redirect("set_password")


class SetPasswordPage(View):
    """Somebody sets their own password with a link they opened, and goes on to sign in with it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            person = person_of_link(request.session.get(LINK, ""), at=now())
        except LinkSpent as refusal:
            return _about_password(request, refusal=refusal, status=410)
        return _about_password(request, person=person, form=SetPasswordForm(person))

    def post(self, request: HttpRequest) -> HttpResponse:
        secret = request.session.get(LINK, "")
        try:
            person = person_of_link(secret, at=now())
            form = SetPasswordForm(person, request.POST)
            if not form.is_valid():
                return _about_password(request, person=person, form=form, status=422)
            use_password_link(secret, form.cleaned_data["new_password1"], at=now())
        except LinkSpent as refusal:
            return _about_password(request, refusal=refusal, status=410)
        del request.session[LINK]
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect("account_login")


def _about_password(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    response = render(request, "account/set_password.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def sign_in_as(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as the demo's holder of a role: only in a demo, only as one of the people it made.

    Whoever has set one-time codes up is asked for one here too.
    """
    if not settings.DEMO or role not in DEMO_ROLES:
        raise Http404
    person = Person.objects.filter(username=f"demo-{role}", is_active=True).first()
    if person is None:
        raise Http404
    if request.user.is_authenticated and request.user.pk != person.pk:
        logout(request)  # signing in over somebody empties the session, and with it what is written next
    record_authentication(request, person, method="demo", reauthenticated=True)
    return perform_login(request, person, redirect_url=settings.LOGIN_REDIRECT_URL)
