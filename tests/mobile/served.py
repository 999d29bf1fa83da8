"""A phone at the real server: its application in this process, a hand on the line between them, and a county large enough for a pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from mobile.device.native import NativePackFiles
from mobile.store.packs import PackFiles
from server.app import phone_app
from shared.label import mint_code
from sync.packs import SMALLEST_PIECE
from sync.ports import Answer, TransportError
from tests.bench.office import seed_states
from tests.contracts.fakes import SoftwareKeys, seeded
from tests.mobile.phone import PIN, Phone
from tests.server.office import COUNTY, Office
from tests.server.office import Phone as Colleague

STATES = 6_000
"""As many as make a pack of three pieces."""


class Served:
    """:class:`sync.ports.Transport` into the server's application. ``through`` sees each answer and may change it or cut the line."""

    def __init__(self, office: Office) -> None:
        self.connect(office)
        self.asked: list[tuple[str, str]] = []
        """Path and Range of each request for a pack."""
        self.through: Callable[[str, Answer], Answer] = lambda _path, answer: answer

    def connect(self, office: Office) -> None:
        """Leads to this office from now on."""
        self._wire = httpx.ASGITransport(phone_app(office.house, office.settings))

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        async with httpx.AsyncClient(transport=self._wire, base_url="http://office.example") as client:
            found = await client.request(method, path, content=body, headers=headers)
        if "/packs/" in path:
            self.asked.append((path.removeprefix("/api/v1/packs/"), (headers or {}).get("Range", "")))
        return self.through(path, Answer(found.status_code, found.content, dict(found.headers)))

    def pieces(self) -> list[tuple[int, int]]:
        """First and last byte of every piece that was asked for."""
        spans = [asked.removeprefix("bytes=").split("-") for _path, asked in self.asked if asked]
        return [(int(first), int(last)) for first, last in spans]


class Street:
    """An office with a large county, a colleague who writes there, and a phone that is new."""

    def __init__(self, folder: Path, counties: tuple[str, ...] = (COUNTY,), states: int = STATES) -> None:
        self.folder, self.counties = folder, counties
        self.office = Office(folder / "office", demo=True)
        self.colleague: Colleague = self.office.phone("colleague", counties)
        if states:
            seed_states(self.office.database, states)
        self.line = Served(self.office)
        self.files: PackFiles = NativePackFiles(folder)

    def market(self) -> tuple[str, str, str]:
        """A site with a labelled scale: their ids and the label's code."""
        site_id, site = self.colleague.site()
        scale_id, scale = self.colleague.scale(site_id)
        code = mint_code(self.colleague.random_bytes)
        self.colleague.push(site, scale, self.colleague.label(scale_id, code))
        return site_id, scale_id, code

    def pack(self) -> str:
        """Builds the packs; the digest of the county's."""
        built = {offer.pack.county: offer.digest for offer in self.office.house.packs.refresh(every=True)}
        return built[COUNTY]

    async def phone(self, files: PackFiles | None = None) -> Phone:
        """A phone that is enrolled, and has been told nothing yet."""
        keys = SoftwareKeys(seeded("keys"))
        path = self.folder / "work.db"
        phone = Phone(path, self.office.clock, self.line, keys, pack_files=files or self.files)  # type: ignore[arg-type]
        person = self.office.person("li", counties=self.counties)
        code = self.office.house.enrolments.make_code("admin", person, list(self.counties))
        await phone.app.start()
        await phone.app.enrolment.give_code(code)
        await phone.app.enrolment.set_pin(PIN, PIN)
        await phone.app.register._sealing.ensure_chain()
        return phone

    def packs_on(self) -> list[str]:
        """The files of packs that lie on the phone."""
        return sorted(path.name for path in (self.folder / "packs").iterdir())

    def close(self) -> None:
        self.office.close()


def cut_after(pieces: int) -> Callable[[str, Answer], Answer]:
    """Lets so many pieces of a pack through, and cuts the line in the next."""
    left = [pieces]

    def through(_path: str, answer: Answer) -> Answer:
        if answer.status == 206:
            left[0] -= 1
            if left[0] < 0:
                raise TransportError("cut")
        return answer

    return through


__all__ = ["SMALLEST_PIECE", "STATES", "Served", "Street", "cut_after"]
