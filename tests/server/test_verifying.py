"""Verifications, their stickers, and the campaign that they move; each test ends in a rebuild that gives the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from server.services.office_records import OfficeEntry
from shared.campaign import Campaign, RosterEntry, RosterState
from shared.clock import local_date
from shared.inspection import OtherParty, PartyAnswer
from shared.instrument import Attention, Instrument
from shared.people import Role
from shared.records import CampaignPlanned
from shared.verification import (
    CampaignConfirmed,
    ConfirmedItem,
    PutRight,
    RosterNoted,
    Sticker,
    StickerAffixed,
    StickerBlock,
    VerificationItem,
    VerificationRecorded,
    VerificationResult,
)
from sync.envelope import Basis, Sealed, read_body
from sync.messages import Handshake
from tests.server.office import COUNTY, TOWNSHIP, Office, Phone

FAILED = [VerificationItem.INDICATION]


@dataclass
class Round:
    """A team's phone, a colleague's, three scales at a site, and the campaign over them."""

    office: Office
    team: Phone
    colleague: Phone
    site_id: str
    scales: list[Instrument]
    campaign_id: str

    @property
    def today(self) -> date:
        return local_date(self.office.clock.now())

    @property
    def campaign(self) -> Campaign:
        return self.office.house.campaigns.find(self.campaign_id)

    def entry(self, number: int) -> RosterEntry:
        found = self.campaign.entry(self.scales[number].instrument_id)
        assert found
        return found

    def scale(self, number: int) -> Instrument:
        return self.office.house.registry.instrument(self.scales[number].instrument_id)

    def verified(
        self,
        number: int,
        failed: list[VerificationItem] | None = None,
        phone: Phone | None = None,
        **more: Any,
    ) -> Sealed:
        """A verification by the team's phone, which has seen the instrument as it was registered."""
        scale, on = self.scales[number], more.pop("verified_on", self.today)
        until = None if failed else on + timedelta(days=364)
        payload = VerificationRecorded(
            instrument_id=scale.instrument_id,
            kind=scale.kind,
            result=VerificationResult.FAILED if failed else VerificationResult.PASSED,
            failed=failed or [],
            verified_on=on,
            valid_until=more.pop("valid_until", until),
            body="康平县计量检定所",
            campaign_id=self.campaign_id,
            **more,
        )
        subjects = [scale.instrument_id, self.campaign_id]
        basis = [Basis(scale.instrument_id, scale.version)]
        return (phone or self.team).write("verification.recorded", payload, subjects=subjects, basis=basis)

    def confirmed(self, *items: ConfirmedItem, answer: PartyAnswer = PartyAnswer.AGREES) -> Sealed:
        payload = CampaignConfirmed(
            campaign_id=self.campaign_id,
            premises_id=self.site_id,
            items=list(items),
            count=len(items),
            on=self.today,
            party=OtherParty(answer),
        )
        return self.team.write("campaign.confirmed", payload, subjects=[self.campaign_id, self.site_id])

    def item(self, number: int, disputed: bool = False) -> ConfirmedItem:
        """An item as it stands now."""
        entry = self.entry(number)
        assert entry.by
        return ConfirmedItem(
            instrument_id=entry.instrument_id, record_id=entry.by, state=entry.state, disputed=disputed
        )

    def block(self, phone: Phone) -> StickerBlock:
        """The phone greets with no number left, as over the air, and pulls what it was given."""
        welcome = phone.greet()
        handshake = Handshake(
            phone.chain, phone.sequence, phone.previous, 1, "1", self.office.clock.now(), stickers={}
        )
        self.office.house.stickers.grant(phone.access, handshake, welcome)
        [mine] = [each for each in self.office.house.stickers.blocks([COUNTY]) if each.chain == phone.chain]
        return mine


@pytest.fixture
def round_(office: Office) -> Iterator[Round]:
    """The three scales are known, the campaign is planned; at the end the ledger gives the same projections again."""
    phones = []
    for login in ("sun", "zhou"):
        phone = Phone(office, office.person(login, Role.VERIFIER), login)
        phone.enrol([COUNTY])
        office.house.enrolments.decide("admin", phone.device_id, grant=True)
        phones.append(phone)
    team, colleague = phones
    site_id, site = team.site()
    records = [team.scale(site_id, f"2403-{number}") for number in range(3)]
    team.push(site, *(record for _scale, record in records))
    scales = [office.house.registry.instrument(scale_id) for scale_id, _record in records]
    campaign_id, today = team.mint(), local_date(office.clock.now())
    plan = CampaignPlanned(
        campaign_id=campaign_id,
        title="免费检定",
        starts_on=today,
        ends_on=today + timedelta(days=30),
        roster=[each.instrument_id for each in scales],
    )
    entry = OfficeEntry(kind="campaign.planned", county=COUNTY, subjects=[campaign_id], payload=plan)
    office.house.office.write(team.person_id, [entry])
    yield Round(office, team, colleague, site_id, scales, campaign_id)
    office.check()


