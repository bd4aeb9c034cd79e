"""Pages of the desk with everything loaded, fetched one after another by people who are signed in."""

from __future__ import annotations

import html
import http.client
import re
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote, urlencode

from bench.figures import percentiles
from bench.ground import Ground

PAGES = 200
DEEP = 10  # pages followed into one list
QUEUES = [
    ("demo-agent", "my_first_ownership"),
    ("demo-agent", "due_soon"),
    ("demo-agent", "overdue"),
    ("demo-handler", "team_undispatched"),
    ("demo-handler", "due_soon"),
    ("demo-supervisor", "team_undispatched"),
    ("demo-supervisor", "to_approve"),
    ("demo-supervisor", "overdue"),
]
WORDS = ["宽带掉线", "流量费", "信号 一格", "光猫", "销户", "上门处理", "卫星电话"]
# Typed letter by letter: common and rare phrases, the beginning of a number, of a phone, of a name.
TYPED = ["宽带掉线", "流量费", "信号", "上门处理", "卫星电话", "不存在的词"]
TYPED += ["AH7K", "7k3m", "19900000123", "测试客户3", "wif"]
OVERVIEWS = ["/load", "/overdue", "/approvals", "/tasks", "/outbox", "/events"]
TYPED_FROM, KEYS = 1, 4  # so many characters of each
NEXT = re.compile(r'href="(?:/search)?(\?[^"]*(?:after|until)=[^"]+)"')
CSRF = re.compile(r'"X-CSRFToken": "(\w+)"')
WALL = re.compile(r'href="(/wall/\w+)"')
TICKET = re.compile(r'href="(/tickets/[A-Z0-9-]+)"')


class Reader:
    """Somebody signed in, on a connection they keep."""

    def __init__(self, port: int, username: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = _session(username)
        self._csrf = self._token = ""

    def get(self, path: str) -> tuple[str, float]:
        """A page, and the milliseconds it took. Raises RuntimeError for anything else than a page."""
        return self._asked("GET", path, {"Cookie": self._cookie})

    def _asked(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[str, float]:
        started = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        self._csrf = _cookie_of(answer) or self._csrf
        took = 1000 * (time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return page, took

    def type(self, path: str, words: str) -> tuple[str, float]:
        """The answer to what is typed so far, and the milliseconds it took."""
        if not self._token:
            page, _ = self.get("/search")
            self._token = CSRF.search(page)[1]
        headers = {
            "Cookie": f"{self._cookie}; csrftoken={self._csrf}",
            "X-CSRFToken": self._token,
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._asked("POST", path, headers, urlencode({"q": words, "typing": "1"}))

    def walk(self, path: str) -> Iterator[tuple[str, float]]:
        """A list, page after page, and from its beginning again."""
        while True:
            place = ""
            for _ in range(DEEP):
                page, took = self.get(place or path)
                yield page, took
                further = NEXT.search(page)
                if further is None:
                    break
                place = path.partition("?")[0] + html.unescape(further[1])


def measure(ground: Ground) -> dict[str, dict[str, Any]]:
    """Milliseconds of queue pages, ticket pages and searches, over HTTP on one kept connection."""
    [(tickets,)] = ground.ask("SELECT count(*) FROM ticket")
    with ground.web() as port:
        people = {name: Reader(port, name) for name in ("demo-agent", "demo-handler", "demo-supervisor")}
        queues = _in_turn([people[name].walk(f"/queues/{queue}") for name, queue in QUEUES])
        searches = _in_turn([people["demo-supervisor"].walk(f"/search?q={quote(word)}") for word in WORDS])
        numbers = {path for page, _ in queues for path in TICKET.findall(page)}
        reader = people["demo-supervisor"]
        sheets = [reader.get(path) for path in islice(cycle(sorted(numbers)), PAGES)]
        places = ["/wall", *sorted(set(WALL.findall(reader.get("/wall")[0])))]
        wall = _in_turn([reader.walk(place) for place in places], 5 * len(places))
        overviews = _in_turn([reader.walk(path) for path in OVERVIEWS], 5 * len(OVERVIEWS))
        typing, palette = [], []
        for typist in (Reader(port, name) for name in people):
            typing += [typist.type("/search", words) for words in 2 * _letter_by_letter()]
            palette += [typist.type("/palette", words) for words in _letter_by_letter()]
    measured = {"queue_page": queues, "ticket_page": sheets, "search_page": searches, "typing": typing}
    measured |= {"palette": palette, "wall": wall, "overviews": overviews}
    return {
        name: percentiles([took for _, took in pages], 95) | {"tickets": tickets, "pages": len(pages)}
        for name, pages in measured.items()
    }


def _letter_by_letter() -> list[str]:
    return [words[:n] for words in TYPED for n in range(TYPED_FROM, min(len(words), KEYS) + 1)] + TYPED


def _cookie_of(answer: http.client.HTTPResponse) -> str:
    found = re.search(r"csrftoken=(\w+)", answer.headers.get("Set-Cookie", ""))
    return found[1] if found else ""


def _in_turn(walks: list[Iterator[tuple[str, float]]], pages: int = PAGES) -> list[tuple[str, float]]:
    """As many pages as are measured, one of each list in turn; the first of each warms up and does not count."""
    for walk in walks:
        next(walk)
    return [next(walk) for walk in islice(cycle(walks), pages)]


def _session(username: str) -> str:
    """The cookie of somebody who has signed in."""
    from django.test import Client

    from shouwen.people.models import Person

    browser = Client()
    browser.force_login(Person.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return f"sessionid={browser.cookies['sessionid'].value}"
