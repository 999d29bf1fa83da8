"""What the workflows need of the phone; ``mobile.device`` and ``mobile.store`` provide it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import msgspec

from shared.campaign import Campaign
from shared.clock import Clock
from shared.errors import InputError
from shared.identity import RandomBytes
from shared.instrument import Instrument
from shared.metrology.catalogue import Catalogue
from shared.metrology.prepackages.rules import PrepackageRules
from shared.premises import Position, Premises
from shared.regions import Regions
from shared.sought import Word
from shared.standard import Standard
from shared.verification import StickerBlock
from sync.envelope import Envelope
from sync.messages import Ruling
from sync.ports import Attachments, Carried, Mirror, Outbox, Packs, Signer, Transport
from sync.witness import Witnessed


class KeyMaterial(msgspec.Struct, frozen=True):
    """The public halves of a phone's keys."""

    device_public_key: bytes
    author_public_key: bytes
    software_key: bool


class Keys(Signer, Protocol):
    """The phone's private keys: made here, used here, never handed out."""

    async def create(self, author: str, pin: str) -> KeyMaterial:
        """Makes the device's key (once) and the author's, wrapped under the PIN and the device's AES key; unlocks it.

        ``author`` may be a temporary name before enrolment tells the person's id; see :meth:`rename`.
        """
        ...

    async def rename(self, author: str, to: str) -> None:
        """Gives an author's key its final name."""
        ...

    async def unlock(self, author: str, pin: str) -> bool:
        """Imports the author's key, non-extractable; False for a wrong PIN."""
        ...

    async def lock(self) -> None:
        """Forgets every unlocked author's key."""
        ...

    async def unlocked(self) -> list[str]:
        """The authors whose keys can sign now."""
        ...

    async def seal(self, content: bytes) -> bytes:
        """AES-GCM under the device's key, for what rests on the phone."""
        ...

    async def open(self, sealed: bytes) -> bytes:
        """Undoes :meth:`seal`; InputError ``sealed_content_damaged`` if the bytes were changed."""
        ...

    async def seal_for(self, public_key: bytes, content: bytes, bound: bytes) -> bytes:
        """For the holder of that P-256 key alone, and only together with ``bound``.

        HPKE in base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, ``bound`` as its info; the 65 bytes of the
        encapsulated key, then the ciphertext. InputError ``handover_key_unusable``.
        """
        ...


class Blobs(Protocol):
    """Files on the phone named by the SHA-256 of their content: photographs and signatures, encrypted at rest."""

    async def put(self, content: bytes) -> str:
        """Writes and flushes; the digest of the content as it was given."""
        ...

    async def get(self, digest: str) -> bytes | None: ...

    async def delete(self, digest: str) -> None: ...


class ScanEnd(StrEnum):
    DECODED = "decoded"
    CLOSED = "closed"
    TYPE_CODE = "type_code"
    NO_LABEL = "no_label"
    FAILED = "failed"


