"""`shouwen web`: the web server alone."""

from __future__ import annotations

import argparse
import gc
import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from shouwen.cli.processes import die_with
from shouwen.cli.sentences import _

APPLICATION = "shouwen.config.wsgi"
THREADS = 32  # requests that may wait for the database at once, in one process
REQUESTS_END_WITHIN = 10  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=_("the address to listen on (127.0.0.1)"))
    parser.add_argument("--port", type=int, default=8000, help=_("the port to listen on (8000)"))
    parser.add_argument(
        "--processes",
        type=int,
        default=default_processes(),
        help=_("web processes ({count})").format(count=default_processes()),
    )
    parser.add_argument("--hold", action="store_true", help=argparse.SUPPRESS)


def default_processes() -> int:
    """Half the cores: the database and the worker live on the other half, and callers of one process share commits."""
    return max(1, (os.cpu_count() or 1) // 2)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    _load_once()
    if args.hold:
        sys.stdin.read()
    server = Server(
        f"{APPLICATION}:application",
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=args.processes,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=REQUESTS_END_WITHIN,
        websockets=False,
    )
    server.serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)
    return 0


def _load_once() -> None:
    """Import the application before forking, so that all processes share its memory."""
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork", force=True)
    importlib.import_module(APPLICATION)
    from django.urls import get_resolver

    get_resolver().check()  # imports every page
    gc.freeze()


def _application(parent: int) -> Callable[..., Any]:
    """The application inside a web process, which must not outlive the one that started it."""
    die_with(parent)
    return importlib.import_module(APPLICATION).application
