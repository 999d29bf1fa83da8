"""A phone: real headless Chromium at phone size, its profile on disk, its camera a film. It is touched and read through what a screen reader hears."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Locator, Page, Playwright, Route, expect
from playwright.sync_api import TimeoutError as NotInTime

SIZE = (390, 844)
PATIENCE = 20_000
AT_ONCE = 1_500
"""Milliseconds in which what is on the glass can be found, before it is looked for further down."""
SCROLLS = 64
BACK_UP = 20_000
"""Far enough to the top of any list, from where it is looked through once more."""
TRIES = 4
HEARD = """() => [...document.querySelectorAll("flt-semantics, flt-semantics *")].map(node =>
  [node.getAttribute("aria-label"), node.getAttribute("aria-valuetext"), node.value, node.children.length ? "" : node.textContent]
    .filter(Boolean).join(" ")).join(" ")"""
UNCOVERED = """button => {
  const box = button.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.height > 24 && Boolean(top) && button.contains(top);
}"""
KEYS = {".": "点", "-": "负号"}
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@dataclass
class Handset:
    """One phone with its profile; it can be killed and switched on again."""

    playwright: Playwright
    origin: str
    profile: Path
    film: Path
    shots: Path | None = None
    language: str = "zh-CN"
    size: tuple[int, int] = SIZE
    type_size: int = 16
    """Pixels of the browser's medium type; 32 is 200 %."""
    context: BrowserContext | None = None
    number: int = 0
    missing: list[str] = field(default_factory=list)
    """Fallback fonts that Flutter asked for: it does so for a sign that no font of ours has."""

    def switch_on(self, address: str = "/", *, offline: bool = False) -> None:
        """Opens the browser and the app, and waits for its first screen."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path="/usr/bin/chromium",
            args=[
                *FLAGS,
                f"--use-file-for-fake-video-capture={self.film}",
                f"--blink-settings=defaultFontSize={self.type_size}",
            ],
            viewport={"width": self.size[0], "height": self.size[1]},
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale=self.language,
            permissions=["camera", "geolocation"],
            geolocation={"latitude": 42.7506, "longitude": 123.3529, "accuracy": 12},
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.set_offline(offline)
        self.page.on(
            "request", lambda asked: self.missing.append(asked.url) if "/fonts/noto" in asked.url else None
        )
        self.open(address)

    @property
    def page(self) -> Page:
        assert self.context
        return self.context.pages[0]

    def open(self, address: str = "/") -> None:
        """Goes to the app's address and waits until something can be read."""
        self.page.goto(self.origin + address)
        self.wake()

    def reload(self) -> None:
        self.page.reload()
        self.wake()

    def wake(self) -> None:
        """Asks Flutter for the tree that screen readers use."""
        placeholder = self.page.locator("flt-semantics-placeholder")
        placeholder.wait_for(state="attached")
        placeholder.evaluate("placeholder => placeholder.click()")
        self.page.locator("flt-semantics[role=button], flt-semantics [role=button]").first.wait_for()

    def kill(self) -> None:
        """Kills every process of the browser at once, as a phone without memory does."""
        mine = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        for entry in mine:
            with suppress(OSError):
                if f"--user-data-dir={self.profile}".encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
        if self.context:
            with suppress(Error):
                self.context.close()
        self.context = None
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def switch_off(self) -> None:
        if self.context:
            self.context.close()
            self.context = None

    # Reading

    def read(self) -> str:
        """All that a screen reader would say."""
        return self.page.locator("body").aria_snapshot()

    def sees(self, words: str | re.Pattern[str], patience: int = PATIENCE) -> None:
        """Waits until the words stand somewhere on the screen, or are spoken for it."""
        sought = words.pattern if isinstance(words, re.Pattern) else re.escape(words)
        self.page.wait_for_function(f"sought => ({HEARD})().match(sought)", arg=sought, timeout=patience)

    def finds(self, words: str) -> None:
        """Scrolls down until the words stand on the glass."""
        for _scroll in range(SCROLLS):
            with suppress(NotInTime):
                self.sees(words, AT_ONCE)
                return
            self.page.mouse.move(self.size[0] / 2, self.size[1] / 2)
            self.page.mouse.wheel(0, self.size[1] / 4)
        raise AssertionError(f"{words} is nowhere on the screen:\n{self.read()}")

    def heard(self) -> str:
        """Everything that is spoken for the screen, values included."""
        return str(self.page.evaluate(HEARD))

    def sees_times(self, name: re.Pattern[str], times: int) -> None:
        """Waits until exactly so many things to touch have such a name."""
        expect(self.page.get_by_role("button", name=name)).to_have_count(times, timeout=PATIENCE)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        exact = {} if isinstance(name, re.Pattern) else {"exact": True}
        return self.page.get_by_role("button", name=name, **exact).first

    def shoot(self, name: str) -> None:
        """A picture for people to look at."""
        if self.shots:
            self.number += 1
            self.shots.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.shots / f"{self.number:02d}-{name}.png")

    # Touching

    def tap(self, *names: str | re.Pattern[str]) -> None:
        """Touches the things of these names, one after the other; what lies below the glass is scrolled to."""
        for name in names:
            box = self.bring(self.button(name)).bounding_box()
            assert box, f"{name} is not on the glass"
            self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def tick(self, name: re.Pattern[str]) -> None:
        """Touches one of several things to choose, once, and waits until it is chosen."""
        self.tap(name)
        expect(self.button(name)).to_have_attribute("aria-current", "true", timeout=PATIENCE)

    def bring(self, button: Locator) -> Locator:
        """Scrolls until nothing covers the button and everything stands still; fails where that does not come to be."""
        for scroll in range(SCROLLS):
            if scroll == SCROLLS // 2:
                self.page.mouse.wheel(0, -BACK_UP)
            with suppress(NotInTime):
                button.wait_for(timeout=AT_ONCE)
                self.stand_still()
                if button.evaluate(UNCOVERED):
                    return button
            self.page.mouse.move(self.size[0] / 2, self.size[1] / 2)
            self.page.mouse.wheel(0, self.size[1] / 4)
        raise AssertionError(
            f"{button} is not to be found, or lies under something; the screen reads:\n{self.read()}"
        )

    def stand_still(self) -> None:
        """Waits for some frames: what screen readers hear lies a little behind what is drawn."""
        self.page.evaluate(
            "() => new Promise(done => { let left = 6; const frame = () => left-- ? requestAnimationFrame(frame) : done(); frame(); })"
        )

    def write(self, label: str, words: str) -> None:
        """Writes into a field for letters, in place of what stood there.

        Once: letters that are set back or swallowed are a fault. Only where none arrived, because Flutter had not moved the browser's
        focus into the field yet, they are written again.
        """
        # While the field is empty and has the focus, its hint is spoken after its name.
        field = self.page.get_by_role("textbox", name=re.compile(rf"^{re.escape(label)}(\s|$)"))
        before = field.input_value()
        for _try in range(TRIES):
            field.click()
            self.stand_still()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(words)
            with suppress(AssertionError):
                expect(field).to_have_value(words, timeout=AT_ONCE)
                return
            if field.input_value() not in ("", before):
                break
        expect(field).to_have_value(words)

    def write_here(self, words: str) -> None:
        """Writes into the field that the screen has opened for it."""
        for _try in range(TRIES):
            self.stand_still()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(words)
            with suppress(NotInTime):
                self.page.wait_for_function(
                    "words => document.activeElement?.value === words", arg=words, timeout=AT_ONCE
                )
                return
            self.page.locator("input").first.click(force=True)
        raise AssertionError(f"no field takes {words}")

    def step(self, name: str | re.Pattern[str]) -> None:
        """Touches a thing that leads on, and waits until the screen is another."""
        before = self.read()
        self.tap(name)
        self.changed_from(before)

    def go_back(self) -> None:
        """The phone's own back gesture, and the screen that it leads to."""
        before = self.read()
        self.page.go_back()
        self.changed_from(before)

    def changed_from(self, before: str) -> None:
        """Waits until the screen reads otherwise than ``before``, and the same for some frames."""
        expect(self.page.locator("body")).not_to_match_aria_snapshot(before, timeout=PATIENCE)
        now = ""
        while now != (now := self.read()):
            self.stand_still()

    def shutter(self) -> None:
        """Takes the picture as soon as the camera shows one."""
        self.page.wait_for_function("() => (document.querySelector('.camera video') || {}).videoWidth > 0")
        self.shoot("camera")
        self.page.locator(".shutter").click()

    def later(self, hours: int) -> None:
        """Puts the clock of the app forward: it runs in workers, which Playwright's own clock does not reach."""
        shift = "ahead => { const now = Date.now.bind(Date); Date.now = () => now() + ahead; }"
        for worker in self.page.workers:
            worker.evaluate(shift, hours * 3_600_000)

    def offline(self, gone: bool) -> None:
        assert self.context
        self.context.set_offline(gone)

    def through(self, carry: Callable[[Route], None]) -> None:
        """Leads what the phone pushes through ``carry``."""
        assert self.context
        self.context.route("**/api/v1/push", carry)

    def settled(self) -> None:
        """Waits until the app is wholly on the phone, so that the network may go."""
        self.page.wait_for_function(
            "() => navigator.serviceWorker.ready.then(found => Boolean(found.active))"
        )

    def type_figure(self, figure: str) -> None:
        """Types on the app's own keypad."""
        self.tap(*[KEYS.get(key, key) for key in figure])

    def sign(self, box: str = "签名框") -> None:
        """Draws a signature with a finger."""
        area = self.page.get_by_role("group", name=box).or_(self.page.get_by_label(box)).first.bounding_box()
        assert area, "there is no box to sign in"
        left, top = area["x"] + area["width"] * 0.3, area["y"] + area["height"] * 0.5
        mouse = self.page.mouse
        for stroke in range(2):
            mouse.move(left + stroke * 60, top)
            mouse.down()
            for step in range(1, 9):
                mouse.move(left + stroke * 60 + step * 9, top + (30 if step % 2 else -30) * (1 - step / 12))
            mouse.up()


def new_profile() -> Path:
    return Path(tempfile.mkdtemp(prefix="quanheng-phone-"))


__all__ = ["PATIENCE", "Handset", "expect", "new_profile"]
