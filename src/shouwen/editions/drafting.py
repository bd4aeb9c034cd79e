"""Changing the rules: drafts are written, reviewed by somebody else and published (docs/decisions/0013).

What a draft says and what became of it is kept in its events; an approval is of the very text that was read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.editions.actions import RulesPublishedBefore, effective_from, lock_publishing, publish, published_before
from shouwen.editions.archives import MOST_FILES
from shouwen.editions.models import DraftEvent, EditionDraft, EditionVersion
from shouwen.editions.pack import Pack, read_pack
from shouwen.editions.queries import current_edition
from shouwen.editions.reading import LONGEST, BrokenPack, Problem
from shouwen.handbook.authority import Actor, RulesRight
from shouwen.handbook.refusals import ReasonRequired, Refusal, gettext_noop
from shouwen.handbook.rulemaking import DraftAct, DraftState, check_right, decide

logger = logging.getLogger(__name__)


class DraftChanged(Refusal):
    clause = "H5.2"
    says = gettext_noop("Somebody has changed this draft since you read it. Look at it again.")


class RulesMovedOn(Refusal):
    clause = "H5.2"
    says = gettext_noop(
        "{edition} has been published since this was approved. Compare again and have it approved again."
    )


class NameRequired(Refusal):
    clause = "H5.3.1"
    says = gettext_noop("Give the draft a name.")


def begin_draft(name: str, texts: Mapping[str, str], *, base: str, by: Actor, at: datetime) -> EditionDraft:
    """A draft that starts from these files; it may be broken until it is reviewed. Raises a `Refusal`."""
    check_right(current_edition(at).roles, by, RulesRight.DRAFT)
    if not name.strip():
        raise NameRequired()
    _check_kept(texts)
    with transaction.atomic():
        draft = EditionDraft.objects.create(
            name=name.strip(),
            base=base,
            content=dict(texts),
            digest=digest_of(texts),
            state=DraftState.WRITING,
            begun_at=at,
            changed_at=at,
        )
        _note(draft, "begun", by, at, base=base)
    return draft


@transaction.atomic
def change_draft(
    draft_id: UUID, changed: Mapping[str, str | None], *, seen: str, by: Actor, at: datetime
) -> EditionDraft:
    """Put these files in the place of what the draft has (None takes one out). `seen`: the digest that was read."""
    draft, state = _step(draft_id, DraftAct.CHANGE, by, at, seen=seen)
    texts = {file: text for file, text in {**draft.content, **changed}.items() if text is not None}
    if texts == draft.content:
        return draft
    _check_kept(texts)
    files = sorted(file for file in {**draft.content, **texts} if draft.content.get(file) != texts.get(file))
    draft.content, draft.digest, draft.changed_at = texts, digest_of(texts), at
    return _moved(draft, state, "changed", by, at, files=files)


@transaction.atomic
def send_to_review(draft_id: UUID, *, seen: str, by: Actor, at: datetime) -> EditionDraft:
    """Raises BrokenPack: what cannot become an edition is not worth a reviewer's time."""
    draft, state = _step(draft_id, DraftAct.SEND, by, at, seen=seen)
    _check_new(read_pack(draft.content))
    return _moved(draft, state, "sent", by, at)


@transaction.atomic
def approve_draft(draft_id: UUID, *, seen: str, by: Actor, at: datetime) -> EditionDraft:
    """Approve what was read, as a change of the edition that is the newest now. Raises a `Refusal`."""
    draft, state = _step(draft_id, DraftAct.APPROVE, by, at, seen=seen)
    read_pack(draft.content)
    alone = by.ref in writers_of(draft)
    if alone:
        logger.warning("Draft %s is approved by its own author %s: SHOUWEN_RULES_ALONE is on.", draft.pk, by.ref)
    return _moved(draft, state, "approved", by, at, over=newest_edition(), alone=alone)


@transaction.atomic
def return_draft(draft_id: UUID, reason: str, *, by: Actor, at: datetime) -> EditionDraft:
    draft, state = _step(draft_id, DraftAct.RETURN, by, at)
    if not reason.strip():
        raise ReasonRequired(move="return")
    return _moved(draft, state, "returned", by, at, reason=reason.strip())


