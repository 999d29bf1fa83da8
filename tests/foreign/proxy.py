"""A line that is cut at random byte counts, by a seed: a TCP proxy between a client and the server."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Listens on a port of its own and passes bytes on; until so many were cut, each connection dies after a number of bytes."""

    def __init__(self, target: int, seed: int, cuts: int, longest: int) -> None:
        self._target, self._random = target, random.Random(seed)  # noqa: S311  a seed is the point
        self._cuts, self._longest = cuts, longest
        self.cut = 0
        """How many connections were cut."""
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._carry, "127.0.0.1", 0), self._loop
        )
        self._server = started.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        budget = None
        if self.cut < self._cuts:
            # Now in the middle of what is sent, now in the answer, now before anything.
            budget = Budget(self._random.randrange(1, self._longest))
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            self._open |= {writer, back}
            ways = [
                asyncio.create_task(pump(reader, back, budget)),
                asyncio.create_task(pump(there, writer, budget)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                if budget and budget.left <= 0:
                    self.cut += 1
                for side in (back, writer):
                    # At once and without a word, as a lost network: what is in the buffers is gone.
                    side.transport.abort()


class Budget:
    """Bytes that a connection may still carry, both ways together."""

    def __init__(self, left: int) -> None:
        self.left = left


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, budget: Budget | None) -> None:
    """Passes bytes on until the budget is used up or the source ends."""
    while content := await source.read(16 * 1024):
        if budget:
            content, budget.left = content[: budget.left], budget.left - len(content)
        target.write(content)
        await target.drain()
        if budget and budget.left <= 0:
            return
