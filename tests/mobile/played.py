"""Stories that take their time, on a loop of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

TURNS = 200


def played(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Makes a test of a story that takes its time."""

    @wraps(story)
    def test(*args: Any, **named: Any) -> None:
        async def tell() -> None:
            await story(*args, **named)

        asyncio.run(tell())

    return test


async def settled() -> None:
    """Everything that can go on has gone on."""
    for _turn in range(TURNS):
        await asyncio.sleep(0)


class Pauses:
    """The sleep of :meth:`mobile.workflow.sync_now.SyncNow.keep_running`: keeps what was asked for, ends a pause when told to."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._over = asyncio.Event()

    async def sleep_ms(self, duration: int) -> None:
        self.asked.append(duration)
        self._over.clear()
        await self._over.wait()

    def end(self) -> None:
        self._over.set()
