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


class FileRefused(Refusal):
    """A file that is not taken (手册 5.3.3: safe and traceable)."""

    clause = "H5.3.3"


class FileEmpty(FileRefused):
    says = gettext_noop("This file is empty.")


class FileTooLarge(FileRefused):
    says = gettext_noop("This file is too large: at most {most} of its kind are taken. Send a shorter or smaller one.")


class PictureTooLarge(FileRefused):
    says = gettext_noop("This picture has more than {most} million pixels. Save it smaller and try again.")


class FileKindNotTaken(FileRefused):
    says = gettext_noop(
        "By its content this is no file we take. We take pictures (JPEG, PNG, WebP, HEIC), PDF, Word and Excel without "
        "macros, plain text, sound (MP3, WAV, M4A) and video (MP4)."
    )


class FileUnreadable(FileRefused):
    says = gettext_noop(
        "This file is damaged, locked with a password, or not what it says it is. Save it anew and try again."
    )


class FileHasScript(FileRefused):
    says = gettext_noop("There is a program or a web page inside this file. Send a picture or a plain copy of it.")


class FileHasMacros(FileRefused):
    says = gettext_noop(
        "This document has macros or embedded programs, or loads parts from elsewhere. Save it without them, or as PDF."
    )


class FileUnpacksTooLarge(FileRefused):
    says = gettext_noop("Unpacked, this document would be larger than any document is. Save it anew, or as PDF.")
