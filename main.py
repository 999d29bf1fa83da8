"""The phone's entry: Flet's tools want this module at the root."""

from __future__ import annotations

import flet as ft

from mobile.app import main

ft.run(main)
