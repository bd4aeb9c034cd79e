"""Somebody at a browser without scripts: pages, forms, a session; and what they heard when the server died."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.parse import urlencode

SLOW = 60.0  # seconds
NO_ANSWER = 0
CARRIED = {"seen", "key", "form"}  # what the sender saw, or the name of the form that was handed out
NONE: Mapping[str, str] = {}


class Visitor:
    """A session. An answer is its status and its text; (0, "") where none came."""

    def __init__(self, base: str) -> None:
        self.base, self.jar = base, CookieJar()
        self._opener = urllib.request.build_opener(_Stays(), urllib.request.HTTPCookieProcessor(self.jar))

    def sign_in(self, name: str, password: str) -> None:
        self.get("/accounts/login/")
        status, _ = self.post("/accounts/login/", {"login": name, "password": password})
        assert status == 302, f"{name} cannot sign in: {status}"

    def get(self, path: str) -> tuple[int, str]:
        return self._ask(path)

    def post(self, path: str, data: Mapping[str, object]) -> tuple[int, str]:
        token = next((cookie.value or "" for cookie in self.jar if cookie.name == "csrftoken"), "")
        body = urlencode({**data, "csrfmiddlewaretoken": token}).encode()
        return self._ask(path, body, {"Referer": self.base + path})

    def send(self, path: str, body: object, **headers: str) -> tuple[int, str]:
        """What another system posts."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": "application/json"}
        return self._ask(path, json.dumps(body).encode(), sent)

    def hidden(self, path: str) -> dict[str, str]:
        """What a page's form carries along unseen."""
        status, page = self.get(path)
        assert status == 200, f"{path}: {status}"
        reader = _Hidden()
        reader.feed(page)
        return reader.values

    def _ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] = NONE) -> tuple[int, str]:
        request = urllib.request.Request(self.base + path, body, dict(headers))  # noqa: S310  ours, on loopback
        try:
            with self._opener.open(request, timeout=SLOW) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode(errors="replace")
        except (OSError, HTTPException):
            return NO_ANSWER, ""


class _Stays(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: done. Where it leads is another question."""

    def redirect_request(self, *_: object) -> None:
        return None


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        stated = dict(attributes)
        name, unseen = stated.get("name"), stated.get("type") == "hidden" or "hidden" in stated
        if tag == "input" and unseen and name in CARRIED:
            self.values[name] = stated.get("value") or ""