def test_a_pass_gives_validity_and_moves_the_roster(round_: Round) -> None:
    """The instrument is valid for its kind's interval and no longer, whatever the phone worked out; the roster counts it once."""
    record = round_.verified(0, valid_until=round_.today + timedelta(days=4000))
    assert round_.team.statuses(record, record) == ["accepted", "duplicate"]
    status = round_.scale(0).verification
    assert status is not None
    assert status.valid_until == date(round_.today.year + 1, round_.today.month, round_.today.day - 1)
    assert (round_.entry(0).state, round_.entry(0).on) == (RosterState.VERIFIED, round_.today)
    [town] = round_.office.house.campaigns.by_township(round_.campaign)
    assert (town.code, town.total, town.counts["verified"], town.counts["expected"]) == (TOWNSHIP, 3, 1, 2)


def test_only_a_verifier_concludes(round_: Round, phone: Phone) -> None:
    """An inspector's phone may check, and not verify: the record is refused with its reason, and nothing moves."""
    assert phone.statuses(round_.verified(0, phone=phone)) == ["refused verifier_only"]
    note = RosterNoted(
        campaign_id=round_.campaign_id,
        instrument_id=round_.scales[0].instrument_id,
        state=RosterState.ABSENT,
        on=round_.today,
    )
    assert phone.statuses(phone.write("roster.noted", note)) == ["refused verifier_only"]
    assert round_.entry(0).state is RosterState.EXPECTED
    assert round_.scale(0).verification is None


def test_a_failure_is_put_right_and_tested_again(round_: Round) -> None:
    """Failed, repaired, passed on one day: validity comes back, and the roster says that it took two."""
    failure = round_.verified(0, FAILED)
    round_.team.push(failure)
    assert round_.scale(0).failed_on == round_.today
    assert round_.entry(0).standing == "failed"
    failed = read_body(failure.body).record_id
    again = round_.verified(0, retest_of=failed, put_right=PutRight.REPAIRED)
    assert round_.team.statuses(again) == ["accepted"]
    assert round_.scale(0).verification is not None
    assert round_.entry(0).standing == "retested"


def test_a_retest_that_comes_in_before_its_failure(round_: Round) -> None:
    """Whatever comes in first: the pass that says that it came after stands."""
    failure = round_.verified(0, FAILED)
    failed = read_body(failure.body).record_id
    again = round_.verified(0, retest_of=failed, put_right=PutRight.ADJUSTED)
    assert round_.team.statuses(again, failure) == ["accepted", "accepted"]
    assert round_.scale(0).verification is not None
    assert round_.entry(0).standing == "retested"


def test_two_teams_that_differ_on_one_day(round_: Round) -> None:
    """A pass and a failure by two who did not know of each other: the failure stands, and a person must look."""
    assert round_.team.statuses(round_.verified(0, FAILED)) == ["accepted"]
    other = round_.verified(0, phone=round_.colleague)
    assert round_.colleague.statuses(other) == ["conflicting verifications_differ"]
    assert round_.scale(0).attention is Attention.RECHECK
    assert round_.scale(0).verification is None
    assert round_.entry(0).state is RosterState.FAILED
    assert [each.conflict for each in round_.office.house.conflicts.open([COUNTY])] == ["findings"]


def test_a_verification_of_tomorrow_is_refused(round_: Round) -> None:
    """A phone whose clock is ahead must not give validity from a day that has not come."""
    ahead = round_.verified(0, verified_on=round_.today + timedelta(days=2))
    assert round_.team.statuses(ahead) == ["refused verified_ahead"]


def test_absent_scrapped_and_replaced(round_: Round) -> None:
    """What is not there is noted; what took a scrapped one's place is on the roster from then on, and verified there."""
    new_id, new = round_.team.scale(round_.site_id, "2411-9")
    gone = RosterNoted(
        campaign_id=round_.campaign_id,
        instrument_id=round_.scales[1].instrument_id,
        state=RosterState.SCRAPPED,
        on=round_.today,
        replaced_by=new_id,
    )
    away = RosterNoted(
        campaign_id=round_.campaign_id,
        instrument_id=round_.scales[2].instrument_id,
        state=RosterState.ABSENT,
        on=round_.today,
        reason="lent",
    )
    records = [
        round_.team.write("roster.noted", each, subjects=[round_.campaign_id]) for each in (gone, away)
    ]
    assert round_.team.statuses(new, *records) == ["accepted"] * 3
    assert round_.entry(1).replaced_by == new_id
    assert [each.standing for each in round_.campaign.roster] == [
        "expected",
        "scrapped",
        "absent",
        "expected",
    ]
    assert round_.team.statuses(round_.verified(2)) == ["accepted"]
    assert round_.entry(2).standing == "verified"


