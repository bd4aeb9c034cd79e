"""What people install: a wheel with everything in it, and sources from which it can be built again."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import hatch_build  # noqa: E402
import shouwen  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("package")]


def built(target: str, folder: Path) -> Path:
    """As `pip wheel` and `python -m build` do it, on what is built already."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(folder.iterdir())


def tracked(*patterns: str) -> set[str]:
    """The files of these kinds under `src`, named as the wheel names them."""
    return {str(file.relative_to(ROOT / "src")) for pattern in patterns for file in (ROOT / "src").rglob(pattern)}


def test_the_wheel_carries_pages_rules_translations_and_the_built_front_end(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("wheel", tmp_path)) as wheel:
        carried = set(wheel.namelist())
        assert tracked("*.py", "*.html", "*.yaml", "*.csv", "*.mo") <= carried
        manifest = wheel.read("shouwen/config/assets/manifest.json").decode()
        assert "src/desk.ts" in manifest
        assert any(name.startswith("shouwen/config/assets/") and name.endswith(".css") for name in carried)
        assert (
            "shouwen = shouwen.cli.main:main"
            in wheel.read(f"shouwen-{shouwen.__version__}.dist-info/entry_points.txt").decode()
        )


def test_the_sources_carry_what_builds_the_wheel_and_nothing_that_was_built(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tmp_path)) as sources:
        carried = {name.partition("/")[2] for name in sources.getnames()}
    assert {"hatch_build.py", "frontend/package-lock.json", "frontend/vite.config.js", "pyproject.toml"} <= carried
    assert not {name for name in carried if "node_modules" in name or "config/assets" in name or name.endswith(".mo")}


def test_every_department_s_translations_are_merged_and_the_first_one_stands(tmp_path: Path) -> None:
    fragments = tmp_path / hatch_build.LOCALE / "fragments"
    own = tmp_path / hatch_build.LOCALE / "zh_Hans" / "LC_MESSAGES"
    fragments.mkdir(parents=True)
    own.mkdir(parents=True)
    own.joinpath("django.po").write_text('msgid "Close"\nmsgstr "关闭"\n')
    fragments.joinpath("a.po").write_text('msgid "Close"\nmsgstr "结案"\n\nmsgid "Open"\nmsgstr "打开"\n')
    fragments.joinpath("b.po").write_text(
        'msgctxt "stage"\nmsgid "Close"\nmsgstr "结案"\n\n#, fuzzy\nmsgid "x"\nmsgstr "y"\n'
    )

    catalog = hatch_build.merged(tmp_path)

    assert catalog.get("Close").string == "关闭"
    assert catalog.get("Close", context="stage").string == "结案"
    assert catalog.get("Open").string == "打开"
    assert catalog.get("x") is None


def test_a_build_without_the_network_says_so_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    frontend.joinpath("package.json").write_text('{"name": "x", "version": "1.0.0", "dependencies": {"vite": "8.3.8"}}')
    frontend.joinpath("package-lock.json").write_text(
        '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "x", "version": "1.0.0", '
        '"dependencies": {"vite": "8.3.8"}}, "node_modules/vite": {"version": "8.3.8"}}}'
    )
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(hatch_build.CannotBuild, match="network"):
        hatch_build._install_packages(frontend)
