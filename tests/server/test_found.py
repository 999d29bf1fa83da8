"""What is found on site, as the office's states tell it: a label out of force, an instrument gone or moved, a site closed."""

from __future__ import annotations

import random

import msgspec
import pytest

from server.services.conflicts import Decision
from shared.amending import FieldChange, PremisesField, value_of, what_was_seen
from shared.evidence import SiteEvidence
from shared.instrument import Instrument, LabelTrouble, UseStatus
from shared.people import Role
from shared.premises import Premises, Standing
from shared.records import Conflict, LabelVoided, PremisesAmended
from sync.envelope import Basis, Sealed
from tests.server.office import COUNTY, Office, Phone

CODE, NEXT_CODE = "7Q3K9M2V", "8R4M0N3W"
EVIDENCE = SiteEvidence(note="看过")


@pytest.fixture
def scale(office: Office, phone: Phone) -> Instrument:
    """A scale with a label, which the phone has seen."""
    site_id, site = phone.site()
    scale_id, made = phone.scale(site_id)
    phone.push(site, made, phone.label(scale_id, CODE))
    return now(office, scale_id)


def now(office: Office, instrument_id: str) -> Instrument:
    """The scale's state as it is."""
    return office.house.registry.instrument(instrument_id)


def voided(
    phone: Phone, scale: Instrument, because: str, code: str = CODE, seen_on: str | None = None
) -> Sealed:
    """A record that takes the label out of force."""
    payload = LabelVoided(
        label=code,
        instrument_id=scale.instrument_id,
        because=LabelTrouble(because),
        seen_on=seen_on,
        evidence=EVIDENCE,
    )
    subjects = [scale.instrument_id, *([seen_on] if seen_on else [])]
    basis = [Basis(scale.instrument_id, scale.version)]
    return phone.write("label.voided", payload, subjects=subjects, basis=basis)


def standing(phone: Phone, site: Premises, value: Standing, seen: bool = True) -> Sealed:
    """A site found closed, or open again."""
    field = PremisesField.STANDING
    change = FieldChange(
        field=field,
        before=value_of(site, field),
        after=value,
        seen=what_was_seen(site, field, value) if seen else [],
    )
    payload = PremisesAmended(premises_id=site.premises_id, changes=[change], evidence=EVIDENCE)
    basis = [Basis(site.premises_id, site.version)]
    return phone.write("premises.amended", payload, subjects=[site.premises_id], basis=basis)


@pytest.mark.parametrize("because", ["missing", "unreadable"])
def test_a_missing_label_is_out_of_force_until_another_is_bound(
    office: Office, phone: Phone, scale: Instrument, because: str
) -> None:
    """The state says why and by which record, its code still leads to it, and the next label is in force at once."""
    record = voided(phone, scale, because)
    [ruling] = phone.push(record)
    found = now(office, scale.instrument_id)
    assert (ruling.status.value, found.label, found.label_trouble.value) == ("accepted", CODE, because)
    assert (found.label_in_force, found.label_voided_by) == (False, ruling.record_id)
    assert found.version == scale.version + 1
    assert office.house.registry.by_label(CODE) == found
    phone.push(phone.label(scale.instrument_id, NEXT_CODE))
    assert now(office, scale.instrument_id).label_in_force
    office.check()


