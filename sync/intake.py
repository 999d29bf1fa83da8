"""What the server makes of one record: pure judgement, given what is known at that moment.

The order of the questions is the order of what may be trusted: first whether it can be read, then whether it is known already, then who signed it,
then whether they may, and only then what it says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from shared.clock import local_date
from shared.errors import InputError, Problem
from shared.people import Role
from shared.records import OFFICE_ONLY, PAYLOADS, VERIFIER_ONLY, VerificationImported
from shared.verification import VerificationRecorded
from sync.envelope import Envelope, Sealed, read_body
from sync.messages import Status

FUTURE = timedelta(minutes=10)
"""How far a phone's clock may be ahead before its time is noted as doubtful."""


class KnownAuthor(msgspec.Struct, frozen=True):
    """An author's key as the server holds it."""

    person: str
    device: str
    counties: frozenset[str]
    public_key: bytes
    revoked: bool = False
    is_office: bool = False
    role: str = ""
    """A value of :class:`~shared.people.Role`, as it is now."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about one record's surroundings."""

    device: str
    device_counties: frozenset[str]
    access: str
    """The device's: ``open``, ``push_only`` or ``closed``."""
    author: KnownAuthor | None
    digest_on_ledger: str | None = None
    """Digest of the ledger's record with the same id."""
    missing_subjects: tuple[str, ...] = ()
    """Subjects named in the basis or needed by the kind that are not known yet."""
    now: datetime


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A status with its problem, and what to remember of the record."""

    status: Status
    problem: Problem | None = None
    waiting_for: str = ""
    """Of a held record: the subject, or the kind, that must be known first."""
    clock_doubtful: bool = False


class Opened(msgspec.Struct, frozen=True):
    """A record that could be read."""

    sealed: Sealed
    digest: str
    envelope: Envelope


def open_record(sealed: Sealed) -> Opened | Problem:
    """The record's envelope, or why it can't be read (``record_malformed``)."""
    try:
        return Opened(sealed, sealed.digest, read_body(sealed.body))
    except InputError as error:
        return error.problem


def refused(code: str, what: str, remedy: str, /, **details: object) -> Judgement:
    """A refusal with its reason."""
    values = {name: str(value) for name, value in details.items()}
    return Judgement(status=Status.REFUSED, problem=Problem(code, what, remedy, values))


def held(waiting_for: str, code: str, what: str, remedy: str) -> Judgement:
    """A record that waits; ``waiting_for`` is what it waits for."""
    return Judgement(
        status=Status.HELD,
        problem=Problem(code, what, remedy, {"waiting_for": waiting_for}),
        waiting_for=waiting_for,
    )


def identity_reused() -> Judgement:
    """Another record's number; both are kept."""
    return refused(
        "identity_reused",
        "Another record with the same number is on the ledger already.",
        "Both are kept. The office compares them; record what you saw anew if it is missing.",
    )


def subject_unknown(subject: str) -> Judgement:
    """It waits for ``subject``."""
    return held(
        subject,
        "subject_unknown",
        "What the record is about has not arrived yet.",
        "Nothing to do: it is applied as soon as that arrives.",
    )


def county_wrong() -> Judgement:
    """A subject has one home, and its records are filed there: the numbers that phones pull by are the county's own."""
    return held(
        "office",
        "county_wrong",
        "What the record is about belongs to another county than the record.",
        "The record is kept. A person in the office decides on it.",
    )


def subject_wrong() -> Judgement:
    """An instrument where a site is meant, or the like."""
    return held(
        "office",
        "subject_wrong",
        "What the record is about is registered as something else.",
        "The record is kept. A person in the office decides on it.",
    )


def alias_disputed() -> Problem:
    """One code of others on two instruments: the record is applied, both stay bound, and a person must look."""
    return Problem(
        "alias_disputed",
        "This code is bound to another instrument, too.",
        "Both are kept. Compare both nameplates with the code; whoever scans it is asked which of the two it is.",
    )


def field_disputed() -> Problem:
    """Two values of one field, neither author having seen the other's: both stay, and the earlier on the ledger is in force."""
    return Problem(
        "field_disputed",
        "Somebody who had not seen this gave another value.",
        "Both are kept, and the office decides which holds. Nothing to do, unless you are asked.",
    )


def subject_merged() -> Problem:
    """A correction of an instrument that has turned out to be another."""
    return Problem(
        "subject_merged",
        "The office has found that this instrument was registered twice.",
        "What you corrected is kept with the entry that goes on. Look whether it is right there.",
    )


def label_disputed() -> Problem:
    """One label's code on two instruments."""
    return Problem(
        "label_disputed",
        "A label with this code is bound to another instrument, too.",
        "Both are kept. Compare both labels with their instruments; the office decides.",
    )


def label_swapped() -> Problem:
    """A label was seen on another instrument than its own: it is out of force until the office has decided."""
    return Problem(
        "label_swapped",
        "The label was seen on another instrument than its own.",
        "It is out of force, and the office decides. Leave both instruments as they are, unless you are asked.",
    )


def verifications_differ() -> Problem:
    """A pass and a failure of one day, of which neither author knew the other's."""
    return Problem(
        "verifications_differ",
        "Somebody else verified this instrument on the same day, with another result.",
        "Both are kept, and the failure stands. Verify it once more together, and say what was put right.",
    )


def sticker_twice(number: str) -> Problem:
    """One sticker number on two instruments: a copy of the phone gave it away once more."""
    return Problem(
        "sticker_twice",
        "Sticker number {number} stands on another instrument, too.",
        "Both are kept, and the office is told. Take the sticker off one of them and affix one with a new number.",
        {"number": number},
    )


