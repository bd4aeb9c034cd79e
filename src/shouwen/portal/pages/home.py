"""Where customers come in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwen.editions.queries import current_edition
from shouwen.portal.door import PortalPage
from shouwen.portal.queries import opens_again_at, rights_under


class HomePage(PortalPage):
    """The two ways on, and the customer's rights in plain words."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rules = current_edition(self.at)
        context = {
            "guides": rules.guides.values(),
            "opens_at": opens_again_at(rules, self.at),
            "rights": rights_under(rules),
        }
        return render(request, "portal/home.html", context)
