"""How things look to one reader: theme, language, room on the glass; and where every component gets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from mobile.ui.language import CHINESE, Gettext, Language
from mobile.ui.theme import LIGHT, MARGIN, Theme
from shared.errors import Problem
from shared.message import Message


@dataclass(frozen=True)
class Look:
    """What a component needs to draw itself. Widths and heights are pixels of the layout."""

    theme: Theme
    language: Language
    width: float = 390
    height: float = 844
    text_scale: float = 1
    touched: Callable[[], None] = field(default=lambda: None, compare=False)
    """Told of every touch, for the lock counts from the last one."""
    toggle_sun: Callable[[], object] = field(default=lambda: None, compare=False)
    refused: Callable[[Problem | None], None] = field(default=lambda _problem: None, compare=False)
    """Told why something could not be done, or that it went well."""
    refusal: Problem | None = None
    """Why the last thing could not be done, where the screen does not say that itself."""

    @property
    def gettext(self) -> Gettext:
        return self.language.gettext

    def say(self, message: Message) -> str:
        return self.language.say(message)

    @property
    def inner_width(self) -> float:
        """Between the screen's margins."""
        return self.width - 2 * MARGIN

    @property
    def narrow(self) -> bool:
        """Whether a row of two must become two rows."""
        return self.width / self.text_scale < 300

    @property
    def short(self) -> bool:
        """Whether the keypad must shrink to leave room for the reading."""
        return self.height < 760 or self.text_scale > 1.3


LookContext = ft.create_context(Look(LIGHT, Language(CHINESE, lambda text: text)))


def use_look() -> Look:
    """The look of the component being rendered."""
    return ft.use_context(LookContext)
