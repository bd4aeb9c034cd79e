"""What `shouwen up` stands on, piece by piece: checks of the database, back-off, private folders, leftovers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

import shouwen
from shouwen.cli import binaries, migrate
from shouwen.cli.accounts import database_account
from shouwen.cli.folder import DataFolder, InUse
from shouwen.cli.main import COMMANDS, main
from shouwen.cli.postgres import LONGEST_SOCKET, SOCKET, Cluster
from shouwen.cli.processes import FIRST_PAUSE, HEALTHY_AFTER, LONGEST_PAUSE, Kept
from shouwen.cli.sentences import CannotRun
from shouwen.cli.worker import Loop

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the database another user")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder the database's user can pass through, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="shouwen ") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


# The database


@pytest.mark.django_db
def test_a_database_changed_by_a_newer_version_is_refused() -> None:
    migrate._refuse_newer(MigrationLoader(connection))
    MigrationRecorder(connection).record_applied("tickets", "9999_later")
    with pytest.raises(CannotRun, match=r"tickets\.9999_later"):
        migrate._refuse_newer(MigrationLoader(connection))


@pytest.mark.parametrize(("version", "refused"), [(140_022, True), (149_999, True), (150_000, False), (180_004, False)])
def test_an_outside_database_must_be_postgresql_15_or_newer(version: int, refused: bool) -> None:
    outside = SimpleNamespace(info=SimpleNamespace(server_version=version))
    if not refused:
        assert migrate._refuse_old(outside) is None
        return
    with pytest.raises(CannotRun, match="PostgreSQL 14"):
        migrate._refuse_old(outside)


def test_a_long_path_gets_a_short_private_socket_folder(place: Path) -> None:
    for name in ("d" * 120, "a,b"):
        cluster = Cluster(place / name / "postgres", "secret")
        socket = cluster.socket_folder / SOCKET
        assert len(os.fsencode(socket)) <= LONGEST_SOCKET
        assert place not in socket.parents
        assert "," not in str(socket)


@pytest.mark.slow
def test_backends_that_outlive_their_killed_server_are_ended_before_the_next_start(place: Path) -> None:
    """A busy backend does not notice that its server died, and two servers on one folder would destroy the data."""
    cluster = Cluster(place / "postgres", "secret")
    cluster.prepare()
    process = cluster.run()
    busy = psycopg.connect(cluster.url, autocommit=True)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
    busy.pgconn.flush()
    backend = busy.info.backend_pid

    process.send_signal(signal.SIGKILL)
    process.wait()
    assert backend in cluster.leftovers()
    with pytest.raises(CannotRun, match=str(backend)):
        cluster.start()

    process = cluster.run()
    try:
        assert backend not in cluster.leftovers()
        with psycopg.connect(cluster.url) as fresh:
            assert fresh.execute("SHOW fsync").fetchone() == ("on",)
    finally:
        cluster.end(process)
        busy.close()


@pytest.mark.slow
def test_a_path_with_every_awkward_sign_works_and_only_our_password_opens_it(place: Path) -> None:
    cluster = Cluster(place / """it's "a" 100%, 首问""" / "postgres", "secret")
    cluster.prepare()
    process = cluster.run()
    try:
        with psycopg.connect(cluster.url) as connected:
            assert connected.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
                False,
            )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url.replace("secret", "guess"))
    finally:
        cluster.end(process)
        shutil.rmtree(cluster.socket_folder)


def test_a_cluster_cut_short_while_it_is_made_is_made_again(place: Path) -> None:
    cluster = Cluster(place / "postgres", "secret")
    half = place / "postgres" / "new-half" / "data"
    half.mkdir(parents=True)
    cluster.prepare()
    assert not half.exists()
    assert (cluster.data / "PG_VERSION").exists()


@AS_ROOT
def test_programs_closed_to_the_databases_user_are_copied_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the virtual environment lies in root's home."""
    installed, closed = binaries.programs().parents[2], place / "closed"
    closed.mkdir(mode=0o700)
    for tree in (binaries.WHEEL, binaries.LIBRARIES):
        shutil.copytree(installed / tree, closed / tree, ignore=shutil.ignore_patterns("pginstall", "*.a"))
    monkeypatch.setattr(binaries, "programs", lambda: closed / binaries.WHEEL / binaries.TREE / "bin")
    account = database_account(place / "new")

    copy = binaries.programs_for(account, copies=place / "programs")

    assert place / "programs" in copy.parents
    closed.rename(place / "gone")
    done = subprocess.run([copy / "initdb", "--version"], check=False, capture_output=True, **account.as_subprocess())
    assert done.returncode == 0


# The data folder


