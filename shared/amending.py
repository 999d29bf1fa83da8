"""Corrections of what is registered, field by field, and what becomes of two that do not know of each other.

Every value of a field is kept with the records that gave it. A correction takes the place of the values whose records its author had *seen*, and of no
others: so no clock decides anything, and phones' records give the same values and disputes in whatever order they arrive. Of two values that stay, the
one that came first on the ledger is in force until the office decides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Annotated, Any, Generic, Protocol, TypeVar

import msgspec
from msgspec import Meta

from shared.identity import Identity

Value = Annotated[str, Meta(max_length=200)]


class InstrumentField(StrEnum):
    """What can be corrected of an instrument."""

    SERIAL_NUMBER = "serial_number"
    PREMISES_ID = "premises_id"
    """The site: an instrument that moved."""
    STALL = "stall"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    USE_STATUS = "use_status"
    """``scrapped`` is what this trade has for deleting."""


class PremisesField(StrEnum):
    """What can be corrected of a site."""

    NAME = "name"
    ADDRESS = "address"
    TYPE = "type"
    STANDING = "standing"
    """``closed`` where the site was found closed for good."""


F = TypeVar("F")


class FieldChange(msgspec.Struct, Generic[F], frozen=True, kw_only=True, omit_defaults=True):
    """One field corrected."""

    field: F
    before: Value
    """The value that it replaces, as the author saw it."""
    after: Value
    seen: list[Identity] = []
    """The records that gave what the author saw: the value in force, what scrapped the instrument, and where this scraps it every correction of it."""


class Dispute(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value beside the one in force, whose author and that one's had not seen each other's."""

    field: str
    value: str
    records: list[Identity]
    """That gave it."""
    implied: bool = False
    """They corrected something else of an instrument that others scrapped, and so stand for its being there."""


class Amendable(Protocol):
    """A state whose fields can be corrected."""

    @property
    def version(self) -> int: ...
    @property
    def amended(self) -> dict[str, list[Identity]]: ...
    @property
    def disputes(self) -> list[Dispute]: ...


S = TypeVar("S", bound=Any)


def value_of(state: Amendable, field: str) -> str:
    """The value in force."""
    return str(getattr(state, field))


def disputed(state: Amendable, field: str) -> list[Dispute]:
    """The values beside the one in force."""
    return [each for each in state.disputes if each.field == field]


def given_by(state: Amendable, field: str) -> list[Identity]:
    """The records that gave the value in force; none where it stands as registered."""
    return state.amended.get(field, [])


def put(
    state: S, field: str, value: str, record_id: str, seen: Sequence[str], takes_force: bool = False
) -> S:
    """The state with one more value of a field, the version as it was; ``takes_force`` where it is the office's decision."""
    before = value_of(state, field)
    told = [Dispute(field, before, given_by(state, field)), *disputed(state, field)]
    left = [unseen for each in told if (unseen := without(each, seen))]
    claims = [each for each in left if not each.implied]
    stands = bool(claims) and claims[0].value == before and not takes_force
    mine = Dispute(field, value, [record_id])
    place = next((number for number, each in enumerate(claims) if each.value == value), None)
    if place is not None:
        mine = Dispute(field, value, [*claims.pop(place).records, record_id])
    claims.insert((place if place is not None else len(claims)) if stands else 0, mine)
    # That an instrument is there is at odds with a scrapping alone.
    implied = [
        each for each in left if each.implied and any(is_scrapping(field, one.value) for one in claims)
    ]
    others = [each for each in state.disputes if each.field != field]
    return with_value(state, claims[0], [*others, *claims[1:], *implied])


def without(claim: Dispute, seen: Sequence[str]) -> Dispute | None:
    """What is left of a value when the records that somebody saw are overruled; a registered value is overruled by any correction."""
    left = [each for each in claim.records if each not in seen]
    return msgspec.structs.replace(claim, records=left) if left else None


