"""Lots of prepackages in the office: judged again, compared with what the phone stated, listed, counted once."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from shared.identity import digest_of
from shared.inspection import BlobRef
from shared.lot import Lot, LotInspection, LotVerdict
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.lots import judge_lot, without_working
from shared.metrology.prepackages.rates import PassRate
from sync.envelope import Basis, Sealed
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone
from tests.shared.checks import weights
from tests.shared.lots import A, lot, rules

SHORT = ["470", *A[1:]]
"""Set A with a first package that is short by 2T."""


def stated(inspection: LotInspection) -> LotVerdict:
    """What an honest phone states."""
    return without_working(judge_lot(rules(), inspection))


def inspected(phone: Phone, lot_id: str, values: list[str], version: int = 0, **changes: Any) -> Sealed:
    """A lot that was weighed, with the verdict that the phone states, by default an honest one."""
    fields = {"lot_id": lot_id, "started_at": phone.office.clock.now(), **changes}
    envelope = {name: fields.pop(name) for name in ("county",) if name in fields}
    whole = lot(values, **fields)
    if whole.verdict is None:
        whole = msgspec.structs.replace(whole, verdict=stated(whole))
    basis = [Basis(lot_id, version)] if version else []
    return phone.write("lot.inspected", whole, subjects=[lot_id], basis=basis, **envelope)


@pytest.fixture
def site(phone: Phone) -> str:
    """A market on the ledger."""
    site_id, record = phone.site()
    phone.push(record)
    return site_id


def only_lot(office: Office) -> Lot:
    [found] = office.house.lots.listed([COUNTY])
    return found


def test_a_lot_is_judged_again_and_listed(office: Office, phone: Phone, site: str) -> None:
    """A lot is on the ledger and in the list with the office's own verdict; its page shows the working."""
    [ruling] = phone.push(inspected(phone, phone.mint(), A, premises_id=site))
    assert ruling.status.value == "accepted"
    found = only_lot(office)
    assert (found.goods, found.premises_id, found.version) == ("面粉", site, 1)
    assert (found.content, found.label_outcome, found.findings[0].differs) == (
        Outcome.WITHIN,
        Outcome.WITHIN,
        False,
    )
    assert office.house.lots.listed([NEXT_COUNTY]) == []
    page = office.house.journal.find(ruling.record_id)
    assert page.lot_verdict
    assert page.lot_verdict.working
    assert (page.inspection, page.lot_verdict.outcome) == (None, Outcome.WITHIN)
    office.check()


def test_a_phone_that_states_another_verdict_is_marked(office: Office, phone: Phone) -> None:
    """A phone that states a pass over a package short by 2T: the readings judge, and the difference is kept."""
    rosy = stated(lot(A, started_at=office.clock.now()))
    assert phone.statuses(inspected(phone, phone.mint(), SHORT, verdict=rosy)) == ["accepted"]
    found = only_lot(office).findings[0]
    assert (found.content, found.stated_content, found.differs) == (Outcome.BEYOND, Outcome.WITHIN, True)


def test_a_phone_cannot_state_a_pass_with_an_expired_standard(office: Office, phone: Phone) -> None:
    """Whatever the phone states, a balance whose certificate had run out decides nothing here."""
    rosy = stated(lot(A, started_at=office.clock.now()))
    old = weights(["5 kg"], valid_until=date(2026, 11, 19))
    phone.push(inspected(phone, phone.mint(), A, verdict=rosy, standards=old))
    found = only_lot(office)
    assert (found.content, found.findings[0].differs) == (Outcome.UNDECIDED, True)


def test_two_findings_that_contradict_each_other_are_disputed(office: Office, phone: Phone) -> None:
    """A failure and a pass whose author had not seen it: a person must look, until somebody inspects who has seen both."""
    other, lot_id = office.phone("zhao"), phone.mint()
    assert phone.statuses(inspected(phone, lot_id, SHORT)) == ["accepted"]
    assert other.statuses(inspected(other, lot_id, A)) == ["conflicting"]
    found = only_lot(office)
    assert (found.disputed, found.content, len(found.findings)) == (True, Outcome.UNDECIDED, 2)
    assert office.house.lots.rates([COUNTY]).content == PassRate(0, 0, 1)
    assert other.statuses(inspected(other, lot_id, A)) == ["accepted"]
    assert only_lot(office).disputed, "who has not seen the contradiction leaves it"
    assert phone.statuses(inspected(phone, lot_id, SHORT, version=3)) == ["accepted"]
    settled = only_lot(office)
    assert (settled.disputed, settled.content, settled.version) == (False, Outcome.BEYOND, 4)
    office.check()


