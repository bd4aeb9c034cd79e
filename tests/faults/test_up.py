"""`shouwen up` from outside: it starts for anybody, stops without a trace, and survives being killed."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shouwen.cli.processes import wait_until
from tests.faults.installation import PATIENCE, Installation, free_port, gone, ordinary_user
from tests.faults.memory import roomy_memory

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]  # one installation for all, so one worker

PARTS = ["supervisor", "web", "web process", "worker", "database"]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder everybody can pass through, with a name that trips careless programs."""
    with tempfile.TemporaryDirectory(prefix="shouwen up ", dir=roomy_memory()) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def desk(place: Path) -> Iterator[Installation]:
    """One installation for all that can happen to it; whoever finds it stopped starts it again."""
    installation = Installation(place / "a desk 首问")
    yield installation
    installation.clear_away()


@pytest.fixture
def running(desk: Installation) -> Installation:
    if desk.process is None or desk.process.poll() is not None:
        desk.start("--no-demo")
    return desk


def test_ctrl_c_leaves_no_process_and_frees_the_port(running: Installation) -> None:
    everything = running.everything()
    assert running.ctrl_c() == 0
    assert gone(everything)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", running.port))


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; here everything runs as an ordinary user"
)
def test_an_ordinary_user_without_a_home_can_start_it(place: Path) -> None:
    account, python, environment = ordinary_user(place)
    folder = place / "somebody's"
    folder.mkdir()
    os.chown(folder, account.uid, account.gid)
    theirs = Installation(folder / "data", account=account, python=python, environment=environment)
    try:
        theirs.start("--no-demo")
        everything = theirs.everything()
        assert {os.stat(f"/proc/{pid}").st_uid for pid in everything} == {account.uid}
        assert theirs.ctrl_c() == 0
        assert gone(everything)
    finally:
        theirs.clear_away()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_started_by_root_the_database_runs_as_somebody_without_rights(running: Installation) -> None:
    assert os.stat(f"/proc/{running.processes()['database']}").st_uid != 0


@pytest.mark.parametrize("part", PARTS)
def test_what_was_committed_outlives_a_kill_of(part: str, running: Installation) -> None:
    with running.database() as database:
        database.execute("CREATE TABLE IF NOT EXISTS kept (part text)")
        database.execute("INSERT INTO kept VALUES (%s)", [part])
    before, everything = running.processes(), running.everything()

    os.kill(before[part], signal.SIGKILL)

    if part == "supervisor":
        assert wait_until(lambda: gone(everything), at_most=PATIENCE), "the kernel stops what it leaves behind"
        running.start("--no-demo")
    back = wait_until(lambda: running.processes().get(part) not in {None, before[part]}, at_most=PATIENCE)
    assert back, f"the {part} did not come back"
    assert wait_until(running.works, at_most=PATIENCE)
    assert wait_until(running.database_answers, at_most=PATIENCE)
    with running.database() as database:
        assert database.execute("SELECT count(*) FROM kept WHERE part = %s", [part]).fetchone() == (1,)


def test_everything_killed_at_once_the_same_command_resumes(running: Installation) -> None:
    everything = running.everything()
    for pid in everything:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.process.wait()
    running.start("--no-demo")
    assert wait_until(running.works, at_most=PATIENCE)


def test_a_command_works_on_the_running_desk_and_on_the_stopped_one(running: Installation) -> None:
    made = running.run("administrator", "first")
    running.ctrl_c()
    again = running.run("administrator", "first")

    assert (made.returncode, again.returncode) == (0, 0), made.stderr + again.stderr


def sentence(installation: Installation, *options: str, **environment: str) -> str:
    """The one sentence with which `shouwen up` refuses."""
    refused = installation.run("up", "--port", str(installation.port), *options, **environment)
    assert refused.returncode == 1, refused.stdout
    assert refused.stderr.count("\n") == 1, refused.stderr
    return refused.stderr


def test_a_second_start_on_the_same_data_is_refused(running: Installation) -> None:
    said = sentence(Installation(running.folder))
    assert f"process {running.process.pid}" in said


def test_a_port_in_use_is_refused_before_anything_is_made(place: Path) -> None:
    desk = Installation(place / "no port")
    with socket.create_server(("127.0.0.1", desk.port)):
        assert f"Port {desk.port} is in use" in sentence(desk)
    assert not desk.folder.exists()


def test_data_of_a_newer_version_is_refused(place: Path) -> None:
    desk = Installation(place / "newer")
    desk.folder.mkdir()
    desk.folder.joinpath("shouwen.lock").touch()
    desk.folder.joinpath("shouwen.json").write_text('{"version": "99.1.0"}')
    assert "99.1.0" in sentence(desk)


def test_a_full_disk_is_refused(place: Path) -> None:
    assert "MB are needed" in sentence(Installation(place / "full"), SHOUWEN_LEAST_FREE_MB=str(10**9))


def test_a_dead_outside_database_is_refused(place: Path) -> None:
    url = f"postgresql://someone:secret@127.0.0.1:{free_port()}/desk"
    said = sentence(Installation(place / "outside"), DATABASE_URL=url)
    assert "does not answer" in said
    assert "secret" not in said


def test_a_folder_with_other_files_is_left_alone(place: Path) -> None:
    desk = Installation(place / "taken")
    desk.folder.mkdir()
    desk.folder.joinpath("thesis.txt").write_text("mine")
    assert "holds other files" in sentence(desk)
    assert [file.name for file in desk.folder.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's database runs as themselves")
def test_a_folder_the_databases_user_cannot_reach_is_refused(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    assert "SHOUWEN_DB_USER" in sentence(Installation(closed / "data"))
