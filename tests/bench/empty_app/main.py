"""The least that a Flet app can be: one line of text. The start of the phone's app is measured against it."""

from __future__ import annotations

import flet as ft


def main(page: ft.Page) -> None:
    """Shows one word."""
    page.add(ft.Text("Ready"))


ft.run(main)
