"""Syncing when there is a network: on start, on resume, when the network comes back, and when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from mobile.workflow.enrolled import Enrolled, calls_of, enrolled_here, written
from mobile.workflow.ports import Changed, Equipment, Observers, Unsubscribe
from mobile.workflow.sealing import SERVER_OFFSET, Offset
from mobile.workflow.sticker_stock import StickerStock
from shared.errors import Problem, QuanhengError
from sync.backoff import Backoff
from sync.client import Outcome, Stage, SyncClient


class SyncPhase(StrEnum):
    IDLE = "idle"
    GREETING = "greeting"
    PUSHING = "pushing"
    FETCHING = "fetching"
    PULLING = "pulling"
    ATTACHING = "attaching"


class SyncStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the sync chip shows."""

    phase: SyncPhase = SyncPhase.IDLE
    done: int = 0
    """Records pushed, states pulled or files uploaded so far in this phase."""
    online: bool = False
    last_success: datetime | None = None
    problem: Problem | None = None
    """Why the last sync did not finish; everything is kept."""
    without: Problem | None = None
    """What the phone has to do without until somebody acts, though the last sync finished."""
    next_try: datetime | None = None
    photos_wait: bool = False
    """Whether photos and signatures wait for a network that is not paid for by the byte."""
    sent_bytes: int = 0
    file_bytes: int = 0
    """How far the file that is being sent has come; 0 of 0 where none is."""
    access: str = "open"
    """``open``, ``push_only`` or ``closed``."""
    server_offset_ms: int | None = None
    """Server's clock minus the phone's, as of the last greeting."""


LAST_SUCCESS = "last_sync"
PHOTOS_WAIT = "photos_wait"
PERIOD = timedelta(minutes=15)
"""How often an app that stays open asks for what others changed."""


