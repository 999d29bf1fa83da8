"""The root of the screens: the reader's look, the phone, and the screen of the place where the person is."""

from __future__ import annotations

import flet as ft

from mobile.ui.hooks import use_news
from mobile.ui.look import Look, LookContext
from mobile.ui.phone import Phone, PhoneContext
from mobile.ui.routes import screen_of
from mobile.workflow.app_state import Phase


def look_of(phone: Phone) -> Look:
    """How things look on this phone now."""
    return Look(
        theme=phone.theme,
        language=phone.language,
        width=phone.width,
        height=phone.height,
        text_scale=float(phone.platform.text_scale()),
        touched=phone.app.session.touched,
        toggle_sun=phone.toggle_sun,
        refused=phone.refused,
        refusal=phone.refusal,
    )


def use_phase(phone: Phone) -> Phase:
    """The app's phase; draws anew only when it became another."""
    phase, set_phase = ft.use_state(phone.app.phase)
    undo: list[object] = ft.use_memo(list, [])

    def begin() -> None:
        undo.append(phone.app.subscribe(lambda: set_phase(phone.app.phase)))

    def end() -> None:
        while undo:
            unsubscribe = undo.pop()
            if callable(unsubscribe):
                unsubscribe()

    ft.use_effect(begin, [], end)
    return phase


@ft.component
def Root(phone: Phone) -> ft.View:
    """The one view of the app; our own places stand for Flutter's pages, so that nothing slides about."""
    use_news(phone.subscribe)
    use_phase(phone)
    look = look_of(phone)
    page = ft.context.page

    async def back() -> None:
        await phone.pressed_back()
        await page.views[-1].confirm_pop(False)

    return LookContext(
        look,
        lambda: PhoneContext(
            phone,
            lambda: ft.View(
                controls=[ft.SafeArea(content=screen_of(phone), expand=True)],
                padding=0,
                spacing=0,
                bgcolor=look.theme.ground,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                can_pop=False,
                on_confirm_pop=back,
            ),
        ),
    )


def dress(page: ft.Page, phone: Phone) -> None:
    """The parts of the page that are not ours to draw follow the look: the system's own parts and its words.

    Only before the first rendering: a page that is changed later draws its view beside the one on the glass (Flet 1.0.5).
    """
    theme = phone.theme
    page.theme_mode = ft.ThemeMode.DARK if theme.dark else ft.ThemeMode.LIGHT
    tag = phone.language.code.split("_")
    page.locale_configuration = ft.LocaleConfiguration(
        supported_locales=[ft.Locale("zh", "CN"), ft.Locale("en")],
        current_locale=ft.Locale(*tag),
    )
