"""A draft of the rules: written, checked, compared, tried on real tickets, reviewed by somebody else, published."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.desk.actions import tell_of_draft
from shouwen.desk.drafts import draft_sheet, has_a_hand_in_rules, replays_of
from shouwen.desk.header import rules_for
from shouwen.desk.pages.door import DeskPage
from shouwen.desk.pages.rules import BeginForm, RulesDesk
from shouwen.desk.shown_tables import draft_leaves, draft_tables
from shouwen.editions.archives import LARGEST, uploaded_texts
from shouwen.editions.drafting import (
    approve_draft,
    begin_draft,
    discard_draft,
    publish_draft,
    restore_draft,
    return_draft,
    send_to_review,
)
from shouwen.editions.edition import Edition
from shouwen.editions.models import EditionDraft, EditionVersion
from shouwen.editions.queries import NoEdition, edition
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.rulemaking import OPEN, RIGHTS, DraftAct, holds_right
from shouwen.screens.days import DayField
from shouwen.screens.tables import kind_asked
from shouwen.service_levels.rehearsing import order_replay

QUARTER = timedelta(days=91)


class UploadForm(forms.Form):
    """A zip in the place of all files, or a .yaml in the place of one."""

    file = forms.FileField(
        label=gettext_lazy("A zip, or one file"),
        help_text=gettext_lazy("A zip takes the place of all files, a .yaml file that of the one of its name."),
        widget=forms.FileInput(attrs={"accept": ".zip,.yaml"}),
    )


class ReplayForm(forms.Form):
    """Which tickets to live through: by the days they were received on."""

    start = DayField(label=gettext_lazy("Received from"))
    end = DayField(label=gettext_lazy("up to, inclusive"))


class PublishForm(forms.Form):
    """From when the rules are in force."""

    effective_at = forms.DateTimeField(
        label=gettext_lazy("In force from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Left empty: at once. Tickets keep the edition they were accepted under."),
    )


class ReturnForm(forms.Form):
    """Why a draft goes back."""

    reason = forms.CharField(
        label=gettext_lazy("What should be other"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class DraftDoor(DeskPage):
    """Drafts are for those who may write or approve them."""

    def draft(self, draft: UUID) -> EditionDraft:
        """Raises Http404, or PermissionDenied."""
        if not has_a_hand_in_rules(rules_for(self.request, self.at), self.actor):
            raise PermissionDenied
        return get_object_or_404(EditionDraft, pk=draft)

    def may_change(self, draft: EditionDraft) -> bool:
        right = RIGHTS[DraftAct.CHANGE]
        return draft.state in OPEN and holds_right(rules_for(self.request, self.at).roles, self.actor, right)

    def show(
        self,
        draft: EditionDraft,
        *,
        refusal: Refusal | None = None,
        broken: BrokenPack | None = None,
        status: int = 200,
        **forms_given: forms.Form,
    ) -> HttpResponse:
        """The page of a draft; `forms_given` are those that came back with something wrong."""
        draft.refresh_from_db()
        rules = rules_for(self.request, self.at)
        today = timezone.localdate(self.at)
        context = {
            "sheet": draft_sheet(draft, rules, self.actor, self._against(rules)),
            "in_force": rules.id,
            "tables": draft_tables(),
            "replays": replays_of(draft, rules),
            "alone": settings.SHOUWEN_RULES_ALONE,
            "open": draft.state in OPEN,
            "upload_form": UploadForm(),
            "replay_form": ReplayForm(initial={"start": today - QUARTER, "end": today}),
            "publish_form": PublishForm(),
            "return_form": ReturnForm(),
            "refusal": refusal,
            "broken": broken,
            **forms_given,
        }
        return render(self.request, "desk/draft.html", context, status=status)

    def _against(self, rules: Edition) -> Edition:
        """The edition to compare with: the one in force, unless another one is asked for."""
        try:
            return edition(self.request.GET.get("against") or rules.id)
        except (NoEdition, BrokenPack):
            raise Http404 from None


class Drafts(RulesDesk):
    """A draft is begun."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BeginForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show_rules(form, status=422)
        rules = rules_for(request, self.at)
        file = form.cleaned_data["file"]
        try:
            texts = uploaded(file) if file else EditionVersion.objects.get(pk=rules.id).content
            base = "" if file else rules.id
            draft = begin_draft(form.cleaned_data["name"], texts, base=base, by=self.actor, at=self.at)
        except BrokenPack as broken:
            return self.show_rules(form, broken=broken, status=422)
        except Refusal as refusal:
            return self.show_rules(form, refusal=refusal, status=403)
        return redirect("desk:draft", draft.pk)


