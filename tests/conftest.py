"""The ground every test stands on: one embedded PostgreSQL for the whole run, and a real browser where there is one.

The server is the product's own (`shouwen.cli.postgres`), in a folder that goes away with the run. Under xdist the
process that leads starts it and the workers find it by DATABASE_URL, each with a database of its own. Name another
server in DATABASE_URL to use that instead.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings as django_settings
from django.utils import translation
from hypothesis import settings

from shouwen.cli.folder import new_keys
from shouwen.cli.postgres import Cluster
from tests.quiet import wait_for_pages

# A test run's data is thrown away, so nothing need reach the disk.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
SETTINGS = "shouwen.config.settings"
# A browser for root, without a screen, that asks nobody outside for anything and lets nothing glide.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET += ["--force-prefers-reduced-motion"]
SLOWEST_PAGE = 30_000  # milliseconds: a busy machine is no fault of the page's
NO_BROWSER = "Chromium is not installed: every browser test was skipped. Install it (Debian: apt-get install chromium)."


class Server:
    """The session's own PostgreSQL, started when the first test needs it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shouwen-tests-"))
        self.folder.chmod(0o711)
        atexit.register(self.throw_away)
        keys = new_keys()
        self.secrets = self.folder / "secrets.json"
        self.secrets.write_text(json.dumps(keys))
        self.cluster = Cluster(
            self.folder / "postgres", keys["database_password"], settings=CARELESS, makes_databases=True
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is None:
            self.cluster.prepare()
            self.process = self.cluster.run()

    def throw_away(self) -> None:
        if self.process is not None:
            self.cluster.end(self.process)
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)


# How long an example took on a busy machine proves nothing; what fifty do not find is for those who look for longer.
settings.register_profile("shouwen", deadline=None, max_examples=50)
settings.load_profile("shouwen")

server: Server | None = None
if "DATABASE_URL" not in os.environ:
    server = Server()
    os.environ["DATABASE_URL"] = server.cluster.url
    os.environ.setdefault("SHOUWEN_SECRETS", str(server.secrets))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
django.setup()
# Every client has its own chain of middleware: none of them need list all files there are before its first page.
django_settings.WHITENOISE_AUTOREFRESH = True
# What a password is sealed with is the subject where whole installations are started; here it would only take long.
django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_configure(config: pytest.Config) -> None:
    wait_for_pages()
    if server and getattr(config.option, "numprocesses", None):
        server.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if server:
        server.throw_away()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """pytest-django asks for this before it makes the test database."""
    if server:
        server.start()


@pytest.fixture(autouse=True)
def in_the_carrier_s_language() -> None:
    """A page leaves its reader's language behind in the process: no test begins in the language of another."""
    translation.activate(django_settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def no_editions_of_other_tests() -> Iterator[None]:
    """Each test numbers its own editions, and a process remembers them by number for as long as it lives."""
    yield
    if queries := sys.modules.get("shouwen.editions.queries"):
        for edition_id in [known for known in queries._editions if not known.endswith("@1")]:
            del queries._editions[edition_id]
    if settling := sys.modules.get("shouwen.service_levels.settling"):
        settling._followed.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _chromium() or os.environ.get("SHOUWEN_REQUIRE_BROWSER") == "1":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_BROWSER in str(report.longrepr) for report in skipped):
        terminalreporter.section("BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(NO_BROWSER, red=True, bold=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A running Chromium; a page of it is `browser.new_page(locale="zh-CN")`."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SLOWEST_PAGE)
    if not (chromium := _chromium()):
        pytest.fail(NO_BROWSER)
    # Playwright keeps an event loop in this thread, and Django would take that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield running
        running.close()


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
