"""Bytes on the wire with all headers: a relay on loopback that counts both ways."""

from __future__ import annotations

import asyncio

from tests.foreign.proxy import CuttingProxy


class CountingLine(CuttingProxy):
    """Passes everything on and counts it."""

    def __init__(self, target: int) -> None:
        super().__init__(target, seed=0, cuts=0, longest=1)
        self.up = self.down = self.connections = 0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}

        async def upwards() -> None:
            while content := await reader.read(65536):
                self.up += len(content)
                back.write(content)

        sending = asyncio.create_task(upwards())
        try:
            while content := await there.read(65536):
                self.down += len(content)
                writer.write(content)
                await writer.drain()
        finally:
            sending.cancel()
            for side in (back, writer):
                side.close()
                await side.wait_closed()
