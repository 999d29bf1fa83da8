"""Colours that can be read in the sun, targets that a glove hits, and a spoken name for all that can be touched."""

from __future__ import annotations

from itertools import product

import flet as ft
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.ui.theme import DARK, LIGHT, SUN, THEMES, TYPE, Theme, ThemeChoice, contrast
from tests.mobile.ui.tour import Tour, toured

TABLE = [
    ("ink", "ground", 14.7, 16.6, 21.0),
    ("ink2", "ground", 6.8, 9.5, 15.5),
    ("ink2", "muted", 6.1, 6.2, 15.5),
    ("on_primary", "primary", 10.3, 9.3, 15.5),
    ("primary", "surface", 10.3, 9.4, 15.5),
    ("good", "surface", 8.1, 10.3, 13.1),
    ("good", "good_soft", 6.9, 8.7, 13.1),
    ("bad", "surface", 7.8, 9.1, 12.4),
    ("bad", "bad_soft", 6.4, 8.3, 12.4),
    ("unsure", "surface", 8.2, 10.8, 12.9),
    ("unsure", "unsure_soft", 6.9, 9.2, 12.9),
    ("edge", "surface", 4.5, 4.5, 21.0),
]
"""UX.md section 2: contrast of two tokens in light, dark and sun."""


@pytest.mark.parametrize(("front", "back", "light", "dark", "sun"), TABLE)
def test_the_contrast_table(front: str, back: str, light: float, dark: float, sun: float) -> None:
    """Each pair has the ratio that UX.md states, to a tenth."""
    measured = [contrast(getattr(theme, front), getattr(theme, back)) for theme in (LIGHT, DARK, SUN)]
    assert measured == pytest.approx([light, dark, sun], abs=0.1)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_pair_is_readable(theme: Theme) -> None:
    """Text is at least 6 : 1, in the sun 12 : 1, on every ground on which a screen puts it; edges are at least 3 : 1."""
    least = 12 if theme.filled_verdict else 6
    pairs = [*product(("ink", "ink2"), ("ground", "surface", "muted")), ("on_primary", "primary")]
    pairs += [*product(("primary", "good", "bad", "unsure"), ("surface",)), ("primary", "primary_soft")]
    pairs += [(name, f"{name}_soft") for name in ("good", "bad", "unsure")]
    for front, back in pairs:
        assert contrast(getattr(theme, front), getattr(theme, back)) >= least, (front, back)
    for tone in ("good", "bad", "unsure"):
        if theme.filled_verdict:
            assert contrast(theme.on_primary, getattr(theme, tone)) >= least
    for ground in ("ground", "surface"):
        assert contrast(theme.edge, getattr(theme, ground)) >= 3
        assert contrast(theme.brass, theme.surface) >= 3


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21, a colour on itself 1, and the order does not matter."""
    assert round(contrast("#000000", "#FFFFFF"), 6) == 21
    assert contrast("#1B3F7A", "#1B3F7A") == 1
    assert contrast("#767676", "#FFFFFF") == contrast("#FFFFFF", "#767676")
    assert round(contrast("#767676", "#FFFFFF"), 2) == 4.54


def test_sun_is_larger_and_type_is_never_below_thirteen() -> None:
    """Targets 56, actions 68, keys 62, outlines 2 px, small type one more; elsewhere 48, 60, 58."""
    assert (SUN.target, SUN.action, SUN.key, SUN.stroke, SUN.small_type_more) == (56, 68, 62, 2, 1)
    for theme in (LIGHT, DARK):
        assert (theme.target, theme.action, theme.key, theme.small_type_more) == (48, 60, 58, 0)
    assert min(kind.size for kind in TYPE.values()) == 13


GLASSES = [
    (CHINESE, 390, 844, ThemeChoice.LIGHT),
    (ENGLISH, 390, 844, ThemeChoice.SUN),
    (ENGLISH, 360, 640, ThemeChoice.LIGHT),
]


@pytest.fixture(params=GLASSES, ids=lambda glass: f"{glass[0]} {glass[1]}x{glass[2]} {glass[3]}")
def tour(request: pytest.FixtureRequest) -> Tour:
    """The walk on one glass."""
    language, width, height, theme = request.param
    return toured(language, width, height, theme)


def test_everything_that_can_be_touched_has_a_spoken_name(tour: Tour) -> None:
    """No button is only a picture to who does not see it."""
    assert sum(len(stop.touchables) for stop in tour.stops) > 500
    assert not {(stop.name, kind) for stop in tour.stops for kind in stop.unnamed}
    assert not {stop.name for stop in tour.stops for name, _face in stop.touchables if not name.strip()}


def test_everything_that_can_be_touched_is_large_enough(tour: Tour) -> None:
    """At least 48 px where a size is stated or follows from what is inside, 56 in the sun."""
    least = THEMES[tour.theme].target
    small = {
        (stop.name, name, round(tall), wide)
        for stop in tour.stops
        for name, face in stop.touchables
        for tall, wide in [(height_of(face), face.width)]
        if tall < least - 0.5 or (wide is not None and wide < 48)
    }
    assert not small


def test_no_type_is_below_thirteen(tour: Tour) -> None:
    """Words shrink before they are cut, but not below 13."""
    sizes = {
        (stop.name, text.value, text.size)
        for stop in tour.stops
        for _name, face in stop.touchables
        for text in within(face)
        if isinstance(text, ft.Text) and text.size and text.size < 12.9
    }
    assert not sizes


def within(control: object) -> list[object]:
    """A control and what it holds."""
    held = [getattr(control, "content", None), *(getattr(control, "controls", None) or [])]
    return [control, *[inner for one in held if one is not None for inner in within(one)]]


def height_of(control: object) -> float:
    """The least height of a control: stated, or its content's with padding and gaps; a text has one line."""
    stated = getattr(control, "height", None)
    if stated:
        return float(stated)
    match control:
        case ft.Text():
            style = control.style
            return float((control.size or 14) * (style.height or 1.2 if style else 1.2))
        case ft.Icon():
            return float(control.size or 24)
        case ft.Container():
            padding = control.padding
            around = (
                padding.top + padding.bottom if isinstance(padding, ft.Padding) else 2 * float(padding or 0)
            )
            return around + height_of(control.content)
        case ft.Column():
            parts = [height_of(one) for one in control.controls]
            return sum(parts) + control.spacing * max(len(parts) - 1, 0)
        case ft.Row() | ft.Stack():
            return max((height_of(one) for one in control.controls), default=0)
        case ft.Semantics():
            return height_of(control.content)
        case _:
            return 0
