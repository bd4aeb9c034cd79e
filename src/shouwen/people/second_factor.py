"""One-time codes (TOTP) beside the password: whose role needs them, their secrets sealed, and taking them away."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.people.changes import record
from shouwen.people.models import Change, Person, WrongCode
from shouwen.vault.queries import keyring

PLACE = b"second_factor"
EVERY_ROLE = "*"
# What whoever still has to set their codes up may do: that, signing out, and choosing a language.
OPEN = frozenset({"account_logout", "account_reauthenticate", "set_language", "account_change_password"})
SET, TAKEN_AWAY = "second_factor_set", "second_factor_reset"


SPEND = """
    INSERT INTO spent_code (person_id, step) VALUES (%s, %s)
    ON CONFLICT (person_id) DO UPDATE SET step = excluded.step WHERE spent_code.step < excluded.step
"""

TRIES, TRIED_WITHIN = 5, timedelta(minutes=15)
TRY = """
    INSERT INTO wrong_code (person_id, tried, since) VALUES (%(person)s, 1, %(at)s)
    ON CONFLICT (person_id) DO UPDATE SET
        tried = CASE WHEN wrong_code.since > %(from)s THEN least(wrong_code.tried + 1, %(most)s + 1) ELSE 1 END,
        since = CASE WHEN wrong_code.since > %(from)s THEN wrong_code.since ELSE excluded.since END
    RETURNING tried, since
"""


class Adapter(DefaultMFAAdapter):
    """Secrets are sealed under the master key, which the database never sees."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This code is wrong or used up. Wait for the next one, and see that the phone's clock is right."
        ),
        "cannot_delete_authenticator": gettext_lazy("Your role needs one-time codes, so they cannot be switched off."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(keyring().seal_secret(text.encode(), PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return keyring().open_secret(base64.b64decode(encrypted_text), PLACE).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not needs_codes(authenticator.user)  # type: ignore[arg-type]


class _OneCode:
    """A field for six digits as phones offer them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        code = self.fields["code"]  # type: ignore[attr-defined]
        code.label = _("One-time code")
        code.widget.attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "autofocus": True,
            "spellcheck": "false",
        }


class ActivateForm(_OneCode, ActivateTOTPForm):
    pass


class _SpentOnce:
    """A code opens once, whichever process is asked; what that process remembers by itself is not enough."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        found: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if found.type == Authenticator.Type.TOTP and not spend_code(found, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class _FewTries:
    """Five codes, then none for a while. A try counts before it is looked at, so many at once get no more."""

    def clean_code(self) -> str:
        person: Person = self.user  # type: ignore[attr-defined]
        if until := refused_until(person, now()):
            raise ValidationError(
                _("%(count)d codes were wrong. Try again at %(time)s; until then no code is taken."),
                params={"count": TRIES, "time": f"{localtime(until):%H:%M:%S}"},
            )
        code: str = super().clean_code()  # type: ignore[misc]
        WrongCode.objects.filter(person=person).delete()
        return code


class CodeForm(_OneCode, _FewTries, _SpentOnce, AuthenticateForm):
    """A recovery code opens as well."""


class CodeAgainForm(_OneCode, _FewTries, _SpentOnce, ReauthenticateForm):
    pass


class ActivatePage(ActivateTOTPView):
    """Codes are set up, and the log says so."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            person: Any = self.request.user
            record(Change.PERSON, person.pk, str(person), SET, by=person, at=now())
        return response


class DeactivatePage(DeactivateTOTPView):
    """Codes are switched off by whoever has them, where their role needs none."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            person: Any = self.request.user
            record(Change.PERSON, person.pk, str(person), TAKEN_AWAY, by=person, at=now())
        return response


def refused_until(person: Person, at: datetime) -> datetime | None:
    """Counts a try at a code; when the next one is looked at, once there were too many. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(TRY, {"person": person.pk, "at": at, "from": at - TRIED_WITHIN, "most": TRIES})
        tried, since = cursor.fetchone()
    return since + TRIED_WITHIN if tried > TRIES else None


def spend_code(authenticator: Authenticator, code: str) -> bool:
    """True for the first who spends this code: it and those before it open nothing any more. One statement."""
    secret = decrypt(authenticator.data["secret"])
    steps = [
        step for step in yield_hotp_counters_from_time() if compare_user_code(actual=code, expected=_at(secret, step))
    ]
    if not steps:
        return False
    with connection.cursor() as cursor:
        cursor.execute(SPEND, [authenticator.user_id, max(steps)])  # type: ignore[attr-defined]
        return cursor.rowcount == 1


def _at(secret: str, step: int) -> str:
    return format_hotp_value(hotp_value(secret, step))


def needs_codes(person: Person) -> bool:
    """True if one of their roles does not do without (`SHOUWEN_SECOND_FACTOR`)."""
    wanted = set(settings.SHOUWEN_SECOND_FACTOR)
    return bool(wanted) and (EVERY_ROLE in wanted or not wanted.isdisjoint(person.roles))


def has_codes(person: Person) -> bool:
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


@transaction.atomic
def take_codes_away(person: Person, *, by: Person | None, at: datetime) -> bool:
    """Somebody has lost their phone: their codes count no more, until they set up new ones. False without any."""
    gone, _kinds = Authenticator.objects.filter(user=person).delete()
    if gone:
        record(Change.PERSON, person.pk, str(person), TAKEN_AWAY, by=by, at=at)
    return bool(gone)


class CodesFirst:
    """Whose role needs one-time codes sets them up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        if person.is_authenticated and needs_codes(person) and not (_is_open(request.path_info) or has_codes(person)):
            if request.htmx:  # type: ignore[attr-defined]
                answer = HttpResponse(status=204)
                answer["HX-Redirect"] = reverse("mfa_activate_totp")
                return answer
            return redirect("mfa_activate_totp")
        return self.get_response(request)


def _is_open(path: str) -> bool:
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return True  # it leads nowhere
    return name in OPEN or name.startswith("mfa_")