@transaction.atomic
def publish_draft(
    draft_id: UUID, *, effective_at: datetime | None, seen: str, by: Actor, at: datetime
) -> EditionVersion:
    """Make an edition of an approved draft, in force from `effective_at`, now by default. Raises a `Refusal`."""
    lock_publishing()
    draft, state = _step(draft_id, DraftAct.PUBLISH, by, at, seen=seen)
    effective_at = effective_from(effective_at, at)
    approval = approval_of(draft)
    if approval is None:
        raise DraftChanged()
    if approval.facts["over"] != (newest := newest_edition()):
        raise RulesMovedOn(edition=newest)
    pack = read_pack(draft.content)
    _check_new(pack)
    edition = publish(
        pack, by.ref, at=at, effective_at=effective_at, origin=EditionVersion.DESK, approved_by=approval.by
    )
    draft.edition = edition.pk
    _moved(draft, state, "published", by, at, edition=edition.pk, effective_at=effective_at.isoformat())
    return edition


@transaction.atomic
def discard_draft(draft_id: UUID, *, by: Actor, at: datetime) -> EditionDraft:
    """Out of the list; it can be fetched back."""
    return _moved(*_step(draft_id, DraftAct.DISCARD, by, at), "discarded", by, at)


@transaction.atomic
def restore_draft(draft_id: UUID, *, by: Actor, at: datetime) -> EditionDraft:
    return _moved(*_step(draft_id, DraftAct.RESTORE, by, at), "restored", by, at)


def writers_of(draft: EditionDraft) -> set[str]:
    """Everybody who has written at it."""
    return set(draft.events.filter(what__in=("begun", "changed")).values_list("by", flat=True))


def approval_of(draft: EditionDraft) -> DraftEvent | None:
    """The approval of what the draft says now; None when there is none, or it was of another text."""
    last = draft.events.filter(what="approved").last() if draft.state == DraftState.APPROVED else None
    return last if last and last.digest == draft.digest else None


def newest_edition() -> str:
    """The id of the edition that was published last, in force or not yet."""
    newest = EditionVersion.objects.order_by("published_at", "number").values_list("pk", flat=True).last()
    return newest or ""


def digest_of(texts: Mapping[str, str]) -> str:
    """Over every character of every file: what a reviewer has read."""
    return hashlib.sha256(json.dumps(dict(texts), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _step(
    draft_id: UUID, act: DraftAct, by: Actor, at: datetime, *, seen: str | None = None
) -> tuple[EditionDraft, DraftState]:
    """The locked draft, and the state the act leads to. Raises DoesNotExist, or a `Refusal`."""
    draft = EditionDraft.objects.select_for_update().get(pk=draft_id)
    state = decide(
        DraftState(draft.state),
        act,
        by=by,
        roles=current_edition(at).roles,
        writers=writers_of(draft) if act is DraftAct.APPROVE else (),
        alone=settings.SHOUWEN_RULES_ALONE,
    )
    if seen is not None and seen != draft.digest:
        raise DraftChanged()
    return draft, state


def _moved(draft: EditionDraft, state: DraftState, what: str, by: Actor, at: datetime, **facts: Any) -> EditionDraft:
    draft.state = state
    draft.save()
    _note(draft, what, by, at, **facts)
    return draft


def _note(draft: EditionDraft, what: str, by: Actor, at: datetime, **facts: Any) -> None:
    DraftEvent.objects.create(draft=draft, what=what, by=by.ref, at=at, digest=draft.digest, facts=facts)


def _check_kept(texts: Mapping[str, str]) -> None:
    """A draft may say anything that can be kept at all. Raises BrokenPack."""
    if len(texts) > MOST_FILES:
        raise BrokenPack([Problem("", 0, "", _("there are too many files in it"))])
    for file, text in texts.items():
        if len(text) > LONGEST:
            raise BrokenPack([Problem(file, 0, "", _("the file is too long"))])
        if "\0" in text:
            raise BrokenPack([Problem(file, 0, "", _("it cannot be read as UTF-8 text"))])


def _check_new(pack: Pack) -> None:
    """Raises RulesPublishedBefore."""
    if before := published_before(pack):
        raise RulesPublishedBefore(edition=before.pk)
