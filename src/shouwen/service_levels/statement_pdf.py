"""The statement of times drawn on one A4 page. Chinese in the viewer's own Song face: no font file is carried."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from io import BytesIO
from typing import Any

from shouwen.service_levels.explaining import TicketLedger
from shouwen.service_levels.ledgers import Bar, Segment
from shouwen.service_levels.statement import StatedClock, Statement, statement_of

SONG, LATIN, BOLD = "STSong-Light", "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = 595.28, 841.89  # A4 in points
MARGIN = 40
RULE = 8  # the height of a line across
INNER = WIDTH - 2 * MARGIN
BAR_HIGH = 11
GAP = 7
INK, SOFT, LINE, LATE, CALM = "#17262d", "#485a63", "#94a5ad", "#ad2219", "#1a6e44"
TONES = {
    "party-1": "#b5d3e8",
    "party-2": "#f2d59c",
    "party-3": "#c3dfb9",
    "party-4": "#d9c6e8",
    "party-5": "#f0c3b8",
    "party-6": "#b9dcd8",
    "nobodys": "#e6ebee",
    "left": "#ffffff",
}
_NOT_LATIN = re.compile(r"[^\x00-\xff–—“”‘’…›]+")


def statement_pdf(ledger: TicketLedger, *, language: str) -> bytes:
    """The statement of this ledger as a PDF of one page."""
    return drawn(statement_of(ledger, language))


def drawn(statement: Statement) -> bytes:
    """The page: as many clocks in full as there is room for, in their order; the others in brief."""
    from reportlab.pdfgen.canvas import Canvas

    _register()
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, lang="en" if _english(statement) else "zh-CN")
    canvas.setTitle(f"{statement.title} {statement.number}")
    canvas.setCreator("Shouwen")
    page = Page(canvas, statement.language)
    _head(page, statement)
    shown = _room_for(page, statement)
    _clocks(page, statement, shown)
    _tail(page, _tail_lines(statement, shown))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


class Page:
    """A page that is written from the top down; `y` is where it goes on."""

    def __init__(self, canvas: Any, language: str) -> None:
        self.canvas, self.language, self.y = canvas, language, HEIGHT - MARGIN

    def height(self, text: str, width: float = INNER, **style: Any) -> float:
        return self._laid(text, width, style)[1]

    def write(self, text: str, *, x: float = MARGIN, width: float = INNER, **style: Any) -> None:
        """A paragraph, and below it the next line."""
        paragraph, high = self._laid(text, width, style)
        self.y -= high
        paragraph.drawOn(self.canvas, x, self.y)

    def beside(self, text: str, *, x: float = MARGIN, width: float = INNER, **style: Any) -> None:
        """A paragraph at this height; the next one stands beside it."""
        paragraph, high = self._laid(text, width, style)
        paragraph.drawOn(self.canvas, x, self.y - high)

    def rule(self, colour: str = LINE) -> None:
        self.y -= RULE / 2
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)
        self.y -= RULE / 2

    def _laid(self, text: str, width: float, style: dict[str, Any]) -> tuple[Any, float]:
        from reportlab.platypus import Paragraph

        paragraph = Paragraph(_mixed(text), _style(self.language, **style))
        return paragraph, paragraph.wrap(width, HEIGHT)[1]


def _head(page: Page, statement: Statement) -> None:
    page.beside(statement.number, size=11, bold=True, align=2)
    page.write(statement.title, size=16, bold=True)
    page.write(statement.made, size=8, colour=SOFT)
    page.rule(INK)
    half = INNER / 2
    *paired, last = statement.facts
    for left, right in zip(paired[::2], paired[1::2], strict=True):
        high = max(page.height(fact, half - GAP) for fact in (left, right))
        page.beside(left, width=half - GAP)
        page.beside(right, x=MARGIN + half, width=half)
        page.y -= high
    page.write(last)
    page.rule()


def _room_for(page: Page, statement: Statement) -> int:
    """How many clocks can be told in full above the last lines, among which the others are told in brief."""
    heights = [_clock_height(page, clock) for clock in statement.clocks]
    fits = (
        count
        for count in range(len(heights), 0, -1)
        if page.y - sum(heights[:count]) >= MARGIN + _height(page, _tail_lines(statement, count))
    )
    return next(fits, 0)


def _clocks(page: Page, statement: Statement, shown: int) -> None:
    if statement.none:
        page.write(statement.none, size=10)
    for clock in statement.clocks[:shown]:
        _clock(page, clock)


def _clock_height(page: Page, clock: StatedClock) -> float:
    small = (clock.rests_on, clock.times, clock.legend)
    texts = sum(page.height(text, size=7.5) for text in small)
    return page.height(f"{clock.name} ({clock.kind})", INNER * 0.6, size=10) + texts + BAR_HIGH + 5 + GAP


def _clock(page: Page, clock: StatedClock) -> None:
    right = INNER * 0.4
    page.beside(
        clock.standing, x=WIDTH - MARGIN - right, width=right, size=9, align=2, colour=LATE if clock.late else CALM
    )
    page.write(f"{clock.name} ({clock.kind})", width=INNER * 0.6, size=10, bold=True)
    page.write(clock.rests_on, size=7.5, colour=SOFT)
    page.write(clock.times, size=7.5)
    page.y -= 3
    _bar(page, clock.bar)
    page.y -= 2
    page.write(clock.legend, size=7.5)
    page.y -= GAP


def _bar(page: Page, bar: Bar) -> None:
    canvas, bottom = page.canvas, page.y - BAR_HIGH
    for piece in bar.segments:
        _piece(canvas, piece, bottom)
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.rect(MARGIN, bottom, INNER, BAR_HIGH, fill=0)
    if bar.due is not None:
        at = MARGIN + INNER * bar.due / 100
        canvas.setFillColor(LATE)
        canvas.rect(at, bottom + BAR_HIGH - 2, INNER * bar.over / 100, 2, stroke=0, fill=1)
        canvas.setStrokeColor(LATE)
        canvas.setLineWidth(1.4)
        canvas.line(at, bottom - 1.5, at, bottom + BAR_HIGH + 1.5)
    page.y = bottom


def _piece(canvas: Any, piece: Segment, bottom: float) -> None:
    left, wide = MARGIN + INNER * piece.start / 100, INNER * piece.width / 100
    canvas.setFillColor(TONES[piece.tone])
    canvas.setStrokeColor("#ffffff")
    canvas.setLineWidth(0.5)
    canvas.rect(left, bottom, wide, BAR_HIGH, fill=1)
    if piece.mark and wide > 8:
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 7.5)
        canvas.drawString(left + 3, bottom + 3, piece.mark)


def _tail_lines(statement: Statement, shown: int) -> list[str]:
    brief = statement.brief(shown)
    return [
        *([brief] if brief else []),
        statement.left_out(shown),
        *statement.happened,
        *statement.conventions,
        *statement.proof,
    ]


def _height(page: Page, lines: list[str]) -> float:
    """The room the last lines take, with the rule above them."""
    return RULE + sum(page.height(line, size=7.5) for line in lines)


def _tail(page: Page, lines: list[str]) -> None:
    page.y = MARGIN + _height(page, lines)
    page.rule()
    for line in lines:
        page.write(line, size=7.5, colour=SOFT)


def _mixed(text: str) -> str:
    """Marked up for a paragraph: what the Latin face cannot write stands in the Chinese one."""
    return _NOT_LATIN.sub(lambda found: f'<font name="{SONG}">{found[0]}</font>', escape(text, quote=False))


@cache
def _style(language: str, size: float = 8.5, colour: str = INK, align: int = 0, bold: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        "text",
        fontName=BOLD if bold else LATIN,
        fontSize=size,
        leading=size * 1.38,
        textColor=colour,
        alignment=align,
        wordWrap=None if language.startswith("en") else "CJK",
    )


def _english(statement: Statement) -> bool:
    return statement.language.startswith("en")


@cache
def _register() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