def serial_twice() -> Problem:
    """One serial number of one kind and maker on two instruments."""
    return Problem(
        "serial_twice",
        "An instrument of this kind and maker with this serial number is registered already.",
        "Both are kept. Compare the nameplates; the office decides whether they are one.",
    )


def accepted(envelope: Envelope, arrived: datetime) -> Judgement:
    """It may go onto the ledger; a phone's clock that was ahead when the record came is noted, and refuses nothing."""
    return Judgement(status=Status.ACCEPTED, clock_doubtful=envelope.observed_at > arrived + FUTURE)


def verified_ahead(payload: msgspec.Struct, arrived: datetime) -> Judgement | None:
    """A refusal of a verification whose day had not come in China when it came in, else None: it would speak before every later one."""
    if not isinstance(
        payload, VerificationImported | VerificationRecorded
    ) or payload.verified_on <= local_date(arrived + FUTURE):
        return None
    return refused(
        "verified_ahead",
        "The day of the verification, {day}, has not come yet.",
        "The bytes are kept. Look at the certificate and at the phone's clock, and record it anew with the right day.",
        day=payload.verified_on,
    )


def unreadable(envelope: Envelope, error: InputError) -> Judgement:
    """What :func:`read_payload` says: malformed is refused; what a newer app may mean waits for a server that knows the word."""
    if error.problem.code != "payload_newer":
        return Judgement(status=Status.REFUSED, problem=error.problem)
    return Judgement(
        status=Status.HELD, problem=error.problem, waiting_for=f"{envelope.kind}/{envelope.schema}"
    )


def server_fault() -> Judgement:
    """A fault of ours must neither lose the record nor stop the others: it waits for a person."""
    return held(
        "office",
        "server_fault",
        "The server could not work this record in.",
        "Nothing to do: it is kept, and the office has been told.",
    )


def judge(record: Opened, known: Known, signature_holds: bool) -> Judgement:
    """The ruling on one record that is not refused for its bytes alone."""
    envelope = record.envelope
    if known.digest_on_ledger == record.digest:
        return Judgement(status=Status.DUPLICATE)
    problem = judge_signer(envelope, known, signature_holds)
    if problem is not None:
        return problem
    if known.digest_on_ledger is not None:
        return identity_reused()
    if known.access == "closed" or (known.author and known.author.revoked):
        return held(
            "office",
            "device_revoked",
            "This phone's access was taken away before the record arrived.",
            "The record is kept. A person in the office decides on it.",
        )
    if (envelope.kind, envelope.schema) not in PAYLOADS:
        return held(
            f"{envelope.kind}/{envelope.schema}",
            "kind_unknown",
            "The server does not know this kind of record yet ({waiting_for}).",
            "Nothing to do: it is applied when the server has been updated.",
        )
    if known.missing_subjects:
        return subject_unknown(known.missing_subjects[0])
    return accepted(envelope, known.now)


def judge_signer(envelope: Envelope, known: Known, signature_holds: bool) -> Judgement | None:
    """A refusal if the record is not by whom it says, or they had no right to write it; else None."""
    author = known.author
    if author is None or author.person != envelope.author:
        return refused(
            "author_unknown",
            "The key that signed this record is not known here.",
            "The bytes are kept. Have the phone enrolled again and hand the outbox to the administrator.",
        )
    if not signature_holds:
        return refused(
            "signature_wrong",
            "The signature does not fit the record's bytes: they were changed after signing.",
            "The bytes are kept. Record the check anew; the office looks at what happened.",
        )
    if envelope.device != known.device or author.device != known.device:
        return refused(
            "device_wrong",
            "The record was written on another phone than the one that pushes it.",
            "The bytes are kept. Push it from the phone that wrote it, or hand its outbox over.",
        )
    if envelope.county not in known.device_counties or envelope.county not in author.counties:
        return refused(
            "out_of_scope",
            "County {county} is outside what this phone may write.",
            "The bytes are kept. Ask the administrator to widen the scope, then let the office apply the record.",
            county=envelope.county,
        )
    if envelope.kind in OFFICE_ONLY and not author.is_office:
        return refused(
            "office_only",
            "Only the office can write a record of this kind.",
            "The bytes are kept. Tell the office what should be decided.",
        )
    if envelope.kind in VERIFIER_ONLY and author.role != Role.VERIFIER.value:
        return refused(
            "verifier_only",
            "Only a verifier can write a record of this kind.",
            "The bytes are kept. Have a verifier do it on a phone of the verification team.",
        )
    return None


NEWER_WORD = "Invalid enum value"
"""How msgspec begins to say that a word is none of an enumeration's."""
_decoders: dict[tuple[str, int], msgspec.json.Decoder[msgspec.Struct]] = {
    key: msgspec.json.Decoder(payload) for key, payload in PAYLOADS.items()
}


def read_payload(envelope: Envelope) -> msgspec.Struct:
    """The payload as its struct. Raises InputError ``payload_malformed``, or ``payload_newer`` for a word of an enumeration that is not known here;
    a kind that is not known raises KeyError.
    """
    try:
        return _decoders[envelope.kind, envelope.schema].decode(envelope.payload)
    except (msgspec.DecodeError, RecursionError) as error:
        if isinstance(error, msgspec.ValidationError) and str(error).startswith(NEWER_WORD):
            raise InputError(
                "payload_newer",
                "The record uses a word that the server does not know yet: {reason}",
                "Nothing to do: it is applied when the server has been updated.",
                reason=error,
            ) from error
        raise InputError(
            "payload_malformed",
            "What the record says can't be read: {reason}",
            "The bytes are kept. Update the app and record the check anew.",
            reason=error,
        ) from error
