"""Conflicts: corrections that know of each other replace, those that don't stand side by side until the office decides; nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from server.services.conflicts import FINDINGS, MERGE, Decision, OpenConflict
from shared.errors import ConflictError, InputError
from shared.inspection import Headline
from shared.instrument import Attention, Instrument, UseStatus
from shared.people import Role
from shared.premises import Premises
from shared.records import (
    Conflict,
    ConflictResolved,
    InstrumentRegistered,
    VerificationImported,
)
from shared.verification import VerificationResult
from sync.envelope import Basis, Sealed, read_body
from sync.messages import Page
from tests.mobile import specimen
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone

BOTH = [COUNTY, NEXT_COUNTY]


@pytest.fixture
def other(office: Office) -> Phone:
    """A second phone of the county."""
    return office.phone("zhao")


@pytest.fixture
def scale(office: Office, phone: Phone) -> Instrument:
    """A scale that both phones have seen."""
    return registered(office, phone, "2403-01187")


def registered(office: Office, phone: Phone, serial: str, county: str = COUNTY) -> Instrument:
    """A scale at a market of its own."""
    site_id, site = phone.site(county=county)
    scale_id, made = phone.scale(site_id, serial, county=county)
    phone.push(site, made)
    return office.house.registry.instrument(scale_id)


def now(office: Office, scale: Instrument) -> Instrument:
    """The scale's state as it is."""
    return office.house.registry.instrument(scale.instrument_id)


def values(scale: Instrument, field: str = "stall") -> list[str]:
    """The value in force, and those beside it."""
    return [str(getattr(scale, field)), *(one.value for one in scale.disputes if one.field == field)]


def conflicts(office: Office, counties: list[str] | None = None) -> list[OpenConflict]:
    """What the office finds at odds."""
    return office.house.conflicts.open(counties or [COUNTY])


def decide(office: Office, shown: OpenConflict, place: int, conflict: str = "", **changes: object) -> None:
    """A reviewer decides for one side of what was shown."""
    side = shown.sides[place]
    decision = Decision(
        conflict=conflict or shown.conflict,
        subject=getattr(side.subject, "instrument_id", "") or side.subject.premises_id,
        version=side.subject.version,
        field=shown.field,
        value=side.value,
        settles=[one for each in shown.sides for one in each.records],
        reason="看过铭牌",
    )
    people = office.house.access.people()
    person = next((one.person_id for one in people if one.login == "wang"), "") or office.person(
        "wang", Role.REVIEWER, (COUNTY, NEXT_COUNTY)
    )
    office.house.conflicts.decide(person, BOTH, msgspec.structs.replace(decision, **changes))


def merge_with(office: Office, scale: Instrument, twin_id: str) -> None:
    """A reviewer finds that the scale was registered twice."""
    shown = next(one for one in conflicts(office) if one.conflict == Conflict.SERIAL)
    places = [side.subject.instrument_id for side in shown.sides]
    decide(office, shown, places.index(scale.instrument_id), MERGE, merged=[twin_id], field="", value="")


def states_in(page: Page) -> dict[str, Instrument]:
    """The instruments that a phone pulled."""
    return {
        each.subject: msgspec.json.decode(each.state or b"", type=Instrument)
        for each in page.changes
        if each.subject_type == "instrument"
    }


def test_different_fields_merge(office: Office, phone: Phone, other: Phone, scale: Instrument) -> None:
    """Two phones that know nothing of each other correct two fields: both hold, and nothing is disputed."""
    assert phone.statuses(phone.amend(scale, "stall", "A12")) == ["accepted"]
    assert other.statuses(other.amend(scale, "model", "TCS-15")) == ["accepted"]
    found = now(office, scale)
    assert (found.stall, found.model, found.disputes, found.version) == ("A12", "TCS-15", [], 3)
    office.check()


def test_equal_values_are_no_conflict(office: Office, phone: Phone, other: Phone, scale: Instrument) -> None:
    """The same correction twice, and scrapping what is scrapped: success, and nothing to decide."""
    second = registered(office, phone, "S-2")
    for each, field, value in ((scale, "stall", "A12"), (second, "use_status", "scrapped")):
        for one in (phone, other):
            assert one.statuses(one.amend(each, field, value)) == ["accepted"]
    assert values(now(office, scale)) == ["A12"]
    assert values(now(office, second), "use_status") == [UseStatus.SCRAPPED]
    assert conflicts(office) == []


