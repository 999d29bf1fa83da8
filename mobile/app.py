"""Puts the phone together: the one module of ``mobile`` that names concrete classes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import flet as ft

from mobile.device.clock import SystemClock
from mobile.store.work import WorkStore
from mobile.ui.language import CHINESE, DOMAINS, ENGLISH, Language
from mobile.ui.phone import Phone
from mobile.ui.root import Root, dress
from mobile.workflow.app_state import AppState
from mobile.workflow.ports import Equipment
from shared.metrology.catalogue import Catalogue
from shared.metrology.catalogue_file import unpacked
from shared.metrology.prepackages.rules import PrepackageRules
from shared.regions import read_regions

VERSION = "0.1.0"
COMPILED_CATALOGUE = "catalogue.json"
LOCK_CHECK_SECONDS = 30
IN_BROWSER = sys.platform == "emscripten"


def assets() -> Any:
    """The folder of assets, beside the packages or inside the app's zip."""
    return files("mobile").parent / "assets"  # type: ignore[attr-defined]


def catalogue() -> Catalogue:
    """The catalogue: compiled where the build of the web app did that, else from its TOML files."""
    compiled = assets() / COMPILED_CATALOGUE
    if compiled.is_file():
        return unpacked(COMPILED_CATALOGUE, compiled.read_bytes(), Catalogue)
    return Catalogue.parse(toml_files("catalogue"))


def catalogues(code: str) -> Iterator[bytes]:
    """The compiled catalogues of a language that are there."""
    for domain in DOMAINS:
        found = assets() / "locales" / code / "LC_MESSAGES" / f"{domain}.mo"
        if found.is_file():
            yield found.read_bytes()


def toml_files(folder: str) -> dict[str, bytes]:
    """The data files of a folder of assets, by name."""
    return {
        path.name: path.read_bytes() for path in (assets() / folder).iterdir() if path.name.endswith(".toml")
    }


@cache
def prepackages() -> PrepackageRules:
    """The rules on prepackages, read with the first lot."""
    return PrepackageRules.parse(toml_files("prepackages"))


def languages() -> dict[str, Language]:
    """Both languages, Chinese first."""
    return {code: Language.from_catalogues(code, catalogues(code)) for code in (CHINESE, ENGLISH)}


async def equipment_and_platform() -> tuple[Equipment, Any, Any]:
    """The machine underneath: the browser's, or a native one's."""
    folder: Any
    if IN_BROWSER:
        from mobile.device import browser

        folder, kind, flush = await browser.open_storage()
        keys: Any = browser.BrowserKeys()
        blobs: Any = browser.BrowserBlobs(keys)
        # A file system that is rewritten as a whole at each flush is no place for a pack.
        pack_files: Any = browser.BrowserPackFiles() if kind == "opfs" else None
        camera: Any = browser.BrowserCamera()
        platform: Any = await browser.BrowserPlatform.found(kind)
        transport: Any = browser.BrowserTransport()
        positioning: Any = browser.BrowserPositioning()
        connectivity: Any = browser.BrowserConnectivity()
    else:
        from mobile.device import native

        folder, kind, flush = await native.open_storage()
        keys = native.NativeKeys(folder, os.urandom)
        blobs, pack_files = native.NativeBlobs(folder, keys), native.NativePackFiles(folder)
        camera, platform = native.NativeCamera(), native.NativePlatform(folder)
        transport = native.UrlTransport(os.environ.get("QUANHENG_SERVER", "http://127.0.0.1:8770"))
        positioning, connectivity = native.NativePositioning(), native.NativeConnectivity()
    places = assets() / "regions"
    store = WorkStore(folder / "work.db", flush, pack_files)
    await store.mount()
    equipment = Equipment(
        clock=SystemClock(),
        random_bytes=os.urandom,
        store=store,
        keys=keys,
        blobs=blobs,
        transport=transport,
        connectivity=connectivity,
        positioning=positioning,
        catalogue=catalogue(),
        regions=read_regions((places / "regions.csv").read_bytes(), (places / "townships.csv").read_bytes()),
        app_version=VERSION,
        prepackages=prepackages,
        device_name=kind,
    )
    return equipment, camera, platform


async def sleep_ms(duration: int) -> None:
    await asyncio.sleep(duration / 1000)


RUNNING: list[Phone] = []
"""The one phone of this process: a native app's process may outlive its window, and Flet then calls :func:`main` again."""


async def main(page: ft.Page) -> None:
    """Flet's entry: draws the place where the person was, then keeps in step with the office as it can."""
    again = bool(RUNNING)
    if not again:
        equipment, camera, platform = await equipment_and_platform()
        RUNNING.append(Phone(AppState(equipment), camera, platform, languages()))
        await RUNNING[0].start()
    [phone] = RUNNING
    phone.width, phone.height = float(page.width or 390), float(page.height or 844)
    phone.system_dark = page.platform_brightness is ft.Brightness.DARK
    show(page, phone)
    if not again:
        page.run_task(phone.app.sync.keep_running, sleep_ms)
        page.run_task(lock_when_idle, phone)


def show(page: ft.Page, phone: Phone) -> None:
    """Renders the screens and listens to what the page tells."""
    page.title = phone.language.gettext("Quanheng")
    page.padding = 0
    page.theme = page.dark_theme = ft.Theme(font_family="SC")
    if not IN_BROWSER:
        page.fonts = {"SC": "/fonts/NotoSansSC-Regular.woff2", "SCB": "/fonts/NotoSansSC-Bold.woff2"}
    dress(page, phone)

    async def changed_route(event: ft.RouteChangeEvent) -> None:
        await phone.went(event.route)

    async def changed_life(event: ft.AppLifecycleStateChangeEvent) -> None:
        if event.state in (ft.AppLifecycleState.RESUME, ft.AppLifecycleState.SHOW):
            await phone.app.session.lock_when_idle()
            phone.app.sync.wake()

    page.on_route_change = changed_route
    page.on_resize = lambda event: phone.resized(event.width, event.height)
    # Flet 1.0.5's client sends the brightness as plain data, not in the event that Flet describes.
    page.on_platform_brightness_change = lambda event: phone.system_brightness(
        event.data == ft.Brightness.DARK.value
    )
    page.on_app_lifecycle_state_change = changed_life
    page.render_views(lambda: [Root(phone)])


async def lock_when_idle(phone: Phone) -> None:
    """Locks the phone that nobody touches."""
    while True:
        await asyncio.sleep(LOCK_CHECK_SECONDS)
        await phone.app.session.lock_when_idle()
