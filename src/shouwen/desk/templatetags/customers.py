"""What is known of customers, in words."""

from __future__ import annotations

from django import template
from django.utils.translation import pgettext_lazy

from shouwen.customers.models import CustomerFact
from shouwen.handbook.promises import Kept

register = template.Library()

KIND_NAMES = {
    CustomerFact.SERVICE: pgettext_lazy("known", "Service"),
    CustomerFact.DEVICE: pgettext_lazy("known", "Device"),
    CustomerFact.BILL: pgettext_lazy("known", "Bill"),
    CustomerFact.CARE: pgettext_lazy("known", "Care"),
    CustomerFact.REMARK: pgettext_lazy("known", "Remark"),
}
CARE_NAMES = {
    "vip": pgettext_lazy("care", "important customer"),
    "elder": pgettext_lazy("care", "elderly: speak slowly, no links"),
    "do_not_disturb": pgettext_lazy("care", "do not disturb: no calls but what they asked for"),
    "hearing": pgettext_lazy("care", "hard of hearing: write"),
    "dialect": pgettext_lazy("care", "speaks a dialect: ask a colleague who does"),
    "legal": pgettext_lazy("care", "a lawyer or the press is involved: tell the supervisor first"),
}
STANDS = {
    Kept.KEPT: pgettext_lazy("promise", "kept"),
    Kept.LATE: pgettext_lazy("promise", "kept late"),
    Kept.BROKEN: pgettext_lazy("promise", "broken"),
    Kept.OPEN: pgettext_lazy("promise", "open"),
}
TONES = {Kept.KEPT: "term-calm", Kept.LATE: "term-press", Kept.BROKEN: "term-late", Kept.OPEN: ""}


@register.filter
def known_kind(kind: str) -> str:
    return str(KIND_NAMES.get(kind, kind))


@register.filter
def care_name(care: str) -> str:
    return str(CARE_NAMES.get(care, care))


@register.filter
def stands(kept: str) -> str:
    return str(STANDS[Kept(kept)])


@register.filter
def stands_tone(kept: str) -> str:
    return TONES[Kept(kept)]
