"""自助排障: one question a page and each page an address, so that going back, reloading and no script are no matter."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from shouwen.editions.queries import current_edition
from shouwen.handbook.guides import SOLVED, Guide, Walk
from shouwen.intake.guiding import count_outcome
from shouwen.people.addresses import network_of
from shouwen.portal.door import PortalPage
from shouwen.portal.guides import Shown, shown, walked
from shouwen.portal.limits import TooOften, count

_COUNTED = "portal_guided"


class GuidePage(PortalPage):
    """The step that the answers in the address lead to, or the thanks at the end of a guide that helped."""

    def get(self, request: HttpRequest, guide: str) -> HttpResponse:
        form = self._guide(guide)
        walk = walked(form, request.GET.get("said", ""))
        if walk.end == SOLVED:
            return render(request, "portal/guide_solved.html", self._context(form, walk))
        if walk.end:
            return redirect(complaint_after(form, walk))
        return render(request, "portal/guide.html", self._context(form, walk))

    def post(self, request: HttpRequest, guide: str) -> HttpResponse:
        """An answer that ends the guide is counted; pressed again, it counts no more."""
        form = self._guide(guide)
        walk = walked(form, request.POST.get("said", ""))
        if walk.end:
            self._count(form, walk)
        if walk.end and walk.end != SOLVED:
            return redirect(complaint_after(form, walk))
        return redirect(address_of(form, walk))

    def _count(self, guide: Guide, walk: Walk) -> None:
        counted = self.request.session.get(_COUNTED) or []
        one = f"{guide.id}/{walk.end}"
        if one in counted:
            return
        try:
            count("guide", network_of(self.request), at=self.at)
        except TooOften:
            return  # somebody plays with the figures: they are not counted, and nobody is kept from complaining
        count_outcome(guide.id, walk, at=self.at)
        self.request.session[_COUNTED] = [*counted, one]

    def _guide(self, name: str) -> Guide:
        try:
            return current_edition(self.at).guides[name]
        except KeyError:
            raise Http404 from None

    def _context(self, guide: Guide, walk: Walk) -> dict[str, Any]:
        step: Shown | None = shown(guide, walk) if walk.step else None
        return {
            "guide": guide,
            "walk": walk,
            "step": step,
            "here": address_of(guide, walk),
            "back": address_of(guide, walk, but_last=True) if walk.taken else "",
            "complain": complaint_after(guide, walk),
        }


def address_of(guide: Guide, walk: Walk, *, but_last: bool = False) -> str:
    """Where a walk stands, or stood before its last answer."""
    said = walk.said[:-1] if but_last else walk.said
    query = f"?{urlencode({'said': '.'.join(said)})}" if said else ""
    return reverse("portal:guide", args=[guide.id]) + query


def complaint_after(guide: Guide, walk: Walk) -> str:
    """The form of a complaint that knows what has been tried."""
    query = {"guide": guide.id, "said": ".".join(walk.said)} if walk.taken else {"category": guide.categories[0]}
    return f"{reverse('portal:submit')}?{urlencode(query)}"
