"""Looking up what the phone knows of the world; own states stand before mirrored ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from sqlite_utils import Database

from shared.campaign import Campaign
from shared.instrument import Instrument, in_walking_order, serial_key
from shared.premises import Premises
from shared.standard import Standard
from shared.verification import StickerBlock

_instrument = msgspec.json.Decoder(Instrument)
_premises = msgspec.json.Decoder(Premises)
_standard = msgspec.json.Decoder(Standard)
_campaign = msgspec.json.Decoder(Campaign)
_block = msgspec.json.Decoder(StickerBlock)
OTHERS = "subject_type = ? AND subject_type <> 'instrument'"
"""The second half lets SQLite use the partial index of all that is no instrument."""
S = TypeVar("S", Instrument, Premises, Standard, Campaign, StickerBlock)


def going_on(instruments: list[Instrument]) -> list[Instrument]:
    """Without entries that turned out to be another one's."""
    return [each for each in instruments if not each.continued_by]


class PhoneRegistry:
    """:class:`mobile.workflow.ports.Registry` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def instrument(self, instrument_id: str) -> Instrument | None:
        return self._one(_instrument, "subject = ? AND subject_type = 'instrument'", [instrument_id])

    async def is_own(self, subject: str) -> bool:
        found = self._rows("subject = ?", [subject])
        return bool(found) and all(own for _subject, _state, own in found)

    async def by_label(self, code: str) -> Instrument | None:
        return self._one(_instrument, "label = ? AND label <> ''", [code])

    async def by_alias(self, key: str) -> list[Instrument]:
        query = "SELECT DISTINCT subject FROM known_alias WHERE key = ?"
        found = [
            await self.instrument(subject) for (subject,) in self._database.execute(query, [key]).fetchall()
        ]
        return [each for each in found if each and key in each.aliases]

    async def by_serial(self, serial_number: str) -> list[Instrument]:
        found = self._all(
            _instrument,
            "serial = ? AND serial <> '' AND subject_type = 'instrument'",
            [serial_key(serial_number)],
        )
        return going_on(found)

    async def premises(self, premises_id: str) -> Premises | None:
        return self._one(_premises, "subject = ? AND subject_type = 'premises'", [premises_id])

    async def all_premises(self, county: str = "") -> list[Premises]:
        found = self._all(_premises, OTHERS, ["premises"])
        return sorted(
            (site for site in found if county in ("", site.county)),
            key=lambda site: (site.township, site.name),
        )

    async def at(self, premises_id: str) -> list[Instrument]:
        found = self._all(
            _instrument, "premises = ? AND premises <> '' AND subject_type = 'instrument'", [premises_id]
        )
        return sorted(going_on(found), key=in_walking_order)

    async def standards(self) -> list[Standard]:
        return sorted(self._all(_standard, OTHERS, ["standard"]), key=lambda s: (s.name, s.serial_number))

    async def campaigns(self) -> list[Campaign]:
        return sorted(self._all(_campaign, OTHERS, ["campaign"]), key=lambda c: (c.starts_on, c.title))

    async def sticker_blocks(self) -> list[StickerBlock]:
        return self._all(_block, OTHERS, ["sticker_block"])

    def _one(self, decoder: msgspec.json.Decoder[S], where: str, values: Sequence[str]) -> S | None:
        return next(iter(self._all(decoder, where, values, 1)), None)

    def _all(
        self,
        decoder: msgspec.json.Decoder[S],
        where: str,
        values: Sequence[str] | dict[str, str],
        limit: int = -1,
    ) -> list[S]:
        seen: set[str] = set()
        found = []
        for subject, state, _own in self._rows(
            f"{where} ORDER BY own DESC LIMIT {2 * limit if limit > 0 else -1}", values
        ):
            if subject in seen:
                continue
            try:
                found.append(decoder.decode(state))
            except msgspec.ValidationError:
                # A newer server's words: the state stays as it came, and is read by the app that knows them.
                continue
            seen.add(subject)
        return found[:limit] if limit > 0 else found

    def _rows(self, where: str, values: Sequence[str] | dict[str, str]) -> list[tuple[str, bytes, int]]:
        # What is ordered by must be among what is selected, or SQLite reads the packs from end to end.
        query = f"SELECT subject, state, own FROM known WHERE {where}"  # noqa: S608
        return self._database.execute(query, values).fetchall()
