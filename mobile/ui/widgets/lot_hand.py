"""The hand on the keypad of a lot."""

from __future__ import annotations

import asyncio

from mobile.ui.widgets.keypad import typed
from mobile.workflow.lot import LotCheck


class LotHand:
    """Takes keys one after the other, in the order they came: each text is saved before the next key changes it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def press(self, lot: LotCheck, key: str) -> None:
        async with self._turn:
            await lot.type(typed(lot.text, key))
