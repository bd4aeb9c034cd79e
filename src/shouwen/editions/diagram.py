"""A path of the lifecycle as a picture: the way down the middle, going back on the left, leaving it on the right.

Only numbers and names come from here; `editions/_process.html` draws them. Lengths are in units of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shouwen.handbook.history import Stage
from shouwen.handbook.lifecycle import PATHS, STEPS
from shouwen.handbook.moves import Move
from shouwen.screens.templatetags.spoken import MOVES, STAGES
from shouwen.screens.templatetags.spoken import STEPS as STEP_NAMES

BOX_WIDTH, BOX_HEIGHT, ROW = 190, 38, 74
TOP, MIDDLE, LANE, ASIDE = 16, 340, 28, 44  # lanes lie beside the boxes; on the right a name fits in between
EXIT_HEIGHT, EXIT_ROW, APART = 62, 92, 7
ON_THE_WAY = [stage for stages in STEPS.values() for stage in stages]
RIGHT = MIDDLE + BOX_WIDTH // 2


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
    width: int
    band_width: int


Group = tuple[Move, Stage, list[Stage]]  # a move, where it leads, from where


def diagram(path: str) -> Diagram:
    """The picture of a path, with the names in the active language."""
    return _Layout(path).drawn()


class _Layout:
    """Where everything stands: the stages of a path down the middle, those that left it on the right."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.groups = _groups(path)
        reached = {Stage.RECEIVED, *PATHS[path].values()}
        stages = [stage for stage in ON_THE_WAY if stage in reached]
        self.place = {stage: n for n, stage in enumerate(stages)}
        self.boxes = {stage: _box(n, stage) for stage, n in self.place.items()}
        self.left = [stage for stage in Stage if stage in reached and stage not in self.place]
        cuts = [cut for group in self.groups for cut in self._short_cuts(group)]
        leaving = [self._from_the_way(group) for group in self.groups if group[1] in self.left]
        self.lanes = [*cuts, *leaving]  # on the right
        self.exit_left = RIGHT + ASIDE + LANE * (len(self.lanes) + 1) + APART
        self.exits = {stage: self._exit(n, stage) for n, stage in enumerate(self.left)}

    def drawn(self) -> Diagram:
        lines = [*self._straight(), *self._back()]
        for lane, (move, target, sources) in enumerate(self.lanes, start=1):
            x = RIGHT + ASIDE + LANE * lane
            draw = self._leaving if target in self.exits else self._cut
            lines.append(draw(x, move, target, sources))
        return Diagram(
            id=self.path,
            height=TOP + ROW * len(self.place),
            bands=tuple(_bands(self.place)),
            boxes=(*self.boxes.values(), *self.exits.values()),
            lines=tuple(lines),
            width=self.exit_left + BOX_WIDTH + APART,
            band_width=self.exit_left - 5 * APART,
        )

    def _exit(self, n: int, stage: Stage) -> Box:
        """It says in words where it leads on."""
        onward = tuple(f"{MOVES[move]} → {STAGES[target]}" for move, target, sources in self.groups if stage in sources)
        return Box(self.exit_left, TOP + ROW + EXIT_ROW * n, BOX_WIDTH, EXIT_HEIGHT, str(STAGES[stage]), onward)

    def _from_the_way(self, group: Group) -> Group:
        move, target, sources = group
        return move, target, [source for source in sources if source in self.place]

    def _short_cuts(self, group: Group) -> Iterator[Group]:
        move, target, sources = self._from_the_way(group)
        far = [source for source in sources if target in self.place and self.place[target] > self.place[source] + 1]
        if far:
            yield move, target, far

    def _straight(self) -> Iterator[Line]:
        for move, target, sources in map(self._from_the_way, self.groups):
            for source in sources:
                if target in self.place and self.place[target] == self.place[source] + 1:
                    above, below = self.boxes[source], self.boxes[target]
                    top = above.y + above.height
                    points = f"M{above.centre} {top} V{below.y - 3}"
                    yield Line(points, (), str(MOVES[move]), above.centre + 8, (top + below.y) // 2 + 4)

    def _back(self) -> Iterator[Line]:
        """Moves up the way, or to where they begin: one lane each, on the left."""
        lane = 0
        for move, target, sources in map(self._from_the_way, self.groups):
            below = [one for one in sources if target in self.place and self.place[one] >= self.place[target]]
            if below:
                lane += 1
                yield self._up(self.boxes[target].x - LANE * lane, move, target, below)

    def _up(self, x: int, move: Move, target: Stage, sources: list[Stage]) -> Line:
        end = self.boxes[target]
        heights = [self.boxes[source].middle + APART for source in sources]
        arrives = end.middle - APART
        joins = tuple(f"M{end.x} {height} H{x}" for height in heights)
        points = f"M{x} {max(heights)} V{arrives} H{end.x - 3}"
        return Line(points, joins, str(MOVES[move]), x - 5, (max(heights) + arrives) // 2, upright=True)

    def _cut(self, x: int, move: Move, target: Stage, sources: list[Stage]) -> Line:
        """A short cut down the way."""
        heights = [self.boxes[source].middle - APART for source in sources]
        arrives = self.boxes[target].middle - APART
        joins = tuple(f"M{RIGHT} {height} H{x}" for height in heights)
        points = f"M{x} {min(heights)} V{arrives} H{RIGHT + 3}"
        return Line(points, joins, str(MOVES[move]), x - 5, (min(heights) + arrives) // 2, upright=True)

    def _leaving(self, x: int, move: Move, target: Stage, sources: list[Stage]) -> Line:
        end = self.exits[target].middle
        heights = [self.boxes[source].middle + APART for source in sources]
        joins = tuple(f"M{RIGHT} {height} H{x}" for height in heights)
        upright = f"M{x} {min(*heights, end)} V{max(*heights, end)}"
        points = f"M{x} {end} H{self.exit_left - 3}"
        middle = (min(heights) + max(heights)) // 2
        return Line(points, (*joins, upright), str(MOVES[move]), x - 5, middle, upright=True)


def _groups(path: str) -> list[Group]:
    found: dict[tuple[Move, Stage], list[Stage]] = {}
    for (source, move), target in PATHS[path].items():
        found.setdefault((move, target), []).append(source)
    return [(move, target, sources) for (move, target), sources in found.items()]


def _box(n: int, stage: Stage) -> Box:
    return Box(MIDDLE - BOX_WIDTH // 2, TOP + ROW * n, BOX_WIDTH, BOX_HEIGHT, str(STAGES[stage]))


def _bands(place: dict[Stage, int]) -> Iterator[Band]:
    for step, stages in STEPS.items():
        rows = [place[stage] for stage in stages if stage in place]
        if rows:
            y = TOP + ROW * rows[0] - 10
            yield Band(y, ROW * (rows[-1] - rows[0]) + BOX_HEIGHT + 20, str(STEP_NAMES[step]))
