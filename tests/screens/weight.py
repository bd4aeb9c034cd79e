"""What a page weighs on the wire: itself and whatever it names, compressed as the server sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.test import Client

ASSET = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of a first visit, and of every other while the browser keeps what it may keep."""

    first: int
    after: int


def weight_of(client: Client, address: str) -> Weight:
    """Follows no redirect: what is weighed is the page of this address."""
    page = client.get(address, headers={"accept-encoding": "gzip"})
    assert page.status_code in (200, 409), (address, page.status_code)
    itself = len(page.content)
    assets = set(ASSET.findall(_plain(client, address)))
    return Weight(itself + sum(map(_sent, assets)), itself + sum(_sent(asset) for asset in assets if not _kept(asset)))


def _plain(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _kept(asset: str) -> bool:
    """True for what the browser need not ask for again."""
    return "immutable" in Client().get(asset).headers["Cache-Control"]


def _sent(asset: str) -> int:
    answer = Client().get(asset, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, asset
    return sum(map(len, answer.streaming_content))  # type: ignore[arg-type]
