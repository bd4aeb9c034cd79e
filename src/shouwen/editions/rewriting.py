"""One thing in a YAML file made another, and nothing else touched: not a comment, not the order, not a line beside it.

What a form changes is written where it stands. The result is read again and compared with what was meant: a file
written in a way this cannot change is left as it is, and says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml
from django.utils.translation import gettext as _

from shouwen.editions.reading import BrokenPack, Loader, Place, Problem, read_sheet

ABSENT: Any = object()
CANNOT = (LookupError, AttributeError, TypeError, ValueError, StopIteration, yaml.YAMLError)  # not written as expected
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WORDS = {"true", "false", "null"}  # what would not be read as text without quotes
LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}  # to YAML, not to JSON


def rewritten(file: str, text: str, place: Place, value: Any, *, after: str = "") -> str:
    """The text with this value at this place; ABSENT takes it out. `after`: the key a new one follows, else the last.

    Raises BrokenPack where that cannot be done without touching anything else.
    """
    data = read_sheet(file, text).data
    while len(place) > 1 and value_at(data, place[:-1]) in (ABSENT, None):
        place, value = place[:-1], {place[-1]: value}
    try:
        meant = _meant(data, place, value)
        made = _changed(text, place, value, after)
        done = read_sheet(file, made)
    except CANNOT:
        done = None
    if done is None or done.problems or done.data != meant:
        sentence = _("the form cannot change it as it is written here: change it in the text")
        raise BrokenPack([Problem(file, 0, "", sentence)])
    return made


def value_at(data: Any, place: Place) -> Any:
    """What stands at a place; ABSENT for nothing."""
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return data


def _meant(data: Any, place: Place, value: Any) -> Any:
    whole = deepcopy(data)
    *above, last = place
    holder = value_at(whole, tuple(above))
    if value is ABSENT:
        holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
    elif isinstance(holder, list) and last == len(holder):
        holder.append(value)
    else:
        holder[last] = value
    return whole


def _changed(text: str, place: Place, value: Any, after: str) -> str:
    """Step by step down to what is really other, so that everything around it stays as it was written."""
    known = value_at(read_sheet("", text).data, place)
    if known is ABSENT:
        return text if value is ABSENT else _added(text, place, value, after)
    if value is ABSENT:
        return _without(text, place)
    if known == value and type(known) is type(value):
        return text
    if isinstance(known, dict) and isinstance(value, dict) and value:
        for key in [*known, *(key for key in value if key not in known)]:
            text = _changed(text, (*place, key), value.get(key, ABSENT), "")
        return text
    if isinstance(known, list) and isinstance(value, list) and len(known) == len(value):
        for index, item in enumerate(value):
            text = _changed(text, (*place, index), item, "")
        return text
    if isinstance(known, list) and isinstance(value, list) and (gone := _one_less(known, value)) is not None:
        return _without(text, (*place, gone))
    return _replaced(text, _node(text, place), value)


def _one_less(longer: list[Any], shorter: list[Any]) -> int | None:
    """Which item of the one list the other lacks, if that is all."""
    if not shorter:
        return None
    found = (index for index in range(len(longer)) if longer[:index] + longer[index + 1 :] == shorter)
    return next(found, None)


def _replaced(text: str, node: yaml.Node, value: Any) -> str:
    begin, end = node.start_mark.index, _end(node)
    flow = isinstance(node, yaml.ScalarNode) or node.flow_style or not value
    said = _flow(value) if flow else "\n".join(_block(value, node.start_mark.column))
    apart = " " if begin == end else ""
    line = "\n" if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else ""
    return text[:begin] + apart + said.lstrip() + line + text[end:]


def _added(text: str, place: Place, value: Any, after: str) -> str:
    *above, key = place
    holder = _node(text, tuple(above))
    if not isinstance(holder, yaml.CollectionNode) or not holder.value:
        return _replaced(text, holder, [value] if isinstance(key, int) else {key: value})
    children = list(_children(holder))
    last = next((child for child in children if after and child[0].value == after), children[-1])
    end = _end(last[-1])
    if holder.flow_style:
        said = _flow(value) if isinstance(key, int) else f"{_key(key)}: {_flow(value)}"
        return f"{text[:end]}, {said}{text[end:]}"
    lines = _block([value] if isinstance(key, int) else {key: value}, holder.start_mark.column)
    end = _line_end(text, end)
    apart = "" if text[:end].endswith("\n") else "\n"
    return text[:end] + apart + "\n".join(lines) + "\n" + text[end:]


def _without(text: str, place: Place) -> str:
    *above, key = place
    holder = _node(text, tuple(above))
    children = list(_children(holder))
    index = key if isinstance(key, int) else [child[0].value for child in children].index(key)
    if len(children) == 1:
        return _replaced(text, holder, [] if isinstance(key, int) else {})
    begin, end = children[index][0].start_mark.index, _end(children[index][-1])
    if not holder.flow_style:
        return text[: text.rfind("\n", 0, begin) + 1] + text[_line_end(text, end) :]
    if index:
        return text[: _end(children[index - 1][-1])] + text[end:]
    return text[:begin] + text[children[1][0].start_mark.index :]


def _line_end(text: str, index: int) -> int:
    """Where the next line begins; what follows a value on its line belongs to it."""
    if text[index - 1 : index] == "\n":  # a text in a block of its own ends with its line
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _children(node: yaml.Node) -> Iterator[tuple[yaml.Node, ...]]:
    """What a collection holds: (key, value), or (item,)."""
    return (child if isinstance(child, tuple) else (child,) for child in node.value)


def _end(node: yaml.Node) -> int:
    """Where it ends; a block collection says where the next thing begins, comments and all."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        return _end(list(_children(node))[-1][-1])
    return int(node.end_mark.index)


def _node(text: str, place: Place) -> yaml.Node:
    loader = Loader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    for step in place:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


def _block(value: Any, indent: int) -> list[str]:
    """One line for each thing; words in both languages stay together."""
    space = " " * indent
    lines: list[str] = []
    if isinstance(value, list):
        for item in value:
            first, *rest = _block(item, indent + 2) if _is_large(item) else [_flow(item)]
            lines += [f"{space}- {first.lstrip()}", *rest]
        return lines
    for key, item in value.items():
        if _is_large(item):
            lines += [f"{space}{_key(key)}:", *_block(item, indent + 2)]
        else:
            lines.append(f"{space}{_key(key)}: {_flow(item)}")
    return lines


def _is_large(value: Any) -> bool:
    if isinstance(value, dict):
        return (
            bool(value) and not set(value) <= {"zh", "en"} and (len(value) > 2 or any(map(_is_large, value.values())))
        )
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value not in WORDS:
        return value
    said = json.dumps(value, ensure_ascii=False)
    return "".join(LINE_ENDS.get(sign, sign) for sign in said)


def _key(key: str) -> str:
    return key if PLAIN.fullmatch(key) and key not in WORDS else json.dumps(key, ensure_ascii=False)
