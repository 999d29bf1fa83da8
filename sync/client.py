"""The phone's side of a sync: greet, push, pull, attach. No input or output of its own; everything goes through the ports.

Invariants:

* A ruling is kept before the next batch is sent, a page's rows with its cursor; a sync that is cut anywhere leaves nothing half.
* One push is under way at a time. While the office rules on a batch the next one is read and packed; while a page is saved the next one comes.
* Nothing that the server says makes the phone drop a record. One record that can't be pushed never keeps back the others.
* One sync at a time: a second call returns at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

import msgspec

from shared.clock import Clock
from shared.errors import InputError, Problem
from sync.attachments import Fate, Watch, upload_waiting
from sync.calls import Asked, Calls, Packed, RefusedError, no_network, packed
from sync.courier import deliver
from sync.envelope import Sealed, head_message
from sync.messages import (
    MAX_BATCH,
    ChainHead,
    Handshake,
    LedgerHead,
    Page,
    Push,
    PushAnswer,
    Ruling,
    Status,
    Welcome,
)
from sync.packs import begin_on_pack
from sync.ports import Attachments, Carried, Contents, Mirror, Outbox, Packs, Signer, TransportError
from sync.versions import PROTOCOL, mismatch
from sync.witness import Witness, Witnessed

SCHEMA = 1
"""Version of the mirrored states' meaning that this app knows."""
BATCH_BYTES = 512 * 1024
PAGE = 2_000
BROKEN_BATCHES = 3
"""Records that the server may stumble over in one sync before it is believed to be broken itself."""


class Batch(msgspec.Struct, frozen=True):
    """Records that go next, as they will travel."""

    records: list[Sealed]
    message: Packed

    @property
    def digests(self) -> set[str]:
        return {sealed.digest for sealed in self.records}


class Stage(StrEnum):
    GREETING = "greeting"
    PUSHING = "pushing"
    FETCHING = "fetching"
    """A county's pack; counted in kilobytes."""
    PULLING = "pulling"
    ATTACHING = "attaching"


class Ground(StrEnum):
    """What a county begins on."""

    PACK = "pack"
    PAGES = "pages"
    NONE = "none"
    """Its pack does not fit, so its states would not fit page by page either: what the phone has is left as it is."""


Progress = Callable[[Stage, int], None]
"""Told of each stage and of how many records, states or files are done in it."""
Sending = Callable[[int, int], None]
"""Told of the file that is being sent: bytes that the server has, and all of them."""


class Outcome(msgspec.Struct, kw_only=True):
    """What one sync came to."""

    busy: bool = False
    """Another sync was under way, and this one did nothing."""
    problem: Problem | None = None
    """Why it did not finish, or what it had to leave; everything is kept."""
    without: Problem | None = None
    """What the phone has to do without until somebody acts; the sync is finished all the same."""
    retry_after_ms: int = 0
    """What the server asked to wait."""
    welcome: Welcome | None = None
    server_offset_ms: int | None = None
    """Server's clock minus the phone's, half the way there and back taken off."""
    pushed: int = 0
    pulled: int = 0
    uploaded: int = 0

    @property
    def finished(self) -> bool:
        """Whether all stages ran without a problem."""
        return not self.busy and self.problem is None


