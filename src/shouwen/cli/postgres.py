"""The embedded PostgreSQL: made, started and stopped by us, with nothing open to anybody else.

The folder given here holds everything of one cluster and belongs to the user it runs as:
`data` (PostgreSQL's own), `run` (the socket), `start.log`, `password` while the cluster is being made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from shouwen.cli.accounts import Account, database_account
from shouwen.cli.binaries import MAJOR, programs_for
from shouwen.cli.processes import dying_with_us, running_in, spawn, stop, stopping, wait_until
from shouwen.cli.sentences import CannotRun, _

DATABASE = OWNER = "shouwen"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 107  # bytes that fit in the kernel's sockaddr_un
SHUTS_DOWN_WITHIN = 120.0  # seconds; after that it is cut off, and recovers at the next start
RECOVERS_WITHIN = 600.0  # recovering a large cluster after a crash takes minutes, and must not be cut short

# For a desk on two cores that shares its machine. Written into postgresql.conf once, and yours to edit there.
TUNING = {
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "random_page_cost": "1.1",
    "io_workers": "2",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One file for each day of the week: the log never fills the disk. No statement and no value: they are people's.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}

MAKE_DATABASE = f"""
SELECT 'CREATE ROLE {OWNER} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
ALTER ROLE {OWNER} {{rights}} PASSWORD '{{password}}';
SELECT 'CREATE DATABASE {DATABASE} OWNER {OWNER}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608  the password is our own, made of letters that need no quoting


