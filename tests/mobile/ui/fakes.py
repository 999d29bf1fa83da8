"""A camera and a platform that are told what to do, and the real phone behind the screens."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import flet as ft
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from mobile.app import show
from mobile.ui.language import CHINESE, DOMAINS, ENGLISH, Language
from mobile.ui.phone import Phone
from mobile.workflow.app_state import AppState
from mobile.workflow.ports import Scan, ScanEnd, StorageEstimate
from tests.mobile.phone import PIN, World, make_phone, make_world
from tests.mobile.phone import Phone as Machine
from tests.mobile.ui.client import Client

LOCALES = Path(__file__).parents[3] / "assets/locales"
PRINT_FONT = Path(__file__).parents[3] / "assets/fonts/NotoSansSC-Print.bin"


@cache
def language(code: str) -> Language:
    """A language as it is in the tree, compiled here."""

    def compiled(domain: str) -> bytes:
        with (LOCALES / code / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
            catalogue = read_po(file)
        content = BytesIO()
        write_mo(content, catalogue)
        return content.getvalue()

    there = [one for one in DOMAINS if (LOCALES / code / "LC_MESSAGES" / f"{one}.po").exists()]
    return Language.from_catalogues(code, [compiled(one) for one in there])


@dataclass
class ToldCamera:
    """:class:`mobile.workflow.ports.Camera` that sees what it is told to."""

    scans: list[Scan] = field(default_factory=list)
    pictures: list[bytes | None] = field(default_factory=list)
    open: bool = False
    """Whether a series left it open."""
    shutters: int = 0
    """How often the shutter was pressed."""
    words: list[dict[str, str]] = field(default_factory=list)

    async def scan(self, words: dict[str, str]) -> Scan:
        self.words.append(words)
        return self.scans.pop(0) if self.scans else Scan(ScanEnd.CLOSED)

    async def scan_next(self, words: dict[str, str]) -> Scan:
        self.open = True
        return await self.scan(words)

    async def end_series(self) -> None:
        self.open = False

    async def photograph(self, words: dict[str, str]) -> bytes | None:
        self.words.append(words)
        picture = self.pictures.pop(0) if self.pictures else None
        self.shutters += picture is not None
        return picture


@dataclass
class ToldPlatform:
    """:class:`mobile.workflow.ports.Platform` that remembers what was asked of it."""

    launch: str = ""
    scale: Decimal = Decimal(1)
    update: bool = False
    shared: list[tuple[str, str, bytes]] = field(default_factory=list)
    buzzes: list[list[int]] = field(default_factory=list)
    picked: list[bytes] = field(default_factory=list)

    def launch_route(self) -> str:
        return self.launch

    async def storage(self) -> StorageEstimate:
        return StorageEstimate(41_000_000, 2_000_000_000, persistent=False, kind="opfs")

    async def vibrate(self, pattern_ms: list[int]) -> None:
        self.buzzes.append(pattern_ms)

    async def keep_awake(self, on: bool) -> None:
        return None

    async def share(self, name: str, media_type: str, content: bytes) -> bool:
        self.shared.append((name, media_type, content))
        return True

    async def print_font(self) -> bytes:
        return PRINT_FONT.read_bytes()

    async def pick(self) -> bytes | None:
        return self.picked.pop(0) if self.picked else None

    async def update_waiting(self) -> bool:
        return self.update

    async def apply_update(self) -> None:
        self.update = False

    def text_scale(self) -> Decimal:
        return self.scale


@dataclass
class Desk:
    """Everything that a test of the screens has in its hands."""

    world: World
    machine: Machine
    phone: Phone
    camera: ToldCamera
    platform: ToldPlatform

    @property
    def app(self) -> AppState:
        return self.machine.app

    def show_label(self) -> None:
        """Holds the scale's label before the camera."""
        self.camera.scans.append(Scan(ScanEnd.DECODED, self.world.payload))

    def restarted(self) -> Desk:
        """The process was killed; the same phone in its next run."""
        return desk_of(self.world, self.machine.killed(), self.phone.language.code)


def desk_of(world: World, machine: Machine, code: str = ENGLISH) -> Desk:
    camera, platform = ToldCamera(), ToldPlatform()
    phone = Phone(machine.app, camera, platform, {CHINESE: language(CHINESE), ENGLISH: language(ENGLISH)})
    phone.language = language(code)
    return Desk(world, machine, phone, camera, platform)


def new_desk(code: str = ENGLISH, path: Path | str = ":memory:") -> Desk:
    """A phone out of its box."""
    world = make_world()
    return desk_of(world, make_phone(world, path), code)


async def enrolled_desk(code: str = ENGLISH, weights: bool = True, path: Path | str = ":memory:") -> Desk:
    """An enrolled phone with a second officer and, usually, valid weights."""
    desk = new_desk(code, path)
    await desk.machine.enrol()
    await desk.app.set_setting("language", code)
    if weights:
        await desk.app.session.choose_standards([one.standard_id for one in desk.world.weights[:5]])
        partner = (await desk.app.session.partners())[0]
        await desk.app.session.choose_partner(partner.person_id)
    return desk


async def opened(client: Client, desk: Desk) -> None:
    """Starts the screens on a client."""

    async def main(page: ft.Page) -> None:
        await desk.phone.start()
        show(page, desk.phone)

    await client.start(main)


__all__ = ["PIN", "Desk", "ToldCamera", "ToldPlatform", "enrolled_desk", "new_desk", "opened"]
