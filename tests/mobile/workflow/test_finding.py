"""What is found on site, on the phone: sealed offline with its evidence, shown at once, and never lost on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from mobile.workflow.finding import Finding
from mobile.workflow.found import Found
from shared.campaign import Campaign, RosterEntry
from shared.clock import local_date
from shared.errors import InputError
from shared.evidence import SiteEvidence
from shared.identity import digest_of, mint
from shared.inspection import PartyAnswer, Present
from shared.instrument import Instrument, LabelTrouble, UseStatus
from shared.premises import Position, Premises, Standing
from shared.records import PAYLOADS
from sync.envelope import Envelope
from tests.contracts.fakes import seeded
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY, Phone, World, make_phone, make_world
from tests.mobile.picture import jpeg, segment
from tests.mobile.played import played, settled


class There:
    """:class:`mobile.workflow.ports.Positioning` that knows a place."""

    def __init__(self, position: Position) -> None:
        self._position = position

    async def position(self, timeout_ms: int = 5000) -> Position | None:
        return self._position


async def offline(world: World, position: Position | None = None, path: Path | str = ":memory:") -> Phone:
    """An enrolled phone in a basement, with a second officer along."""
    phone = make_phone(world, path)
    if position:
        object.__setattr__(phone.equipment, "positioning", There(position))
    await phone.enrol()
    [partner] = await phone.app.session.partners()
    await phone.app.session.choose_partner(partner.person_id)
    world.office.before = cut
    return phone


async def last(phone: Phone) -> tuple[Envelope, msgspec.Struct]:
    """The newest record and its payload."""
    [kept] = await phone.store.records.newest(1)
    envelope = kept.envelope
    return envelope, msgspec.json.decode(envelope.payload, type=PAYLOADS[envelope.kind, envelope.schema])


async def begun(phone: Phone, world: World, what: Found) -> Finding:
    """A finding on the scale, with a picture."""
    finding = await phone.app.findings.of_instrument(await now(phone, world))
    await finding.found(what)
    await finding.add_photo(jpeg(what.value.encode()))
    return finding


async def now(phone: Phone, world: World) -> Instrument:
    """The scale as the phone shows it."""
    found = await phone.store.registry.instrument(world.scale.instrument_id)
    assert found
    return found


@played
async def test_everything_that_shows_it_is_in_the_record() -> None:
    """Several pictures by their hashes, stripped; place, accuracy and time; both officers; who was there; the refusal as an outcome."""
    world = make_world()
    taken = world.clock.now() - timedelta(minutes=20)
    place = Position(Decimal("42.750600"), Decimal("123.352900"), Decimal(12), taken)
    phone = await offline(world, place)
    finding = await begun(phone, world, Found.LABEL_UNREADABLE)
    await finding.add_photo(jpeg(b"whole instrument", segment(0xE1, b"Exif\0\0 42.75 N")))
    await finding.was_present(Present.EMPLOYEE)
    await finding.say(" 被油污盖住 ")
    await settled()
    await finding.ask_to_sign()
    receipt = await finding.refuse("unwilling")
    envelope, payload = await last(phone)
    evidence = payload.evidence
    assert (envelope.kind, payload.label, payload.because) == (
        "label.voided",
        world.scale.label,
        LabelTrouble.UNREADABLE,
    )
    contents = [jpeg(b"label_unreadable"), jpeg(b"whole instrument")]
    assert [photo.digest for photo in evidence.photos] == [digest_of(one) for one in contents]
    assert [await phone.blobs.get(photo.digest) for photo in evidence.photos] == contents
    assert evidence.position == place
    assert evidence.position.is_stale_at(envelope.observed_at)
    session = phone.app.session
    assert evidence.officers == [session.person.person_id, session.partner.person_id]
    assert (evidence.present, evidence.note) == ([Present.EMPLOYEE], "被油污盖住")
    assert (evidence.other_party.answer, evidence.other_party.reason) == (PartyAnswer.REFUSED, "unwilling")
    assert (receipt.party, receipt.found.text) == (PartyAnswer.REFUSED, "Label unreadable")
    assert (await phone.store.attachments.left())[envelope.record_id].waiting == 2


@pytest.mark.parametrize("what", [Found.LABEL_MISSING, Found.LABEL_UNREADABLE, Found.LABEL_SWAPPED])
@played
async def test_the_phone_shows_a_label_out_of_force_at_once(what: Found) -> None:
    """Before any sync the label's trouble stands on the instrument, and its code still leads there; labels are then not offered again."""
    world = make_world()
    phone = await offline(world)
    await (await begun(phone, world, what)).seal()
    shown = await now(phone, world)
    envelope, _payload = await last(phone)
    assert (shown.label_in_force, shown.label_voided_by) == (False, envelope.record_id)
    assert shown.label_trouble.value == what.value.removeprefix("label_")
    found = await phone.app.resolve.scanned(world.payload)
    assert found.instrument == shown
    again = await phone.app.findings.of_instrument(shown)
    assert not set(again.choices) & {Found.LABEL_MISSING, Found.LABEL_UNREADABLE, Found.LABEL_SWAPPED}


