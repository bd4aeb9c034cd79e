"""The small parts every screen is made of."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation

from shouwen.handbook.refusals import FeedbackMissing, HappenedOutOfBounds, MoveNotAllowed, Refusal
from shouwen.handbook.words import Words
from shouwen.screens.templatetags.spoken import refusal_text
from tests.cast import MONDAY


def shown(source: str, language: str = "en", **context: Any) -> str:
    with translation.override(language):
        return Template("{% load badges parts spoken %}" + source).render(Context(context))


@pytest.mark.parametrize(("count", "said"), [(None, ""), (0, "0"), (99, "99"), (100, "99+"), (25_000, "99+")])
def test_a_badge_counts_no_further_than_99(count: int | None, said: str) -> None:
    assert shown("{{ count|capped }}", count=count) == said


@pytest.mark.clause("T1.3b")
def test_tokens_in_free_text_become_chips_and_everything_else_is_escaped() -> None:
    html = shown("{% redacted text %}", text="<b>回电</b> ⟦phone:AB12CD34⟧ 谢谢", language="zh-hans")

    hidden = '<span class="token" title="电话号码"><span aria-hidden="true">***</span>'
    assert html == f'&lt;b&gt;回电&lt;/b&gt; {hidden}<b class="visually-hidden">电话号码</b></span> 谢谢'


@pytest.mark.clause("T6.2")
def test_a_token_can_be_revealed_only_where_the_page_says_so() -> None:
    text = "⟦phone:AB12CD34⟧"

    assert 'data-reveal="/reveal/AB12CD34"' in shown("{% redacted text '/reveal/' %}", text=text)
    assert "AB12CD34" not in shown("{% redacted text %}", text=text)


@pytest.mark.clause("T6.2")
def test_a_masked_value_has_an_eye_only_for_those_who_may_look() -> None:
    assert "data-reveal" not in shown("{% masked '138****5678' %}")
    assert 'data-reveal="/reveal"' in shown("{% masked '138****5678' reveal_url='/reveal' %}")


class Form(forms.Form):
    phone = forms.CharField(label="Phone", help_text="Digits.")
    channel = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)


@pytest.mark.clause("S1.2c")
def test_a_field_says_what_its_data_is_for_and_its_error_is_read_with_it() -> None:
    html = shown("{% field form.phone purpose='to call you back' %}", form=Form(QueryDict("phone=")))

    assert "Asked for: to call you back" in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    assert all(f'id="{part}"' in html for part in described[1].split())
    assert "id_phone_error" in described[1]


def test_a_group_of_choices_has_a_legend_and_says_that_it_may_be_left_out() -> None:
    html = shown("{% field form.channel %}", form=Form())

    assert "<legend" in html
    assert "optional" in html


@pytest.mark.parametrize(("name", "initial"), [("王小明", "王"), ("演示坐席一", "席一"), ("Agent", "A")])
def test_a_person_is_marked_by_a_surname_the_end_of_a_longer_name_or_a_letter(name: str, initial: str) -> None:
    assert f'aria-hidden="true">{initial}</span>' in shown("{% person name %}", name=name)


def test_nobody_is_said_too() -> None:
    assert "nobody yet" in shown("{% person name %}", name=None)


@pytest.mark.clause("M6.3")
def test_what_was_entered_later_than_it_happened_says_so() -> None:
    five = timedelta(minutes=5)
    row = SimpleNamespace(what="customer_told", happened_at=MONDAY, recorded_at=MONDAY + five)
    later = SimpleNamespace(what="customer_told", happened_at=MONDAY, recorded_at=MONDAY + five + timedelta(seconds=1))

    assert "entered later" not in shown("{% happening row %}", row=row)
    assert "entered later, on 2026-03-02 Mon 09:05" in shown("{% happening row %}", row=later)


@pytest.mark.parametrize(
    ("refusal", "zh", "en"),
    [
        (
            MoveNotAllowed(stage="received", move="propose"),
            "工单已受理，不能提交方案。",
            "A ticket that is received cannot propose a solution.",
        ),
        (
            FeedbackMissing(who="customer, informant"),
            "两个闭环都要先合上，还须告知：客户, 来单人。",
            "Both loops must be closed first; still to be told: the customer, the informant.",
        ),
        (
            HappenedOutOfBounds(happened_at=MONDAY.isoformat(), earliest=MONDAY.isoformat()),
            "2026-03-02 周一 09:00 不在 2026-03-02 周一 09:00 与当前时间之间。",
            "2026-03-02 Mon 09:00 is not between 2026-03-02 Mon 09:00 and now.",
        ),
    ],
)
def test_a_refusal_is_said_in_the_readers_language_with_its_codes_spoken(refusal: Refusal, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert refusal_text(refusal) == zh
    with translation.override("en"):
        assert refusal_text(refusal) == en


def test_words_of_the_pack_are_spoken_in_the_readers_language() -> None:
    words = Words("网络质量", "Network quality")

    assert shown("{{ words|spoken }}", words=words) == "Network quality"
    assert shown("{{ words|spoken }}", words=words, language="zh-hans") == "网络质量"