def test_rates_count_lots(office: Office, phone: Phone) -> None:
    """Label and net content apart; a lot that was inspected twice counts once, by its last finding."""
    first, second = phone.mint(), phone.mint()
    phone.push(
        inspected(phone, first, A),
        inspected(phone, second, SHORT, label_text="含量:500g"),
        inspected(phone, first, A, version=1),
    )
    rates = office.house.lots.rates([COUNTY])
    assert (rates.content, rates.label) == (PassRate(1, 2), PassRate(1, 2))
    office.check()


def test_a_lot_waits_for_its_site(office: Office, phone: Phone) -> None:
    """A lot of a market that is not known yet is held, and applied as soon as the market comes."""
    site_id, record = phone.site()
    inspection = inspected(phone, phone.mint(), A, premises_id=site_id)
    assert phone.statuses(inspection) == ["held subject_unknown"]
    phone.push(record)
    assert only_lot(office).premises_id == site_id
    office.check()


def test_a_lot_in_another_county_is_another_matter(office: Office) -> None:
    """One lot id in two counties: the second waits for a person, and is kept."""
    wide = office.phone("wide", (COUNTY, NEXT_COUNTY))
    lot_id = wide.mint()
    assert wide.statuses(inspected(wide, lot_id, A)) == ["accepted"]
    assert wide.statuses(inspected(wide, lot_id, A, county=NEXT_COUNTY)) == ["held county_wrong"]


@pytest.mark.parametrize(
    "damage",
    [
        {"lot_size": 0},
        {"nominal": {"value": "NaN", "unit": "g"}},
        {"readings": [{"package": 0}]},
        {"started_at": "2026-11-20T01:00:00"},
    ],
    ids=["no packages", "no figure", "no number", "no zone"],
)
def test_a_lot_that_cannot_be_is_refused_and_kept(
    office: Office, phone: Phone, damage: dict[str, Any]
) -> None:
    """A payload that is no lot is refused by its place, one bad record beside a good one."""
    whole = msgspec.to_builtins(lot(A, started_at=office.clock.now())) | damage
    bad = phone.write("lot.inspected", msgspec.Raw(msgspec.json.encode(whole)), subjects=[whole["lot_id"]])
    good = inspected(phone, phone.mint(), A)
    assert phone.statuses(bad, good) == ["refused payload_malformed", "accepted"]
    assert [line.kind for line in office.house.journal.intake([COUNTY])] == ["lot.inspected"]


def test_odd_readings_never_stop_the_server(office: Office, phone: Phone) -> None:
    """Foreign units, no density, a tare above the gross, a package that the lot has not: accepted, undecided, with reasons."""
    odd: list[dict[str, Any]] = [
        {"nominal": {"value": "500", "unit": "lb"}},
        {"nominal": {"value": "500", "unit": "mL"}},
        {
            "tare_method": "mean",
            "tare_readings": [{"package": 1, "indication": {"value": "9", "unit": "kg"}}],
        },
        {"readings": [{"package": 41, "indication": {"value": "500", "unit": "g"}}]},
        {"readings": [{"package": 1, "indication": {"value": "500", "unit": "°C"}}]},
        {"exclusion": "nothing of that name", "readings": []},
        {"character_height": {"value": "4", "unit": "lb"}, "readings": []},
    ]
    records = []
    for change in odd:
        whole = msgspec.to_builtins(lot(A, started_at=office.clock.now())) | {"lot_id": phone.mint()} | change
        raw = msgspec.Raw(msgspec.json.encode(whole))
        records.append(phone.write("lot.inspected", raw, subjects=[whole["lot_id"]]))
    assert phone.statuses(*records) == ["accepted"] * len(odd)
    assert {each.content for each in office.house.lots.listed([COUNTY])} == {Outcome.UNDECIDED}
    for record in office.rows("SELECT record_id FROM ledger WHERE kind = 'lot.inspected'"):
        found = office.house.journal.find(record["record_id"]).lot_verdict
        assert found
        assert found.reasons
    office.check()


def test_a_lots_photos_are_evidence(office: Office, phone: Phone) -> None:
    """The record's page names the photo of a lot and says that it is awaited."""
    photo = BlobRef(digest=digest_of(b"scale"), media_type="image/jpeg", size=5, role="label")
    [ruling] = phone.push(inspected(phone, phone.mint(), A, photos=[photo]))
    page = office.house.journal.find(ruling.record_id)
    assert [(each.blob, each.arrived) for each in page.evidence] == [(photo, False)]


def test_phones_pull_the_state_of_a_lot(office: Office, phone: Phone) -> None:
    """Whoever inspects the lot next sees its version and its findings; no field of it looks like an instrument's."""
    phone.push(inspected(phone, phone.mint(), A))
    change = phone.pull().changes[-1]
    assert change.subject_type == "lot"
    assert change.state
    pulled = msgspec.json.decode(change.state, type=Lot)
    assert pulled == only_lot(office)
    assert not {"label", "serial_number", "stall", "name"} & msgspec.json.decode(change.state).keys()