def test_the_site_confirms_item_by_item(round_: Round) -> None:
    """Its word holds for what it was shown: a disputed item is objected to, the other confirmed, and a later verification asks anew."""
    round_.team.push(round_.verified(0), round_.verified(1))
    word = round_.confirmed(round_.item(0), round_.item(1, disputed=True), answer=PartyAnswer.DISAGREES)
    assert round_.team.statuses(word) == ["accepted"]
    assert [each.standing for each in round_.campaign.roster] == ["confirmed", "objected", "expected"]
    stale = round_.item(0)
    round_.office.clock.advance(timedelta(days=1))
    round_.team.push(round_.verified(0))
    assert round_.entry(0).standing == "verified"
    round_.team.push(round_.confirmed(stale))
    assert round_.entry(0).standing == "verified"
    round_.team.push(round_.confirmed(round_.item(0), answer=PartyAnswer.REFUSED))
    assert round_.entry(0).standing == "refused"


def test_a_plan_that_is_changed_keeps_what_was_done(round_: Round) -> None:
    """The office shortens the roster: what was verified stays on it, what nobody came to goes."""
    round_.team.push(round_.verified(0))
    plan = CampaignPlanned(
        campaign_id=round_.campaign_id,
        title="免费检定",
        starts_on=round_.today,
        ends_on=round_.today,
        roster=[round_.scales[2].instrument_id],
    )
    entry = OfficeEntry(kind="campaign.planned", county=COUNTY, subjects=[round_.campaign_id], payload=plan)
    round_.office.house.office.write(round_.team.person_id, [entry])
    assert [each.standing for each in round_.campaign.roster] == ["expected", "verified"]


def test_numbers_are_given_ahead_and_never_twice(round_: Round) -> None:
    """Two phones get different numbers, one that has enough gets no more, and so gets one that asks again and again without sending any."""
    mine, others = round_.block(round_.team), round_.block(round_.colleague)
    assert mine.first + mine.count <= others.first or others.first + others.count <= mine.first
    welcome, now = round_.team.greet(), round_.office.clock.now()
    grant = round_.office.house.stickers.grant

    def asks(**changes: Any) -> int:
        fields = {
            "chain": round_.team.chain,
            "sequence": round_.team.sequence,
            "digest": round_.team.previous,
        }
        handshake = Handshake(**fields | changes, schema=1, app_version="1", phone_time=now)  # type: ignore[arg-type]
        return grant(round_.team.access, handshake, welcome)

    assert asks(stickers={COUNTY: 20}) == 0
    assert asks() == 0
    assert [asks(stickers={COUNTY: 0}) for _ in range(4)] == [1, 1, 0, 0]
    # A phone that was put back knows less than the office: its new chain asks for itself.
    assert asks(stickers={}, sequence=1) == 0
    assert asks(stickers={}, chain=round_.team.mint()) == 1


def test_a_copy_of_a_phone_gives_a_number_away_once_more(round_: Round) -> None:
    """Both verifications count, the office sees both instruments, and a new number on one of them settles it for the phone, too."""
    block = round_.block(round_.team)
    number, other = block.sticker(block.first), block.sticker(block.first + 1)
    first, second = round_.verified(0, sticker=number), round_.verified(1, sticker=number)
    assert round_.team.statuses(first, second) == ["accepted", "conflicting sticker_twice"]
    assert round_.entry(1).standing == "verified"
    [seen] = round_.office.house.conflicts.open([COUNTY])
    assert seen.conflict == "sticker_twice"
    assert [side.subject for side in seen.sides] == [round_.scale(0), round_.scale(1)]
    assert {side.value for side in seen.sides} == {number.text}
    affixed = StickerAffixed(
        instrument_id=round_.scales[1].instrument_id,
        verification=read_body(second.body).record_id,
        sticker=other,
    )
    subjects = [round_.scales[1].instrument_id, block.block_id]
    assert round_.team.statuses(round_.team.write("sticker.affixed", affixed, subjects=subjects)) == [
        "accepted"
    ]
    assert round_.office.house.conflicts.open([COUNTY]) == []
    status = round_.scale(1).verification
    assert status is not None
    assert status.sticker == other.text


def test_a_number_of_a_block_that_the_office_lost(round_: Round) -> None:
    """After a backup was put back the verification counts with its number all the same."""
    lost = Sticker(round_.team.mint(), 7, "K7Q2-000007")
    assert round_.team.statuses(round_.verified(0, sticker=lost)) == ["accepted"]
    status = round_.scale(0).verification
    assert status is not None
    assert status.sticker == "K7Q2-000007"