def test_an_edit_that_saw_the_other_replaces_it(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """Pulled in between, the second correction is the next version."""
    phone.push(phone.amend(scale, "stall", "A12"))
    assert other.statuses(other.amend(now(office, scale), "stall", "B7")) == ["accepted"]
    assert values(now(office, scale)) == ["B7"]


def test_a_phones_own_edits_follow_each_other(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """Two corrections offline, the second over the first: one value in the end, beside the other phone's."""
    first = phone.amend(scale, "stall", "A12")
    record_id = msgspec.json.decode(first.body)["record_id"]
    seen = msgspec.structs.replace(scale, stall="A12", amended={"stall": [record_id]})
    second = phone.amend(seen, "stall", "A13")
    assert other.statuses(other.amend(scale, "stall", "B7")) == ["accepted"]
    assert phone.statuses(first, second) == ["conflicting field_disputed"] * 2
    assert values(now(office, scale)) == ["B7", "A13"]


@pytest.mark.parametrize("years", [0, 10], ids=["clock right", "ten years ahead"])
def test_two_values_are_disputed_whatever_the_clock(
    office: Office, phone: Phone, other: Phone, scale: Instrument, years: int
) -> None:
    """Both stand, the first on the ledger is in force, its author's colleague is told, and every phone sees both."""
    ahead = office.clock.now() + timedelta(days=3650 * years / 10)
    assert phone.statuses(phone.amend(scale, "stall", "A12")) == ["accepted"]
    late = other.amend(scale, "stall", "B7", observed_at=ahead)
    assert other.statuses(late) == ["conflicting field_disputed"]
    assert values(states_in(phone.pull())[scale.instrument_id]) == ["A12", "B7"]
    assert [one.status.value for one in other.pull().rulings] == ["conflicting"]
    [shown] = conflicts(office)
    assert (shown.conflict, shown.field) == (Conflict.FIELD, "stall")
    assert [[line.author_name for line in side.lines] for side in shown.sides] == [["li"], ["zhao"]]
    office.check()


def test_a_decision_flows_back_to_both_phones(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """The office puts the other value in force: a record with its reason, pulled by both; nothing is left to decide."""
    phone.push(phone.amend(scale, "stall", "A12"))
    other.push(other.amend(scale, "stall", "B7"))
    [shown] = conflicts(office)
    decide(office, shown, 1)
    for one in (phone, other):
        assert values(states_in(one.pull())[scale.instrument_id]) == ["B7"]
    assert conflicts(office) == []
    [line, *_] = office.house.journal.history(scale.instrument_id)
    assert (line.kind, line.author_name) == ("conflict.resolved", "wang")
    assert "看过铭牌" in str(office.house.journal.find(line.record_id).payload)
    office.check()


def test_a_decision_on_an_older_basis_leaves_what_it_had_not_seen(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """A third value came between the page and the decision: decided is what was shown, and the third stays in dispute."""
    third = office.phone("sun")
    phone.push(phone.amend(scale, "stall", "A12"))
    other.push(other.amend(scale, "stall", "B7"))
    [shown] = conflicts(office)
    third.push(third.amend(scale, "stall", "C1"))
    decide(office, shown, 0)
    assert values(now(office, scale)) == ["A12", "C1"]
    [again] = conflicts(office)
    decide(office, again, 1)
    assert values(now(office, scale)) == ["C1"]
    office.check()


def test_an_edit_made_before_the_decision_was_known_is_disputed(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """What a phone wrote offline meanwhile stands beside the decision, which stays in force."""
    phone.push(phone.amend(scale, "stall", "A12"))
    other.push(other.amend(scale, "stall", "B7"))
    [shown] = conflicts(office)
    offline = phone.amend(now(office, scale), "stall", "A14")
    decide(office, shown, 1)
    assert phone.statuses(offline) == ["conflicting field_disputed"]
    assert values(now(office, scale)) == ["B7", "A14"]


@pytest.mark.parametrize("scrapped_first", [True, False])
def test_delete_against_edit(
    office: Office, phone: Phone, other: Phone, scale: Instrument, scrapped_first: bool
) -> None:
    """A scrapping and a correction that do not know of each other: the correction is kept, and whether it is scrapped is disputed."""
    acts = [(phone, phone.amend(scale, "use_status", "scrapped")), (other, other.amend(scale, "stall", "B7"))]
    first, second = acts if scrapped_first else acts[::-1]
    assert first[0].statuses(first[1]) == ["accepted"]
    assert second[0].statuses(second[1]) == ["conflicting field_disputed"]
    found = now(office, scale)
    assert (found.stall, values(found, "use_status")) == ("B7", ["scrapped", "in_use"])
    office.check()


def test_scrapping_what_one_has_seen_corrected_is_none(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """Who has seen the correction may scrap, and who has seen the scrapping may correct."""
    phone.push(phone.amend(scale, "stall", "B7"))
    assert other.statuses(other.amend(now(office, scale), "use_status", "scrapped")) == ["accepted"]
    assert phone.statuses(phone.amend(now(office, scale), "model", "TCS")) == ["accepted"]
    assert now(office, scale).disputes == []


def test_an_instrument_that_moved(office: Office, phone: Phone, other: Phone, scale: Instrument) -> None:
    """Another site is a correction like any other: found there, two different ones are disputed, an unknown one is waited for."""
    sites = [phone.site(f"市场{number}") for number in range(2)]
    moved = phone.amend(scale, "premises_id", sites[0][0])
    assert phone.statuses(moved) == ["held subject_unknown"]
    phone.push(*[record for _id, record in sites])
    assert other.statuses(other.amend(scale, "premises_id", sites[1][0])) == ["conflicting field_disputed"]
    assert values(now(office, scale), "premises_id") == [sites[0][0], sites[1][0]]
    assert [one.instrument_id for one in office.house.registry.at(sites[0][0])] == [scale.instrument_id]
    office.check()


@pytest.mark.parametrize(
    ("field", "value"),
    [("use_status", "lost"), ("premises_id", "there"), ("serial_number", " ")],
)
def test_a_value_that_can_be_none_is_refused(
    office: Office, phone: Phone, scale: Instrument, field: str, value: str
) -> None:
    """A status, a site or a number that is none."""
    change = {"field": field, "before": "", "after": value}
    payload = {"instrument_id": scale.instrument_id, "changes": [change]}
    record = phone.write("instrument.amended", payload, subjects=[scale.instrument_id])
    assert phone.statuses(record) == ["refused payload_malformed"]
    assert now(office, scale) == scale


def test_a_field_that_is_not_known_here_waits(office: Office, phone: Phone, scale: Instrument) -> None:
    """A newer app may correct more fields: such a record is held until the office is updated, and changes nothing."""
    change = {"field": "version", "before": "", "after": "9"}
    payload = {"instrument_id": scale.instrument_id, "changes": [change]}
    record = phone.write("instrument.amended", payload, subjects=[scale.instrument_id])
    assert phone.statuses(record) == ["held payload_newer"]
    assert now(office, scale) == scale


def test_a_phone_decides_nothing(office: Office, phone: Phone, scale: Instrument) -> None:
    """Decisions are the office's: a phone's is refused, and changes nothing."""
    payload = ConflictResolved(
        subject=scale.instrument_id, conflict=Conflict.FIELD, field="stall", value="Z", reason="ich"
    )
    record = phone.write("conflict.resolved", payload, subjects=[scale.instrument_id])
    assert phone.statuses(record) == ["refused office_only"]
    assert now(office, scale) == scale


def test_sites_are_corrected_alike(office: Office, phone: Phone, other: Phone, scale: Instrument) -> None:
    """Two names of one market are disputed, and the office decides."""
    for one, name in ((phone, "东市场"), (other, "西市场")):
        rename(one, scale.premises_id, name)
    [shown] = conflicts(office)
    assert [side.value for side in shown.sides] == ["东市场", "西市场"]
    decide(office, shown, 1)
    site = office.house.registry.find(scale.premises_id, Premises)
    assert (site.name, site.disputes, site.version) == ("西市场", [], 4)
    assert conflicts(office) == []
    office.check()


def test_registered_anew_wipes_no_correction(office: Office, phone: Phone, scale: Instrument) -> None:
    """The registration under the same id once more, by somebody who had not seen the correction: disputed."""
    phone.push(phone.amend(scale, "stall", "A12"))
    again = InstrumentRegistered(
        instrument_id=scale.instrument_id,
        township=scale.township,
        kind=scale.kind,
        serial_number=scale.serial_number,
        premises_id=scale.premises_id,
        stall="Q9",
    )
    record = phone.write("instrument.registered", again, subjects=[scale.instrument_id])
    assert phone.statuses(record) == ["conflicting field_disputed"]
    assert values(now(office, scale)) == ["A12", "Q9"]


@pytest.mark.parametrize("county", [COUNTY, NEXT_COUNTY])
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
def test_one_serial_number_registered_twice(office: Office, county: str, at_once: bool) -> None:
    """Whatever the county and however it is written: both stand, the second is told, and the office may find that both have it."""
    phone = office.phone("wide", tuple(BOTH))
    sites = [phone.site(county=one) for one in (COUNTY, county)]
    phone.push(*[record for _id, record in sites])
    scales = [
        phone.scale(sites[0][0], "2403 01187"),
        phone.scale(sites[1][0], "2403-01187", county=county),
    ]
    records = [record for _id, record in scales]
    batches = [records] if at_once else [[one] for one in records]
    said = [status for batch in batches for status in phone.statuses(*batch)]
    assert said == ["accepted", "conflicting serial_twice"]
    [shown] = conflicts(office, [county])
    assert (shown.conflict, len(shown.sides), shown.mergeable) == (Conflict.SERIAL, 2, county == COUNTY)
    decide(office, shown, 1)
    assert conflicts(office, BOTH) == []
    assert len(office.house.registry.search(BOTH, "240301187")) == 2
    office.check()


def told(office: Office, phone: Phone) -> list[str]:
    """What a phone hears by pull of its records, in the order in which it was written."""
    return [ruling.status.value for ruling in office.house.puller.page(phone.access, COUNTY, "").rulings]


@pytest.mark.parametrize("way", ["shared", "merged", "corrected"])
def test_phones_are_told_what_a_decision_settles(
    office: Office, phone: Phone, other: Phone, scale: Instrument, way: str
) -> None:
    """A record in conflict is received once nothing is at odds about its instrument, and not while something is."""
    second = registered(office, other, "2403-01187")
    other.push(other.amend(second, "stall", "A12"))
    assert phone.statuses(phone.amend(second, "stall", "B7")) == ["conflicting field_disputed"]
    assert (told(office, other), told(office, phone)) == (["conflicting"], ["conflicting"])
    if way == "merged":
        merge_with(office, scale, second.instrument_id)
        assert told(office, other) == ["conflicting"], "the stall is still in dispute"
    for field in [one for one in conflicts(office) if one.conflict == Conflict.FIELD.value]:
        decide(office, field, 0)
    if way == "shared":
        shown = next(one for one in conflicts(office) if one.conflict == Conflict.SERIAL)
        decide(office, shown, 0)
    if way == "corrected":
        assert told(office, phone) == ["conflicting"], "the number is still there twice"
        return
    assert conflicts(office) == []
    assert (told(office, other), told(office, phone)) == (
        ["conflicting", "accepted"],
        ["conflicting", "accepted"],
    )


def contradict(phone: Phone, other: Phone, scale: Instrument) -> None:
    """A pass by the one and a fail by the other, who has not seen it."""
    passing = specimen.of(asyncio.run(specimen.spot_check()), scale)
    for one, check in ((phone, passing), (other, specimen.failing(passing))):
        basis = [Basis(scale.instrument_id, scale.version)]
        one.push(one.write("inspection.recorded", check, subjects=[scale.instrument_id], basis=basis))


def verification(phone: Phone, scale: Instrument, day: date, result: str = "passed") -> Sealed:
    """A verification of that day, passed or failed."""
    payload = VerificationImported(
        instrument_id=scale.instrument_id,
        result=VerificationResult(result),
        verified_on=day,
        valid_until=day + timedelta(days=364) if result == "passed" else None,
        body="院",
    )
    return phone.write("verification.imported", payload, subjects=[scale.instrument_id])


def rename(phone: Phone, site_id: str, name: str) -> None:
    """Corrects the name of a site as it was registered."""
    change = {"field": "name", "before": "张强镇中心农贸市场", "after": name}
    payload = {"premises_id": site_id, "changes": [change]}
    phone.push(phone.write("premises.amended", payload, subjects=[site_id], basis=[Basis(site_id, 1)]))


def test_a_record_is_told_when_nothing_that_it_names_is_at_odds(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """A registration names its site, too: with the number decided, it waits until the site's name is."""
    _twin_id, made = other.scale(scale.premises_id, "2403-01187")
    assert other.statuses(made) == ["conflicting serial_twice"]
    for one, name in ((phone, "东市场"), (other, "西市场")):
        rename(one, scale.premises_id, name)
    for conflict, heard in (
        (Conflict.SERIAL, ["conflicting"] * 2),
        (Conflict.FIELD, ["conflicting"] * 2 + ["accepted"] * 2),
    ):
        decide(office, next(one for one in conflicts(office) if one.conflict == conflict), 0)
        assert told(office, other) == heard
    assert told(office, phone) == []


@pytest.mark.parametrize("way", ["verified", "corrected", "corrected back", "in one batch"])
def test_phones_are_told_what_ends_without_a_decision(
    office: Office, phone: Phone, other: Phone, scale: Instrument, way: str
) -> None:
    """A verification, a correction that had seen the other value, a number corrected back: the phone hears of it as of a decision."""
    if way == "verified":
        contradict(phone, other, scale)
        end = verification(phone, scale, date(2026, 11, 20))
    elif way == "corrected":
        phone.push(phone.amend(scale, "stall", "A12"))
        other.push(other.amend(scale, "stall", "B7"))
        end = phone.amend(now(office, scale), "stall", "B7")
    elif way == "corrected back":
        other.push(other.scale(scale.premises_id, "2403-01187")[1])
        end = phone.amend(scale, "serial_number", "S-2")
    else:
        # The end comes in the batch of what it ends.
        phone.push(phone.amend(scale, "stall", "A12"))
        unaware = other.amend(scale, "stall", "B7")
        aware = other.amend(now(office, scale), "stall", "B7")
        assert other.statuses(unaware, aware) == ["conflicting field_disputed", "accepted"]
        assert told(office, other) == ["conflicting", "accepted"]
        return
    assert told(office, other) == ["conflicting"]
    phone.push(end)
    assert conflicts(office) == []
    assert (told(office, other), told(office, phone)) == (["conflicting", "accepted"], [])


def test_what_is_settled_of_an_entry_is_settled_of_those_it_continues(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """Three entries made one after the other: what a phone wrote of the first is told when the dispute of the last ends."""
    twin_id, made = other.scale(scale.premises_id, "2403-01187")
    other.push(made)
    twin = office.house.registry.instrument(twin_id)
    phone.push(phone.amend(twin, "stall", "A12"))
    other.push(other.amend(twin, "stall", "B7"))
    merge_with(office, scale, twin_id)
    last_id, again = phone.scale(scale.premises_id, "2403-01187")
    phone.push(again)
    merge_with(office, office.house.registry.instrument(last_id), scale.instrument_id)
    assert told(office, other) == ["conflicting"] * 2
    [shown] = conflicts(office)
    decide(office, shown, 1)
    assert told(office, other) == ["conflicting"] * 2 + ["accepted"] * 2
    assert told(office, phone) == ["conflicting", "accepted"]


@pytest.mark.parametrize("failing", [0, 1], ids=["goes on", "ends"])
def test_of_a_pass_and_a_failure_of_one_day_the_failure_stands(
    office: Office, phone: Phone, other: Phone, scale: Instrument, failing: int
) -> None:
    """Whichever of two entries that are made one was failed; and the newer suspicion of the two is what a certificate is held against."""
    twin_id, made = other.scale(scale.premises_id, "2403-01187")
    other.push(made)
    both, day = [scale, office.house.registry.instrument(twin_id)], date(2026, 11, 10)
    results = ["passed", "passed"]
    results[failing] = "failed"
    for one, result in zip(both, results, strict=True):
        phone.push(phone.inspection(one, label="forged"), verification(phone, one, day, result))
        office.clock.advance(timedelta(days=2))
    merge_with(office, scale, twin_id)
    found = now(office, scale)
    assert (found.verification, found.failed_on) == (None, day)
    assert found.suspected_on == date(2026, 11, 22)
    phone.push(verification(phone, scale, date(2026, 11, 21)))
    assert now(office, scale).attention is Attention.SUSPECTED_CHEATING
    office.check()


def test_corrected_to_a_number_that_is_there(office: Office, phone: Phone, scale: Instrument) -> None:
    """Not only a registration: a correction too may give a serial number twice; corrected back, nothing is left."""
    second = registered(office, phone, "S-2")
    assert phone.statuses(phone.amend(second, "serial_number", "240301187")) == ["conflicting serial_twice"]
    assert [one.conflict for one in conflicts(office)] == [Conflict.SERIAL]
    assert phone.statuses(phone.amend(now(office, second), "serial_number", "S-2")) == ["accepted"]
    assert conflicts(office) == []


def test_two_entries_of_one_instrument_are_made_one(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """The one goes on with what the other had; checks and corrections of the other follow to it, and nothing counts twice."""
    twin_id, made = other.scale(scale.premises_id, "2403-01187")
    assert other.statuses(made) == ["conflicting serial_twice"]
    twin = office.house.registry.instrument(twin_id)
    other.push(other.label(twin_id), other.alias(twin_id, "a code"), other.inspection(twin, Headline.WITHIN))
    merge_with(office, scale, twin_id)
    goes_on, points = now(office, scale), office.house.registry.instrument(twin_id)
    assert (goes_on.label, len(goes_on.aliases), len(goes_on.inspections)) == ("7Q3K9M2V", 1, 1)
    assert (points.continued_by, points.label, points.aliases) == (scale.instrument_id, "", [])
    assert [one.instrument_id for one in office.house.registry.at(scale.premises_id)] == [scale.instrument_id]
    assert conflicts(office) == []
    late = [other.inspection(twin, Headline.WITHIN), other.amend(twin, "stall", "B7")]
    assert other.statuses(*late) == ["accepted", "conflicting subject_merged"]
    found = now(office, scale)
    assert (found.stall, len(found.inspections)) == ("B7", 2)
    assert [one.instrument_id for one in office.house.registry.bound_to(found.aliases)[found.aliases[0]]] == [
        scale.instrument_id
    ]
    office.check()


def test_a_merged_entry_loses_nothing_that_is_open(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """What was disputed of the entry that ends is disputed of the one that goes on, and can be decided there."""
    twin_id, made = other.scale(scale.premises_id, "2403-01187")
    other.push(made)
    twin = office.house.registry.instrument(twin_id)
    phone.push(phone.amend(twin, "stall", "B7"))
    other.push(other.amend(twin, "stall", "C9"))
    merge_with(office, scale, twin_id)
    assert values(now(office, scale)) == ["", "B7", "C9"]
    assert now(office, twin).disputes == []
    [shown] = conflicts(office)
    assert [len(side.records) for side in shown.sides] == [0, 1, 1]
    decide(office, shown, 2)
    assert values(now(office, scale)) == ["C9"]
    assert conflicts(office) == []
    office.check()


def test_the_checks_of_both_entries_stand_in_one_order(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """After a merging the newest checks of both are kept, the newest first, and the newest verification speaks."""
    twin_id, made = other.scale(scale.premises_id, "2403-01187")
    other.push(made)
    twin = office.house.registry.instrument(twin_id)
    checks = []
    for number in range(8):
        office.clock.advance(timedelta(hours=1))
        checks.append(phone.inspection((scale, twin)[number % 2]))
        phone.push(checks[-1])
    for one, day, result in ((scale, 9, "passed"), (twin, 10, "failed")):
        phone.push(verification(phone, one, date(2026, 11, day), result))
    merge_with(office, scale, twin_id)
    found = now(office, scale)
    newest = [read_body(check.body).record_id for check in checks[:2:-1]]
    assert [each.record_id for each in found.inspections] == newest
    assert (found.verification, found.failed_on) == (None, date(2026, 11, 10))
    office.check()


def test_one_label_on_two_instruments(office: Office, phone: Phone, scale: Instrument) -> None:
    """Both keep it, the second is told; the office takes it off one of them."""
    second = registered(office, phone, "S-2")
    records = [phone.label(scale.instrument_id), phone.label(second.instrument_id)]
    assert phone.statuses(*records) == ["accepted", "conflicting label_disputed"]
    assert [now(office, one).label for one in (scale, second)] == ["7Q3K9M2V"] * 2
    [shown] = conflicts(office)
    place = [side.subject.instrument_id for side in shown.sides].index(second.instrument_id)
    decide(office, shown, place)
    assert [now(office, one).label for one in (scale, second)] == ["7Q3K9M2V", ""]
    assert conflicts(office) == []
    office.check()


def test_the_newest_records_stand_beside_a_mark(office: Office, phone: Phone, scale: Instrument) -> None:
    """Of an instrument with a longer history the last three records are shown, the newest first."""
    second = registered(office, phone, "S-2")
    phone.push(phone.label(second.instrument_id), phone.label(scale.instrument_id))
    for stall in ("A1", "A2", "A3"):
        phone.push(phone.amend(now(office, scale), "stall", stall))
    [shown] = conflicts(office)
    [side] = [side for side in shown.sides if side.subject.instrument_id == scale.instrument_id]
    assert side.lines == office.house.journal.history(scale.instrument_id)[:3]
    assert {line.kind for line in side.lines} == {"instrument.amended"}


def test_one_code_of_others_stands_for_one_again(office: Office, phone: Phone, scale: Instrument) -> None:
    """The office says for which instrument a code does not stand; it is not found there any more."""
    second = registered(office, phone, "S-2")
    phone.push(phone.alias(scale.instrument_id, "a code"), phone.alias(second.instrument_id, "a code"))
    [shown] = conflicts(office)
    assert shown.conflict == Conflict.ALIAS
    decide(office, shown, [side.subject.instrument_id for side in shown.sides].index(scale.instrument_id))
    [key] = now(office, second).aliases
    assert [one.instrument_id for one in office.house.registry.bound_to([key])[key]] == [second.instrument_id]
    assert conflicts(office) == []
    office.check()


def test_contradicting_findings_are_listed_and_not_decided_there(
    office: Office, phone: Phone, other: Phone, scale: Instrument
) -> None:
    """A pass and a fail that do not know of each other: listed, and no word of the office clears them."""
    contradict(phone, other, scale)
    [shown] = conflicts(office)
    assert (shown.conflict, [line.author_name for line in shown.sides[0].lines]) == (FINDINGS, ["zhao", "li"])
    with pytest.raises(InputError):
        decide(office, shown, 0)
    assert conflicts(office) == [shown]
    office.check()


def test_what_can_be_decided(office: Office, phone: Phone, scale: Instrument) -> None:
    """Not without a reason, not outside one's counties, not what is none."""
    good = Decision(
        conflict="field_disputed", subject=scale.instrument_id, field="stall", value="A1", reason="r"
    )
    for changes, counties, code in (
        ({"reason": " "}, BOTH, "reason_missing"),
        ({}, [NEXT_COUNTY], "conflict_unknown"),
        ({"subject": "x"}, BOTH, "conflict_unknown"),
        ({"conflict": FINDINGS}, BOTH, "conflict_unknown"),
        ({"field": "version"}, BOTH, "conflict_unknown"),
        ({"conflict": MERGE}, BOTH, "conflict_unknown"),
    ):
        with pytest.raises(InputError) as caught:
            office.house.conflicts.decide("wang", counties, msgspec.structs.replace(good, **changes))
        assert caught.value.problem.code == code
    assert now(office, scale) == scale


def test_a_decision_is_written_whole_or_not_at_all(office: Office, phone: Phone, scale: Instrument) -> None:
    """One record of two that can't go onto the ledger, or a trail that can't be written: nothing is changed, and nothing is left over."""
    twin = registered(office, phone, "S-2")
    good = Decision(
        conflict=MERGE, subject=scale.instrument_id, version=1, merged=[twin.instrument_id], reason="r"
    )
    person = office.person("wang", Role.REVIEWER)
    bad = msgspec.structs.replace(good, merged=[*good.merged, scale.premises_id])
    with pytest.raises(ConflictError) as refused:
        office.house.conflicts.decide(person, BOTH, bad)
    assert refused.value.problem.details == {"reason": "subject_wrong"}
    assert not office.rows("SELECT 1 FROM intake")
    assert not office.rows("SELECT 1 FROM ledger WHERE kind = 'instruments.merged'")
    assert not office.rows("SELECT 1 FROM audit WHERE action = 'conflict_resolved'")
    office.change("ALTER TABLE audit RENAME TO audit_away")
    with pytest.raises(DBAPIError):
        office.house.conflicts.decide(person, BOTH, good)
    assert now(office, twin) == twin
    office.change("ALTER TABLE audit_away RENAME TO audit")
    office.house.conflicts.decide(person, BOTH, good)
    assert now(office, twin).continued_by == scale.instrument_id
    [line] = office.rows("SELECT person_id, subject FROM audit WHERE action = 'conflict_resolved'")
    assert tuple(line.values()) == (person, scale.instrument_id)
