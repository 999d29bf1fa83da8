"""Flet's client without Flutter: holds the controls that the app sent, and sends back what a finger would.

It speaks the protocol of Flet 1.0.5 from the inside, which is no documented API; that is why Flet is pinned.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import flet as ft
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

PAGE = 1
ROUNDS = 60
"""Turns of the loop after which everything that an event set off has come to rest."""


class Client(Connection):
    """One page; ``async with Client() as client``."""

    def __init__(self, width: int = 390, height: int = 844) -> None:
        super().__init__()
        self.page_url = "http://phone.test"
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.crashes: list[str] = []
        self.session = Session(self)
        self.page = self.session.page
        self.history = ["/"]
        self.session.apply_page_patch(
            {"route": "/", "platform": "android", "web": True, "width": width, "height": height}
        )
        # Without this first packing no later change would ever become a patch.
        self._packed(self.session.get_page_patch())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self.session.close()
        await self.rest()
        self.executor.shutdown(wait=False)

    def _packed(self, message: object) -> bytes:
        packed: bytes = msgpack.packb(message, default=configure_encode_object_for_msgpack(BaseControl))
        return packed

    def send_message(self, message: Any) -> None:
        """What the app sends; packed as for a real client, so that a property of a wrong type shows here."""
        self._packed([message.action, message.body])
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(message.body.message)
        elif message.action == MessageAction.INVOKE_METHOD:
            self.loop.create_task(self._answer(message.body))

    async def _answer(self, call: Any) -> None:
        if call.name == "push_route":
            self.history.append(call.args["route"])
            self.session.apply_page_patch({"route": call.args["route"]})
        self.session.handle_invoke_method_results(call.control_id, call.call_id, None, None)
        if call.name == "push_route":
            await self.session.dispatch_event(PAGE, "route_change", {"route": self.page.route})

    async def start(self, main: Callable[[ft.Page], object]) -> None:
        """Runs the app's entry."""
        _context_page.set(self.page)
        context.reset_auto_update()
        begun = main(self.page)
        if inspect.isawaitable(begun):
            await begun
        await self.rest()

    async def rest(self) -> None:
        """Lets everything that was set off come to its end; a crash of the session is the test's failure."""
        for _round in range(ROUNDS):
            await asyncio.sleep(0)
        drawing = self.session._Session__updates_task  # type: ignore[attr-defined]
        if drawing and drawing.done() and not drawing.cancelled() and drawing.exception():
            raise drawing.exception()
        assert not self.crashes, self.crashes[0]

    # What is on the glass

    def controls(self) -> Iterator[BaseControl]:
        """Every control of the view, components opened."""

        def below(thing: Any) -> Iterator[BaseControl]:
            thing = ft.unwrap_component(thing)
            if isinstance(thing, list | tuple):
                for each in thing:
                    yield from below(each)
            elif isinstance(thing, BaseControl):
                yield thing
                for field in dataclasses.fields(thing):
                    if not field.name.startswith("_") and not field.metadata.get("skip"):
                        value = getattr(thing, field.name, None)
                        if isinstance(value, BaseControl | list | tuple):
                            yield from below(value)

        views = ft.unwrap_component(self.page.views)
        yield from below(views[-1] if isinstance(views, list) else views)

    def texts(self) -> list[str]:
        """All that can be read, top to bottom."""
        return [
            control.value for control in self.controls() if isinstance(control, ft.Text) and control.value
        ]

    def ground(self) -> str:
        """The colour behind everything."""
        return str(next(c.bgcolor for c in self.controls() if isinstance(c, ft.Container)))

    def reads(self, words: str) -> bool:
        """Whether ``words`` stand somewhere on the screen."""
        return any(words in text for text in self.texts())

    def named(self) -> list[ft.Semantics]:
        """Everything that has a spoken name."""
        return [c for c in self.controls() if isinstance(c, ft.Semantics) and c.label]

    def buttons(self) -> list[str]:
        """The spoken names of what can be touched now."""
        return [str(one.label) for one in self.named() if one.button and one.on_tap]

    def button(self, name: str) -> ft.Semantics:
        """The touchable thing of that name, else of a name that begins so."""
        live = [one for one in self.named() if one.button and one.on_tap]
        found = [one for one in live if one.label == name] or [
            one for one in live if str(one.label).startswith(name)
        ]
        assert found, f"nothing to touch is called {name!r}; there are {self.buttons()}"
        return found[0]

    # What a person does

    async def press(self, *names: str) -> None:
        """Touches the things of these names, one after the other."""
        for name in names:
            await self.session.dispatch_event(self.button(name)._i, "tap", None)
            await self.rest()

    async def hold_head(self) -> None:
        """Keeps the finger on the screen's head."""
        head = next(c for c in self.controls() if isinstance(c, ft.Container) and c.on_long_press)
        await self.session.dispatch_event(head._i, "long_press", None)
        await self.rest()

    async def enter(self, label: str, words: str) -> None:
        """Writes into the field of that label."""
        field = next(c for c in self.controls() if isinstance(c, ft.TextField) and c.label == label)
        self.session.apply_patch(field._i, {"value": words})
        await self.session.dispatch_event(field._i, "change", words)
        await self.rest()

    async def draw(self, *strokes: list[tuple[int, int]]) -> None:
        """Draws with a finger on the pad."""
        for stroke in strokes:
            pad = next(c for c in self.controls() if isinstance(c, ft.GestureDetector))
            for number, (x, y) in enumerate(stroke):
                here = {"l": {"x": x, "y": y}, "g": {"x": x, "y": y}}
                name = "pan_update" if number else "pan_down"
                await self.session.dispatch_event(pad._i, name, {**here, "k": "touch"})
                await self.rest()
                pad = next(c for c in self.controls() if isinstance(c, ft.GestureDetector))
            end = {"l": {"x": 0, "y": 0}, "g": {"x": 0, "y": 0}, "v": {"x": 0, "y": 0}, "pv": 0}
            await self.session.dispatch_event(pad._i, "pan_end", end)
            await self.rest()

    async def told(self, event: str, what: object) -> None:
        """The page tells the app something of the machine."""
        await self.session.dispatch_event(PAGE, event, what)
        await self.rest()

    async def back(self) -> None:
        """The browser's back button: the address of before."""
        if len(self.history) > 1:
            self.history.pop()
        self.session.apply_page_patch({"route": self.history[-1]})
        await self.session.dispatch_event(PAGE, "route_change", {"route": self.history[-1]})
        await self.rest()
