"""关怀模式: large type, high contrast, fewer things on a page. Kept by a cookie, so that it works without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from shouwen.portal.door import PortalPage
from shouwen.screens.reading import keep_care


class CarePage(PortalPage):
    """Switches it on or off, and goes back to where the reader was."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("portal:home")

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "")
        here = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        answer = redirect(back if here else reverse("portal:home"))
        keep_care(answer, on=request.POST.get("care") == "on")
        return answer