def with_value(state: S, claim: Dispute, disputes: list[Dispute]) -> S:
    """The state with a value in force, read as the field's own type. Raises ValueError for one that is none."""
    own_type = type(getattr(state, claim.field))
    amended = dict(state.amended) | {claim.field: claim.records}
    fields = {claim.field: own_type(claim.value), "amended": amended, "disputes": disputes}
    return msgspec.structs.replace(state, **fields)


def amend(state: S, changes: Sequence[FieldChange[Any]], record_id: str) -> tuple[S, bool]:
    """The state with these corrections, the version as it was; and whether it disagrees with what stays in force and its author had not seen."""
    seen = {each for change in changes for each in change.seen}
    scraps = any(is_scrapping(change.field, change.after) for change in changes)
    # What was corrected before an earlier scrapping was held against that one.
    edits = [] if is_scrapped_unseen(state, ()) else other_records(state)
    clashes = False
    for change in changes:
        state = put(state, change.field.value, change.after, record_id, change.seen)
        clashes = clashes or value_of(state, change.field.value) != change.after
    # Who corrects an instrument stands for its being there; so a correction and a scrapping that do not know of each other are at odds.
    there = [each for each in edits if each not in seen] if scraps else []
    speaks_of_it = any(change.field == InstrumentField.USE_STATUS for change in changes)
    if not speaks_of_it and is_scrapped_unseen(state, seen):
        there = [record_id]
    if there:
        return with_implied(state, there, seen), True
    return state, clashes


GONE, THERE = "scrapped", "in_use"
"""Values of :class:`shared.instrument.UseStatus`."""


def is_scrapping(field: str, value: str) -> bool:
    """Whether this value of this field says that the instrument is no more."""
    return field == InstrumentField.USE_STATUS and value == GONE


def is_scrapped_unseen(state: Amendable, seen: Collection[str]) -> bool:
    """Whether the instrument is said to be scrapped by records of which none is among ``seen``."""
    field = InstrumentField.USE_STATUS.value
    if not hasattr(state, field):
        return False
    claims = [Dispute(field, value_of(state, field), given_by(state, field)), *disputed(state, field)]
    return any(is_scrapping(field, claim.value) and not set(claim.records) & set(seen) for claim in claims)


def other_records(state: Amendable) -> list[Identity]:
    """The records that gave values of other fields than the use status."""
    field = InstrumentField.USE_STATUS.value
    told = [records for name, records in state.amended.items() if name != field]
    told += [each.records for each in state.disputes if each.field != field]
    return list(dict.fromkeys(each for records in told for each in records))


def with_implied(state: S, records: Sequence[str], seen: Collection[str]) -> S:
    """The state with records that stand for its being there."""
    known = next((each for each in state.disputes if each.implied), None)
    others = [each for each in state.disputes if not each.implied]
    earlier = [each for each in (known.records if known else []) if each not in seen]
    told = list(dict.fromkeys([*earlier, *records]))
    there = Dispute(InstrumentField.USE_STATUS.value, THERE, told, implied=True)
    return msgspec.structs.replace(state, disputes=[*others, there])


def with_disputes_of(state: S, other: S) -> S:
    """The state with what is disputed of another entry of the same thing: those values stand beside the ones here, which stay in force."""
    disputes = list(state.disputes)
    for field in dict.fromkeys(each.field for each in other.disputes):
        claims = [Dispute(field, value_of(other, field), given_by(other, field)), *disputed(other, field)]
        known = {value_of(state, field), *(each.value for each in disputed(state, field))}
        disputes += [each for each in claims if each.value not in known]
    return msgspec.structs.replace(state, disputes=disputes)


def what_was_seen(state: Amendable, field: str, value: str) -> list[Identity]:
    """What a correction's ``seen`` says of a state that its author looks at."""
    seen = list(given_by(state, field))
    if is_scrapping(field, value):
        seen += other_records(state)
    elif is_scrapped_unseen(state, ()):
        seen += given_by(state, InstrumentField.USE_STATUS)
    return list(dict.fromkeys(seen))