class SyncNow:
    """Runs the sync engine, one sync at a time."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._observers = Observers()
        self._backoff = Backoff(equipment.random_bytes)
        self._awake = asyncio.Event()
        self._asked_to_wait = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.status = SyncStatus(online=equipment.connectivity.online())
        equipment.connectivity.subscribe(self._connectivity)

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each change of :attr:`status`."""
        return self._observers.subscribe(changed)

    async def restore(self) -> None:
        """Reads when the last sync was."""
        text = await self._equipment.store.settings.get(LAST_SUCCESS)
        if text:
            self._set(last_success=datetime.fromisoformat(text))
        self._set(photos_wait=bool(await self._equipment.store.settings.get(PHOTOS_WAIT)))
        offset = await self._equipment.store.settings.get(SERVER_OFFSET)
        if offset:
            self._set(server_offset_ms=msgspec.json.decode(offset, type=Offset).offset_ms)

    async def let_photos_wait(self, waits: bool) -> None:
        """Keeps the wish that photos wait for Wi-Fi, or that they go at once."""
        await self._equipment.store.settings.put({PHOTOS_WAIT: "yes" if waits else ""})
        self._set(photos_wait=waits)
        self.wake()

    @property
    def photos_held_back(self) -> bool:
        """Whether photos wait now. Where the phone does not say what network it is on, they go."""
        return self.status.photos_wait and self._equipment.connectivity.metered() is True

    async def run(self) -> SyncStatus:
        """Syncs now; returns at once when a sync is under way. Never raises for the network, the server or what rests on the phone."""
        if not self._idle.is_set():
            return self.status
        self._idle.clear()
        try:
            enrolled = await enrolled_here(self._equipment.store.settings)
            if enrolled is None:
                return self.status
            client = await self._client(enrolled)
            outcome = await client.sync(self._progress, self._sending)
            await self._note(enrolled, outcome)
        except QuanhengError as error:
            self._failed(error.problem)
        finally:
            self._idle.set()
            self._set(phase=SyncPhase.IDLE, done=0, sent_bytes=0, file_bytes=0)
        return self.status

    async def until_idle(self) -> None:
        """Returns when no sync is under way."""
        await self._idle.wait()

    async def keep_running(self, sleep_ms: Callable[[int], Awaitable[None]]) -> None:
        """Syncs on start, when the network comes back, when a record was written, and after each back-off, until cancelled.

        Where the server asked to wait, only a person may ask earlier: what is written meanwhile goes with the next.
        """
        while True:
            self._awake.clear()
            status = await self.run()
            left = status.next_try - self._equipment.clock.now() if status.next_try else PERIOD
            pause = max(0, left // timedelta(milliseconds=1))
            waiting: list[asyncio.Future[Any]] = [
                asyncio.ensure_future(self._awake.wait()),
                asyncio.ensure_future(sleep_ms(pause)),
            ]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()

    def wake(self) -> None:
        """Something was written or the app came back: try soon, unless the server asked to wait."""
        if not self._asked_to_wait:
            self._awake.set()

    def _connectivity(self, online: bool) -> None:
        self._set(online=online)
        if online:
            self.wake()

    async def _client(self, enrolled: Enrolled) -> SyncClient:
        store = self._equipment.store
        return SyncClient(
            calls=await calls_of(self._equipment, enrolled.token),
            signer=self._equipment.keys,
            outbox=store.outbox,
            mirror=store.mirror,
            attachments=store.attachments,
            contents=self._equipment.blobs,
            clock=self._equipment.clock,
            app_version=self._equipment.app_version,
            witnessed=store.witnessed,
            office_key=enrolled.office_key,
            sends_files=not self.photos_held_back,
            packs=store.packs,
            carried=store.carried,
            stickers=await StickerStock(self._equipment).left(),
        )

    def _sending(self, sent: int, size: int) -> None:
        self._set(sent_bytes=sent, file_bytes=size)

    def _progress(self, stage: Stage, done: int) -> None:
        self._set(phase=SyncPhase(stage.value), done=done, sent_bytes=0, file_bytes=0)

    async def _note(self, enrolled: Enrolled, outcome: Outcome) -> None:
        """Keeps what was learnt; the server's own word on scope, colleagues and label keys is the newest."""
        clock = self._equipment.clock
        kept: dict[str, str] = {}
        if outcome.welcome:
            kept |= written(
                msgspec.structs.replace(
                    enrolled,
                    scope=outcome.welcome.scope,
                    colleagues=outcome.welcome.colleagues or enrolled.colleagues,
                    label_keys=outcome.welcome.label_keys or enrolled.label_keys,
                    office_key=enrolled.office_key or outcome.welcome.office_key,
                    handover_key=enrolled.handover_key or outcome.welcome.handover_key,
                )
            )
        if outcome.server_offset_ms is not None:
            offset = Offset(outcome.server_offset_ms, clock.monotonic_ms())
            kept[SERVER_OFFSET] = msgspec.json.encode(offset).decode()
            self._set(server_offset_ms=outcome.server_offset_ms)
        if outcome.finished:
            kept[LAST_SUCCESS] = clock.now().isoformat()
        await self._equipment.store.settings.put(kept)
        if outcome.welcome:
            # The line is there again: what still went wrong begins with the shortest wait.
            self._backoff.succeeded()
        self._set(without=outcome.without)
        if outcome.finished:
            self._asked_to_wait = False
            self._set(problem=None, next_try=None, last_success=clock.now())
        else:
            self._failed(outcome.problem, outcome.retry_after_ms)
        if outcome.welcome:
            self._set(access=outcome.welcome.access)

    def _failed(self, problem: Problem | None, at_least_ms: int = 0) -> None:
        wait = timedelta(milliseconds=self._backoff.failed(at_least_ms))
        self._asked_to_wait = at_least_ms > 0
        self._set(problem=problem, next_try=self._equipment.clock.now() + wait)

    def _set(self, **changes: object) -> None:
        self.status = msgspec.structs.replace(self.status, **changes)
        self._observers.notify()