class Scan(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a scan ended; ``payload`` is the raw text of the code, ``reason`` why the camera failed."""

    end: ScanEnd
    payload: str = ""
    reason: str = ""


class Camera(Protocol):
    """The camera, full screen, with the words that it shows already in the reader's language."""

    async def scan(self, words: dict[str, str]) -> Scan:
        """Words: ``title``, ``hint``, ``note``, ``close``, ``torch``, ``type_code``, ``no_label``, ``offline``."""
        ...

    async def photograph(self, words: dict[str, str]) -> bytes | None:
        """A JPEG of at most 1600 px without EXIF, or None when closed. Words: ``title``, ``hint``, ``close``, ``shutter``."""
        ...

    async def scan_next(self, words: dict[str, str]) -> Scan:
        """The next code of a series, another than those before. The camera stays open until :meth:`end_series`, or until it was closed.

        Words: ``title``, ``hint``, ``note``, ``close``, ``torch``; they may change from call to call.
        """
        ...

    async def end_series(self) -> None:
        """Closes the camera that :meth:`scan_next` left open."""
        ...


class Positioning(Protocol):
    async def position(self, timeout_ms: int = 5000) -> Position | None:
        """Where the phone is, or where it was last, with its accuracy and time; None when it can't tell in time; never raises."""
        ...


class Connectivity(Protocol):
    def online(self) -> bool:
        """What the phone believes; only a request that was answered proves it."""
        ...

    def metered(self) -> bool | None:
        """Whether this network is paid for by the byte; None where the phone does not say."""
        ...

    def subscribe(self, changed: Callable[[bool], None]) -> Callable[[], None]:
        """Calls ``changed`` with :meth:`online` on each change of the network; the result undoes it."""
        ...


class StorageEstimate(msgspec.Struct, frozen=True):
    used_bytes: int
    quota_bytes: int
    persistent: bool
    kind: str
    """``opfs``, ``idbfs`` or ``file``."""


class Platform(Protocol):
    """Small things of the machine underneath."""

    def launch_route(self) -> str:
        """The route in the address that opened the app, for example ``/enrol/CODE``."""
        ...

    async def storage(self) -> StorageEstimate: ...

    async def vibrate(self, pattern_ms: list[int]) -> None: ...

    async def keep_awake(self, on: bool) -> None: ...

    async def share(self, name: str, media_type: str, content: bytes) -> bool:
        """Gives a file out of the app, or saves it; False where the person thought better of it."""
        ...

    async def print_font(self) -> bytes:
        """The outlines that papers are printed with, as :class:`mobile.workflow.print_font.PrintFont` takes them; read when first asked for."""
        ...

    async def pick(self) -> bytes | None:
        """A file that the person chooses; None where none was chosen."""
        ...

    async def update_waiting(self) -> bool:
        """Whether a newer version of the app is installed and waits to be applied."""
        ...

    async def apply_update(self) -> None: ...

    def text_scale(self) -> Decimal: ...


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One of the phone's own records, with what became of it."""

    position: int
    """Grows with each record that this phone wrote, over all its chains."""
    digest: str
    envelope: Envelope
    body: bytes
    ruling: Ruling | None
    sent: bool
    """Whether the bytes left the phone at least once; without a ruling that proves nothing."""
    proven: bool = False
    """Whether its place on the office's signed ledger was verified."""
    handed_over: bool = False
    """Whether somebody else carries it to the office."""


class Records(Protocol):
    """The phone's own records, to look at; :class:`sync.ports.Outbox` writes them."""

    async def newest(self, limit: int, before: int | None = None) -> list[Kept]:
        """The newest first, those of a lower position than ``before``."""
        ...

    async def find(self, record_id: str) -> list[Kept]:
        """Every record of that id: two where one id has two bodies."""
        ...

    async def by_digest(self, digest: str) -> Kept | None: ...

    async def needing_a_person(self) -> list[Kept]:
        """Those refused or conflicting, the newest first."""
        ...

    async def about(self, subject: str) -> list[Kept]:
        """Records that name ``subject``, the newest first."""
        ...

    async def counts(self) -> dict[str, int]:
        """How many records there are by the status of their ruling; ``waiting`` are those without one."""
        ...


class Registry(Protocol):
    """What the phone knows of the world: the mirror's states, under its own records that the server has not seen."""

    async def instrument(self, instrument_id: str) -> Instrument | None: ...

    async def is_own(self, subject: str) -> bool:
        """Whether the subject is known only from this phone's own records."""
        ...

    async def by_label(self, code: str) -> Instrument | None: ...

    async def by_alias(self, key: str) -> list[Instrument]:
        """The instruments that a code of others is bound to; more than one is a conflict that the office has to settle."""
        ...

    async def by_serial(self, serial_number: str) -> list[Instrument]:
        """Instruments with that serial number; letters' case, spaces and hyphens don't count."""
        ...

    async def premises(self, premises_id: str) -> Premises | None: ...

    async def all_premises(self, county: str = "") -> list[Premises]: ...

    async def at(self, premises_id: str) -> list[Instrument]:
        """The instruments of one site, by stall."""
        ...

    async def standards(self) -> list[Standard]: ...

    async def campaigns(self) -> list[Campaign]: ...

    async def sticker_blocks(self) -> list[StickerBlock]: ...


@dataclass(frozen=True)
class Wanted:
    """Which instruments are looked for; what is not given does not matter."""

    words: list[Word]
    due: tuple[date, date] | None = None
    """The verification ends on one of these days, the last included."""
    among: frozenset[str] | None = None
    """Their ids."""


class Hits(Protocol):
    """What was found, of any length, in walking order; it is read where somebody looks at it."""

    total: int

    def is_same(self, other: object) -> bool:
        """Whether the other is the very same find, so that nothing has to be shown anew."""
        ...

    async def window(self, first: int, count: int) -> list[Instrument | None]:
        """Some of them; None in the place of one that has gone since."""
        ...


class Finder(Protocol):
    """Finds instruments as one types, among all that :class:`Registry` knows."""

    def progress(self) -> tuple[int, int] | None:
        """How many states of how many are read, while they have to be before everything is found."""
        ...

    async def ready(self, told: Callable[[], None]) -> None:
        """Takes up what changed since the last time; ``told`` hears of the progress. Long work lets others have their turn."""
        ...

    async def find(self, wanted: Wanted, is_stale: Callable[[], bool]) -> Hits | None:
        """None where ``is_stale`` came true meanwhile. Before :meth:`ready` has ended, what is found may lack something."""
        ...


class StoredDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it rests on the phone; ``sealed`` is :meth:`Keys.seal` of its content."""

    draft_id: str
    author: str
    kind: str
    subject: str
    saved_at: datetime
    sealed: bytes


class Drafts(Protocol):
    """Work that is not finished; a saved draft is on disk when the call returns."""

    async def save(self, draft: StoredDraft) -> None: ...

    async def get(self, draft_id: str) -> StoredDraft | None: ...

    async def of(self, author: str) -> list[StoredDraft]:
        """The last saved first."""
        ...

    async def drop(self, draft_id: str) -> None: ...


class KeptCode(msgspec.Struct, frozen=True, kw_only=True):
    """A scanned code that somebody put aside; ``sealed`` is :meth:`Keys.seal` of its text."""

    digest: str
    """Of the text: the same code is kept once."""
    kept_at: datetime
    sealed: bytes


class KeptCodes(Protocol):
    """Codes of others that stand for no instrument yet, so that none that was scanned is lost."""

    async def keep(self, code: KeptCode) -> None: ...

    async def all(self) -> list[KeptCode]:
        """The newest first."""
        ...

    async def drop(self, digest: str) -> None: ...


class Settings(Protocol):
    """Small texts by name: who is enrolled, PIN tries, the language, the server's clock offset."""

    async def get(self, name: str) -> str: ...

    async def put(self, values: dict[str, str]) -> None:
        """All in one transaction; an empty value removes the name."""
        ...


class Store(Protocol):
    """The phone's one database; every call that writes is one committed transaction."""

    @property
    def outbox(self) -> Outbox: ...

    @property
    def records(self) -> Records: ...

    @property
    def mirror(self) -> Mirror: ...

    @property
    def packs(self) -> Packs | None:
        """None where the phone can't mount county packs."""
        ...

    @property
    def attachments(self) -> Attachments: ...

    @property
    def witnessed(self) -> Witnessed: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def finder(self) -> Finder: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def carried(self) -> Carried: ...

    @property
    def kept_codes(self) -> KeptCodes: ...

    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True)