@played
async def test_a_swapped_label_names_where_it_was_seen() -> None:
    """The other instrument is a subject of the record, too; its own and one of another county are refused with a word."""
    world = make_world()
    phone = await offline(world)
    other = msgspec.structs.replace(
        world.scale, instrument_id=mint(world.clock, seeded("other")), label="", serial_number="S-2"
    )
    finding = await begun(phone, world, Found.LABEL_SWAPPED)
    for wrong, code in (
        (world.scale, "own_instrument"),
        (msgspec.structs.replace(other, county="210124"), "county_differs"),
    ):
        with pytest.raises(InputError) as caught:
            await finding.seen_on(wrong)
        assert caught.value.problem.code == code
    await finding.seen_on(other)
    await finding.seal()
    envelope, payload = await last(phone)
    assert payload.seen_on == other.instrument_id
    assert envelope.subjects == [world.scale.instrument_id, other.instrument_id]


@played
async def test_an_instrument_is_gone_and_found_at_another_place() -> None:
    """Not found; then found elsewhere by the same phone, which names what it had seen, so that nothing is disputed; then scrapped."""
    world = make_world()
    site = msgspec.structs.replace(
        world.premises, premises_id=mint(world.clock, seeded("site")), name="东市场", township="210123102"
    )
    world.office.show(COUNTY, "premises", site.premises_id, site)
    phone = await offline(world)
    await (await begun(phone, world, Found.ABSENT)).seal()
    assert (await now(phone, world)).use_status is UseStatus.ABSENT
    finding = await begun(phone, world, Found.MOVED)
    with pytest.raises(InputError) as caught:
        await finding.seal()
    assert caught.value.problem.code == "place_missing"
    await finding.moved_to(site)
    await finding.stands_at(" B7 ")
    await finding.seal()
    moved = await now(phone, world)
    assert (moved.premises_id, moved.stall, moved.township) == (site.premises_id, "B7", site.township)
    assert (moved.use_status, moved.disputes) == (UseStatus.IN_USE, [])
    await (await begun(phone, world, Found.SCRAPPED)).seal()
    gone = await now(phone, world)
    assert (gone.use_status, gone.disputes) == (UseStatus.SCRAPPED, [])
    assert (await phone.app.findings.of_instrument(gone)).choices == [
        Found.HERE,
        Found.LABEL_MISSING,
        Found.LABEL_UNREADABLE,
        Found.LABEL_SWAPPED,
        Found.MOVED,
    ]


