"""Where a request comes from. Only what the carrier's own proxies added to the chain is believed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address a request comes from; "" where there is none, as through a socket file."""
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    proxies = settings.SHOUWEN_PROXIES
    said = [chain[-proxies]] if proxies and len(chain) >= proxies else []
    return next(filter(None, map(_plain, [*said, str(request.META.get("REMOTE_ADDR", ""))])), "")


def network_of(request: HttpRequest) -> str:
    """The same; of IPv6 the network, whose last half anybody may choose for themselves."""
    said = address_of(request)
    return str(ip_network((said, 64), strict=False)) if ":" in said else said


def _plain(said: str) -> str:
    try:
        address = ip_address(said)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
