"""Whether every text on the screens has its Chinese: prints those that have none and those whose blanks differ."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hatch_build import merged, po_files  # noqa: E402

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CALL = re.compile(r"""\b(n?p?gettext|_)\(\s*((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,?\s*)+)""", re.DOTALL)
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

Found = tuple[str, str | None, Path, int]  # message, context, file, line


def texts() -> Iterator[Found]:
    """Every text marked for translation."""
    for file in sorted((ROOT / "src").rglob("*.py")):
        for line, message, _comments, context in extract_from_file("python", file, keywords=KEYWORDS):
            yield (message if isinstance(message, str) else message[0]), context, file, line
    for file in sorted((ROOT / "src").rglob("templates/**/*")):
        if file.suffix in {".html", ".txt"}:
            yield from texts_of_template(file)


def texts_of_template(file: Path) -> Iterator[Found]:
    """Django turns a template into calls of gettext; their arguments are the texts."""
    code = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    for call in CALL.finditer(code):
        arguments = ast.literal_eval(f"({call[2].rstrip().rstrip(',')},)")
        context = arguments[0] if call[1].startswith("p") or call[1].startswith("np") else None
        message = arguments[1] if context is not None else arguments[0]
        yield message, context, file, code.count("\n", 0, call.start()) + 1


def problems() -> Iterator[str]:
    chinese = merged(ROOT)
    for message, context, file, line in texts():
        place = f"{file.relative_to(ROOT)}:{line}"
        found = chinese.get(message, context)
        if found is None or not found.string:
            yield f"{place}: no Chinese for {message!r}"
            continue
        for string in (found.string,) if isinstance(found.string, str) else found.string:
            if not set(BLANK.findall(string)) <= set(BLANK.findall(str(found.id))):
                yield f"{place}: the Chinese of {message!r} has blanks that the English has not: {string!r}"
    yield from contradictions()
    yield from hidden()


def hidden() -> Iterator[str]:
    """Texts inside an f-string, which the extraction does not see."""
    for file in sorted((ROOT / "src").rglob("*.py")):
        for string in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(string, ast.JoinedStr):
                calls = (one for one in ast.walk(string) if isinstance(one, ast.Call))
                if any(isinstance(call.func, ast.Name) and call.func.id in KEYWORDS for call in calls):
                    yield f"{file.relative_to(ROOT)}:{string.lineno}: say it outside of the f-string"


def contradictions() -> Iterator[str]:
    """One message, two translations: only one of them can be shown."""
    seen: dict[tuple[object, str | None], tuple[object, Path]] = {}
    for file in po_files(ROOT):
        with file.open("rb") as source:
            for message in read_po(source, locale="zh_Hans", charset="utf-8"):
                key = (message.id, message.context)
                first, where = seen.setdefault(key, (message.string, file))
                if message.id and first != message.string:
                    yield f"{file.name}: {message.id!r} is {message.string!r}, but {first!r} in {where.name}"


if __name__ == "__main__":
    settings.configure(USE_I18N=True)
    found = list(dict.fromkeys(problems()))
    sys.stdout.write("\n".join(found or ["Every text has its Chinese."]) + "\n")
    sys.exit(bool(found))
