"""The trade's words for what the handbook calls by code: stages, moves, happenings, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils.translation import get_language, gettext, pgettext_lazy

from shouwen.handbook.history import Stage, Standing, What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.words import Source, Words
from shouwen.screens.templatetags.times import moment

register = template.Library()

STEPS = {
    "intake": pgettext_lazy("step", "Intake"),
    "verification": pgettext_lazy("step", "Verification"),
    "handling": pgettext_lazy("step", "Handling"),
    "feedback": pgettext_lazy("step", "Feedback"),
    "follow_up": pgettext_lazy("step", "Follow-up"),
    "archive": pgettext_lazy("step", "Archive"),
}

STAGES = {
    Stage.RECEIVED: pgettext_lazy("stage", "received"),
    Stage.ASSESSED: pgettext_lazy("stage", "assessed"),
    Stage.DISPATCHED: pgettext_lazy("stage", "dispatched"),
    Stage.INVESTIGATING: pgettext_lazy("stage", "under investigation"),
    Stage.PROPOSED: pgettext_lazy("stage", "awaiting approval"),
    Stage.APPROVED: pgettext_lazy("stage", "approved"),
    Stage.CARRIED_OUT: pgettext_lazy("stage", "carried out"),
    Stage.TOLD: pgettext_lazy("stage", "customer told"),
    Stage.FOLLOWED_UP: pgettext_lazy("stage", "followed up"),
    Stage.CLOSED: pgettext_lazy("stage", "closed"),
    Stage.ARCHIVED: pgettext_lazy("stage", "archived"),
    Stage.REJECTED: pgettext_lazy("stage", "rejected"),
    Stage.CANCELLED: pgettext_lazy("stage", "cancelled"),
    Stage.WITHDRAWN: pgettext_lazy("stage", "withdrawn"),
    Stage.MERGED: pgettext_lazy("stage", "merged"),
}

STANDINGS = {
    Standing.RUNNING: pgettext_lazy("standing", "in progress"),
    Standing.WAITING: pgettext_lazy("standing", "waiting for the customer"),
    Standing.HELD: pgettext_lazy("standing", "on hold"),
}

MOVES = {
    Move.ASSESS: pgettext_lazy("move", "Assess"),
    Move.VALIDATE: pgettext_lazy("move", "Check identity and data"),
    Move.RECLASSIFY: pgettext_lazy("move", "Reclassify"),
    Move.PROMOTE: pgettext_lazy("move", "Turn into a complaint"),
    Move.ANSWER_AT_CONTACT: pgettext_lazy("move", "Answer at contact"),
    Move.DISPATCH: pgettext_lazy("move", "Dispatch"),
    Move.DECLINE: pgettext_lazy("move", "Decline"),
    Move.TRANSFER: pgettext_lazy("move", "Transfer"),
    Move.ASSIGN: pgettext_lazy("move", "Assign"),
    Move.HAND_OVER: pgettext_lazy("move", "Hand over first ownership"),
    Move.RESPOND: pgettext_lazy("move", "Give the first response"),
    Move.INVESTIGATE: pgettext_lazy("move", "Start investigating"),
    Move.DECIDE_TEST: pgettext_lazy("move", "Decide on a field test"),
    Move.CONFIRM_VISIT: pgettext_lazy("move", "Confirm the visit"),
    Move.ARRIVE: pgettext_lazy("move", "Arrive on site"),
    Move.RECORD_EVIDENCE: pgettext_lazy("move", "Record evidence"),
    Move.WAIT: pgettext_lazy("move", "Wait for the customer"),
    Move.HOLD: pgettext_lazy("move", "Put on hold"),
    Move.RESUME: pgettext_lazy("move", "Resume"),
    Move.PROPOSE: pgettext_lazy("move", "Propose a solution"),
    Move.APPROVE: pgettext_lazy("move", "Approve"),
    Move.RETURN: pgettext_lazy("move", "Return for rework"),
    Move.CARRY_OUT: pgettext_lazy("move", "Record as carried out"),
    Move.TELL_CUSTOMER: pgettext_lazy("move", "Tell the customer"),
    Move.TELL_INFORMANT: pgettext_lazy("move", "Tell the informant"),
    Move.SEND_SURVEY: pgettext_lazy("move", "Send the survey"),
    Move.RATE: pgettext_lazy("move", "Record the rating"),
    Move.FOLLOW_UP: pgettext_lazy("move", "Follow up"),
    Move.REOPEN: pgettext_lazy("move", "Reopen"),
    Move.CLOSE: pgettext_lazy("move", "Close"),
    Move.ARCHIVE: pgettext_lazy("move", "Archive"),
    Move.REJECT: pgettext_lazy("move", "Reject"),
    Move.CANCEL: pgettext_lazy("move", "Cancel the ticket"),
    Move.WITHDRAW: pgettext_lazy("move", "Withdraw for the customer"),
    Move.MARK: pgettext_lazy("move", "Mark"),
    Move.DECLARE_MAJOR: pgettext_lazy("move", "Declare it major"),
    Move.REPORT: pgettext_lazy("move", "Report upward"),
    Move.PROMISE: pgettext_lazy("move", "Promise a time"),
    Move.KEEP_PROMISE: pgettext_lazy("move", "Keep the promise"),
    Move.AGREE_EXTENSION: pgettext_lazy("move", "Agree an extension"),
    Move.NOTE: pgettext_lazy("move", "Add a note"),
    Move.ADD: pgettext_lazy("move", "Add to it"),
    Move.LINK: pgettext_lazy("move", "Link to an event"),
    Move.UNLINK: pgettext_lazy("move", "Unlink from the event"),
    Move.BROADCAST: pgettext_lazy("move", "Tell all customers of the event"),
    Move.ATTACH: pgettext_lazy("move", "Attach a file"),
    Move.DETACH: pgettext_lazy("move", "Remove a file"),
    Move.ASSIGN_TASK: pgettext_lazy("move", "Ask another team"),
    Move.ANSWER_TASK: pgettext_lazy("move", "Answer the task"),
    Move.MERGE: pgettext_lazy("move", "Merge into an earlier ticket"),
    Move.UNMERGE: pgettext_lazy("move", "Take the merging back"),
    Move.SPLIT: pgettext_lazy("move", "Split off another matter"),
    Move.TALK_OVERDUE: pgettext_lazy("move", "Record the talk about an overrun"),
    Move.FOLLOW_MEASURE: pgettext_lazy("move", "Follow up a measure"),
}

# What is called otherwise once it has been done in the round.
AGAIN = {Move.RESPOND: pgettext_lazy("move", "Tell progress")}
HAPPENED_AGAIN = {What.RESPONDED: pgettext_lazy("happening", "Progress told")}

HAPPENINGS = {
    What.ACCEPTED: pgettext_lazy("happening", "Accepted"),
    What.CARRIED_OVER: pgettext_lazy("happening", "Carried over from another system"),
    What.ASSESSED: pgettext_lazy("happening", "Assessed"),
    What.VALIDATED: pgettext_lazy("happening", "Identity and data checked"),
    What.RECLASSIFIED: pgettext_lazy("happening", "Reclassified"),
    What.PROMOTED: pgettext_lazy("happening", "Became a complaint"),
    What.ANSWERED_AT_CONTACT: pgettext_lazy("happening", "Answered at contact"),
    What.DISPATCHED: pgettext_lazy("happening", "Dispatched"),
    What.DECLINED: pgettext_lazy("happening", "Dispatch declined"),
    What.TRANSFERRED: pgettext_lazy("happening", "Transferred"),
    What.ASSIGNED: pgettext_lazy("happening", "Assigned"),
    What.OWNER_HANDED_OVER: pgettext_lazy("happening", "First ownership handed over"),
    What.RESPONDED: pgettext_lazy("happening", "First response given"),
    What.INVESTIGATION_STARTED: pgettext_lazy("happening", "Investigation started"),
    What.TEST_DECIDED: pgettext_lazy("happening", "Field test decided"),
    What.VISIT_CONFIRMED: pgettext_lazy("happening", "Visit confirmed"),
    What.ARRIVED: pgettext_lazy("happening", "Arrived on site"),
    What.EVIDENCE_RECORDED: pgettext_lazy("happening", "Evidence recorded"),
    What.WAITING_STARTED: pgettext_lazy("happening", "Waiting for the customer"),
    What.HELD: pgettext_lazy("happening", "Put on hold"),
    What.RESUMED: pgettext_lazy("happening", "Resumed"),
    What.PROPOSED: pgettext_lazy("happening", "Solution proposed"),
    What.APPROVED: pgettext_lazy("happening", "Approved"),
    What.RETURNED: pgettext_lazy("happening", "Returned for rework"),
    What.CARRIED_OUT: pgettext_lazy("happening", "Carried out"),
    What.CUSTOMER_TOLD: pgettext_lazy("happening", "Customer told"),
    What.INFORMANT_TOLD: pgettext_lazy("happening", "Informant told"),
    What.SURVEY_SENT: pgettext_lazy("happening", "Survey sent"),
    What.RATED: pgettext_lazy("happening", "Rated by the customer"),
    What.FOLLOWED_UP: pgettext_lazy("happening", "Followed up"),
    What.REOPENED: pgettext_lazy("happening", "Reopened"),
    What.CLOSED: pgettext_lazy("happening", "Closed"),
    What.ARCHIVED: pgettext_lazy("happening", "Archived"),
    What.REJECTED: pgettext_lazy("happening", "Rejected"),
    What.CANCELLED: pgettext_lazy("happening", "Cancelled"),
    What.WITHDRAWN: pgettext_lazy("happening", "Withdrawn by the customer"),
    What.MARKED: pgettext_lazy("happening", "Marked"),
    What.MAJOR_DECLARED: pgettext_lazy("happening", "Declared major"),
    What.REPORTED: pgettext_lazy("happening", "Reported upward"),
    What.PROMISE_MADE: pgettext_lazy("happening", "Promise made"),
    What.PROMISE_KEPT: pgettext_lazy("happening", "Promise kept"),
    What.EXTENSION_AGREED: pgettext_lazy("happening", "Extension agreed"),
    What.NOTED: pgettext_lazy("happening", "Note"),
    What.CUSTOMER_ADDED: pgettext_lazy("happening", "Added by the customer"),
    What.LINKED: pgettext_lazy("happening", "Linked to an event"),
    What.UNLINKED: pgettext_lazy("happening", "Unlinked from the event"),
    What.CHILD_LINKED: pgettext_lazy("happening", "A ticket was linked to this event"),
    What.CHILD_UNLINKED: pgettext_lazy("happening", "A ticket was unlinked from this event"),
    What.BROADCAST: pgettext_lazy("happening", "All customers of the event told"),
    What.EVENT_TOLD: pgettext_lazy("happening", "Customer told of the event"),
    What.ATTACHED: pgettext_lazy("happening", "File attached"),
    What.DETACHED: pgettext_lazy("happening", "File removed"),
    What.TASK_ASSIGNED: pgettext_lazy("happening", "Another team asked"),
    What.TASK_ANSWERED: pgettext_lazy("happening", "Task answered"),
    What.MERGED: pgettext_lazy("happening", "Merged into an earlier ticket"),
    What.UNMERGED: pgettext_lazy("happening", "Merging taken back"),
    What.ABSORBED: pgettext_lazy("happening", "Another ticket merged into this one"),
    What.RELEASED: pgettext_lazy("happening", "A merged ticket goes its own way again"),
    What.SPLIT: pgettext_lazy("happening", "Another matter split off"),
    What.OVERDUE_TALKED: pgettext_lazy("happening", "Talk about an overrun"),
    What.MEASURE_FOLLOWED: pgettext_lazy("happening", "Measure followed up"),
    What.RULES_CHANGED: pgettext_lazy("happening", "Put under new rules"),
    What.CLOCK_WARNED: pgettext_lazy("happening", "Clock warning"),
    What.CLOCK_BREACHED: pgettext_lazy("happening", "Clock breached"),
    What.ESCALATED: pgettext_lazy("happening", "Escalated"),
}

TICKET_TYPES = {
    "complaint": pgettext_lazy("ticket type", "complaint"),
    "fault": pgettext_lazy("ticket type", "fault"),
    "enquiry": pgettext_lazy("ticket type", "enquiry"),
    "request": pgettext_lazy("ticket type", "request"),
    "appeal": pgettext_lazy("ticket type", "appeal"),
}

MEDIA_NAMES = {
    "jpeg": pgettext_lazy("file", "picture (JPEG)"),
    "png": pgettext_lazy("file", "picture (PNG)"),
    "webp": pgettext_lazy("file", "picture (WebP)"),
    "heic": pgettext_lazy("file", "picture (HEIC)"),
    "pdf": pgettext_lazy("file", "PDF"),
    "docx": pgettext_lazy("file", "Word document"),
    "xlsx": pgettext_lazy("file", "Excel workbook"),
    "txt": pgettext_lazy("file", "plain text"),
    "mp3": pgettext_lazy("file", "sound (MP3)"),
    "wav": pgettext_lazy("file", "sound (WAV)"),
    "m4a": pgettext_lazy("file", "sound (M4A)"),
    "mp4": pgettext_lazy("file", "video (MP4)"),
}

# What a move states: the labels of its form, and what a refusal misses.
FACTS = {
    "asked": pgettext_lazy("fact", "what is asked"),
    "category": pgettext_lazy("fact", "category"),
    "cause": pgettext_lazy("fact", "root cause"),
    "compensation": pgettext_lazy("fact", "compensation"),
    "complexity": pgettext_lazy("fact", "complexity"),
    "due_at": pgettext_lazy("fact", "due by"),
    "evidence": pgettext_lazy("fact", "evidence"),
    "expected_at": pgettext_lazy("fact", "expected by"),
    "finding": pgettext_lazy("fact", "finding"),
    "first_owner": pgettext_lazy("fact", "first owner"),
    "ground": pgettext_lazy("fact", "ground"),
    "handler": pgettext_lazy("fact", "handler"),
    "into": pgettext_lazy("fact", "the ticket it goes on as"),
    "item": pgettext_lazy("fact", "evidence item"),
    "mark": pgettext_lazy("fact", "mark"),
    "other_category": pgettext_lazy("fact", "category of the other matter"),
    "measure": pgettext_lazy("fact", "measure"),
    "measure_done": pgettext_lazy("fact", "whether it was done"),
    "outcome": pgettext_lazy("fact", "outcome"),
    "overdue_cause": pgettext_lazy("fact", "cause of the overrun"),
    "overrun": pgettext_lazy("fact", "overrun"),
    "parent": pgettext_lazy("fact", "event"),
    "pause": pgettext_lazy("fact", "reason of the pause"),
    "promise": pgettext_lazy("fact", "promise"),
    "proof": pgettext_lazy("fact", "proof"),
    "reach": pgettext_lazy("fact", "reach"),
    "reason": pgettext_lazy("fact", "reason"),
    "rule": pgettext_lazy("fact", "clock"),
    "said": pgettext_lazy("fact", "what was said"),
    "score": pgettext_lazy("fact", "rating"),
    "severity": pgettext_lazy("fact", "severity"),
    "talk": pgettext_lazy("fact", "talk"),
    "task": pgettext_lazy("fact", "task"),
    "team": pgettext_lazy("fact", "team"),
    "text": pgettext_lazy("fact", "text"),
    "to_team": pgettext_lazy("fact", "team asked"),
    "until": pgettext_lazy("fact", "until"),
    "via": pgettext_lazy("fact", "told by"),
    "work": pgettext_lazy("fact", "work done"),
}
LISTENERS = {
    "customer": pgettext_lazy("listener", "the customer"),
    "informant": pgettext_lazy("listener", "the informant"),
}

# The doors of the demo; elsewhere the edition names its roles.
ROLES = {
    "agent": (pgettext_lazy("role", "Agent"), pgettext_lazy("role", "takes complaints in and stays answerable")),
    "handler": (pgettext_lazy("role", "Handler"), pgettext_lazy("role", "investigates and settles them")),
    "field_engineer": (pgettext_lazy("role", "Field engineer"), pgettext_lazy("role", "visits, mends and re-tests")),
    "network_engineer": (
        pgettext_lazy("role", "Network engineer"),
        pgettext_lazy("role", "finds and mends it in the network"),
    ),
    "account_manager": (
        pgettext_lazy("role", "Account manager"),
        pgettext_lazy("role", "looks after business customers"),
    ),
    "supervisor": (pgettext_lazy("role", "Supervisor"), pgettext_lazy("role", "dispatches, approves, steps in")),
    "manager": (pgettext_lazy("role", "Manager"), pgettext_lazy("role", "approves what is beyond a supervisor")),
    "quality_inspector": (
        pgettext_lazy("role", "Quality inspector"),
        pgettext_lazy("role", "reviews what is finished"),
    ),
    "analyst": (pgettext_lazy("role", "Analyst"), pgettext_lazy("role", "studies causes, sees no names")),
    "auditor": (pgettext_lazy("role", "Auditor"), pgettext_lazy("role", "reads everything, changes nothing")),
    "executive": (pgettext_lazy("role", "Executive"), pgettext_lazy("role", "keeps the whole in view")),
    "administrator": (pgettext_lazy("role", "Administrator"), pgettext_lazy("role", "looks after people and rules")),
}


@register.filter
def spoken(words: Words | object) -> str:
    """A phrase of the pack in the reader's language; anything else as it is."""
    return words.spoken(get_language() or "") if isinstance(words, Words) else str(words)


