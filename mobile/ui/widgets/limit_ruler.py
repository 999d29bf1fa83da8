"""The limit ruler (限值尺): a steelyard's beam with the permitted band, black posts at the limits, and the error as a pointer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import flet as ft
import flet.canvas as cv

from mobile.ui.look import Look
from mobile.ui.primitives import size_of, text
from mobile.ui.wording import outcome_style
from shared.metrology.judging import Outcome, limits_shown, signed
from shared.quantity import Quantity

EDGE = 14
"""Pixels left free at either end of the beam."""

MOST_TICKS = 9


@dataclass(frozen=True)
class Reading:
    """What a ruler shows; all three in one unit. ``half_width`` is what the display can't resolve: zero once it was measured finely."""

    error: Quantity
    lower: Quantity
    upper: Quantity
    half_width: Quantity
    step: Quantity
    """Distance of the ticks: the verification scale interval."""
    outcome: Outcome

    def in_unit_of_limit(self) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
        unit = self.upper.unit
        return (
            self.error.to(unit).value,
            self.lower.to(unit).value,
            self.upper.value,
            self.half_width.to(unit).value,
            self.step.to(unit).value,
        )


@dataclass(frozen=True)
class Scale:
    """From the unit of the limit to pixels along the beam; the only floats near a measurement, and nothing is judged by them."""

    middle: float
    pixels: float

    def at(self, value: Decimal) -> float:
        return self.middle + float(value) * self.pixels


def scale_of(reading: Reading, width: float) -> Scale:
    """The scale on which twice the wider limit, or the error if that is more, reaches the beam's end."""
    error, lower, upper, half_width, _step = reading.in_unit_of_limit()
    limit = max(abs(lower), abs(upper))
    span = max(limit * 2, (abs(error) + half_width) * Decimal("1.08")) or Decimal(1)
    return Scale(width / 2, (width / 2 - EDGE) / float(span))


def ticks(reading: Reading, width: float) -> list[tuple[Decimal, bool]]:
    """Where the ticks stand, and whether each is a long one; thinned out so that they stay apart."""
    *_others, step = reading.in_unit_of_limit()
    if step <= 0:
        return [(Decimal(0), True)]
    scale = scale_of(reading, width)
    span = (width / 2 - EDGE) / scale.pixels
    each = step
    while span / float(each) > MOST_TICKS:
        each *= 2
    count = int(span / float(each))
    return [(each * place, place % 2 == 0) for place in range(-count, count + 1)]


def stroke(colour: str, width: float) -> ft.Paint:
    return ft.Paint(color=colour, stroke_width=width, style=ft.PaintingStyle.STROKE)


def beam(look: Look, reading: Reading, width: float, compact: bool) -> cv.Canvas:
    """The drawing itself."""
    theme = look.theme
    error, lower, upper, half_width, _step = reading.in_unit_of_limit()
    scale = scale_of(reading, width)
    ink = outcome_style(reading.outcome).ink(theme)
    line = 16.0 if compact else 34.0
    left, right = scale.at(lower), scale.at(upper)
    shapes: list[cv.Shape] = [
        cv.Rect(left, line - 11, right - left, 22, border_radius=4, paint=ft.Paint(color=theme.band)),
        cv.Line(6, line, width - 6, line, paint=stroke(theme.brass, 2)),
    ]
    for value, long in ticks(reading, width):
        x, tall = scale.at(value), 8 if long else 5
        shapes.append(cv.Line(x, line - tall, x, line + tall, paint=stroke(theme.brass, 1.5)))
    shapes += [cv.Line(x, line - 13, x, line + 13, paint=stroke(theme.ink, 3)) for x in (left, right)]
    x = min(max(scale.at(error), EDGE), width - EDGE)
    if half_width:
        reach = float(half_width) * scale.pixels
        shapes.append(cv.Line(max(x - reach, 2), line, min(x + reach, width - 2), line, paint=stroke(ink, 7)))
    pointer: list[cv.Path.PathElement] = [
        cv.Path.MoveTo(x, line + 1),
        cv.Path.LineTo(x - 9, line - 17),
        cv.Path.LineTo(x + 9, line - 17),
        cv.Path.Close(),
    ]
    shapes.append(cv.Path(pointer, paint=ft.Paint(color=ink)))
    return cv.Canvas(shapes, width=width, height=line + 16)


def marks(look: Look, reading: Reading, width: float) -> list[ft.Control]:
    """The figures below the posts and the middle; where the posts stand close, theirs move apart and the nought gives way."""
    scale, unit = scale_of(reading, width), reading.upper.unit
    _error, lower, upper, *_others = reading.in_unit_of_limit()
    words = [f"{signed(lower)} {unit}", f"{signed(upper)} {unit}"]
    wide = (max(map(len, words)) + 0.5) * 0.6 * size_of(look, "note") * look.text_scale
    places = [scale.at(lower), scale.at(upper)]
    if places[1] - places[0] < wide + 8:
        middle = sum(places) / 2
        places = [middle - wide / 2 - 4, middle + wide / 2 + 4]

    def mark(place: float, said: str) -> ft.Container:
        return ft.Container(
            text(look, said, "note", look.theme.ink2, align=ft.TextAlign.CENTER, no_wrap=True),
            width=wide,
            left=place - wide / 2,
            top=0,
        )

    shown = [mark(place, said) for place, said in zip(places, words, strict=True) if said != f"0 {unit}"]
    if min(scale.middle - places[0], places[1] - scale.middle) > wide / 2 + 12 or not lower:
        shown.append(mark(scale.middle, "0"))
    return list[ft.Control](shown)


def limit_ruler(look: Look, reading: Reading, width: float, *, compact: bool = False) -> ft.Control:
    """The ruler ``width`` pixels wide; compact without its figures, for tables."""
    drawing = beam(look, reading, width, compact)
    spoken = look.gettext("Error {error}, limit {limit}").format(
        error=reading.error.shown_signed(), limit=limits_shown(reading.lower, reading.upper)
    )
    if compact:
        return ft.Semantics(label=spoken, container=True, exclude_semantics=True, content=drawing)
    figures = ft.Stack(
        marks(look, reading, width),
        width=width,
        height=22 * look.text_scale + 2,
        clip_behavior=ft.ClipBehavior.NONE,
    )
    return ft.Semantics(
        label=spoken,
        container=True,
        exclude_semantics=True,
        content=ft.Column([drawing, figures], spacing=0, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
    )