@dataclass(slots=True)
class Cluster:
    """One PostgreSQL cluster of ours."""

    folder: Path
    password: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    copies: Path | None = None  # where PostgreSQL's programs may be copied for a user who cannot reach them
    makes_databases: bool = False  # whether the desk's role may: only tests need it
    account: Account | None = field(init=False)
    programs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.account = database_account(self.folder)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """In the cluster's folder; in a short private folder under /tmp where the path would be too long.

        A comma separates hosts in an address, so such a path will not do either.
        """
        own = self.folder / "run"
        if len(os.fsencode(own / SOCKET)) <= LONGEST_SOCKET and "," not in str(own):
            return own
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path("/tmp", f"shouwen-{name}")  # noqa: S108  checked to be ours and private before use

    @property
    def url(self) -> str:
        """DATABASE_URL of this cluster."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{OWNER}:{quote(self.password, safe='')}@/{DATABASE}?host={host}"

    def prepare(self) -> None:
        """Everything up to the point where it can be started; quick when it was done before."""
        self._own(self.folder)
        self.programs = programs_for(self.account, copies=self.copies or self.folder.parent / "programs")
        self._own(self.socket_folder)
        if not self.data.is_dir():
            self._initialise()
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(MAJOR):
            raise CannotRun(
                _(
                    "The database in {folder} was made by PostgreSQL {made_by}; this version of Shouwen has {ours}."
                ).format(folder=self.folder, made_by=made_by, ours=MAJOR)
            )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, without waiting for it to be ready.

        Should we be killed, the kernel has it shut down in order (SIGINT is PostgreSQL's fast shutdown).
        """
        if left := self.leftovers():
            raise CannotRun(_("Processes of the last run have not ended yet: {pids}.").format(pids=_listed(left)))
        self._forget_killed_server()
        arguments = [
            self.programs / "postgres",
            "-D",
            self.data,
            "-c",
            "listen_addresses=",
            "-k",
            _quoted(self.socket_folder),
        ]
        for name, value in self.settings.items():
            arguments += ["-c", f"{name}={value}"]
        with (self.folder / "start.log").open("wb") as log:
            self._give(self.folder / "start.log")
            return spawn(
                arguments,
                account=self.account,
                environment={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
                output=log,
                orphaned=signal.SIGINT,
            )

    def run(self) -> subprocess.Popen[bytes]:
        """Take over from what a killed run left, start, and return when the database can be used."""
        self.take_over()
        process = self.start()
        try:
            self._wait_until_ready(process)
            if not (self.folder / "made").exists():
                self._make_database()
        except BaseException:
            self.end(process)
            raise
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Shut down in order: a checkpoint is written, so the next start is quick."""
        stop(process, by=signal.SIGINT, patience=SHUTS_DOWN_WITHIN)

    def ready(self) -> bool:
        """Whether a server of this cluster takes connections, by its own word in postmaster.pid.

        A killed server leaves the file behind, so the process it names must be one of this cluster's.
        """
        lines = self._pid_file()
        return len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) in self.leftovers()

    def take_over(self) -> None:
        """End what a killed supervisor left running; we hold the folder's lock, so nobody else answers for it."""
        if not self.leftovers():
            return
        lines = self._pid_file()
        postmaster = int(lines[0]) if lines else 0
        for asked, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
            for pid in {postmaster} & self.leftovers() or self.leftovers():
                with suppress(ProcessLookupError):
                    os.kill(pid, asked)
            if wait_until(lambda: not self.leftovers(), at_most=patience):
                return
        raise CannotRun(_("Processes of the last run do not end: {pids}.").format(pids=_listed(self.leftovers())))

    def leftovers(self) -> set[int]:
        """Server processes of this cluster, told by their working folder; a killed one leaves others for a while."""
        return running_in(self.data, "postgres")

    def _forget_killed_server(self) -> None:
        """Remove the lock files of a server that no longer runs.

        PostgreSQL would refuse to start while any process bears the number in them: after a restart of the machine that
        may be anybody. We know better: the folder's lock is ours, and no server process works in it.
        """
        if sys.platform == "linux":
            self.data.joinpath("postmaster.pid").unlink(missing_ok=True)
            self.socket_folder.joinpath(f"{SOCKET}.lock").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        wait_until(lambda: self.ready() or process.poll() is not None, at_most=RECOVERS_WITHIN)
        if process.poll() is not None or not self.ready():
            raise CannotRun(_("PostgreSQL did not start: {reason}").format(reason=self._last_words()))

    def _last_words(self) -> str:
        logs = [*sorted((self.data / "log").glob("*.log"), key=os.path.getmtime), self.folder / "start.log"]
        lines = [line for log in logs for line in log.read_text(errors="replace").splitlines() if "FATAL" in line]
        return lines[-1].partition("FATAL:")[2].strip() if lines else str(self.folder / "start.log")

    def _own(self, folder: Path) -> None:
        """A private folder of the database's user, who must be able to reach it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._give(folder)
        found = folder.lstat()
        if found.st_uid != (self.account.uid if self.account else os.geteuid()):
            raise CannotRun(
                _("{folder} belongs to another user; name another folder with --data-dir.").format(folder=folder)
            )
        folder.chmod(0o700)
        if self.account and not self.account.reaches(folder):
            raise CannotRun(
                _(
                    "PostgreSQL must not run as root, and the user {user} cannot reach {folder}: "
                    "name another folder with --data-dir, or a user who can in SHOUWEN_DB_USER."
                ).format(user=self.account.name, folder=folder)
            )

    def _give(self, path: Path) -> None:
        if self.account and path.lstat().st_uid == 0:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that one cut short is made again."""
        for half in self.folder.glob("new-*"):
            shutil.rmtree(half)
        half = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        self._give(half)
        password = half / "password"
        password.touch(mode=0o600)
        self._give(password)
        password.write_text(self.password + "\n")
        self._program("initdb", "-D", half / "data", f"--pwfile={password}", *_initdb_options())
        os.rename(half / "data", self.data)
        shutil.rmtree(half)

    def _make_database(self) -> None:
        """The desk works as a role of its own that owns its database and nothing else; safe to repeat."""
        rights = "CREATEDB" if self.makes_databases else "NOCREATEDB"
        script = MAKE_DATABASE.format(rights=rights, password=self.password)
        self._program(
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.socket_folder,
            "-U",
            "postgres",
            "-d",
            "postgres",
            given=script,
        )
        (self.folder / "made").touch()

    def _program(self, name: str, *arguments: str | Path, given: str = "") -> None:
        rights = self.account.as_subprocess() if self.account else {}
        done = subprocess.run(
            [self.programs / name, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", ""), "PGPASSWORD": self.password},
            start_new_session=True,  # Ctrl-C is for us to hear
            preexec_fn=dying_with_us(),
            **rights,
        )
        stopping.check()
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
            raise CannotRun(_("PostgreSQL's {program} failed: {reason}").format(program=name, reason=last))


def _initdb_options() -> list[str]:
    options = [
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
    ]
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options + [f"--set={name}={value}" for name, value in TUNING.items()]


def _quoted(folder: Path) -> str:
    """A folder as an element of a PostgreSQL list."""
    return '"{}"'.format(str(folder).replace('"', '""'))


def _listed(pids: set[int]) -> str:
    return ", ".join(str(pid) for pid in sorted(pids))
