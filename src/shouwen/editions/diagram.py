"""A path of the lifecycle as a picture: the way down the middle, going back on the left, leaving it on the right.

Only numbers and names come from here; `editions/_process.html` draws them. Lengths are in units of the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import PATHS, STEPS
from shouwen.handbook.moves import Move
from shouwen.screens.templatetags.spoken import MOVES, STAGES
from shouwen.screens.templatetags.spoken import STEPS as STEP_NAMES

WIDTH, BOX_WIDTH, BOX_HEIGHT, ROW = 900, 190, 38, 74
TOP, MIDDLE, LANE, ASIDE = 16, 340, 28, 44
EXIT_LEFT, EXIT_HEIGHT, EXIT_ROW = 690, 62, 92
LEAVING = frozenset(Stage).difference(*STEPS.values())
DOWN_THE_MIDDLE = [stage for stage in Stage if stage not in LEAVING]


@dataclass(frozen=True, slots=True)
class Box:
    """A stage: where it stands, and what else may be said in it."""

    x: int
    y: int
    width: int
    height: int
    name: str
    notes: tuple[str, ...] = ()

    @property
    def centre(self) -> int:
        return self.x + self.width // 2

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def name_y(self) -> int:
        return self.middle + 5 if not self.notes else self.y + 20

    @property
    def note_lines(self) -> list[tuple[int, str]]:
        """Each note with the height at which it stands."""
        return [(self.y + 37 + 15 * n, note) for n, note in enumerate(self.notes)]


@dataclass(frozen=True, slots=True)
class Line:
    """A move: its line, the short lines that join it, its name and where that stands; turned when it runs upright."""

    points: str
    joins: tuple[str, ...]
    name: str
    x: int
    y: int
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A step people see, behind its stages."""

    y: int
    height: int
    name: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything there is to draw."""

    id: str
    height: int
    bands: tuple[Band, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH


Group = tuple[Move, Stage, list[Stage]]  # a move, where it leads, from where


def diagram(path: str) -> Diagram:
    """The picture of a path, with the names in the active language."""
    table = PATHS[path]
    stages = [stage for stage in DOWN_THE_MIDDLE if stage in table.values() or stage is Stage.RECEIVED]
    place = {stage: n for n, stage in enumerate(stages)}
    boxes = {stage: _box(n, stage) for stage, n in place.items()}
    groups = _groups(path)
    exits = dict(_exits(stage for stage in Stage if stage in LEAVING and stage in table.values()))
    lines = [
        *_straight(groups, place, boxes),
        *_back([group for group in groups if group[1] in place], place, boxes),
        *_right([group for group in groups if group[1] in place], place, boxes, exits, groups),
    ]
    noted = {stage: _with_notes(exit_box, stage, groups) for stage, exit_box in exits.items()}
    height = TOP + ROW * len(stages)
    return Diagram(path, height, tuple(_bands(place)), (*boxes.values(), *noted.values()), tuple(lines))


def _groups(path: str) -> list[Group]:
    found: dict[tuple[Move, Stage], list[Stage]] = {}
    for (source, move), target in PATHS[path].items():
        found.setdefault((move, target), []).append(source)
    return [(move, target, sources) for (move, target), sources in found.items()]


def _box(n: int, stage: Stage) -> Box:
    return Box(MIDDLE - BOX_WIDTH // 2, TOP + ROW * n, BOX_WIDTH, BOX_HEIGHT, str(STAGES[stage]))


def _exits(stages: Iterable[Stage]) -> Iterator[tuple[Stage, Box]]:
    for n, stage in enumerate(stages):
        yield stage, Box(EXIT_LEFT, TOP + ROW + EXIT_ROW * n, BOX_WIDTH, EXIT_HEIGHT, str(STAGES[stage]))


def _with_notes(box: Box, stage: Stage, groups: list[Group]) -> Box:
    """An exit says in words where it leads on."""
    onward = tuple(f"{MOVES[move]} → {STAGES[target]}" for move, target, sources in groups if stage in sources)
    return Box(box.x, box.y, box.width, box.height, box.name, onward)


def _bands(place: dict[Stage, int]) -> Iterator[Band]:
    for step, stages in STEPS.items():
        rows = [place[stage] for stage in stages if stage in place]
        if rows:
            y = TOP + ROW * rows[0] - 10
            yield Band(y, ROW * (rows[-1] - rows[0]) + BOX_HEIGHT + 20, str(STEP_NAMES[step]))


def _straight(groups: list[Group], place: dict[Stage, int], boxes: dict[Stage, Box]) -> Iterator[Line]:
    for move, target, sources in groups:
        for source in sources:
            if target in place and source in place and place[target] == place[source] + 1:
                above, below = boxes[source], boxes[target]
                top = above.y + above.height
                points = f"M{above.centre} {top} V{below.y - 3}"
                yield Line(points, (), str(MOVES[move]), above.centre + 8, (top + below.y) // 2 + 4)


def _back(groups: list[Group], place: dict[Stage, int], boxes: dict[Stage, Box]) -> Iterator[Line]:
    """Moves up the way, or to where they begin: one lane each, on the left."""
    lane = 0
    for move, target, sources in groups:
        below = [source for source in sources if source in place and place[source] >= place[target]]
        if not below:
            continue
        lane += 1
        end = boxes[target]
        x, arrives = end.x - LANE * lane, end.middle - 7
        lowest = max(boxes[source].middle for source in below) + 7
        joins = tuple(f"M{boxes[source].x} {boxes[source].middle + 7} H{x}" for source in below)
        points = f"M{x} {lowest} V{arrives} H{end.x - 3}"
        yield Line(points, joins, str(MOVES[move]), x - 5, (lowest + arrives) // 2, upright=True)


def _right(
    groups: list[Group],
    place: dict[Stage, int],
    boxes: dict[Stage, Box],
    exits: dict[Stage, Box],
    every: list[Group],
) -> Iterator[Line]:
    """Short cuts down the way, then what leaves it: one lane each, on the right."""
    lane = 0
    for move, target, sources in groups:
        for source in (one for one in sources if one in place and place[target] > place[one] + 1):
            lane += 1
            start, end = boxes[source], boxes[target]
            x = start.x + BOX_WIDTH + ASIDE + LANE * lane
            leaves, arrives = start.middle - 7, end.middle - 7
            points = f"M{start.x + BOX_WIDTH} {leaves} H{x} V{arrives} H{end.x + BOX_WIDTH + 3}"
            yield Line(points, (), str(MOVES[move]), x - 5, (leaves + arrives) // 2, upright=True)
    for move, target, sources in every:
        on_the_way = [source for source in sources if source in place]
        if target not in exits or not on_the_way:
            continue
        lane += 1
        x, end = boxes[on_the_way[0]].x + BOX_WIDTH + ASIDE + LANE * lane, exits[target]
        heights = [boxes[source].middle + 7 for source in on_the_way]
        joins = tuple(f"M{boxes[source].x + BOX_WIDTH} {boxes[source].middle + 7} H{x}" for source in on_the_way)
        upright = f"M{x} {min(*heights, end.middle)} V{max(*heights, end.middle)}"
        points = f"M{x} {end.middle} H{end.x - 3}"
        yield Line(points, (*joins, upright), str(MOVES[move]), x - 5, (min(heights) + max(heights)) // 2, upright=True)
