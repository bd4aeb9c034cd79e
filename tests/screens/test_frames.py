"""What holds for every template and for the bundle: the page's security policy, and its weight."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.test import Client, override_settings

STANDING_ALONE = {"appendix.html"}  # written into a folder and opened from there: no server, no policy
TEMPLATES = sorted(
    path for path in Path("src/shouwen").glob("**/templates/**/*.html") if path.name not in STANDING_ALONE
)
ASSETS = Path("src/shouwen/config/assets")
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>"),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "hx-on, which needs eval": re.compile(r"hx-on[:-]"),
    "a trigger filter, which needs eval": re.compile(r"hx-trigger=\"[^\"]*\["),
    "a js: value, which needs eval": re.compile(r"hx-(vals|headers)=['\"](js|javascript):"),
    "an address outside": re.compile(r"(src|href|action)=\"(https?:)?//"),
}


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_template_asks_the_browser_for_what_the_security_policy_forbids(template: Path) -> None:
    text = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL
    )

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_styles_and_scripts_weigh_less_than_300_kilobytes_on_the_wire() -> None:
    bundle = [path for path in ASSETS.iterdir() if path.suffix in {".js", ".css", ".svg"}]

    assert {path.suffix for path in bundle} == {".js", ".css", ".svg"}
    assert sum(len(gzip.compress(path.read_bytes())) for path in bundle) < 300_000


@override_settings(ROOT_URLCONF="tests.screens.urls")
@pytest.mark.parametrize("code", [400, 403, 404, 409, 429, 500])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_says_what_to_do_and_carries_the_policy(code: int, language: str) -> None:
    answer = Client(headers={"accept-language": language}).get(f"/_styleguide/error/{code}")

    assert answer.status_code == code
    assert ("回到首页" if language == "zh-hans" else "To the start page") in answer.content.decode()
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
