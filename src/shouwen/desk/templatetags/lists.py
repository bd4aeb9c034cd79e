"""What the pages of lists need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from shouwen.desk.drawing import ticket_rows
from shouwen.desk.exporting import ENDING
from shouwen.desk.header import actor_of, rules_for
from shouwen.desk.offers import ICONS, KEYS
from shouwen.handbook.authority import may
from shouwen.handbook.moves import Move

register = template.Library()

AT_HAND = (Move.ASSIGN, Move.TRANSFER, Move.NOTE, Move.ARCHIVE)  # beside the rows; everything else is one press further

register.simple_tag(ticket_rows, name="ticket_rows")


@register.inclusion_tag("desk/_bulk_bar.html", takes_context=True)
def bulk_bar(context: template.Context) -> dict[str, Any]:
    """What can be done to the ticked rows, for who may do it."""
    request = context["request"]
    actor, roles = actor_of(request), rules_for(request, context["at"]).roles
    offers = [
        (move, reverse(f"desk:bulk_{move}"), ICONS.get(move, ""), KEYS.get(move, ""))
        for move in AT_HAND
        if may(roles, actor, move)
    ]
    return {"offers": offers, "all_url": reverse("desk:bulk")}


@register.inclusion_tag("desk/_take_away.html", takes_context=True)
def take_away(context: template.Context, address: str = "") -> dict[str, str]:
    """Where a list with customers in it is taken away, of this page's address or another: `{% take_away %}`."""
    path, _mark, query = (address or context["request"].get_full_path()).partition("?")
    return {"url": f"{path}{ENDING}?{query}".removesuffix("?")}


@register.simple_tag
def bulk_macro_link(macro: Any, values: Sequence[str]) -> str:
    """Where a macro is run on these tickets: `{% bulk_macro_link macro.pk values as url %}`."""
    return f"{reverse('desk:bulk_macro', args=[macro])}?{urlencode([('ticket', value) for value in values])}"


@register.simple_tag
def bulk_link(noun: str, values: Sequence[str]) -> str:
    """The address of a move's form for these tickets."""
    return f"{reverse('desk:bulk')}/{noun}?{urlencode([('ticket', value) for value in values])}"
