"""What a customer is told of their complaint: plain words, no names, nothing internal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.handbook.history import Stage, What

STAGES = {
    Stage.RECEIVED: _("We have it and are reading it."),
    Stage.ASSESSED: _("We have read it and are choosing who deals with it."),
    Stage.DISPATCHED: _("It is with the team that deals with it."),
    Stage.INVESTIGATING: _("We are looking into it."),
    Stage.PROPOSED: _("We have found a solution and are having it confirmed."),
    Stage.APPROVED: _("The solution is decided and will be carried out."),
    Stage.CARRIED_OUT: _("The solution has been carried out; we will tell you about it."),
    Stage.TOLD: _("We have told you the result."),
    Stage.FOLLOWED_UP: _("We have asked whether you are satisfied."),
    Stage.CLOSED: _("Your complaint is closed."),
    Stage.ARCHIVED: _("Your complaint is closed and kept on file."),
    Stage.REJECTED: _("We cannot take this complaint up."),
    Stage.CANCELLED: _("This complaint was cancelled."),
    Stage.WITHDRAWN: _("This complaint was withdrawn."),
    Stage.MERGED: _("This is about the same matter as another complaint of yours; it goes on there."),
}

# What comes after each stage; the others are ends.
NEXT = {
    Stage.RECEIVED: _("Somebody reads your complaint and decides which team deals with it."),
    Stage.ASSESSED: _("Your complaint goes to the team that deals with it."),
    Stage.DISPATCHED: _("The team looks into it and gets in touch with you."),
    Stage.INVESTIGATING: _("We find out what went wrong and work out a solution."),
    Stage.PROPOSED: _("The solution is confirmed and then carried out."),
    Stage.APPROVED: _("The solution is carried out; then we tell you."),
    Stage.CARRIED_OUT: _("We tell you what has been done."),
    Stage.TOLD: _("We ask whether you are satisfied. If you are not, it is taken up again."),
    Stage.FOLLOWED_UP: _("You need do nothing more; we close it."),
}
WHILE_WAITING = _("We go on as soon as we have what we asked you for.")

# What has no line here is not told.
HAPPENINGS = {
    What.ACCEPTED: _("We received your complaint."),
    What.ANSWERED_AT_CONTACT: _("We answered you at once."),
    What.DISPATCHED: _("We passed it to the team that deals with it."),
    What.TRANSFERRED: _("We passed it to another team."),
    What.RESPONDED: _("We answered you for the first time."),
    What.INVESTIGATION_STARTED: _("We began to look into it."),
    What.TEST_DECIDED: _("We decided to test on site."),
    What.VISIT_CONFIRMED: _("We confirmed the visit with you."),
    What.ARRIVED: _("We came to the site."),
    What.WAITING_STARTED: _("We are waiting for something from you."),
    What.HELD: _("It stands still until the time agreed with you."),
    What.RESUMED: _("We went on with it."),
    What.APPROVED: _("The solution was decided."),
    What.CARRIED_OUT: _("The solution was carried out."),
    What.CUSTOMER_TOLD: _("We told you the result."),
    What.SURVEY_SENT: _("We asked you how satisfied you are."),
    What.RATED: _("You told us how satisfied you are."),
    What.FOLLOWED_UP: _("We called you back about it."),
    What.REOPENED: _("It was taken up again."),
    What.CLOSED: _("It was closed."),
    What.ARCHIVED: _("It was filed."),
    What.REJECTED: _("We did not take it up."),
    What.CANCELLED: _("It was cancelled."),
    What.WITHDRAWN: _("It was withdrawn."),
    What.PROMISE_MADE: _("We gave you our word."),
    What.PROMISE_KEPT: _("We kept our word."),
    What.EXTENSION_AGREED: _("We agreed on a later time with you."),
    What.EVENT_TOLD: _("We told you about what yours is a part of."),
    What.CUSTOMER_ADDED: _("You added something."),
    What.ATTACHED: _("You sent us a file."),
    What.MERGED: _("We joined it with your earlier complaint about the same matter."),
    What.UNMERGED: _("It is dealt with on its own again."),
    What.ABSORBED: _("We joined your later complaint about the same matter with it."),
    What.RELEASED: _("Your later complaint is dealt with on its own again."),
    What.SPLIT: _("We made the other matter you named a complaint of its own."),
}

HAPPENED_AGAIN = {What.RESPONDED: _("We told you how far we are.")}

# Which words of an event were said to the customer, or by them, so that they may read them again.
SAID = {
    What.ANSWERED_AT_CONTACT: "text",
    What.RESPONDED: "text",
    What.CUSTOMER_TOLD: "text",
    What.WAITING_STARTED: "reason",
    What.PROMISE_MADE: "text",
    What.CUSTOMER_ADDED: "text",
    What.RATED: "words",
}
# The other complaint it names.
NUMBERS = {
    What.MERGED: "into",
    What.ABSORBED: "merged",
    What.RELEASED: "merged",
    What.SPLIT: "split_off",
}
UNTIL = {
    What.RESPONDED: "expected_at",
    What.WAITING_STARTED: "until",
    What.HELD: "until",
    What.PROMISE_MADE: "due_at",
    What.EXTENSION_AGREED: "until",
}

# What a clock promises, as a customer would say it.
ANSWER, RESULT, TOLD, CALL_BACK, PROMISE = "answer", "result", "told", "call_back", "promise"
EXPECTED = "expected"
# Which of them is about what comes next; what we gave our word on may be anything, and stands with what is promised.
NEXT_BY = {
    **dict.fromkeys((Stage.RECEIVED, Stage.ASSESSED, Stage.DISPATCHED), frozenset({ANSWER, EXPECTED, RESULT, TOLD})),
    **dict.fromkeys((Stage.INVESTIGATING, Stage.PROPOSED, Stage.APPROVED), frozenset({RESULT, TOLD})),
    Stage.CARRIED_OUT: frozenset({TOLD}),
    Stage.TOLD: frozenset({CALL_BACK}),
}
PROMISES = {
    PROMISE: _("What we gave you our word on"),
    EXPECTED: _("The next answer from us"),
    ANSWER: _("A first answer from us"),
    RESULT: _("Your complaint dealt with"),
    TOLD: _("The result told to you"),
    CALL_BACK: _("A call to ask whether you are satisfied"),
}

SENT_BY = {"sms": _("Text message"), "email": pgettext_lazy("portal", "E-mail")}