@played
async def test_a_closed_site_has_nothing_due() -> None:
    """The site says that it is closed, what was arranged there is no longer due, and it opens again the same way."""
    world = make_world()
    today = local_date(world.clock.now())
    campaign = Campaign(
        campaign_id=mint(world.clock, seeded("campaign")),
        county=COUNTY,
        title="免费检定",
        starts_on=today,
        ends_on=today,
        roster=[RosterEntry(world.scale.instrument_id, world.premises.premises_id)],
    )
    world.office.show(COUNTY, "campaign", campaign.campaign_id, campaign)
    phone = await offline(world)

    async def site() -> Premises:
        found = await phone.store.registry.premises(world.premises.premises_id)
        assert found
        return found

    for what, standing, left in ((Found.CLOSED, Standing.CLOSED, 0), (Found.OPEN, Standing.OPEN, 1)):
        finding = await phone.app.findings.of_site(await site())
        assert (finding.choices, finding.draft.what) == ([what], what)
        await finding.say("门已锁，摊位清空")
        await finding.was_present(Present.NOBODY)
        await finding.seal()
        assert ((await site()).standing, (await site()).disputes) == (standing, [])
        [place] = (await phone.app.today.home()).places
        assert (place.total, place.left) == (1, left)


@played
async def test_nothing_is_sealed_without_anything_that_shows_it() -> None:
    """First what it is, then a picture or a word: each refusal says what is missing, and nothing is signed."""
    world = make_world()
    phone = await offline(world)
    finding = await phone.app.findings.of_instrument(world.scale)
    for step, code in (
        (lambda: finding.say(""), "finding_missing"),
        (lambda: finding.found(Found.ABSENT), "evidence_missing"),
        (lambda: finding.say("  "), "evidence_missing"),
    ):
        await step()
        with pytest.raises(InputError) as caught:
            await finding.seal()
        assert caught.value.problem.code == code
    with pytest.raises(InputError) as caught:
        await finding.add_photo(b"\x89PNG")
    assert caught.value.problem.code == "picture_unreadable"
    assert [one.envelope.kind for one in await phone.store.records.newest(9)] == ["chain.opened"]


@played
async def test_a_killed_app_goes_on_where_it_was(tmp_path: Path) -> None:
    """The draft with its picture comes back, is offered on the home screen, and is no check of the same instrument."""
    world = make_world()
    phone = await offline(world, path=tmp_path / "work.db")
    finding = await begun(phone, world, Found.ABSENT)
    await finding.was_present(Present.ORGANISER)
    kept = finding.draft
    phone = await phone.reopened()
    home = await phone.app.today.home()
    assert (home.resume.draft_id, home.resume.finding) == (kept.draft_id, True)
    check = await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))
    assert check.draft_id != kept.draft_id
    again = await phone.app.findings.of_instrument(world.scale)
    assert again.draft == kept
    await again.discard()
    assert await phone.blobs.get(kept.photos[0].digest) is None


@played
async def test_nobody_and_somebody_are_not_both_there() -> None:
    """Who was present can be several; nobody excludes them, and a second touch takes an answer back."""
    world = make_world()
    phone = await offline(world)
    finding = await phone.app.findings.of_instrument(world.scale)
    for who, then in (
        (Present.OPERATOR, [Present.OPERATOR]),
        (Present.WITNESS, [Present.OPERATOR, Present.WITNESS]),
        (Present.NOBODY, [Present.NOBODY]),
        (Present.EMPLOYEE, [Present.EMPLOYEE]),
        (Present.EMPLOYEE, []),
    ):
        await finding.was_present(who)
        assert finding.draft.present == then


def test_a_position_says_how_old_it_is() -> None:
    """Fresh up to five minutes, stale after that; one without a time is not called stale, and the platform's word on mocking is kept."""
    world = make_world()
    at = world.clock.now()
    for minutes, stale in ((0, False), (5, False), (6, True)):
        position = Position(Decimal(1), Decimal(2), None, at - timedelta(minutes=minutes), True)
        assert position.is_stale_at(at) is stale
        assert msgspec.json.decode(msgspec.json.encode(position), type=Position) == position
    assert not Position(Decimal(1), Decimal(2)).is_stale_at(at)
    assert SiteEvidence().position is None
