"""Where customers come in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwen.editions.queries import current_edition
from shouwen.portal.door import PortalPage
from shouwen.portal.queries import opens_again_at


class HomePage(PortalPage):
    """The two ways on, and the customer's rights in plain words."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "portal/home.html", {"opens_at": opens_again_at(current_edition(self.at), self.at)})
