"""Labels and campaigns: issued as records, found again, and a forged or copied one told from a good one."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.services.office_records import OfficeEntry
from shared.campaign import RosterState
from shared.errors import QuanhengError
from shared.instrument import Instrument
from shared.label import label_key_id, label_message, read_payload, serial_tag_of, typed_code
from shared.records import CampaignPlanned
from tests.server.office import COUNTY, NEXT_COUNTY, TOWNSHIP, Office, Phone


@pytest.fixture
def scales(office: Office, phone: Phone) -> list[Instrument]:
    """Three scales at one market."""
    site_id, site = phone.site()
    made = [phone.scale(site_id, f"S-{number}") for number in range(3)]
    phone.push(site, *[record for _, record in made])
    return [office.house.registry.instrument(one) for one, _ in made]


def issued(office: Office, scales: list[Instrument]) -> list[Instrument]:
    """The scales once the office has given each a label."""
    office.house.labels.issue(office.person("chen"), scales)
    return [office.house.registry.instrument(each.instrument_id) for each in scales]


def test_an_issued_label_is_a_record_and_a_state(
    office: Office, phone: Phone, scales: list[Instrument]
) -> None:
    """Issuing binds a code of its own to each instrument, as signed records on the office's chain; phones pull it as a new version."""
    labelled = issued(office, scales)
    codes = [each.label for each in labelled]
    assert len(set(codes)) == 3
    assert [typed_code(code.lower()) for code in codes] == codes
    assert [each.version for each in labelled] == [2, 2, 2]
    [line, *_] = office.house.journal.history(scales[0].instrument_id)
    page = office.house.journal.find(line.record_id)
    assert (line.kind, line.author_name, page.checks.signature, page.checks.digest) == (
        "label.bound",
        "chen",
        True,
        True,
    )
    assert {change.subject for change in phone.pull().changes} >= {each.instrument_id for each in scales}
    for each in labelled:
        assert office.house.registry.by_label(each.label) == each
    assert office.house.registry.by_label("0000000N") is None
    assert office.house.registry.by_label("") is None


def test_instruments_are_found_by_what_is_written_on_them(office: Office, scales: list[Instrument]) -> None:
    """A label's code as typed, or how a serial number begins, in the counties asked for."""
    [first, *_] = issued(office, scales)
    search = office.house.registry.search
    typed = f"{first.label[:4].lower()} {first.label[4:]}"
    assert [each.serial_number for each in search([COUNTY], typed)] == ["S-0"]
    assert [each.serial_number for each in search([COUNTY], "s")] == ["S-0", "S-1", "S-2"]
    assert [each.serial_number for each in search([COUNTY], "s2")] == ["S-2"]
    assert search([COUNTY], "%") == search([COUNTY], "T") == search([NEXT_COUNTY], "s") == []


def test_a_forged_or_copied_label_is_told_from_a_good_one(office: Office, scales: list[Instrument]) -> None:
    """The printed label is genuine; with another signature, key, code or tag it is not; on another scale its tag does not fit."""
    labels = office.house.labels
    first, second, _ = issued(office, scales)
    printed = labels.printed(first)
    label = read_payload(printed.payload)
    assert label == printed.label
    assert labels.is_genuine(label)
    forger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    message = label_message(label.code, label.key_id, label.serial_tag)
    for change in (
        {"signature": forger.sign(message)},
        {"signature": b""},
        {"code": second.label},
        {"serial_tag": serial_tag_of(label.code, second.serial_number)},
        {"key_id": label_key_id(forger.public_key().public_bytes_raw())},
    ):
        assert not labels.is_genuine(msgspec.structs.replace(label, **change)), change
    assert label.serial_tag == serial_tag_of(label.code, first.serial_number)
    assert label.serial_tag != serial_tag_of(label.code, second.serial_number)


def planned(office: Office, roster: list[str]) -> str:
    """A campaign over these instruments."""
    campaign_id = Phone(office, "", "campaign").mint()
    payload = CampaignPlanned(
        campaign_id=campaign_id,
        title="免费检定",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 1),
        roster=roster,
    )
    entry = OfficeEntry(kind="campaign.planned", county=COUNTY, subjects=[campaign_id], payload=payload)
    office.house.office.write(office.person("plan"), [entry])
    return campaign_id


def test_a_campaign_counts_instruments(office: Office, phone: Phone, scales: list[Instrument]) -> None:
    """Progress and townships count each instrument of the roster once; the phone pulls the campaign."""
    campaign_id = planned(office, [each.instrument_id for each in scales])
    campaigns = office.house.campaigns
    [(campaign, progress)] = campaigns.running([COUNTY])
    assert (campaign.campaign_id, progress.total, progress.counts["expected"]) == (campaign_id, 3, 3)
    assert sum(progress.counts.values()) == 3
    [town] = campaigns.by_township(campaign)
    assert (town.code, town.name, town.total) == (TOWNSHIP, office.house.regions.name(TOWNSHIP), 3)
    lines = campaigns.roster(campaign, TOWNSHIP, RosterState.EXPECTED.value)
    assert [line.instrument for line in lines] == scales
    assert campaigns.roster(campaign, state="verified") == campaigns.roster(campaign, "210123999") == []
    assert campaigns.running([NEXT_COUNTY]) == []
    assert phone.pull().changes[-1].subject_type == "campaign"


def test_a_campaign_over_what_is_not_known_is_not_planned(
    office: Office, phone: Phone, scales: list[Instrument]
) -> None:
    """An instrument that nobody registered keeps the campaign from being written, and the office hears why."""
    with pytest.raises(QuanhengError) as refused:
        planned(office, [scales[0].instrument_id, phone.mint()])
    assert refused.value.problem.code == "office_record_refused"
    assert refused.value.problem.details == {"reason": "subject_unknown"}
    assert not office.rows("SELECT 1 FROM intake")
    with pytest.raises(QuanhengError) as unknown:
        office.house.campaigns.find(phone.mint())
    assert (unknown.value.problem.code, unknown.value.status) == ("campaign_unknown", 404)
