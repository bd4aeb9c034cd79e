"""What each move asks for, as one table: the facts it states, how they are called and what kind of answer they take.

Which of them must be filled in is said elsewhere: by the lifecycle (a reason) and by the edition (`needs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.handbook.evidence import CHECKED
from shouwen.handbook.moves import Move


@dataclass(frozen=True, slots=True)
class Ask:
    """One fact a move asks for. `kind` names how it is answered (`forms.FIELDS`)."""

    name: str
    label: Any
    kind: str = "words"
    help: Any = ""
    must: bool = False  # beside what the lifecycle and the edition demand


REASON = Ask("reason", _("Reason"))
CATEGORY = Ask("category", _("Category"), "category")
SEVERITY = Ask("severity", _("Severity"), "severities")
REACH = Ask("reach", _("How many are affected"), "reaches")
LEVEL = Ask("customer_level", _("Customer level"), "customer_levels")
COMPLEXITY = Ask("complexity", _("Complexity"), "complexities")
VIA = Ask("via", _("How"), "feedback_channels")
PROOF = Ask("proof", _("Proof"), "line", _("Number of the recording, receipt of the message, or who signed."))
EVIDENCE = Ask(
    "evidence", _("Evidence"), "words", _("What shows it: a recording, a letter, what the customer said and when.")
)
JUDGED = (CATEGORY, SEVERITY, REACH, LEVEL, COMPLEXITY)

ASKS: dict[Move, tuple[Ask, ...]] = {
    Move.ASSESS: JUDGED,
    Move.VALIDATE: (
        Ask("identity", _("How they proved who they are"), "identity_checks"),
        Ask("consistent", _("Does what they say fit what is on file?"), "yes_no"),
        Ask("text", _("What does not fit")),
    ),
    Move.RECLASSIFY: (*JUDGED, REASON),
    Move.PROMOTE: (Ask("reason", _("Reason"), "words", _("A complaint cannot become an enquiry again.")),),
    Move.ANSWER_AT_CONTACT: (Ask("text", _("What the customer was told")),),
    Move.DISPATCH: (
        Ask("team", _("Team"), "team", _("Leave it empty and the routes decide.")),
        Ask("handler", _("Handler"), "handler"),
        Ask(
            CHECKED,
            _("Have account, settings and device been checked with the user?"),
            "yes_no",
            _("Restart included. Without it this category is not dispatched."),
            must=True,
        ),
    ),
    Move.DECLINE: (REASON,),
    Move.TRANSFER: (Ask("team", _("To team"), "team", must=True), Ask("handler", _("Handler"), "handler"), REASON),
    Move.ASSIGN: (Ask("handler", _("Handler"), "colleague", _("Leave it empty to take it yourself.")),),
    Move.HAND_OVER: (Ask("first_owner", _("New first owner"), "owner", must=True), REASON),
    Move.RESPOND: (
        VIA,
        Ask("text", _("What the customer was told"), "words", _("Content, who deals with it, and what comes next.")),
        Ask("expected_at", _("Answer expected by"), "time_ahead"),
    ),
    Move.INVESTIGATE: (),
    Move.DECIDE_TEST: (
        Ask("urban", _("Is it in the urban area?"), "yes_no", _("Then somebody is there within three hours.")),
        Ask("text", _("Why a test on site is needed")),
    ),
    Move.CONFIRM_VISIT: (Ask("text", _("What was agreed with the customer")),),
    Move.ARRIVE: (Ask("text", _("What was found on arrival")),),
    Move.RECORD_EVIDENCE: (
        Ask("item", _("Item of the checklist"), "item"),
        Ask(
            "finding",
            _("Finding"),
            "words",
            _("What was found. If it cannot be had, say what was asked for and why there is none."),
        ),
    ),
    Move.WAIT: (
        Ask("pause", _("What is waited for"), "pause"),
        Ask("reason", _("What the customer was asked for")),
        Ask("until", _("Until when"), "time_ahead"),
    ),
    Move.HOLD: (Ask("pause", _("Why it stands still"), "pause"), REASON, Ask("until", _("Until when"), "time_ahead")),
    Move.RESUME: (Ask("text", _("What came in")),),
    Move.PROPOSE: (
        Ask("text", _("Proposed solution")),
        Ask("cause", _("Cause"), "causes"),
        Ask("responsible", _("Responsible department"), "line"),
        Ask(
            "concerned",
            _("Person complained about"),
            "anybody",
            _("They are told the outcome; empty if nobody is."),
        ),
        Ask("compensation", _("Compensation"), "amount", _("Leave it empty if there is none.")),
        Ask("evidence", _("What the compensation is based on"), "line"),
    ),
    Move.APPROVE: (Ask("text", _("Remark")),),
    Move.RETURN: (REASON,),
    Move.CARRY_OUT: (Ask("work", _("What was done")),),
    Move.TELL_CUSTOMER: (VIA, Ask("text", _("What the customer was told"), must=True), PROOF),
    Move.TELL_INFORMANT: (VIA, Ask("text", _("What the informant was told")), PROOF),
    Move.SEND_SURVEY: (),
    Move.RATE: (
        Ask("overall", _("All in all"), "scores", must=True),
        Ask("result", _("Result"), "scores"),
        Ask("handling", pgettext_lazy("aspect", "Handling"), "scores"),
        Ask("efficiency", _("Speed"), "scores"),
        Ask("words", _("In the customer's words")),
        Ask("again", _("The customer asks for another round"), "tick"),
    ),
    Move.FOLLOW_UP: (
        VIA,
        Ask("outcome", _("What the customer said")),
        Ask("satisfied", _("Is the customer satisfied?"), "yes_no", must=True),
    ),
    Move.REOPEN: (REASON,),
    Move.CLOSE: (
        Ask("outcome", pgettext_lazy("of a ticket", "Outcome")),
        Ask("reason", _("Why it is closed although the customer is not satisfied"), must=True),
    ),
    Move.ARCHIVE: (),
    Move.REJECT: (Ask("ground", _("Ground"), "grounds"), REASON, EVIDENCE),
    Move.CANCEL: (
        Ask(
            "reason",
            _("Reason"),
            help=_("For what was taken in by mistake or twice. If the customer takes it back, withdraw it."),
        ),
    ),
    Move.WITHDRAW: (
        Ask(
            "reason",
            _("Reason"),
            help=_("The customer takes the complaint back: it ends here and is marked as withdrawn."),
        ),
        EVIDENCE,
    ),
    Move.MARK: (
        Ask("mark", _("Mark"), "stated_marks", _("A mark ends nothing: the ticket goes on as it is.")),
        EVIDENCE,
        REASON,
    ),
    Move.DECLARE_MAJOR: (
        Ask("level", _("Level"), "major_levels"),
        Ask("opinion", _("Level of public opinion"), "opinion_levels"),
        Ask("text", _("What makes it major")),
    ),
    Move.REPORT: (
        Ask("reported_to", _("Reported to"), "bodies"),
        Ask("text", _("What was reported")),
    ),
    Move.PROMISE: (
        Ask("due_at", _("Promised for"), "time_ahead"),
        Ask("text", _("What was promised"), "words", _("A promise starts a clock of its own.")),
    ),
    Move.KEEP_PROMISE: (Ask("promise", _("Promise"), "promise"), Ask("text", _("How it was kept"))),
    Move.AGREE_EXTENSION: (
        Ask("rule", _("Which time"), "rule"),
        Ask("until", _("Extended to"), "time_ahead"),
        Ask("evidence", _("How the customer agreed"), must=True),
        REASON,
    ),
    Move.NOTE: (Ask("text", _("Note")),),
    Move.ADD: (Ask("text", _("What the customer adds")),),
    Move.LINK: (
        Ask("parent", _("Event"), "event", _("The ticket under which the fault or mistake itself is dealt with.")),
    ),
    Move.UNLINK: (REASON,),
    Move.BROADCAST: (Ask("text", _("What all of them are told"), must=True),),
    Move.ATTACH: (),
    Move.DETACH: (REASON,),
    Move.ASSIGN_TASK: (
        Ask("to_team", _("Team asked"), "other_team", must=True),
        Ask("asked", _("What is asked")),
        Ask("due_at", _("Answer by"), "time_ahead", must=True),
    ),
    Move.ANSWER_TASK: (Ask("task", _("Task"), "task"), Ask("text", _("Answer"), must=True)),
    Move.MERGE: (
        Ask(
            "into", _("Goes on as"), "lead", _("The customer's earlier tickets of the same type. The older one leads.")
        ),
        Ask(
            "reason",
            _("Reason"),
            help=_("Why the two are one matter. It can be taken back for 24 hours; nothing that is owed gets later."),
        ),
    ),
    Move.UNMERGE: (REASON,),
    Move.TALK_OVERDUE: (
        Ask("overrun", _("Which overrun"), "overrun", must=True),
        Ask("overdue_cause", _("What it came from"), "overdue_causes", must=True),
        Ask("said", _("What was said"), help=_("What whoever was answerable said, and what was agreed."), must=True),
        Ask("measure", _("Measure"), "words", _("What will be done so that it does not happen again."), must=True),
        Ask("measure_owner", _("Who sees to it"), "measure_owner", must=True),
        Ask("measure_due", _("Done by"), "day_ahead", must=True),
    ),
    Move.FOLLOW_MEASURE: (
        Ask("talk", _("Measure"), "measure", must=True),
        Ask("measure_done", _("Has it been done?"), "yes_no", must=True),
        Ask("text", _("What was found"), must=True),
    ),
    Move.SPLIT: (
        Ask("other_category", _("Category of the other matter"), "category"),
        Ask(
            "text",
            _("The other matter"),
            help=_("It becomes a ticket of its own, with the customer and the time of receipt of this one."),
        ),
    ),
}

# Made where what they are about is shown (the files, the page of an event), not among the buttons.
ELSEWHERE = frozenset({Move.ATTACH, Move.DETACH, Move.BROADCAST})

# An act is a thing with an address: POST /tickets/<number>/<noun>.
NOUNS: dict[Move, str] = {
    Move.ASSESS: "assessment",
    Move.VALIDATE: "validation",
    Move.RECLASSIFY: "reclassification",
    Move.PROMOTE: "promotion",
    Move.ANSWER_AT_CONTACT: "answer",
    Move.DISPATCH: "dispatch",
    Move.DECLINE: "refusal-of-dispatch",
    Move.TRANSFER: "transfer",
    Move.ASSIGN: "assignment",
    Move.HAND_OVER: "handover",
    Move.RESPOND: "response",
    Move.INVESTIGATE: "investigation",
    Move.DECIDE_TEST: "field-test",
    Move.CONFIRM_VISIT: "visit-confirmation",
    Move.ARRIVE: "arrival",
    Move.RECORD_EVIDENCE: "evidence",
    Move.WAIT: "wait",
    Move.HOLD: "hold",
    Move.RESUME: "resumption",
    Move.PROPOSE: "proposal",
    Move.APPROVE: "approval",
    Move.RETURN: "return",
    Move.CARRY_OUT: "execution",
    Move.TELL_CUSTOMER: "word-to-customer",
    Move.TELL_INFORMANT: "word-to-informant",
    Move.SEND_SURVEY: "survey",
    Move.RATE: "rating",
    Move.FOLLOW_UP: "follow-up",
    Move.REOPEN: "reopening",
    Move.CLOSE: "closure",
    Move.ARCHIVE: "archiving",
    Move.REJECT: "rejection",
    Move.CANCEL: "cancellation",
    Move.WITHDRAW: "withdrawal",
    Move.MARK: "mark",
    Move.DECLARE_MAJOR: "major",
    Move.REPORT: "report",
    Move.PROMISE: "promise",
    Move.KEEP_PROMISE: "promise-kept",
    Move.AGREE_EXTENSION: "extension",
    Move.NOTE: "note",
    Move.ADD: "addition",
    Move.LINK: "link",
    Move.UNLINK: "unlinking",
    Move.BROADCAST: "broadcast",
    Move.ATTACH: "attachments",
    Move.DETACH: "attachment-removal",
    Move.ASSIGN_TASK: "task",
    Move.ANSWER_TASK: "task-answer",
    Move.MERGE: "merging",
    Move.UNMERGE: "unmerging",
    Move.SPLIT: "splitting",
    Move.TALK_OVERDUE: "overdue-talk",
    Move.FOLLOW_MEASURE: "measure",
}
