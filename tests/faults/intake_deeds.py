"""Taking in, by the API and by import, in a process that may be killed while it does."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from functools import partial
from pathlib import Path
from typing import Any

from django.test import Client

from shouwen.cli.main import main
from shouwen.people.actions import make_api_key
from shouwen.people.models import Person
from shouwen.tickets.models import IntakeKey
from tests.faults.deeds import all_at_once

HEADING = ["编号", "受理时间", "投诉内容", "联系电话", "分类", "地区", "状态", "班组"]
AT = ["处理中", "network-3401"]


def make_key() -> str:
    return make_api_key("测试系统", ["tickets:create"], by=Person.objects.get(username="administrator"))[1]


def post_all(secret: str, keys: list[str], answers: str) -> None:
    """A web process with as many callers at once as there are keys."""
    all_at_once({key: partial(_posted, secret, key) for key in keys}, Path(answers))


def post_each(secret: str, keys: list[str]) -> dict[str, str]:
    return {key: _posted(secret, key) for key in keys}


def _posted(secret: str, key: str) -> str:
    """The number it got; the status otherwise."""
    body = complaint(key, f"1990020{int(key):04}")
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    answer = client.post("/api/v1/tickets", json.dumps(body), "application/json", headers=headers)
    return answer.json()["number"] if answer.status_code == 201 else f"failed: {answer.status_code}"


def complaint(key: str, phone: str) -> dict[str, Any]:
    """What another system says, of a caller of its own."""
    return {
        "description": f"宽带每晚掉线，来电 {key}。",
        "category": "network.broadband.drops",
        "complainant": {"name": "某客户", "phone": phone},
        "region": "340104",
        "details": {"service_address": "某路 1 号", "when_it_happens": "periodic", "lights": "red"},
    }


def numbers_taken_in(keys: list[str]) -> dict[str, str]:
    """The tickets these keys stand for."""
    return dict(IntakeKey.objects.filter(scope__startswith="api:", key__in=keys).values_list("key", "number"))


def write_sheet(file: Path, rows: int, bad: set[int]) -> None:
    """A branch's open work; some rows say nothing about what happened."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(HEADING)
        for number in range(1, rows + 1):
            text = "" if number in bad else f"手机信号弱，第 {number} 户"
            phone = f"1990030{number:04}"
            table.writerow([f"T-{number}", "2026-02-27 16:40", text, phone, "network.coverage.weak", "3401", *AT])


def import_sheet(file: str, report: str) -> tuple[int, str]:
    """`shouwen import`, to its end: the exit code and what it said."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main(["import", file, "--as", "open", "--report", report])
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    raise AssertionError("the command did not end")
