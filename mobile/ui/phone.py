"""What every screen can reach: the workflows, the camera, where one is, and the reader's choices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import flet as ft
from flet.components.hooks.use_context import ContextProvider

from mobile.ui.language import CHINESE, Language
from mobile.ui.theme import DARK, LIGHT, SUN, Theme, ThemeChoice
from mobile.workflow.app_state import AppState, Phase
from mobile.workflow.ports import Camera, Changed, Observers, Platform, Unsubscribe
from mobile.workflow.resolve import Found
from mobile.workflow.spot_check import SpotCheck
from shared.errors import Problem, QuanhengError
from shared.instrument import Instrument
from shared.premises import Premises

if TYPE_CHECKING:
    from mobile.workflow.finding import Finding
    from mobile.workflow.lot import LotCheck

HOME = "/"
FIND = "/find"
PLACE_SETTING = "place"
KEPT_PLACES = ("/check/", "/lot/", "/found/", "/register", "/verify/", "/confirm/")
"""Forms, to which a killed app comes back."""


class Phone:
    """One running app. It remembers where the person was, so that a killed app comes back to the same field."""

    def __init__(
        self, app: AppState, camera: Camera, platform: Platform, languages: Mapping[str, Language]
    ) -> None:
        self.app = app
        self.camera = camera
        self.platform = platform
        self.languages = languages
        self.language = languages[CHINESE]
        self.theme_choice = ThemeChoice.AUTOMATIC
        self.system_dark = False
        self.path = HOME
        self.width: float = 390
        self.height: float = 844
        self.looking_up = False
        """Whether somebody looks up a label on the locked phone."""
        self.found: Found | None = None
        """The label or instrument that the last scan came to."""
        self.listed = HOME
        """The place of the list that it was chosen from, to which its card leads back."""
        self.check: SpotCheck | None = None
        """The spot check in hand."""
        self.lot: LotCheck | None = None
        """The lot of prepackages in hand."""
        self.finding: Finding | None = None
        """Something found on site, in hand."""
        self.back: Callable[[], object] | None = None
        """What the screen shown does for the phone's back button."""
        self.refusal: Problem | None = None
        """Why the last thing could not be done, where the screen shown does not say that itself."""
        self._observers = Observers()
        self._addressed: list[str] = []
        """Addresses that were set and whose change was not told yet."""
        self._before_sun = ThemeChoice.AUTOMATIC

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` when the place, the theme or the language became another."""
        return self._observers.subscribe(changed)

    async def start(self) -> None:
        """Restores the workflows, the reader's choices and the place."""
        await self.app.start()
        self.language = self.languages.get(await self.app.setting("language"), self.language)
        theme = await self.app.setting("theme")
        self.theme_choice = ThemeChoice(theme) if theme in set(ThemeChoice) else ThemeChoice.AUTOMATIC
        launched = self.platform.launch_route()
        if launched.startswith("/enrol/") and self.app.phase is Phase.ENROL:
            await self.app.enrolment.give_code(launched)
        self.path = await self.app.setting(PLACE_SETTING) or HOME
        if self.path == "/register":
            form = await self.app.register.unfinished()
            self.found = await self.app.resolve.scanned(form.payload) if form and form.payload else None
        self._observers.notify()

    # Where one is

    def go(self, path: str) -> None:
        """Shows the screen of ``path``; the address follows, so that the phone's back button has something to take back."""
        self.path = path
        self.looking_up = self.looking_up and path != HOME
        self._observers.notify()
        page = ft.context.page
        page.run_task(self._follow, page, path)

    def unlock_here(self) -> None:
        """Asks for the PIN, and comes back to this very place after it."""
        self.looking_up = False
        self._observers.notify()

    async def _follow(self, page: ft.Page, path: str) -> None:
        if path != self.path:
            return
        if page.route != path:
            await self._address(page, path)
        try:
            await self.app.set_setting(PLACE_SETTING, path if path.startswith(KEPT_PLACES) else "")
        except QuanhengError as error:
            self.refused(error.problem)

    async def went(self, route: str) -> None:
        """The browser's back button took the address back; on a screen of ours that means: one step back."""
        if route in self._addressed:
            del self._addressed[: self._addressed.index(route) + 1]
        elif route != self.path:
            await self.pressed_back()

    async def pressed_back(self) -> None:
        """One step back, as the screen shown understands it; the address stays where the screen is."""
        if self.back:
            await settled(self.back())
        page = ft.context.page
        if page.route != self.path:
            await self._address(page, self.path)

    async def _address(self, page: ft.Page, path: str) -> None:
        """Makes ``path`` the address; that it changed is told later, and is then no press of the back button."""
        self._addressed.append(path)
        await page.push_route(path)

    def refused(self, problem: Problem | None) -> None:
        """Something could not be done, or went well again."""
        if problem != self.refusal:
            self.refusal = problem
            self._observers.notify()

    def resized(self, width: float, height: float) -> None:
        """The glass became another size: turned, or a keyboard came up."""
        if (width, height) != (self.width, self.height):
            self.width, self.height = width, height
            self._observers.notify()

    # The reader's choices

    @property
    def theme(self) -> Theme:
        if self.theme_choice is ThemeChoice.AUTOMATIC:
            return DARK if self.system_dark else LIGHT
        return {ThemeChoice.LIGHT: LIGHT, ThemeChoice.DARK: DARK, ThemeChoice.SUN: SUN}[self.theme_choice]

    async def choose_theme(self, choice: ThemeChoice) -> None:
        self.theme_choice = choice
        self._observers.notify()
        await self.app.set_setting("theme", choice)

    async def toggle_sun(self) -> None:
        """强光 on, or back to what it was."""
        if self.theme_choice is ThemeChoice.SUN:
            await self.choose_theme(self._before_sun)
        else:
            self._before_sun = self.theme_choice
            await self.choose_theme(ThemeChoice.SUN)

    async def choose_language(self, code: str) -> None:
        self.language = self.languages[code]
        self._observers.notify()
        await self.app.set_setting("language", code)

    def system_brightness(self, dark: bool) -> None:
        """The system turned dark or light."""
        if dark is not self.system_dark:
            self.system_dark = dark
            self._observers.notify()

    # What is in hand

    async def open_check(self, draft_id: str) -> SpotCheck:
        """The spot check of that draft, opened once."""
        if self.check is None or self.check.draft_id != draft_id:
            self.check = await self.app.spot_checks.open(draft_id)
        return self.check

    async def begin_check(self, found: Found) -> None:
        """Begins (or goes on with) the check of a found instrument and shows it."""
        self.check = await self.app.spot_checks.begin(found)
        self.check.locate()
        self.go(f"/check/{self.check.draft_id}")

    async def open_lot(self, draft_id: str) -> LotCheck:
        """The lot of that draft, opened once."""
        if self.lot is None or self.lot.draft_id != draft_id:
            self.lot = await self.app.lots.open(draft_id)
        return self.lot

    async def begin_lot(self, premises: Premises | None = None) -> None:
        """Begins a lot, at a site or at none, and shows it."""
        self.lot = await self.app.lots.begin(premises)
        self.go(f"/lot/{self.lot.draft_id}")

    async def open_finding(self, draft_id: str) -> Finding:
        """What was found on site, by its draft, opened once."""
        if self.finding is None or self.finding.draft_id != draft_id:
            self.finding = await self.app.findings.open(draft_id)
        return self.finding

    async def begin_finding(self, about: Instrument | Premises) -> None:
        """Begins (or goes on with) a finding on an instrument or a site, and shows it."""
        findings = self.app.findings
        if isinstance(about, Instrument):
            self.finding = await findings.of_instrument(about)
        else:
            self.finding = await findings.of_site(about)
        self.go(f"/found/{self.finding.draft_id}")


async def settled(result: object) -> Any:
    """The result of a plain or an async function."""
    return await result if isinstance(result, Awaitable) else result


PhoneContext: ContextProvider[Phone] = ft.create_context(None)  # type: ignore[arg-type]


def use_phone() -> Phone:
    """The phone that the component being rendered belongs to."""
    return ft.use_context(PhoneContext)
