"""`shouwen up`: database, web and worker together, until Ctrl-C.

Everything is checked before anything is started, each mishap with one sentence. What dies is started again; Ctrl-C
stops web, worker and database in this order; killed outright, the kernel stops them for us and the next start resumes.
"""

from __future__ import annotations

import argparse
import errno
import http.client
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from shouwen.cli import web
from shouwen.cli.connection import environment
from shouwen.cli.folder import DataFolder
from shouwen.cli.processes import Kept, StopAsked, spawn, stop, stopping, wait_until
from shouwen.cli.sentences import CannotRun, _

LOOK_EVERY = 0.1  # seconds
PORT_FREE_WITHIN = 3.0  # seconds that a killed run's processes are given to let go of it
ANY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104
ROLES = {
    "agent": _("agent"),
    "handler": _("handler"),
    "field_engineer": _("field engineer"),
    "network_engineer": _("network engineer"),
    "account_manager": _("account manager"),
    "supervisor": _("supervisor"),
    "manager": _("manager"),
    "quality_inspector": _("quality inspector"),
    "analyst": _("analyst"),
    "auditor": _("auditor"),
    "executive": _("executive"),
    "administrator": _("administrator"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    web.add_arguments(parser)
    parser.add_argument("--no-demo", action="store_true", help=_("in a new data folder, make no demo carrier"))


def run(args: argparse.Namespace) -> int:
    """Start, keep running, stop in order."""
    refuse_used_port(args.host, args.port)
    folder = DataFolder.at(args.data_dir)
    folder.open()
    folder.refuse_full()
    stopping.listen()
    try:
        with ExitStack() as stack:
            stack.enter_context(folder.locked())
            return Desk(folder, args, stack).run()
    except StopAsked:
        print(_("Stopped."), flush=True)
        return 0


def refuse_used_port(host: str, port: int) -> None:
    """Say so now, not after a minute of setting up."""
    problem = ""

    def free() -> bool:
        nonlocal problem
        problem = _why_not(host, port)
        return not problem

    if not wait_until(free, at_most=PORT_FREE_WITHIN, every=0.2):
        raise CannotRun(problem)


@dataclass(slots=True)
class Desk:
    """The running installation."""

    folder: DataFolder
    args: argparse.Namespace
    stack: ExitStack
    kept: list[Kept] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def run(self) -> int:
        """Returns only when something cannot be started at all; stopping is an exception."""
        self.environment = os.environ | environment(self.folder, self._database())
        self.environment |= {
            "PYTHONUNBUFFERED": "1",
            "SHOUWEN_HOSTS": self._hosts(),
            "SHOUWEN_BASE_URL": self._base_url(),
        }
        self._keep(Kept("worker", partial(self._spawn, "worker"), patience=35.0))
        self._keep(web := Kept("web", partial(self._spawn, "web", *self._web_options())))
        guess = self._expect_demo(self._likely_demo())
        web.process = self._spawn("web", *self._web_options(), "--hold", held=True)
        if failed := self._migrate():
            return failed
        if self._expect_demo(self._demo()) == guess:
            web.process.stdin.close()
        else:
            web.end()
        self._look_until_ready()
        self._announce()
        while True:
            self._look()

    def _database(self) -> str:
        if url := os.environ.get("DATABASE_URL"):
            self.folder.keys()
            return url
        cluster = self.folder.cluster()
        cluster.prepare()
        kept = Kept("database", cluster.start, stop_by=signal.SIGINT, patience=60.0, process=cluster.run())
        kept.started = time.monotonic()
        self._keep(kept)
        return cluster.url

    def _keep(self, kept: Kept) -> None:
        """The last one started is the first one stopped."""
        self.kept.append(kept)
        self.stack.callback(kept.end)

    def _spawn(self, command: str, *options: str, held: bool = False) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-m", "shouwen.cli.main", command, *options]
        return spawn(arguments, environment=self.environment, held=held)

    def _migrate(self) -> int:
        """In a process of its own: a supervisor that never loads Django stays small. It says itself what is wrong."""
        process = self._spawn("migrate", *([] if self.args.no_demo else ["--demo"]))
        try:
            wait_until(lambda: process.poll() is not None, at_most=math.inf)
            return process.returncode
        finally:
            stop(process)

    def _demo(self) -> bool:
        return bool(self.folder.about_database().get("demo")) and not self.args.no_demo

    def _likely_demo(self) -> bool:
        """What migrating will most probably find, so that the web server can load meanwhile."""
        return self._demo() or not (self.args.no_demo or self.folder.about_database())

    def _expect_demo(self, demo: bool) -> str:
        self.environment["SHOUWEN_DEMO"] = "1" if demo else "0"
        return self.environment["SHOUWEN_DEMO"]

    def _look(self) -> None:
        for kept in self.kept:
            if ended := kept.look(time.monotonic()):
                print(_("{name} ended ({ended}); starting it again.").format(name=kept.name, ended=ended), flush=True)
        time.sleep(LOOK_EVERY)
        stopping.check()

    def _look_until_ready(self) -> None:
        self._look()
        while not self._first_page():
            self._look()

    def _first_page(self) -> bool:
        """Whether the web server answers; asking also warms it up."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.args.host, self.args.host)  # noqa: S104
        connection = http.client.HTTPConnection(host, self.args.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        print("", *self._announcement(), sep="\n  ", end="\n\n", flush=True)

    def _announcement(self) -> Iterator[str]:
        yield _("Shouwen runs at {address}/").format(address=self._base_url())
        yield _("Its data is in {folder}").format(folder=self.folder.path)
        known = self.folder.about_database()
        if not known.get("staffed"):
            yield _("Nobody can sign in yet; make the first administrator with: shouwen administrator NAME")
        if self._demo():
            yield _("A demo: sign in as any role with one click on the first page, or by name and password:")
            for role, name, password in known.get("accounts", []):
                yield f"  {ROLES.get(role, role)}  {name}  {password}"
        yield _("Ctrl-C stops everything.")

    def _web_options(self) -> list[str]:
        return ["--host", self.args.host, "--port", str(self.args.port), "--processes", str(self.args.processes)]

    def _hosts(self) -> str:
        """The names the desk answers to: this machine's, unless told otherwise."""
        names = ["localhost", "127.0.0.1", "[::1]"]
        if self.args.host in ANY_ADDRESS:
            names += [socket.gethostname(), *_addresses()]
        elif self.args.host not in names:
            names.append(self.args.host)
        return os.environ.get("SHOUWEN_HOSTS") or ",".join(names)

    def _base_url(self) -> str:
        host = "127.0.0.1" if self.args.host in ANY_ADDRESS else self.args.host
        host = f"[{host}]" if ":" in host else host
        return os.environ.get("SHOUWEN_BASE_URL") or f"http://{host}:{self.args.port}"


def _why_not(host: str, port: int) -> str:
    """The sentence that says why we cannot listen there; empty when we can."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OverflowError:
        return _("{port} is not a port: take one from 1 to 65535.").format(port=port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _("Port {port} is in use: stop what uses it, or choose another with --port.").format(port=port)
        return _("Nothing can listen on {host}, port {port}: {reason}.").format(
            host=host, port=port, reason=error.strerror
        )
    return ""


def _addresses() -> list[str]:
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    except OSError:
        return []
