"""Days as people type them: within the centuries a calendar can be reckoned in from either side."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def day_in(text: str) -> date | None:
    """The day an address names, such as 2026-11-30; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **given: Any) -> None:
        widget = given.pop("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        bounds = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
        super().__init__(widget=widget, validators=bounds, **given)