def test_what_is_said_of_an_earlier_label_changes_nothing(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """Voiding a code that the instrument has no longer leaves the new one in force."""
    phone.push(phone.label(scale.instrument_id, NEXT_CODE))
    before = now(office, scale.instrument_id)
    assert phone.statuses(voided(phone, scale, "missing")) == ["accepted"]
    assert now(office, scale.instrument_id) == before
    office.check()


@pytest.mark.parametrize(("conflict", "left"), [(Conflict.SWAPPED, CODE), (Conflict.LABEL, "")])
def test_a_swapped_label_waits_for_the_office(
    office: Office, phone: Phone, scale: Instrument, conflict: Conflict, left: str
) -> None:
    """Its author is told that the office decides, both instruments' histories hold it; then it stands or is taken off, and the phone is told."""
    other_id, other = phone.scale(scale.premises_id, "2403-09999")
    phone.push(other)
    [ruling] = phone.push(voided(phone, scale, "swapped", seen_on=other_id))
    assert (ruling.status.value, ruling.problem and ruling.problem.code) == ("conflicting", "label_swapped")
    assert ruling.record_id in {line.record_id for line in office.house.journal.history(other_id)}
    # A mere loss that somebody reports afterwards does not take it off the office's desk.
    phone.push(voided(phone, scale, "missing"))
    [shown] = office.house.conflicts.open([COUNTY])
    [side] = shown.sides
    assert (shown.conflict, side.value, side.records) == ("label_swapped", CODE, [ruling.record_id])
    cursor = phone.pull().cursor
    decision = Decision(
        conflict=conflict.value,
        subject=scale.instrument_id,
        version=side.subject.version,
        value=CODE,
        settles=side.records,
        reason="看过两台",
    )
    office.house.conflicts.decide(office.person("wang", Role.REVIEWER), [COUNTY], decision)
    found = now(office, scale.instrument_id)
    assert (found.label, found.label_trouble, found.label_voided_by) == (left, LabelTrouble.NONE, None)
    assert office.house.conflicts.open([COUNTY]) == []
    told = {each.record_id: each.status.value for each in phone.pull(cursor=cursor).rulings}
    assert told[ruling.record_id] == "accepted"
    office.check()


def test_a_decision_does_not_settle_what_it_had_not_seen(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """That the label stands is no answer to a later record of it on another instrument."""
    [first] = phone.push(voided(phone, scale, "swapped"))
    phone.push(voided(phone, now(office, scale.instrument_id), "swapped"))
    decision = Decision(
        conflict="label_swapped",
        subject=scale.instrument_id,
        value=CODE,
        settles=[first.record_id],
        reason="看过",
    )
    office.house.conflicts.decide(office.person("wang", Role.REVIEWER), [COUNTY], decision)
    assert now(office, scale.instrument_id).label_trouble is LabelTrouble.SWAPPED


def test_an_absent_instrument_and_one_that_others_scrapped_are_disputed(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """The existing rules on corrections hold: what neither author had seen of the other waits for the office."""
    other = office.phone("zhao")
    assert phone.statuses(phone.amend(scale, "use_status", "absent")) == ["accepted"]
    assert now(office, scale.instrument_id).use_status is UseStatus.ABSENT
    assert other.statuses(other.amend(scale, "use_status", "scrapped")) == ["conflicting field_disputed"]
    again = phone.amend(now(office, scale.instrument_id), "use_status", "in_use")
    phone.push(again)
    found = now(office, scale.instrument_id)
    assert (found.use_status, [one.value for one in found.disputes]) == (UseStatus.IN_USE, ["scrapped"])
    office.check()


def test_a_site_closes_and_opens_again(office: Office, phone: Phone, scale: Instrument) -> None:
    """The site's state says so; whoever had not seen that it closed does not open it silently; registering it anew does not either."""
    site = office.house.registry.premises(scale.premises_id)
    phone.push(standing(phone, site, Standing.CLOSED))
    closed = office.house.registry.premises(scale.premises_id)
    assert (closed.standing, closed.version) == (Standing.CLOSED, site.version + 1)
    phone.push(phone.site(premises_id=site.premises_id)[1])
    assert office.house.registry.premises(site.premises_id).standing is Standing.CLOSED
    unseen = standing(phone, closed, Standing.OPEN, seen=False)
    assert phone.statuses(unseen) == ["conflicting field_disputed"]
    assert office.house.registry.premises(site.premises_id).standing is Standing.CLOSED
    office.check()


@pytest.mark.parametrize("seed", range(6))
def test_rebuilding_gives_the_same_states(office: Office, phone: Phone, scale: Instrument, seed: int) -> None:
    """Whatever was found in whatever order, the projections made anew from the ledger are the same, byte for byte."""
    chance = random.Random(seed)  # noqa: S311  a seed, no secret
    for _each in range(25):
        state = now(office, scale.instrument_id)
        seen = chance.choice([scale, state])
        site = office.house.registry.premises(scale.premises_id)
        record = chance.choice(
            [
                lambda seen=seen: voided(phone, seen, chance.choice(["missing", "unreadable", "swapped"])),
                lambda seen=seen: phone.amend(
                    seen, "use_status", chance.choice(["absent", "scrapped", "in_use"])
                ),
                lambda: phone.label(scale.instrument_id, chance.choice([CODE, NEXT_CODE])),
                lambda seen=seen: phone.amend(seen, "stall", chance.choice("AB")),
                lambda site=site: standing(
                    phone, site, chance.choice(list(Standing)), chance.choice([True, False])
                ),
            ]
        )()
        [ruling] = phone.push(record)
        assert ruling.status.value in ("accepted", "conflicting")
    office.check()


def test_a_record_that_says_nothing_is_refused(office: Office, phone: Phone, scale: Instrument) -> None:
    """A label with which nothing is the matter, or that was seen on its own instrument, is unreadable; nothing changes."""
    said = {"label": CODE, "instrument_id": scale.instrument_id, "because": "none", "evidence": {}}
    own = said | {"because": "swapped", "seen_on": scale.instrument_id}
    for payload in (said, own):
        record = phone.write("label.voided", msgspec.Raw(msgspec.json.encode(payload)))
        [status] = phone.statuses(record)
        assert status.startswith("refused")
    assert now(office, scale.instrument_id) == scale
