"""The ways the vault says no."""

from __future__ import annotations

from shouwen.handbook.refusals import Refusal, gettext_noop


class RevealNeedsReason(Refusal):
    clause = "T6.2"
    says = gettext_noop("Say why you need to see personal data; it is written down.")


class HandingOutNeedsReason(Refusal):
    clause = "T6.2"
    says = gettext_noop("Say for whom this is; it is written down.")


class ErasureNeedsReason(Refusal):
    clause = "T6.2"
    says = gettext_noop("Say why this person's data is to be erased.")


class ErasureTooEarly(Refusal):
    clause = "H5.3.2"
    says = gettext_noop("Complaint records must be kept until {until}; this person's data can be erased after that.")


class SubjectErased(Refusal):
    clause = "T6.2"
    says = gettext_noop("This person's data has been erased; nothing more can be kept for them.")
