"""Somebody with the phone in the hand: names what is touched by its message id, and counts taps as UX.md does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import flet as ft

from mobile.workflow.ports import Scan, ScanEnd
from tests.mobile.picture import jpeg
from tests.mobile.ui.client import Client
from tests.mobile.ui.fakes import PIN, Desk, opened

JPEG = jpeg()
SIGNATURE = [(20, 60), (40, 20), (60, 80), (90, 40), (120, 60), (150, 50)]


@dataclass
class Inspector:
    """One person at one phone."""

    client: Client
    desk: Desk
    touches: int = 0

    @property
    def taps(self) -> int:
        """Touches and shutters so far; readings, signing strokes and decoding are no taps (UX.md, 3)."""
        return self.touches + self.desk.camera.shutters

    def word(self, text: str, **values: object) -> str:
        """A message id in the language that the screens speak."""
        return self.desk.phone.language.gettext(text).format(**values)

    def reads(self, text: str, **values: object) -> bool:
        """Whether the sentence stands on the glass."""
        return self.client.reads(self.word(text, **values))

    def offers(self, text: str, **values: object) -> bool:
        """Whether something that can be touched has the name."""
        return self.word(text, **values) in self.client.buttons()

    async def tap(self, *texts: str) -> None:
        """Touches what is called by these message ids."""
        for text in texts:
            self.touches += 1
            await self.client.press(self.word(text))

    async def choose(self, name: str) -> None:
        """Touches what is called so, or begins so: a person, a serial number, a point."""
        self.touches += 1
        await self.client.press(name)

    async def keys(self, figures: str) -> None:
        """The app's own keypad: a reading, no tap."""
        named = {".": self.word("Point"), "-": self.word("Minus"), "<": self.word("Delete")}
        for figure in figures:
            await self.client.press(named.get(figure, figure))

    async def same(self, times: int = 1) -> None:
        """同载荷, once a point: a reading, no tap."""
        for _time in range(times):
            await self.client.press(self.word("Same as load"))

    async def write(self, label: str, words: str) -> None:
        """Letters, by the phone's keyboard."""
        await self.client.enter(self.word(label), words)

    def fields(self) -> dict[str, str]:
        """What stands in the fields for letters."""
        return {
            str(one.label): one.value or "" for one in self.client.controls() if isinstance(one, ft.TextField)
        }

    async def scan(self, payload: str = "") -> None:
        """Holds a code before the camera, the scale's own unless told otherwise."""
        self.desk.camera.scans.append(Scan(ScanEnd.DECODED, payload or self.desk.world.payload))
        await self.tap("Scan to check")

    async def begin(self, *pictures: bytes | None) -> None:
        """From the home screen to the first reading, with a picture unless told otherwise."""
        self.desk.camera.pictures.extend(pictures or [JPEG])
        await self.scan()
        await self.tap("Start check", "All normal")

    async def read_all(self) -> None:
        """Every point that is left shows its load."""
        while self.offers_figure("Same as load"):
            await self.same()

    def offers_figure(self, text: str) -> bool:
        """Whether a key of that name, with its figure, is there."""
        return any(name.startswith(self.word(text)) for name in self.client.buttons())

    async def point(self, name: str, **values: object) -> None:
        """Touches a point's tab."""
        await self.choose(self.word(name, **values))

    async def sign(self) -> None:
        """The trader's finger."""
        await self.client.draw(list(SIGNATURE))

    async def unlock(self, pin: str = PIN) -> None:
        await self.keys(pin)


@asynccontextmanager
async def in_hand(desk: Desk, width: int = 390, height: int = 844) -> AsyncIterator[Inspector]:
    """The app running on that phone."""
    desk.phone.width, desk.phone.height = width, height
    async with Client(width, height) as client:
        await opened(client, desk)
        yield Inspector(client, desk)
