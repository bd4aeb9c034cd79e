"""Questions about satisfaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.handbook.history import Happening, What, in_round
from shouwen.surveys.models import Survey

FAIR, DISSATISFIED = 3, 4  # S4.2b: 1 very satisfied, 2 satisfied, 3 fair, 4 dissatisfied
ASPECTS = ("result", "handling", "efficiency")  # H7.2.4


class NoSuchSurvey(LookupError):
    """No such link, or one that has run out: from outside the two look the same."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer said: a score from 1 (very satisfied) to 4 (dissatisfied) for each aspect, and their words."""

    result: int
    handling: int
    efficiency: int
    words: str = ""
    again: bool = False  # they ask for the complaint to be worked again

    @property
    def score(self) -> int:
        """The worst of the three: nobody is satisfied on average."""
        return max(self.result, self.handling, self.efficiency)


def survey_with(token: str, *, at: datetime) -> Survey:
    """The survey this link leads to. Raises NoSuchSurvey."""
    survey = Survey.objects.filter(token_hash=token_hash(token), expires_at__gt=at).first()
    if survey is None:
        raise NoSuchSurvey
    return survey


def token_hash(token: str) -> bytes:
    """What is kept of a link: its token has 128 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def answered(history: Sequence[Happening]) -> Happening | None:
    """The rating of the present round, if there is one."""
    return next((row for row in in_round(history) if row.what is What.RATED), None)


def worst_score(facts: Mapping[str, Any]) -> int:
    """The worst score of a rating as it stands in a history, whoever recorded it."""
    return max((int(facts[name]) for name in ("score", *ASPECTS) if facts.get(name)), default=0)
