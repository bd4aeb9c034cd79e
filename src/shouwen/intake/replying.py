"""/api/v1/survey-replies: digits that came back by text message or from a voice menu (S4.2b)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.timezone import now as current_time
from ninja import Field, Schema, Status
from pydantic import BaseModel, ConfigDict

from shouwen.intake.api import NotAdmitted, Problem, Short, api, refusal_of, secret_of
from shouwen.intake.documented import LONGEST_KEY, WITH_KEY
from shouwen.people.queries import api_keys_for
from shouwen.surveys.replies import take_reply

SCOPE = "surveys:reply"


class ReplyIn(BaseModel):
    """One reply, under the name its gateway gave it: handed over again, it is the same reply."""

    model_config = ConfigDict(extra="forbid")
    message_id: Annotated[str, Field(min_length=1, max_length=LONGEST_KEY - 40)]
    phone: Short = Field(description="The number it came from. Not kept here.")
    text: Annotated[str, Field(max_length=1000)] = Field(description="What was typed or pressed: a digit from 1 to 4.")
    channel: Literal["sms", "ivr"] = "sms"


class ReplyOut(Schema):
    """What became of it."""

    outcome: str = Field(description="recorded, answered_before, no_survey or not_understood.")
    repeated: bool = Field(description="True if this reply had been handed over before.")


@api.post(
    "/survey-replies", response={200: ReplyOut, **dict.fromkeys((401, 403, 422), Problem)}, openapi_extra=WITH_KEY
)
def take_survey_reply(request: HttpRequest, body: ReplyIn) -> Any:
    """Take down a digit as the rating of the survey sent last to this number. Safe to send again under its name."""
    secret, at = secret_of(request), current_time()
    key = api_keys_for([secret], at=at).get(secret)
    if key is None or SCOPE not in key.scopes:
        return refusal_of(NotAdmitted(known=key is not None))
    reply, repeated = take_reply(
        f"{key.pk}:{body.message_id}", phone=body.phone, text=body.text, channel=body.channel, at=at
    )
    return Status(200, ReplyOut(outcome=reply.outcome, repeated=repeated))
