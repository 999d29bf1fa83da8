"""What came in: the day's records, one record with all that can be said of it, and what is held or refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from sqlalchemy import RowMapping

from server.services.attachments import AttachmentFiles
from server.services.moments import written
from server.services.projecting import Rulebooks
from server.services.receive import signature_holds
from server.services.rows import chain_state
from server.store import access as access_store
from server.store import reading
from server.store.database import Database
from shared.clock import CHINA_STANDARD_TIME
from shared.errors import InputError, Problem, QuanhengError
from shared.identity import digest_of
from shared.inspection import BlobRef, Conclusion, Inspection, OtherParty
from shared.lot import LotInspection, LotVerdict
from shared.metrology.prepackages.lots import judge_lot
from shared.metrology.spot_check import conclude
from shared.verification import CampaignConfirmed
from sync.envelope import Envelope, read_body, record_message
from sync.intake import read_payload
from sync.keys import key_id

ROWS = 500


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One record in a list."""

    record_id: str
    county: str
    seq: int
    kind: str
    author_name: str
    observed_at: str
    received_at: str
    headline: str
    differs: bool
    """The phone stated another headline than was worked out here."""
    chain_note: str
    clock_doubtful: bool


class Count(msgspec.Struct, frozen=True):
    """How many records of a kind, or of a headline, came in; each opens its list."""

    kind: str
    headline: str
    count: int


class Evidence(msgspec.Struct, frozen=True):
    """A file that the record names, and whether it has arrived."""

    blob: BlobRef
    arrived: bool
    """The file is here, and may be shown with this record."""


class Checks(msgspec.Struct, frozen=True):
    """What was checked on the record's bytes just now."""

    digest: bool
    signature: bool
    key_id: str
    software_key: bool


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """One record with all that can be said of it."""

    line: Line
    envelope: Envelope
    digest: str
    checks: Checks
    chain_missing: int
    chain_forked: bool
    payload: object
    inspection: Inspection | None
    derived: Conclusion | None
    """The conclusion as worked out here, with its working."""
    derivation_problem: Problem | None
    lot: LotInspection | None
    lot_verdict: LotVerdict | None
    """The verdict on a lot as worked out here, with its working."""
    evidence: list[Evidence]
    party: OtherParty | None
    """The other party's word, or the site's."""


class Fork(msgspec.Struct, frozen=True):
    """A record that has another beside it, or before it, than its chain says."""

    sequence: int
    record_id: str


class DeviceChains(msgspec.Struct):
    """What is held of one device's chains."""

    count: int = 0
    """More than one: the phone was restored from an old backup, or its chain had forked."""
    missing: int = 0
    """Records that a later one shows to exist and that have not arrived."""
    forked: int = 0
    """Chains that have two histories."""
    forks: list[Fork] = []
    """Where they do, as far as the ledger shows it."""


class IntakeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One held or refused record."""

    digest: str
    record_id: str
    county: str
    kind: str
    status: str
    problem: Problem
    received_at: str


def span_of(day: date) -> tuple[str, str]:
    """The UTC span of a calendar day in China."""
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)
    return written(start), written(start + timedelta(days=1))


def line_of(row: RowMapping) -> Line:
    """A row of the ledger as a line."""
    return Line(
        record_id=row["record_id"],
        county=row["county"],
        seq=row["seq"],
        kind=row["kind"],
        author_name=row["author_name"] or "",
        observed_at=row["observed_at"],
        received_at=row["received_at"],
        headline=row["headline"] or "",
        differs=bool(row["headline"] and row["stated"] and row["headline"] != row["stated"]),
        chain_note=row["chain_note"],
        clock_doubtful=row["clock_doubtful"],
    )


class Journal:
    """Reads the ledger for the pages."""

    def __init__(
        self, database: Database, rules: Rulebooks, attachments: AttachmentFiles, office_key: bytes
    ) -> None:
        self._database, self._rules, self._attachments = database, rules, attachments
        self._office_key = office_key

    def day(self, counties: Sequence[str], day: date, kind: str = "", headline: str = "") -> list[Line]:
        """The records received on a day, the newest first, five hundred at most."""
        since, until = span_of(day)
        with self._database.reading() as connection:
            rows = reading.records_between(connection, counties, since, until, kind, headline, ROWS)
        return [line_of(row) for row in rows]

    def counts(self, counties: Sequence[str], day: date) -> list[Count]:
        """How many there were, by kind and headline."""
        since, until = span_of(day)
        with self._database.reading() as connection:
            rows = reading.counts_between(connection, counties, since, until)
        return [Count(row["kind"], row["headline"] or "", row["count"]) for row in rows]

    def history(self, subject: str) -> list[Line]:
        """Every record about a subject, the newest first."""
        with self._database.reading() as connection:
            return [line_of(row) for row in reading.records_about(connection, subject)]

    def find(self, record_id: str) -> RecordPage:
        """One record. Raises InputError ``record_unknown`` (404)."""
        with self._database.reading() as connection:
            row = reading.record(connection, record_id)
            if row is None:
                raise record_unknown()
            chain = reading.chain(connection, row["chain"])
            key = access_store.author_keys(connection, row["author_key"])
        envelope = read_body(row["body"])
        payload = read_payload(envelope)
        inspection = payload if isinstance(payload, Inspection) else None
        lot = payload if isinstance(payload, LotInspection) else None
        derived, problem = self._derive(inspection)
        return RecordPage(
            line=line_of(row),
            envelope=envelope,
            digest=row["digest"],
            checks=self._check(row, key),
            chain_missing=chain_state(chain).missing if chain else 0,
            chain_forked=bool(chain and chain["forked"]),
            payload=msgspec.to_builtins(payload),
            inspection=inspection,
            derived=derived,
            derivation_problem=problem,
            lot=lot,
            lot_verdict=judge_lot(self._rules.prepackages, lot) if lot else None,
            evidence=self._evidence(envelope, payload),
            party=party_of(payload),
        )

    def _derive(self, inspection: Inspection | None) -> tuple[Conclusion | None, Problem | None]:
        if inspection is None:
            return None, None
        try:
            return conclude(self._rules.catalogue, inspection), None
        except QuanhengError as error:
            return None, error.problem

    def _check(self, row: RowMapping, key: RowMapping | None) -> Checks:
        """Works the digest out anew and checks the signature over it, now."""
        digest = digest_of(row["body"])
        public_key = key["public_key"] if key else self._office_key
        right_key = key_id(public_key) == row["author_key"]
        signed = right_key and signature_holds(public_key, record_message(digest), row["signature"])
        return Checks(digest == row["digest"], signed, row["author_key"], bool(key and key["software"]))

    def _evidence(self, envelope: Envelope, payload: msgspec.Struct) -> list[Evidence]:
        """The files that a record names: pictures, and the other party's signature."""
        blobs: list[BlobRef] = list(getattr(payload, "photos", []))
        party = party_of(payload)
        if party and party.signature:
            blobs.append(party.signature)
        arrived, county, device = self._attachments.arrived_from, envelope.county, envelope.device
        return [Evidence(blob, arrived(blob.digest, county, device)) for blob in blobs]

    def chains(self) -> dict[str, DeviceChains]:
        """What is held of the chains of each device, by its id."""
        found: dict[str, DeviceChains] = {}
        with self._database.reading() as connection:
            rows = reading.every_chain(connection)
            device_of = {row["chain"]: row["device"] for row in rows if row["forked"]}
            forks = reading.forks(connection, list(device_of), ROWS)
        for row in rows:
            device = found.setdefault(row["device"], DeviceChains())
            device.count += 1
            device.missing += chain_state(row).missing
            device.forked += row["forked"]
        for row in forks:
            found[device_of[row["chain"]]].forks.append(Fork(row["sequence"], row["record_id"]))
        return found

    def exists(self, record_id: str) -> Line | None:
        """Whether a record of that id is on the ledger (the receipt's page)."""
        with self._database.reading() as connection:
            row = reading.record(connection, record_id)
        return line_of(row) if row else None

    def intake(self, counties: Sequence[str]) -> list[IntakeLine]:
        """What is held or refused, the newest first; what waits for something that its own phone sent and that was refused says so."""
        with self._database.reading() as connection:
            rows = reading.intake_rows(connection, counties, ROWS)
            refused = reading.refused_registrations(connection, counties, ROWS)
        in_vain = {(device, subject) for device, body in refused for subject in read_body(body).subjects[:1]}
        lines = [(intake_line(row), (row["device"], row["waiting_for"]) in in_vain) for row in rows]
        return [
            msgspec.structs.replace(line, problem=subject_refused()) if waits else line
            for line, waits in lines
        ]

    def intake_count(self, counties: Sequence[str]) -> int:
        """How many records are held or refused."""
        with self._database.reading() as connection:
            return reading.intake_count(connection, counties)

    def intake_bytes(self, digest: str) -> tuple[IntakeLine, bytes]:
        """One held or refused record's bytes. Raises ``record_unknown``."""
        with self._database.reading() as connection:
            row = reading.intake_row(connection, digest)
        if row is None:
            raise record_unknown()
        return intake_line(row), row["body"]


def party_of(payload: msgspec.Struct) -> OtherParty | None:
    """The other party's word in a record; None in one that asks for none."""
    if isinstance(payload, CampaignConfirmed):
        return payload.party
    return payload.other_party if isinstance(payload, Inspection | LotInspection) else None


def intake_line(row: RowMapping) -> IntakeLine:
    """A row of the intake as a line."""
    return IntakeLine(
        digest=row["digest"],
        record_id=row["record_id"],
        county=row["county"],
        kind=row["kind"],
        status=row["status"],
        problem=msgspec.json.decode(row["problem"], type=Problem),
        received_at=row["received_at"],
    )


def subject_refused() -> Problem:
    """It waits for what will not come by itself; once that is put right it is applied as any other that waited."""
    return Problem(
        "subject_refused",
        "What the record is about came from the same phone and was refused.",
        "See to the refused record first; this one is applied as soon as that is accepted.",
    )


def record_unknown() -> QuanhengError:
    """No record of that id is on the ledger."""
    error = InputError(
        "record_unknown", "No such record is on the ledger.", "Perhaps it has not been sent yet."
    )
    error.status = 404
    return error
