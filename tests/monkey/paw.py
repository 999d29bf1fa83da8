"""The phone in the monkey's paw: what it can do to it, and all that is noticed meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import CDPSession, ConsoleMessage, Error
from playwright.sync_api import TimeoutError as NotInTime

from tests.journeys.phone import Handset
from tests.monkey.glass import READ, Glass, Thing

STILL_SECONDS = 4.0
"""Longer than this nobody waits for a glass that moves by itself."""
SHIFT = """ahead => {
  self.trueNow = self.trueNow || Date.now.bind(Date);
  Date.now = () => self.trueNow() + ahead;
}"""
REFUSE = """name => {
  const files = FileSystemSyncAccessHandle.prototype, values = IDBObjectStore.prototype;
  self.trueWrite = self.trueWrite || files.write;
  self.truePut = self.truePut || values.put;
  const words = "the monkey holds the disk";
  const full = typeof QuotaExceededError === "function" && name === "QuotaExceededError";
  const why = () => full ? new QuotaExceededError(words) : new DOMException(words, name);
  files.write = name ? () => { throw why(); } : self.trueWrite;
  // As a browser does where the disk is full: the transaction ends with the reason, after everything seemed well.
  values.put = !name ? self.truePut : function (...given) {
    const asked = self.truePut.apply(this, given);
    Object.defineProperty(this.transaction, "error", { value: why() });
    this.transaction.abort();
    return asked;
  };
}"""
LITTLE = 1_000


@dataclass
class Paw(Handset):
    """A handset that notes every error, and whose machine can be ill-treated."""

    errors: list[str] = field(default_factory=list)
    ahead_hours: int = 0
    """How far the clock of the phone is off."""
    refusing: str = ""
    """By which error the storage refuses to write now."""
    narrowing: CDPSession | None = None
    """The session by which the browser keeps the app's room narrow."""
    gone: bool = False
    """Whether the phone is without a network."""

    def open(self, address: str = "/") -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("crash", lambda _page: self.errors.append("the page crashed"))
        super().open(address)

    def wake(self) -> None:
        super().wake()
        self.refusing = ""
        self.little_room(False)
        self.set_clock(self.ahead_hours)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    # Reading

    def glance(self) -> Glass:
        """The glass as it is at this moment."""
        return Glass.of(self.page.evaluate(READ))

    def look(self) -> Glass:
        """The glass once it stands still; what never does so is taken as it is."""
        ends = time.monotonic() + STILL_SECONDS
        before = self.glance()
        while time.monotonic() < ends:
            self.stand_still()
            now = self.glance()
            if now.face() == before.face() and any(each.name for each in now.things):
                return now
            before = now
        return before

    def look_for(self, found: Callable[[Glass], bool], seconds: float) -> Glass:
        """The glass once ``found`` says yes of it, or as it is after so long."""
        ends = time.monotonic() + seconds
        while not found(now := self.look()) and time.monotonic() < ends:
            self.stand_still()
        return now

    def picture(self) -> bytes:
        return self.page.screenshot(type="jpeg", quality=40, scale="css")

    def taken_up(self) -> float:
        """Seconds after which the app, which runs in a worker, and the page are free again."""
        began = time.monotonic()
        for worker in self.page.workers:
            with suppress(Error):
                worker.evaluate("1")
        self.page.evaluate("1")
        return time.monotonic() - began

    # Touching

    def touch(self, thing: Thing, times: int = 1) -> None:
        for _time in range(times):
            self.page.touchscreen.tap(thing.x, thing.y)

    def put(self, thing: Thing, words: str) -> None:
        """Writes words into a field, in place of what stood there, as far as the field takes them."""
        self.page.mouse.click(thing.x, thing.y)
        self.stand_still()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words, delay=30)

    def roll(self, down: bool) -> None:
        width, height = self.size
        self.page.mouse.move(width / 2, height / 2)
        self.page.mouse.wheel(0, height * (0.5 if down else -0.5))

    def draw(self) -> None:
        with suppress(NotInTime, AssertionError):
            self.sign()

    def turn(self, size: tuple[int, int]) -> None:
        self.size = size
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def history(self, back: bool) -> None:
        """The phone's own back gesture, or forward; who leaves the app by it comes in again."""
        if back:
            self.page.go_back(wait_until="commit")
        else:
            self.page.go_forward(wait_until="commit")
        if not self.page.url.startswith(self.origin):
            self.page.goto(self.origin)
            self.wake()

    # The machine

    def set_clock(self, ahead_hours: int) -> None:
        """Puts the clock of the app's workers so far from the true one."""
        self.ahead_hours = ahead_hours
        for worker in self.page.workers:
            worker.evaluate(SHIFT, ahead_hours * 3_600_000)

    def refuse(self, error: str) -> None:
        """From now on the storage refuses to write, by an error of the browser's; by none it is whole again."""
        self.refusing = error
        for worker in self.page.workers:
            worker.evaluate(REFUSE, error)

    def little_room(self, little: bool) -> None:
        """The browser gives the app no more room than it has, or as much as it likes. It does so as long as it is told to by an open session."""
        assert self.context
        if self.narrowing:
            with suppress(Error):
                self.narrowing.detach()
            self.narrowing = None
        if little:
            self.narrowing = self.context.new_cdp_session(self.page)
            self.narrowing.send(
                "Storage.overrideQuotaForOrigin", {"origin": self.origin, "quotaSize": LITTLE}
            )

    def squeeze(self) -> None:
        """The system is out of memory: the browser collects what it can and is told to give back."""
        assert self.context
        session = self.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        session.send("Memory.simulatePressureNotification", {"level": "critical"})
        session.detach()

    def go_without(self, gone: bool) -> None:
        self.gone = gone
        self.offline(gone)

    def come_back(self) -> None:
        """Switched on again after a kill, with or without a network as before."""
        self.switch_on(offline=self.gone)
