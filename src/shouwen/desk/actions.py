"""What people do at the desk beside moving tickets, which `handling` does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from shouwen.editions.drafting import writers_of
from shouwen.editions.edition import Edition
from shouwen.editions.models import EditionDraft
from shouwen.handbook.authority import Actor, RulesRight
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.queries import inbox_of
from shouwen.people.queries import roster

# What is told of a draft, and to whom: who may approve it, or who has written at it.
TOLD_OF_DRAFTS = {
    "sent": ("draft_to_review", "approvers"),
    "approved": ("draft_approved", "writers"),
    "returned": ("draft_returned", "writers"),
}


def mark_read(actor: Actor, *, at: datetime, notice: UUID | None = None) -> int:
    """Mark one notice, or all of them, as read; how many were unread. A team's notice is read for the whole team."""
    unread = inbox_of(actor, at).filter(read_at=None)
    return (unread.filter(pk=notice) if notice else unread).order_by().update(read_at=at)


def mark_read_until(actor: Actor, notice: UUID, *, at: datetime) -> int:
    """Mark a notice, and what was told of the same ticket before it, as read; what came since was not yet seen."""
    inbox = inbox_of(actor, at)
    newest = inbox.filter(pk=notice).first()
    if newest is None or newest.ticket_id is None:
        return mark_read(actor, at=at, notice=notice)
    before = Q(ordered_at__lt=newest.ordered_at) | Q(ordered_at=newest.ordered_at, pk__lte=newest.pk)
    return inbox.filter(before, ticket_id=newest.ticket_id, read_at=None).order_by().update(read_at=at)


def tell_of_draft(draft: EditionDraft, rules: Edition) -> None:
    """Tell those it concerns what has just become of a draft; whoever did it knows already."""
    event = draft.events.last()
    template, whom = TOLD_OF_DRAFTS.get(event.what, ("", ""))
    if template not in rules.templates:  # an edition made before there was one has nothing to say it with
        return
    writers = writers_of(draft)
    people = set(_approvers(rules)) - writers if whom == "approvers" else writers
    order_messages(
        [
            order_row(
                cause=f"draft/{event.pk}/{ref}",
                recipient=ref,
                channel=rules.templates[template].channel,
                template=template,
                edition=rules.id,
                params={"draft": draft.name, "draft_id": str(draft.pk)},
            )
            for ref in sorted(people - {event.by})
        ]
    )


def _approvers(rules: Edition) -> Iterator[str]:
    by_role = roster().by_role
    for role in rules.roles.values():
        if RulesRight.APPROVE in role.rules:
            yield from (f"person:{person}" for person, *_rest in by_role.get(role.code, ()))
