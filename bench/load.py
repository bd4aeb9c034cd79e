"""A light generator of load, in a process of its own: `python -m bench.load` reads what to do from its standard input.

Each client keeps one connection open and sends its next request when the last is answered, so nothing is in flight
when the time is over. Requests are made beforehand; each carries a key of its own.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

NUMBER = b"#########"  # stands in each request for its own number
LONGEST_HEAD = 65_536


@dataclass
class Client:
    """One caller on one connection."""

    connection: socket.socket
    number: int = -1
    sent_at: float = 0.0
    heard: bytearray = field(default_factory=bytearray)

    def send(self, number: int, request: bytes) -> None:
        self.number, self.sent_at = number, time.perf_counter()
        self.connection.sendall(request)

    def status(self) -> int:
        """The status of the answer once it is there whole, else 0."""
        arrived = self.connection.recv(LONGEST_HEAD)
        if not arrived:
            return -1
        self.heard += arrived
        head, blank, body = bytes(self.heard).partition(b"\r\n\r\n")
        if not blank:
            return 0
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if len(body) < int(length.split(b":")[1]):
            return 0
        self.heard.clear()
        return int(head[9:12])


def generate(port: int, requests: list[str], *, clients: int, seconds: float) -> dict[str, Any]:
    """Have a process send these requests in turn for so long; how it was answered (see `run`)."""
    given = json.dumps({"port": port, "requests": requests, "clients": clients, "seconds": seconds})
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(port: int, templates: list[bytes], *, clients: int, seconds: float) -> dict[str, Any]:
    """Milliseconds of every answer in order, how many answers of each status, and the numbers answered with 201."""
    requests = _numbered(templates)
    chooser = selectors.DefaultSelector()
    for _ in range(clients):
        client = Client(socket.create_connection(("127.0.0.1", port)))
        client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(client.connection, selectors.EVENT_READ, client)
    milliseconds: list[float] = []
    statuses: dict[str, int] = {}
    taken: list[int] = []
    started = time.perf_counter()
    for key in list(chooser.get_map().values()):
        key.data.send(*next(requests))
    while chooser.get_map():
        for key, _ in chooser.select():
            client: Client = key.data
            status = client.status()
            if status == 0:
                continue
            at = time.perf_counter()
            milliseconds.append(1000 * (at - client.sent_at))
            statuses[str(status)] = statuses.get(str(status), 0) + 1
            if status == 201:
                taken.append(client.number)
            if status > 0 and at - started < seconds:
                client.send(*next(requests))
            else:
                chooser.unregister(client.connection)
                client.connection.close()
    spent = time.perf_counter() - started
    return {"seconds": spent, "milliseconds": milliseconds, "statuses": statuses, "taken": taken}


def _numbered(templates: list[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, template in zip(count(), cycle(templates), strict=False):
        yield number, template.replace(NUMBER, b"%09d" % number)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    asked["templates"] = [request.encode() for request in asked.pop("requests")]
    json.dump(run(**asked), sys.stdout)
