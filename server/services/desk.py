"""What the office's lists show beside a record: what it is about, how far the ledger has come, and what stands at each site."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from server.services.found import FoundOnSite, found_on_site
from server.services.journal import Line
from server.services.projecting import State
from server.services.registry import decoded
from server.store import reading
from server.store import records as store
from server.store.database import Database
from shared.inspection import PartyAnswer
from shared.instrument import Instrument
from shared.lot import Lot
from shared.premises import Premises
from sync.envelope import Envelope, read_body
from sync.intake import read_payload


class About(msgspec.Struct, frozen=True):
    """What a record is about: the first subject that has a state, and the site where that is an instrument."""

    subject: State | None = None
    site: Premises | None = None
    found: FoundOnSite | None = None
    """What a correction or a voided label says."""
    refused: bool = False
    """The other party refused to sign."""


class _Word(msgspec.Struct):
    answer: str = ""


class _Evident(msgspec.Struct):
    other_party: _Word | None = None


class _Told(msgspec.Struct):
    """The part of any payload that says what the other party answered."""

    other_party: _Word | None = None
    evidence: _Evident | None = None


ON_SITE = {"label.voided", "instrument.amended", "premises.amended"}


def refused_to_sign(envelope: Envelope) -> bool:
    """Whether the record says that the other party refused."""
    told = msgspec.json.decode(envelope.payload, type=_Told)
    word = told.other_party or (told.evidence.other_party if told.evidence else None)
    return word is not None and word.answer == PartyAnswer.REFUSED


class SiteCount(msgspec.Struct, frozen=True, kw_only=True):
    """One site and what stands there."""

    premises: Premises
    instruments: int
    unlabelled: int


class Desk:
    """Reads for the console's lists, a few queries for a whole page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ledger(self, counties: Sequence[str]) -> list[tuple[str, int]]:
        """The last number of the ledger in each of these counties: as of where a page's figures are."""
        with self._database.reading() as connection:
            rows = store.counties(connection)
        return [(row["county"], row["ledger_seq"]) for row in rows if row["county"] in counties]

    def about(self, lines: Sequence[Line]) -> dict[str, About]:
        """What each of these records is about, by record id."""
        with self._database.reading() as connection:
            bodies = reading.bodies_at(connection, [(line.county, line.seq) for line in lines])
            envelopes = [read_body(body) for body in bodies]
            subjects = {envelope.record_id: envelope.subjects for envelope in envelopes}
            states = self._states(connection, {each for named in subjects.values() for each in named[:1]})
            at = [each.premises_id for each in states.values() if isinstance(each, Instrument | Lot)]
            sites = self._states(connection, {each for each in at if each})
        found = {}
        for envelope in envelopes:
            record_id, named = envelope.record_id, envelope.subjects
            subject = states.get(named[0]) if named else None
            site = sites.get(subject.premises_id or "") if isinstance(subject, Instrument | Lot) else None
            found[record_id] = About(
                subject,
                site if isinstance(site, Premises) else None,
                found_on_site(read_payload(envelope)) if envelope.kind in ON_SITE else None,
                refused_to_sign(envelope),
            )
        return found

    def _states(self, connection: Connection, subjects: set[str]) -> dict[str, State]:
        rows = store.states(connection, sorted(subjects))
        return {subject: decoded(row) for subject, row in rows.items() if row["state"] is not None}

    def sites(self, counties: Sequence[str]) -> list[SiteCount]:
        """Every site of these counties with its count of instruments, by county, township and name."""
        with self._database.reading() as connection:
            rows = reading.sites_with_counts(connection, counties)
        found = [
            SiteCount(
                premises=decoded(row), instruments=row["instruments"] or 0, unlabelled=row["unlabelled"] or 0
            )
            for row in rows
        ]
        return sorted(
            found, key=lambda each: (each.premises.county, each.premises.township, each.premises.name)
        )
