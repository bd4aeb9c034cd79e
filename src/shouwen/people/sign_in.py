"""How people sign in: by name and password; nobody signs up by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from shouwen.people.addresses import address_of


class Adapter(DefaultAccountAdapter):
    """Accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere else: the library's own reading of the chain fails where a request came past a proxy."""
        return address_of(request) or super().get_client_ip(request)


def tried_from(request: HttpRequest) -> str | None:
    """Where an attempt to sign in comes from, by which the lock-out counts too."""
    return address_of(request) or None


def name_tried(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The account name of an attempt to sign in, by which the lock-out counts."""
    name = (credentials or {}).get("username") or request.POST.get("login") or request.POST.get("username") or ""
    return str(name)[:150]
