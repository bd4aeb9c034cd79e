"""How the public pages are read: in ordinary or in large type (关怀模式), and which number to call instead."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CARE = "care"
A_YEAR = 366 * 24 * 3600


def reading(request: HttpRequest) -> dict[str, Any]:
    """What the frame of the public pages needs (a context processor)."""
    hotline = settings.SHOUWEN_HOTLINE
    return {
        "care": request.COOKIES.get(CARE) == "on",
        "carrier": settings.SHOUWEN_CARRIER,
        "hotline": hotline,
        "hotline_dials": "".join(sign for sign in hotline if sign.isdigit() or sign == "+"),
    }


def keep_care(answer: HttpResponse, *, on: bool) -> None:
    """Remember on this computer how its reader wants the pages. Nothing about them is kept anywhere else."""
    if on:
        answer.set_cookie(
            CARE, "on", max_age=A_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        answer.delete_cookie(CARE, samesite="Lax")
