"""The ways the handbook says no."""

from __future__ import annotations

from typing import ClassVar


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation; the edge translates it when it is shown."""
    return message


class Refusal(Exception):
    """The handbook says no. Carries the clause, a sentence and the facts; knows no HTTP."""

    clause: ClassVar[str] = "H5.2"
    says: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        self.facts = {name: str(value) for name, value in facts.items()}
        super().__init__(self.says.format_map(self.facts))


class MoveNotAllowed(Refusal):
    clause = "H5.2"
    says = gettext_noop("A ticket that is {stage} cannot {move}.")


class RoleNotAllowed(Refusal):
    clause = "H5.2"
    says = gettext_noop("Your role may not {move}. Ask: {roles}.")


class ReasonRequired(Refusal):
    clause = "H5.3.1"
    says = gettext_noop("Say why before you {move}.")


class NotChangedThisWay(Refusal):
    clause = "H5.2"
    says = gettext_noop("“{field}” is not changed by: {move}.")


class FactRequired(Refusal):
    clause = "H5.3.1"
    says = gettext_noop("Fill in “{fact}” before you {move}.")


class EvidenceMissing(Refusal):
    clause = "T2"
    says = gettext_noop("Before a solution the checklist needs: {items}.")


class NotCheckedWithUser(Refusal):
    clause = "U4.4"
    says = gettext_noop(
        "Check account, settings and device with the user first (restart included), and say so when you dispatch."
    )


class FeedbackMissing(Refusal):
    clause = "U2.5"
    says = gettext_noop("Both loops must be closed first; still to be told: {who}.")


class ApprovalBeyondAuthority(Refusal):
    clause = "M3.3"
    says = gettext_noop("A compensation of {amount} needs the approval of: {roles}.")


class OwnProposal(Refusal):
    clause = "M3.3"
    says = gettext_noop("Nobody approves a proposal of their own.")


class PauseNotListed(Refusal):
    clause = "X2"
    says = gettext_noop("“{reason}” is not a reason for which clocks may stop.")


class HappenedOutOfBounds(Refusal):
    clause = "M6.3"
    says = gettext_noop("{happened_at} is not between {earliest} and now.")


class RecordedTooLate(Refusal):
    clause = "M6.3"
    says = gettext_noop(
        "{happened_at} is too long ago to be written down now: "
        "date it {earliest} or later, and say in a note when it was."
    )


class BreachStands(Refusal):
    clause = "X2"
    says = gettext_noop("A time limit had run out at {due_at}: a pause cannot start before, at {happened_at}.")


class EnquiryOnly(Refusal):
    clause = "U3.2"
    says = gettext_noop("A complaint cannot become an enquiry again.")


class TooDeep(Refusal):
    clause = "U3.1"
    says = gettext_noop("The fourth category level is set after verification, not at intake.")


class CategoryUnknown(Refusal):
    clause = "H2.1.2"
    says = gettext_noop("This edition has no category “{category}”.")


class NotSatisfied(Refusal):
    clause = "S4.1"
    says = gettext_noop("The customer is not satisfied: reopen the ticket, or let a supervisor close it and say why.")


class ReopeningTooLate(Refusal):
    clause = "H7.2.4"
    says = gettext_noop("This could be rated and taken up again until {until}. Please complain anew, or call us.")


class AlreadyAnswered(Refusal):
    clause = "H7.2.4"
    says = gettext_noop("This survey has been answered already.")


class SurveyUnderway(Refusal):
    clause = "S4.2b"
    says = gettext_noop("A survey was sent at {sent_at} and can be answered until {expires_at}: nobody is asked twice.")


class CallDue(Refusal):
    clause = "S4.2b"
    says = gettext_noop(
        "This customer is called by a person before it is followed up: say how satisfied they are and that it was in a "
        "talk, or make the call from the callbacks. Whoever is not reached is called {attempts} times."
    )


class NotTheirCall(Refusal):
    clause = "S4.2b"
    says = gettext_noop("This call has been made already, or is not due any more.")


class AlreadyReviewed(Refusal):
    clause = "S4.2c"
    says = gettext_noop("This rating has been looked into already.")


class TrainedBySelf(Refusal):
    clause = "S4.2c"
    says = gettext_noop("Somebody else confirms that a training has been done.")


class InformingRequired(Refusal):
    clause = "S1.2b"
    says = gettext_noop("Confirm first that the customer was told the tariff, when it takes effect and how to cancel.")


class NoOpenPromise(Refusal):
    clause = "T4.5"
    says = gettext_noop("No promise to this customer is open.")


class NotTheirTask(Refusal):
    clause = "S3.1"
    says = gettext_noop("This task is not open, or another team was asked for it.")


class TimeNotAhead(Refusal):
    clause = "T4.5"
    says = gettext_noop("{time} has passed already: name a time ahead.")


class TimeTooFar(Refusal):
    clause = "T4.5"
    says = gettext_noop("{time} is more than two years ahead: name an earlier time.")


class ExtensionShortens(Refusal):
    clause = "U7.1"
    says = gettext_noop("{time} is no extension: the time runs until {due_at} already.")


class ExtensionBeyondWall(Refusal):
    clause = "U5.1"
    says = gettext_noop("Even with the customer's consent this may not go beyond {latest}.")


class PutOffBefore(Refusal):
    clause = "U2.2"
    says = gettext_noop(
        "The appointment has been put off as often as is allowed ({times}). "
        "If the customer asked for another time, record that the customer is waited for."
    )


class NotExtensible(Refusal):
    clause = "U7.1"
    says = gettext_noop("This time limit is not running, has run out, or is set by law: it cannot be extended.")