class Equipment:
    """Everything the workflows work with; ``mobile.app`` fills it with the real things, tests with others."""

    clock: Clock
    random_bytes: RandomBytes
    store: Store
    keys: Keys
    blobs: Blobs
    transport: Transport
    connectivity: Connectivity
    positioning: Positioning
    catalogue: Catalogue
    regions: Regions
    app_version: str
    prepackages: Callable[[], PrepackageRules]
    """The rules on prepackages, read when they are first asked for: most starts need none of them."""
    device_name: str = ""


Changed = Callable[[], None]
"""What an observer is called with: nothing; it looks for itself."""

Unsubscribe = Callable[[], None]
"""Ends a subscription; calling it twice is harmless."""


def storage_failed(reason: object) -> InputError:
    """What every store raises that can't write, or can't be read, because the phone is full or its storage fails."""
    return InputError(
        "phone_storage_failed",
        "The phone could not save: {reason}",
        "What was kept before is there. Make room on the phone, then try again.",
        reason=reason,
    )


class Observers:
    """Plain callbacks that are told when something changed."""

    def __init__(self) -> None:
        self._callbacks: list[Changed] = []

    def subscribe(self, changed: Changed) -> Unsubscribe:
        """Calls ``changed`` after each change until the result is called."""
        self._callbacks.append(changed)

        def unsubscribe() -> None:
            if changed in self._callbacks:
                self._callbacks.remove(changed)

        return unsubscribe

    def notify(self) -> None:
        for changed in list(self._callbacks):
            changed()