@dataclass
class SyncClient:
    """Runs syncs of one enrolled phone."""

    calls: Calls
    signer: Signer
    outbox: Outbox
    mirror: Mirror
    attachments: Attachments
    contents: Contents
    clock: Clock
    app_version: str
    witnessed: Witnessed
    office_key: bytes = b""
    """Pinned at enrolment; empty where the office signed no heads then."""
    sends_files: bool = True
    """Whether files go now, or wait for another network; records never wait for that."""
    packs: Packs | None = None
    """None where the phone can't mount packs: then a county begins page by page."""
    carried: Carried | None = None
    """What this phone carries to the office for others."""
    protocol: int = PROTOCOL
    stickers: dict[str, int] | None = None
    """How many sticker numbers are left in each county, on a verifier's phone."""
    _running: bool = field(default=False, init=False)
    _heard: dict[str, list[LedgerHead]] = field(default_factory=dict, init=False)
    """The heads of each county's ledger that this sync was shown: the greeting's and the last push's."""

    async def sync(
        self,
        progress: Progress = lambda _stage, _done: None,
        sending: Sending = lambda _sent, _size: None,
    ) -> Outcome:
        """One whole sync. Raises nothing for the network or the server: ``Outcome.problem`` says it."""
        outcome = Outcome()
        if self._running:
            outcome.busy = True
            return outcome
        self._running = True
        try:
            await self._stages(outcome, progress, sending)
        except TransportError:
            outcome.problem = no_network()
        except RefusedError as refused:
            outcome.problem = refused.problem
            outcome.retry_after_ms = refused.retry_after_ms
        finally:
            self._running = False
        return outcome

    async def _stages(self, outcome: Outcome, progress: Progress, sending: Sending) -> None:
        progress(Stage.GREETING, 0)
        welcome = await self._greet(outcome)
        stumbled: set[str] = set()
        await self._push(outcome, progress, stumbled)
        if welcome.access == "open":
            await self._pull(welcome, outcome, progress)
            await self._witness(welcome)
        if self.carried:
            await deliver(self.calls, self.carried)
        tried: set[str] = set()
        while self.sends_files and not await self._attach(outcome, progress, sending, stumbled, tried):
            await self._push(outcome, progress, stumbled)
        if welcome.access == "closed":
            outcome.problem = Problem(
                "device_closed",
                "This phone's access was closed by the office.",
                "What you recorded was handed over and is kept for a person to look at. Speak to the administrator.",
            )

    async def _greet(self, outcome: Outcome) -> Welcome:
        chain, sequence, digest = await self.outbox.head()
        generation = await self.outbox.generation()
        before = self.clock.monotonic_ms()
        phone_time = self.clock.now()
        welcome = await self.calls.post(
            "/handshake",
            Handshake(
                chain=chain,
                sequence=sequence,
                digest=digest,
                schema=SCHEMA,
                app_version=self.app_version,
                phone_time=phone_time,
                generation=generation,
                protocol=self.protocol,
                stickers=self.stickers,
            ),
            Welcome,
        )
        way = (self.clock.monotonic_ms() - before) // 2
        ahead = welcome.server_time - phone_time
        outcome.server_offset_ms = (
            (ahead.days * 86_400 + ahead.seconds) * 1000 + ahead.microseconds // 1000 - way
        )
        if error := mismatch(self.protocol, welcome.protocol):
            raise RefusedError(error.status, error.problem)
        outcome.welcome = welcome
        self._heard = {head.county: [head] for head in welcome.heads}
        await self._compare(chain, sequence, welcome)
        if welcome.generation != generation:
            await self.outbox.meet_generation(welcome.generation, offer_again=bool(generation))
        return welcome

    async def _compare(self, chain: str, sequence: int, welcome: Welcome) -> None:
        """Retires the chain where the server holds another history of it than the phone does."""
        if welcome.head_sequence > sequence:
            await self.outbox.retire_chain("restored")
        elif welcome.head_sequence and welcome.head_digest:
            ours = await self.outbox.digest_at(chain, welcome.head_sequence)
            if ours and ours != welcome.head_digest:
                await self.outbox.retire_chain("fork")

    async def _push(self, outcome: Outcome, progress: Progress, stumbled: set[str]) -> None:
        """Pushes what waits; ``stumbled`` are the records that must wait for the next sync, and grows."""
        progress(Stage.PUSHING, 0)
        most, size = MAX_BATCH, BATCH_BYTES
        following: Batch | None = None
        while batch := following or await self._pack_batch(most, size, stumbled):
            grown = min(most * 2, MAX_BATCH), min(size * 2, BATCH_BYTES)
            try:
                ruled, following = await self._push_batch(batch, grown, stumbled, outcome)
            except RefusedError as refused:
                following = None
                if refused.status not in (400, 413, 422) and refused.status < 500:
                    raise
                if refused.status == 503 or refused.retry_after_ms:
                    raise
                if len(batch.records) > 1:
                    most, size = (len(batch.records) + 1) // 2, max(size // 2, 1)
                    continue
                await self._set_aside(batch.records[0], refused, stumbled, outcome)
                if len(stumbled) >= BROKEN_BATCHES:
                    raise
                continue
            outcome.pushed += ruled
            progress(Stage.PUSHING, outcome.pushed)
            most, size = grown

    async def _set_aside(
        self, sealed: Sealed, refused: RefusedError, stumbled: set[str], outcome: Outcome
    ) -> None:
        """One record alone was not taken: refused for good where it is the record's fault, else left for the next sync."""
        if refused.status >= 500:
            stumbled.add(sealed.digest)
            outcome.problem = refused.problem
            return
        problem = refused.problem
        if refused.status == 413:
            problem = Problem(
                "record_not_taken_for_size",
                "The record is too large for the way to the office.",
                "Its bytes are kept. Record the check anew, with shorter notes; everything else is sent.",
            )
        await self.outbox.ruled([Ruling("", sealed.digest, Status.REFUSED, problem=problem)])

    async def _pack_batch(self, most: int, size: int, without: set[str]) -> Batch | None:
        """The oldest records that wait, without those of these digests, packed under the chain's head; None where none wait."""
        records = await self.outbox.waiting(most, size, without)
        if not records:
            return None
        chain, sequence, digest = await self.outbox.head()
        signature = await self.signer.sign_as_device(head_message(chain, sequence, digest or ""))
        head = ChainHead(chain, sequence, digest or "", signature)
        return Batch(records, packed(Push(head, records, self.protocol)))

    async def _push_batch(
        self, batch: Batch, next_most: tuple[int, int], stumbled: set[str], outcome: Outcome
    ) -> tuple[int, Batch | None]:
        """Pushes one batch and keeps each ruling; what the server passed over in silence waits for the next sync. How many were ruled on, and the
        batch to go next: ``next_most`` records and bytes at most.
        """
        digests = batch.digests
        await self.outbox.sent(sorted(digests))
        with closing(self.calls.ask("POST", "/push", PushAnswer, batch.message)) as asked:
            following = await self._pack_batch(*next_most, stumbled | digests)
            answer = await asked.answer()
        for grown in answer.heads:
            self._heard[grown.county] = [*self._heard.get(grown.county, [])[:1], grown]
        rulings = [ruling for ruling in answer.rulings if ruling.digest in digests]
        silent = digests - {ruling.digest for ruling in rulings}
        if rulings:
            await self.outbox.ruled(rulings)
        if silent:
            outcome.problem = Problem(
                "rulings_missing",
                "The server did not rule on every record that was sent.",
                "Everything is kept on the phone, and it tries again by itself.",
            )
            stumbled |= silent
        return len(rulings), following

    async def _pull(self, welcome: Welcome, outcome: Outcome, progress: Progress) -> None:
        progress(Stage.PULLING, 0)
        for county in await self.mirror.counties():
            if not welcome.scope.holds(county):
                await self.mirror.forget(county)
        for county in sorted(set(welcome.scope.counties)):
            await self._pull_county(county, outcome, progress)
        if self.packs:
            await self.packs.sweep()

    async def _pack(self, county: str, outcome: Outcome, progress: Progress) -> Ground:
        """Puts the county on the server's newest pack. What speaks against it is said in ``Outcome.without``."""
        if self.packs is None:
            return Ground.PAGES
        try:
            stands = await begin_on_pack(
                self.calls, self.packs, self.clock, county, lambda done: progress(Stage.FETCHING, done)
            )
        except InputError as error:
            outcome.without = error.problem
            return Ground.NONE if error.problem.code == "pack_no_room" else Ground.PAGES
        return Ground.PACK if stands else Ground.PAGES

    async def _pull_county(self, county: str, outcome: Outcome, progress: Progress) -> None:
        forgotten = False
        if not await self.mirror.cursor(county):
            if await self._pack(county, outcome, progress) is Ground.NONE:
                return
            progress(Stage.PULLING, outcome.pulled)
        while True:
            try:
                await self._pull_pages(county, outcome, progress)
                return
            except RefusedError as refused:
                if refused.status != 410 or forgotten:
                    raise
                forgotten = True
                ground = await self._pack(county, outcome, progress)
                if ground is Ground.NONE:
                    return
                if ground is Ground.PAGES:
                    await self.mirror.forget(county)
                progress(Stage.PULLING, outcome.pulled)

    async def _pull_pages(self, county: str, outcome: Outcome, progress: Progress) -> None:
        """Saves page after page, from the phone's place in the county's changes to their end."""
        cursor = await self.mirror.cursor(county)
        asked = self._ask_page(county, cursor)
        try:
            while True:
                page = await asked.answer()
                if page.county != county or (page.more and page.cursor == cursor):
                    raise page_wrong()
                if page.more:
                    asked = self._ask_page(county, page.cursor)
                if not await self.mirror.apply(page, cursor):
                    return
                cursor = page.cursor
                outcome.pulled += len(page.changes)
                progress(Stage.PULLING, outcome.pulled)
                if not page.more:
                    return
        finally:
            asked.close()

    def _ask_page(self, county: str, cursor: str) -> Asked[Page]:
        return self.calls.ask("GET", f"/pull/{county}?cursor={quote(cursor)}&limit={PAGE}", Page)

    async def _witness(self, welcome: Welcome) -> None:
        """Compares what was heard of the office's ledgers with what it had signed before."""
        key = self.office_key or welcome.office_key
        if key:
            witness = Witness(self.calls, self.signer, self.witnessed, self.clock, key, welcome.generation)
            await witness.check(self._heard, welcome.scope.counties)

    async def _attach(
        self, outcome: Outcome, progress: Progress, sending: Sending, stumbled: set[str], tried: set[str]
    ) -> bool:
        """Uploads what waits, each file once a sync; False where a record was written meanwhile, for records go first."""
        progress(Stage.ATTACHING, outcome.uploaded)

        async def record_waits() -> bool:
            return bool(await self.outbox.waiting(1, 1, stumbled))

        faults = 0
        while files := await self.attachments.waiting(1, tried):
            [attachment] = files
            fate, problem = await upload_waiting(
                self.calls, self.attachments, self.contents, attachment, Watch(sending, record_waits)
            )
            if fate is Fate.PAUSED:
                return False
            tried.add(attachment.digest)
            if fate is Fate.UPLOADED:
                outcome.uploaded += 1
                progress(Stage.ATTACHING, outcome.uploaded)
            if problem:
                outcome.problem = problem
                faults += 1
                if faults == BROKEN_BATCHES:
                    return True
        return True


def page_wrong() -> RefusedError:
    """The page is another county's, or would be asked for again and again."""
    return RefusedError(
        200,
        Problem(
            "page_wrong",
            "The server sent a page that was not asked for.",
            "Nothing was changed on the phone, and it tries again by itself.",
        ),
    )
