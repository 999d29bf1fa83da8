"""The four rooms of the app. A badge counts only what needs a person, never what sends itself."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.phone import Phone
from mobile.ui.primitives import Icons, column, pad, row, text, touchable
from shared.message import Message

TABS = (
    (Icons.TODAY, Message("Today"), "/"),
    (Icons.FACT_CHECK_OUTLINED, Message("Campaigns"), "/campaigns"),
    (Icons.OUTBOX_OUTLINED, Message("Outbox"), "/outbox"),
    (Icons.PERSON_OUTLINE, Message("Me"), "/me"),
)
OUTBOX = 2


def tab_bar(look: Look, phone: Phone, at: int, needs_you: int) -> ft.Row:
    theme = look.theme
    width = (look.width - 32) / len(TABS)

    def one(number: int, icon: ft.IconData, words: str, path: str) -> ft.Semantics:
        here = number == at
        ink = theme.primary if here else theme.ink2
        pill = ft.Container(
            ft.Icon(icon, size=24, color=ink),
            width=min(60, width - 8),
            height=30,
            border_radius=15,
            bgcolor=theme.primary_soft if here else None,
            alignment=ft.Alignment.CENTER,
        )
        badges: list[ft.Control] = []
        if number == OUTBOX and needs_you:
            badge = text(
                look,
                str(min(needs_you, 99)),
                "tag",
                theme.on_primary,
                size=13 / look.text_scale,
                no_wrap=True,
            )
            badges = [
                ft.Container(
                    badge,
                    bgcolor=theme.bad,
                    width=22,
                    height=20,
                    border_radius=10,
                    alignment=ft.Alignment.CENTER,
                    right=2,
                    top=-2,
                )
            ]
        fitting = (width - 4) / (sum(1.0 if letter > "⺀" else 0.62 for letter in words) * look.text_scale)
        face = column(
            ft.Stack(
                [pill, *badges], clip_behavior=ft.ClipBehavior.NONE, width=min(60, width - 8), height=30
            ),
            text(look, words, "tag", ink, size=min(13 + look.theme.small_type_more, fitting), no_wrap=True),
            gap=2,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        )
        label = (
            words
            if not badges
            else look.gettext("{tab}, {count} need you").format(tab=words, count=needs_you)
        )
        return touchable(
            look, label, face, (lambda: phone.go(path)) if not here else None, expand=True, selected=here,
            padding=pad(2 + (theme.target - 48) / 4), border_radius=12,
        )  # fmt: skip

    return row(
        *[one(number, icon, look.say(words), path) for number, (icon, words, path) in enumerate(TABS)], gap=0
    )
