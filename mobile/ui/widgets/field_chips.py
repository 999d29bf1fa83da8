"""What is read beside the indication: one chip a field with name, value and unit; the one being typed has a pencil and a thick edge."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import (
    STRETCH,
    Act,
    Icons,
    choice,
    column,
    line_of,
    pad,
    row,
    size_of,
    stacked,
    text,
    touchable,
    upright,
)
from mobile.workflow.fields import FieldView
from mobile.workflow.nameplate import with_unit
from shared.quantity import MINUS

GAP = 6


def field_value(look: Look, field: FieldView) -> str:
    """What stands in a field: a choice by its name, a figure with its unit, else a dash."""
    chosen = next((one for one in field.choices if one.value == field.value), None)
    if chosen:
        return look.gettext(chosen.name)
    return with_unit(field.value.replace("-", MINUS), field.unit) if field.value else "–"


def across(look: Look, fields: list[FieldView]) -> int:
    """How many chips stand side by side, such that no word and no figure must break; Chinese names break anywhere."""
    widest = 0.0
    for each in fields:
        words = [word for word in look.say(each.name).split() if word.isascii()]
        name = max([len(word) * 0.58 for word in words] or [5.0]) * size_of(look, "tag")
        value = sum(1.0 if sign > "⺀" else 0.58 for sign in field_value(look, each)) * size_of(
            look, "strong"
        )
        widest = max(widest, name, value + 20)
    wide = widest * look.text_scale + 20
    return max(1, min(3, len(fields), int((look.inner_width + GAP) // (wide + GAP))))


def folded(fields: list[FieldView]) -> list[FieldView]:
    """The fields to show at first: what must be read, what was, the first that may stay empty, and where the keypad is."""
    optional = [each for each in fields if each.optional]
    return [each for each in fields if not each.optional or each is optional[0] or each.text or each.here]


def field_chips(
    look: Look, fields: list[FieldView], edit: Callable[[str], object], unfold: Act | None
) -> ft.Control:
    """The chips in as few rows as there is room for; the last field, the indication's, stands large below while it is typed.

    ``unfold`` shows those that may stay empty, where there are more of them.
    """
    fields = fields[:-1] if fields[-1].here else fields
    shown = folded(fields) if unfold else fields
    many = across(look, shown)
    chips: list[ft.Control] = [chip_of(look, each, edit) for each in shown]
    if unfold and len(shown) < len(fields):
        chips.append(more_chip(look, unfold))
    lines = [
        row(*chips[start : start + many], gap=GAP, intrinsic_height=True, vertical_alignment=STRETCH)
        for start in range(0, len(chips), many)
    ]
    return stacked(*lines, gap=GAP)


def more_chip(look: Look, unfold: Act) -> ft.Semantics:
    """Shows the fields that may stay empty."""
    theme, words = look.theme, look.gettext("More fields")
    return touchable(
        look,
        words,
        row(
            ft.Icon(Icons.EXPAND_MORE, size=18, color=theme.primary),
            text(look, words, "strong", theme.primary, expand=True),
            gap=4,
        ),
        unfold,
        expand=1,
        padding=pad(upright(look, max(52, theme.target), "strong"), 8),
        border_radius=12,
        bgcolor=theme.surface,
        border=ft.Border.all(theme.stroke, theme.edge if theme.stroke > 1 else theme.line),
    )


def chip_of(look: Look, field: FieldView, edit: Callable[[str], object]) -> ft.Semantics:
    """One field; what nobody has read yet and must be there has a mark of its own."""
    theme, _ = look.theme, look.gettext
    name, value = look.say(field.name), field_value(look, field)
    lacking = not field.value and not field.optional
    ink = theme.unsure if lacking else theme.ink if field.text else theme.ink2
    icon, tint = None, ink
    if field.here:
        icon, tint = Icons.EDIT, theme.primary
    elif lacking:
        icon = Icons.RADIO_BUTTON_UNCHECKED
    elif field.text:
        icon, tint = Icons.CHECK, theme.good
    state = _("not read") if lacking else value
    return touchable(
        look,
        f"{name}, {state}",
        column(
            text(look, name, "note", theme.ink2, size=size_of(look, "tag")),
            row(
                *([ft.Icon(icon, size=16, color=tint)] if icon else []),
                text(look, value, "strong", ink, expand=True),
                gap=4,
            ),
            gap=0,
            alignment=ft.MainAxisAlignment.CENTER,
        ),
        lambda: edit(field.id),
        expand=1,
        selected=field.here,
        padding=pad(max(4, (max(52, theme.target) - line_of(look, "tag") - line_of(look, "strong")) / 2), 8),
        border_radius=12,
        bgcolor=theme.primary_soft if field.here else theme.surface,
        border=ft.Border.all(
            3 if field.here else theme.stroke,
            theme.primary if field.here else theme.edge if theme.stroke > 1 else theme.line,
        ),
    )


def field_choices(look: Look, field: FieldView, choose: Callable[[str, str], object]) -> ft.Control:
    """The choices of a field as buttons, where the figure being typed stands otherwise."""
    buttons = [
        choice(
            look,
            look.gettext(one.name),
            field.value == one.value,
            lambda value=one.value: choose(field.id, value),  # type: ignore[misc]
            expand=True if len(field.choices) < 4 and not look.narrow else None,
        )
        for one in field.choices
    ]
    name = text(look, look.say(field.name), "note", look.theme.ink2)
    if len(buttons) < 4 and not look.narrow:
        return stacked(name, row(*buttons, intrinsic_height=True, vertical_alignment=STRETCH), gap=4)
    return stacked(name, *buttons, gap=8)
