"""Where a finger signs. The strokes are kept as vectors, just as they were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import flet as ft
import flet.canvas as cv
from flet.components.hooks.use_ref import MutableRef

from mobile.ui.hooks import use_value
from mobile.ui.look import Look
from mobile.ui.primitives import Act, Icons, pad, pressing, row, text, touchable, upright
from mobile.ui.theme import RADIUS
from mobile.workflow.drawing import Drawing, Point


class SignatureBox:
    """What has been drawn so far; shared by the pad, which writes it, and the screen, which takes it."""

    def __init__(self) -> None:
        self.strokes: list[list[Point]] = []
        self.width = 0
        self.height = 0

    @property
    def signed(self) -> bool:
        """Whether there is more than a slip of the finger."""
        return sum(len(stroke) for stroke in self.strokes) > 4

    def drawing(self) -> Drawing:
        return Drawing(self.width, self.height, [list(stroke) for stroke in self.strokes if stroke])


def stroke_shape(stroke: Sequence[Point], ink: str) -> cv.Shape:
    """A stroke as a smooth curve through its points; a single point as a dot."""
    if len(stroke) == 1:
        return cv.Circle(stroke[0][0], stroke[0][1], 2.4, paint=ft.Paint(color=ink))
    path: list[cv.Path.PathElement] = [cv.Path.MoveTo(*stroke[0])]
    for here, there in pairwise(stroke[1:]):
        middle = ((here[0] + there[0]) / 2, (here[1] + there[1]) / 2)
        path.append(cv.Path.QuadraticTo(here[0], here[1], middle[0], middle[1], 1))
    path.append(cv.Path.LineTo(*stroke[-1]))
    return cv.Path(
        path,
        paint=ft.Paint(
            color=ink,
            stroke_width=4.5,
            style=ft.PaintingStyle.STROKE,
            stroke_cap=ft.StrokeCap.ROUND,
            stroke_join=ft.StrokeJoin.ROUND,
        ),
    )


@ft.component
def SignaturePad(look: Look, box: SignatureBox, drawn: Act) -> ft.Control:
    """The pad, as high as its parent lets it be; ``drawn`` is called when a stroke ends and when all was wiped.

    It must not stand inside anything that scrolls: the scrolling would take the finger's upward strokes.
    """
    theme, _ = look.theme, look.gettext
    _count, set_count = use_value(0)
    finished: MutableRef[list[cv.Shape]] = ft.use_ref(list)
    tell = pressing(look, drawn)

    def add(x: float, y: float) -> None:
        point = (round(x), round(y))
        if not box.strokes[-1] or box.strokes[-1][-1] != point:
            box.strokes[-1].append(point)
            set_count(sum(len(stroke) for stroke in box.strokes))

    def begin(event: ft.DragDownEvent[ft.GestureDetector]) -> None:
        box.strokes.append([])
        add(event.local_position.x, event.local_position.y)

    def move(event: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        if box.strokes:
            add(event.local_position.x, event.local_position.y)

    async def wipe() -> None:
        box.strokes.clear()
        finished.current = []
        set_count(0)
        await tell()

    def sized(event: ft.LayoutSizeChangeEvent[ft.LayoutControl]) -> None:
        box.width, box.height = round(event.width), round(event.height)

    shapes = finished.current or []
    done = [stroke for stroke in box.strokes[:-1] if stroke]
    shapes = shapes[: len(done)] + [stroke_shape(stroke, theme.ink) for stroke in done[len(shapes) :]]
    finished.current = shapes
    latest = [stroke_shape(stroke, theme.ink) for stroke in box.strokes[-1:] if stroke]
    glass = ft.GestureDetector(
        content=cv.Canvas([*shapes, *latest], expand=True),
        drag_interval=16,
        on_pan_down=begin,
        on_pan_update=move,
        on_pan_end=tell,
        on_pan_cancel=tell,
        on_size_change=sized,
        exclude_from_semantics=True,
    )
    return ft.Semantics(
        label=_("Signature box"),
        container=True,
        expand=True,
        content=ft.Container(
            ft.Stack(pad_layers(look, glass, wipe), expand=True),
            expand=True,
            bgcolor=theme.surface,
            border=ft.Border.all(2, theme.edge),
            border_radius=RADIUS,
        ),
    )


def pad_layers(look: Look, glass: ft.Control, wipe: Act) -> list[ft.Control]:
    """What lies in the box, from the paper up: the instruction, the line to sign on, the glass, the way to begin anew."""
    theme, _ = look.theme, look.gettext
    return [
        ft.Container(
            text(look, _("Sign with a finger inside the box"), "note", theme.ink2), left=16, top=12, right=16
        ),
        ft.Container(ft.Divider(height=2, color=theme.edge), left=48, right=16, bottom=52),
        ft.Container(text(look, "×", "h2", theme.ink2), left=16, bottom=42),
        ft.Container(glass, left=0, right=0, top=0, bottom=0),
        ft.Container(wipe_button(look, wipe), right=4, bottom=2),
    ]


def wipe_button(look: Look, wipe: Act) -> ft.Semantics:
    """重写: begins the signature anew."""
    words, ink = look.gettext("Sign again"), look.theme.primary
    return touchable(
        look,
        words,
        row(
            ft.Icon(Icons.REPLAY, size=20, color=ink),
            text(look, words, "strong", ink, no_wrap=True),
            tight=True,
            gap=4,
        ),
        wipe,
        padding=pad(upright(look, look.theme.target, "strong"), 12),
        border_radius=12,
    )
