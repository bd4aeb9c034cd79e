"""Questions about satisfaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.handbook.history import Happening, What, in_round
from shouwen.handbook.satisfaction import ASPECTS, QUESTIONS, worst
from shouwen.surveys.models import Survey

__all__ = ["ASPECTS", "DISSATISFIED", "FAIR", "Rating"]
FAIR, DISSATISFIED = 3, 4  # S4.2b: 1 very satisfied, 2 satisfied, 3 fair, 4 dissatisfied


class NoSuchSurvey(LookupError):
    """No such link."""


class SurveyExpired(NoSuchSurvey):
    """The link was one, and has run out."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer said: scores from 1 (very satisfied) to 4 (dissatisfied), 0 for what they did not say.

    `overall` is of the whole, the next three of its parts (H7.2.4); `nps` is from 0 to 10 (T6.3).
    """

    result: int = 0
    handling: int = 0
    efficiency: int = 0
    words: str = ""
    again: bool = False  # they ask for the complaint to be worked again
    overall: int = 0
    nps: int | None = None
    solved: bool | None = None

    @property
    def score(self) -> int:
        """The worst of what was said: nobody is satisfied on average."""
        return worst(getattr(self, name) for name in QUESTIONS)

    def facts(self) -> dict[str, Any]:
        """What was said, as a history states it."""
        said: dict[str, Any] = {"score": self.score} | {name: getattr(self, name) for name in QUESTIONS}
        said |= {"words": self.words, "again": self.again}
        stated = {name: value for name, value in said.items() if value}
        asked = {"nps": self.nps, "solved": self.solved}
        return stated | {name: value for name, value in asked.items() if value is not None}


def survey_with(token: str, *, at: datetime) -> Survey:
    """The survey this link leads to. Raises NoSuchSurvey, or SurveyExpired."""
    survey = Survey.objects.filter(token_hash=token_hash(token)).first()
    if survey is None:
        raise NoSuchSurvey
    if survey.expires_at <= at:
        raise SurveyExpired
    return survey


def token_hash(token: str) -> bytes:
    """What is kept of a link: its token has 128 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def answered(history: Sequence[Happening]) -> Happening | None:
    """The rating of the present round, if there is one."""
    return next((row for row in in_round(history) if row.what is What.RATED), None)


def surveyed_at(history: Sequence[Happening]) -> datetime | None:
    """When the customer was last asked about the present round."""
    sent = [row.happened_at for row in in_round(history) if row.what is What.SURVEY_SENT]
    return sent[-1] if sent else None


def scores_of(facts: Mapping[str, Any]) -> dict[str, int]:
    """What a rating says of the whole and of its parts, as it stands in a history, whoever recorded it."""
    said = {name: int(facts[name]) for name in QUESTIONS if facts.get(name)}
    return said or ({"overall": int(facts["score"])} if facts.get("score") else {})


def worst_score(facts: Mapping[str, Any]) -> int:
    """The worst score of a rating as it stands in a history, whoever recorded it."""
    return max((int(facts[name]) for name in ("score", *QUESTIONS) if facts.get(name)), default=0)
