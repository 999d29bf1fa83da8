"""Every colour and every size that a screen may use; only the camera's overlay names its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThemeChoice(StrEnum):
    """What a person chooses under Me → Display."""

    AUTOMATIC = "automatic"
    LIGHT = "light"
    DARK = "dark"
    SUN = "sun"


@dataclass(frozen=True)
class Theme:
    """The tokens of one theme; lengths in logical pixels."""

    name: ThemeChoice
    ground: str
    """Behind everything."""
    surface: str
    """Cards and bars."""
    sunk: str
    """The keypad's bed, wells."""
    muted: str
    """Fill of neutral chips."""
    ink: str
    ink2: str
    """Secondary text."""
    line: str
    """Hairlines; decoration only, never the one sign of anything."""
    edge: str
    """Borders of what one can touch, at least 3:1."""
    primary: str
    on_primary: str
    primary_soft: str
    good: str
    good_soft: str
    bad: str
    bad_soft: str
    unsure: str
    unsure_soft: str
    brass: str
    """The ruler's ticks: the steelyard's stars."""
    band: str
    """The ruler's permitted band."""
    stroke: float = 1.0
    target: int = 48
    """The least side of anything one can touch."""
    action: int = 60
    """Height of the main action."""
    key: int = 58
    """Height of a key of the keypad."""
    small_type_more: int = 0
    """Added to type smaller than 20."""
    filled_verdict: bool = False

    @property
    def dark(self) -> bool:
        """Whether the system's own parts (text selection, caret) are to be dark."""
        return self.name is ThemeChoice.DARK


LIGHT = Theme(
    ThemeChoice.LIGHT,
    ground="#F4F2EC",
    surface="#FFFFFF",
    sunk="#E9E6DD",
    muted="#E9E6DD",
    ink="#17202A",
    ink2="#4A5563",
    line="#DDD8CC",
    edge="#7D776A",
    primary="#1B3F7A",
    on_primary="#FFFFFF",
    primary_soft="#E4EBF7",
    good="#0D5C34",
    good_soft="#DFF1E6",
    bad="#A11D18",
    bad_soft="#FBE5E2",
    unsure="#6B4900",
    unsure_soft="#F8EBCB",
    brass="#8A5A00",
    band="#DFF1E6",
)
DARK = Theme(
    ThemeChoice.DARK,
    ground="#0D131A",
    surface="#17202A",
    sunk="#090E13",
    muted="#2A3744",
    ink="#EEF2F6",
    ink2="#AEBAC6",
    line="#2A3744",
    edge="#76879C",
    primary="#A6C5FF",
    on_primary="#0A1F44",
    primary_soft="#1D2F4D",
    good="#83DFA8",
    good_soft="#12321F",
    bad="#FFABA2",
    bad_soft="#421A17",
    unsure="#F4CC70",
    unsure_soft="#352A0B",
    brass="#E0B15C",
    band="#12321F",
)
SUN = Theme(
    ThemeChoice.SUN,
    ground="#FFFFFF",
    surface="#FFFFFF",
    sunk="#F0F0F0",
    muted="#FFFFFF",
    ink="#000000",
    ink2="#1C2530",
    line="#000000",
    edge="#000000",
    primary="#00205B",
    on_primary="#FFFFFF",
    primary_soft="#E3E9F5",
    good="#00391B",
    good_soft="#FFFFFF",
    bad="#700006",
    bad_soft="#FFFFFF",
    unsure="#452D00",
    unsure_soft="#FFFFFF",
    brass="#452D00",
    band="#D5D5D5",
    stroke=2.0,
    target=56,
    action=68,
    key=62,
    small_type_more=1,
    filled_verdict=True,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, SUN)}

SANS = "SC"
BOLD = "SCB"
"""A family of its own: a synthesised bold is muddy in small hanzi."""

RADIUS = 14
MARGIN = 16


@dataclass(frozen=True)
class Type:
    """One role of type: its size before the reader's text scale, its line height as a factor."""

    size: int
    bold: bool
    line_height: float
    largest: int = 99
    """The size beyond which the reader's text scale does not enlarge it further."""


TYPE = {
    "readout": Type(56, True, 1.1, 64),
    "h1": Type(28, True, 1.25, 40),
    "h2": Type(21, True, 1.3, 34),
    "title": Type(17, True, 1.35, 32),
    "body": Type(16, False, 1.45),
    "strong": Type(16, True, 1.45),
    "note": Type(14, False, 1.4),
    "tag": Type(13, True, 1.3),
}


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
