"""What people do with a ticket, and as what each is written down."""

from __future__ import annotations

from enum import StrEnum

from shouwen.handbook.history import What


class Move(StrEnum):
    """What people do with a ticket."""

    ASSESS = "assess"
    VALIDATE = "validate"
    RECLASSIFY = "reclassify"
    PROMOTE = "promote"
    ANSWER_AT_CONTACT = "answer_at_contact"
    DISPATCH = "dispatch"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ASSIGN = "assign"
    HAND_OVER = "hand_over"
    RESPOND = "respond"
    INVESTIGATE = "investigate"
    DECIDE_TEST = "decide_test"
    CONFIRM_VISIT = "confirm_visit"
    ARRIVE = "arrive"
    RECORD_EVIDENCE = "record_evidence"
    WAIT = "wait"
    HOLD = "hold"
    RESUME = "resume"
    PROPOSE = "propose"
    APPROVE = "approve"
    RETURN = "return"
    CARRY_OUT = "carry_out"
    TELL_CUSTOMER = "tell_customer"
    TELL_INFORMANT = "tell_informant"
    SEND_SURVEY = "send_survey"
    RATE = "rate"
    FOLLOW_UP = "follow_up"
    REOPEN = "reopen"
    CLOSE = "close"
    ARCHIVE = "archive"
    REJECT = "reject"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    MARK = "mark"
    DECLARE_MAJOR = "declare_major"
    REPORT = "report"
    PROMISE = "promise"
    KEEP_PROMISE = "keep_promise"
    AGREE_EXTENSION = "agree_extension"
    NOTE = "note"
    ADD = "add"
    ATTACH = "attach"
    DETACH = "detach"
    LINK = "link"
    UNLINK = "unlink"
    BROADCAST = "broadcast"
    ASSIGN_TASK = "assign_task"
    ANSWER_TASK = "answer_task"
    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    TALK_OVERDUE = "talk_overdue"
    FOLLOW_MEASURE = "follow_measure"


MARKED_BY = {Move.WITHDRAW: "withdrawn"}  # the mark a move sets by itself, where the edition has it (U7.2)

RECORDED_AS = {
    Move.ASSESS: What.ASSESSED,
    Move.VALIDATE: What.VALIDATED,
    Move.RECLASSIFY: What.RECLASSIFIED,
    Move.PROMOTE: What.PROMOTED,
    Move.ANSWER_AT_CONTACT: What.ANSWERED_AT_CONTACT,
    Move.DISPATCH: What.DISPATCHED,
    Move.DECLINE: What.DECLINED,
    Move.TRANSFER: What.TRANSFERRED,
    Move.ASSIGN: What.ASSIGNED,
    Move.HAND_OVER: What.OWNER_HANDED_OVER,
    Move.RESPOND: What.RESPONDED,
    Move.INVESTIGATE: What.INVESTIGATION_STARTED,
    Move.DECIDE_TEST: What.TEST_DECIDED,
    Move.CONFIRM_VISIT: What.VISIT_CONFIRMED,
    Move.ARRIVE: What.ARRIVED,
    Move.RECORD_EVIDENCE: What.EVIDENCE_RECORDED,
    Move.WAIT: What.WAITING_STARTED,
    Move.HOLD: What.HELD,
    Move.RESUME: What.RESUMED,
    Move.PROPOSE: What.PROPOSED,
    Move.APPROVE: What.APPROVED,
    Move.RETURN: What.RETURNED,
    Move.CARRY_OUT: What.CARRIED_OUT,
    Move.TELL_CUSTOMER: What.CUSTOMER_TOLD,
    Move.TELL_INFORMANT: What.INFORMANT_TOLD,
    Move.SEND_SURVEY: What.SURVEY_SENT,
    Move.RATE: What.RATED,
    Move.FOLLOW_UP: What.FOLLOWED_UP,
    Move.REOPEN: What.REOPENED,
    Move.CLOSE: What.CLOSED,
    Move.ARCHIVE: What.ARCHIVED,
    Move.REJECT: What.REJECTED,
    Move.CANCEL: What.CANCELLED,
    Move.WITHDRAW: What.WITHDRAWN,
    Move.MARK: What.MARKED,
    Move.DECLARE_MAJOR: What.MAJOR_DECLARED,
    Move.REPORT: What.REPORTED,
    Move.PROMISE: What.PROMISE_MADE,
    Move.KEEP_PROMISE: What.PROMISE_KEPT,
    Move.AGREE_EXTENSION: What.EXTENSION_AGREED,
    Move.NOTE: What.NOTED,
    Move.ADD: What.CUSTOMER_ADDED,
    Move.ATTACH: What.ATTACHED,
    Move.DETACH: What.DETACHED,
    Move.LINK: What.LINKED,
    Move.UNLINK: What.UNLINKED,
    Move.BROADCAST: What.BROADCAST,
    Move.ASSIGN_TASK: What.TASK_ASSIGNED,
    Move.ANSWER_TASK: What.TASK_ANSWERED,
    Move.MERGE: What.MERGED,
    Move.UNMERGE: What.UNMERGED,
    Move.SPLIT: What.SPLIT,
    Move.TALK_OVERDUE: What.OVERDUE_TALKED,
    Move.FOLLOW_MEASURE: What.MEASURE_FOLLOWED,
}