class DraftPage(DraftDoor):
    """Everything about a draft."""

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponseBase:
        found = self.draft(draft)
        if kind := kind_asked(request):
            rules = rules_for(request, self.at)
            sheet = draft_sheet(found, rules, self.actor, self._against(rules))
            return self.files_of(kind, found.name, draft_leaves(sheet))
        return self.show(found)


class Step(DraftDoor):
    """An act on a draft, at its own address: it is done, or the page says why not."""

    done: str = ""

    def post(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        try:
            with transaction.atomic():
                answer = self.act(kept, request.POST.get("seen", ""))
                if answer is None:
                    tell_of_draft(kept, rules_for(request, self.at))
        except BrokenPack as broken:
            return self.show(kept, broken=broken, status=422)
        except Refusal as refusal:
            return self.show(kept, refusal=refusal, status=409)
        if answer is not None:
            return answer
        if self.done:
            messages.success(request, _(self.done))
        return redirect("desk:draft", kept.pk)

    def act(self, draft: EditionDraft, seen: str) -> HttpResponse | None:
        """Do it; an answer of its own where the form was not filled in. Raises BrokenPack, or a `Refusal`."""
        raise NotImplementedError


class Review(Step):
    done = gettext_lazy("Sent to review.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> None:
        send_to_review(draft.pk, seen=seen, by=self.actor, at=self.at)


class Approval(Step):
    done = gettext_lazy("Approved.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> None:
        approve_draft(draft.pk, seen=seen, by=self.actor, at=self.at)


class Returning(Step):
    done = gettext_lazy("Returned.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> HttpResponse | None:
        form = ReturnForm(self.request.POST)
        if not form.is_valid():
            return self.show(draft, return_form=form, status=422)
        return_draft(draft.pk, form.cleaned_data["reason"], by=self.actor, at=self.at)
        return None


class Publication(Step):
    def act(self, draft: EditionDraft, seen: str) -> HttpResponse | None:
        form = PublishForm(self.request.POST)
        if not form.is_valid():
            return self.show(draft, publish_form=form, status=422)
        effective_at = form.cleaned_data["effective_at"]
        made = publish_draft(draft.pk, effective_at=effective_at, seen=seen, by=self.actor, at=self.at)
        messages.success(self.request, _("%(edition)s is published.") % {"edition": made.pk})
        return redirect("desk:rules")


class Discard(Step):
    """Out of the list; its page offers to fetch it back."""

    done = gettext_lazy("Thrown away. It can be fetched back here.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> None:
        discard_draft(draft.pk, by=self.actor, at=self.at)


class Restoration(Step):
    done = gettext_lazy("Fetched back.")  # type: ignore[assignment]

    def act(self, draft: EditionDraft, seen: str) -> None:
        restore_draft(draft.pk, by=self.actor, at=self.at)


class Replays(Step):
    """The replays of a draft, as they stand; another is ordered."""

    done = gettext_lazy("The worker lives the tickets through; the result will stand here.")  # type: ignore[assignment]

    def get(self, request: HttpRequest, draft: UUID) -> HttpResponse:
        kept = self.draft(draft)
        context = {"replays": replays_of(kept, rules_for(request, self.at)), "draft": kept}
        return render(request, "desk/_replays.html", context)

    def act(self, draft: EditionDraft, seen: str) -> HttpResponse | None:
        form = ReplayForm(self.request.POST)
        if not form.is_valid():
            return self.show(draft, replay_form=form, status=422)
        start, end = (_midnight(form.cleaned_data[name]) for name in ("start", "end"))
        order_replay(draft, start, end + timedelta(days=1), by=self.actor, at=self.at)
        return None


def uploaded(file: Any) -> dict[str, str]:
    """Raises BrokenPack."""
    return uploaded_texts(file.name, file.read(LARGEST + 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
