"""A line that drops connections, swallows requests, swallows answers and cuts both, by a seed, until it is told to be calm."""

from __future__ import annotations

import asyncio
import contextlib
from enum import StrEnum

from tests.foreign.proxy import CuttingProxy

NEVER = 1 << 40


class Fate(StrEnum):
    CARRIED = "carried"
    DROPPED = "dropped"
    """Hung up on at once."""
    UNSENT = "unsent"
    """Taken, and nothing of it reaches the server; the client waits until it gives up."""
    UNANSWERED = "unanswered"
    """The server gets it all and does it, and no word of the answer comes back."""
    CUT = "cut"
    """Dies after a number of bytes, both ways counted together."""


WEIGHTS = {Fate.CARRIED: 80, Fate.DROPPED: 6, Fate.UNSENT: 2, Fate.UNANSWERED: 5, Fate.CUT: 7}


class BadLine(CuttingProxy):
    """One connection, one fate; each request of the phones' transport has a connection of its own."""

    def __init__(self, target: int, seed: int, longest: int = 20_000) -> None:
        super().__init__(target, seed, NEVER, longest)
        self.calm = False
        self.met = dict.fromkeys(Fate, 0)
        """How many connections met which fate."""

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        [fate] = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if self.calm:
            fate = Fate.CARRIED
        self.met[fate] += 1
        try:
            with contextlib.suppress(OSError):
                if fate is Fate.UNSENT:
                    await read_out(reader)
                elif fate is Fate.UNANSWERED:
                    await self._swallow_answer(reader)
                elif fate is not Fate.DROPPED:
                    self._cuts = NEVER if fate is Fate.CUT else 0
                    await super()._carry(reader, writer)
        finally:
            writer.transport.abort()

    async def _swallow_answer(self, reader: asyncio.StreamReader) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open.add(back)
        swallowing = asyncio.create_task(read_out(there))
        try:
            while content := await reader.read(16 * 1024):
                back.write(content)
                await back.drain()
        finally:
            swallowing.cancel()
            back.transport.abort()


async def read_out(source: asyncio.StreamReader) -> None:
    """Reads until the other side hangs up, and passes nothing on."""
    while await source.read(16 * 1024):
        pass