@register.filter
def cited(source: Source) -> str:
    """A document and the place in it, as its reader finds it."""
    return source.cited_in(get_language() or "")


@register.filter
def step_name(step: str) -> str:
    return str(STEPS.get(step, step))


@register.filter
def stage_name(stage: str) -> str:
    return str(STAGES.get(stage, stage))


@register.filter
def standing_name(standing: str) -> str:
    return str(STANDINGS.get(standing, standing))


@register.filter
def move_name(move: str, again: bool = False) -> str:
    return str((again and AGAIN.get(Move(move))) or MOVES.get(move, move))


@register.filter
def happening_name(what: str, again: bool = False) -> str:
    return str((again and HAPPENED_AGAIN.get(What(what))) or HAPPENINGS.get(what, what))


@register.filter
def ticket_type_name(ticket_type: str) -> str:
    return str(TICKET_TYPES.get(ticket_type, ticket_type))


@register.filter
def media_name(media: str) -> str:
    return str(MEDIA_NAMES.get(media, media))


@register.filter
def fact_name(fact: str) -> str:
    return str(FACTS.get(fact, fact))


@register.filter
def role_name(role: str) -> str:
    return str(ROLES[role][0]) if role in ROLES else role


@register.filter
def role_does(role: str) -> str:
    return str(ROLES[role][1]) if role in ROLES else ""


@register.filter
def refusal_text(refusal: Refusal) -> str:
    """What the handbook says, in the reader's language, with the codes in it spoken too."""
    facts = {name: _spoken_fact(name, value) for name, value in refusal.facts.items()}
    return gettext(refusal.says).format_map(facts)


def _spoken_fact(name: str, value: str) -> str:
    """A fact of a refusal is a code, a list of codes, an instant, or words already."""
    if name in _CODES:
        return ", ".join(str(_CODES[name].get(code, code)).lower() for code in value.split(", "))
    try:
        return moment(datetime.fromisoformat(value)) if len(value) > len("2026-11-22") else value
    except ValueError:
        return value


_CODES: Mapping[str, Mapping[str, object]] = {
    "stage": STAGES,
    "move": MOVES,
    "fact": FACTS,
    "field": FACTS,
    "who": LISTENERS,
}
