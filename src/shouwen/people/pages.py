"""Signing in, and in a demo the doors with a role written on each."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

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


@require_POST
def sign_in_as(request: HttpRequest, role: str) -> HttpResponse:
    """Sign in as the demo's holder of a role: only in a demo, only as one of the people it made."""
    if not settings.DEMO or role not in DEMO_ROLES:
        raise Http404
    person = Person.objects.filter(username=f"demo-{role}", is_active=True).first()
    if person is None:
        raise Http404
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(settings.LOGIN_REDIRECT_URL)