def test_what_only_looks_makes_no_installation(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Because `shouwen explain` on a laptop left a database behind, and `shouwen calendar` a traceback."""
    for name in ("DATABASE_URL", "SHOUWEN_SECRETS"):
        monkeypatch.delenv(name)
    nowhere = place / "nowhere"

    with pytest.raises(SystemExit) as refused:
        main(["explain", "AH-7K3MP-9QXTD-4", "--data-dir", str(nowhere)])
    with pytest.raises(SystemExit) as shown:
        main(["calendar", "office", "--month", "2026-10", "--json", "--data-dir", str(nowhere)])

    assert refused.value.code == 1
    assert shown.value.code == 0
    assert json.loads(capsys.readouterr().out)["working_days"] == 18
    assert not nowhere.exists()


def test_keys_are_made_once_and_for_their_owner_alone(place: Path) -> None:
    folder = DataFolder(place / "data")
    folder.open()
    keys = folder.keys()
    assert folder.keys() == keys
    assert folder.secrets.stat().st_mode & 0o777 == 0o600


def test_lost_keys_are_not_replaced_once_they_have_sealed_something(place: Path) -> None:
    folder = DataFolder(place / "data")
    folder.open()
    folder.keys()
    folder.work_on("here")
    folder.note(set_up=AT.isoformat())
    folder.secrets.unlink()
    with pytest.raises(CannotRun, match="backup"):
        folder.keys()


def test_a_demo_in_one_database_makes_no_demo_of_another(place: Path) -> None:
    """Whoever tries the demo and then names the carrier's real database must not open its doors to everybody."""
    folder = DataFolder(place / "data")
    folder.open()
    folder.work_on("/run/embedded:5432/shouwen")
    folder.note(demo=True)
    folder.work_on("db.example.org:5432/desk")
    assert folder.about_database() == {}
    folder.note(staffed=True)
    folder.work_on("/run/embedded:5432/shouwen")
    assert folder.about_database() == {"demo": True}


def test_a_folder_is_held_by_one_process_at_a_time(place: Path) -> None:
    folder = DataFolder(place / "data")
    folder.open()
    with folder.locked(), pytest.raises(InUse, match=str(os.getpid())), folder.locked():
        pass
    with folder.locked():
        pass


@pytest.mark.parametrize(("version", "refused"), [("0.0.9", False), (shouwen.__version__, False), ("99.0", True)])
def test_only_a_newer_version_s_data_is_refused(version: str, refused: bool, place: Path) -> None:
    place.joinpath("shouwen.lock").touch()
    place.joinpath("shouwen.json").write_text(json.dumps({"version": version}))
    folder = DataFolder(place)
    if not refused:
        folder.open()
        return
    with pytest.raises(CannotRun, match=r"99\.0"):
        folder.open()


@AS_ROOT
def test_root_does_not_take_over_somebody_else_s_folder(place: Path) -> None:
    folder = DataFolder(place / "data")
    folder.open()
    os.chown(folder.path / "shouwen.lock", 65534, 65534)
    with pytest.raises(CannotRun, match="nobody"):
        folder.open()


# Keeping processes


def test_a_child_that_keeps_dying_is_started_after_growing_pauses() -> None:
    started: list[float] = []
    now = 1000.0

    def start() -> subprocess.Popen[bytes]:
        started.append(now)
        process = subprocess.Popen(["false"], start_new_session=True)
        process.wait()
        return process

    kept = Kept("web", start)
    while len(started) < 10:
        kept.look(now)
        now += 0.25
    pauses = [later - earlier for earlier, later in pairwise(started)]
    assert pauses[0] <= FIRST_PAUSE + 0.5
    assert pauses == sorted(pauses)
    assert LONGEST_PAUSE <= pauses[-1] <= LONGEST_PAUSE + 0.5


def test_a_child_that_lived_long_is_started_again_at_once() -> None:
    kept = Kept("web", lambda: subprocess.Popen(["sleep", "60"], start_new_session=True), pause=LONGEST_PAUSE)
    kept.look(0.0)
    kept.process.kill()
    kept.process.wait()
    assert kept.look(HEALTHY_AFTER) == "SIGKILL"
    kept.look(HEALTHY_AFTER + FIRST_PAUSE)
    assert kept.process is not None
    kept.end()
    assert kept.process is None


# The worker


def test_a_loop_rests_when_nothing_was_due_and_goes_on_at_once_when_something_was() -> None:
    due = [2, 1, 0]
    loop = Loop("clocks", lambda at: due.pop(0), 1.5)
    assert [loop.turn(AT) for _ in range(3)] == [0.0, 0.0, 1.5]


def test_a_loop_outlives_the_database_and_resumes_when_it_returns(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Exception | int] = [OperationalError("gone")] * 7 + [3]

    def work(at: datetime) -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    loop = Loop("messages", work, 1.0)
    assert [loop.turn(AT) for _ in range(7)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    with caplog.at_level("INFO"):
        assert loop.turn(AT) == 0.0
    assert "messages: works again" in caplog.text


def test_a_loop_s_own_mistake_is_logged_whole_and_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    def work(at: datetime) -> int:
        raise ZeroDivisionError

    assert Loop("news", work, 1.0).turn(AT) == 1.0
    assert "ZeroDivisionError" in caplog.text


# The command line


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert "--data-dir" in capsys.readouterr().out


def test_every_variable_the_program_reads_is_explained() -> None:
    root = Path(__file__).parents[2]
    code = "".join(file.read_text() for file in (root / "src").rglob("*.py"))
    read = set(re.findall(r"""environ(?:\.get|ment\.\w+)?[(\[]"(SHOUWEN_\w+)""", code))
    assert len(read) > 15
    for page in ("settings.md", "settings.zh-CN.md"):
        explained = set(re.findall(r"SHOUWEN_\w+", (root / "docs" / "reference" / page).read_text()))
        assert read - explained == set(), page
