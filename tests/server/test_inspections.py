"""The server's own conclusion from a spot check, beside what the phone stated."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from server.services import rebuild
from shared.clock import local_date
from shared.identity import digest_of
from shared.inspection import BlobRef, Headline
from shared.instrument import Attention, Instrument
from shared.records import VerificationImported
from shared.verification import VerificationResult
from sync.envelope import Sealed, read_body, write_body
from sync.messages import Status
from tests.contracts.office import at
from tests.server.office import COUNTY, Office, Phone


@pytest.fixture
def scale(office: Office, phone: Phone) -> Instrument:
    """A scale on the ledger."""
    site_id, site = phone.site()
    scale_id, record = phone.scale(site_id)
    phone.push(site, record)
    return office.house.registry.instrument(scale_id)


def certificate(
    phone: Phone, scale: Instrument, day: date, result: VerificationResult = VerificationResult.PASSED
) -> Sealed:
    """A verification of that day, taken over from its certificate."""
    verified = VerificationImported(
        instrument_id=scale.instrument_id,
        result=result,
        verified_on=day,
        valid_until=day + timedelta(days=364) if result is VerificationResult.PASSED else None,
        body="康平县计量所",
    )
    return phone.write("verification.imported", verified, subjects=[scale.instrument_id])


def test_a_phone_that_states_another_headline_is_marked(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """Nothing was read, so nothing is decided: a phone that states a pass is accepted and marked, one that agrees is not."""
    wrong = phone.inspection(scale, Headline.WITHIN)
    right = phone.inspection(scale, Headline.UNDECIDED)
    silent = phone.inspection(scale)
    assert phone.statuses(wrong, right, silent) == ["accepted"] * 3
    day = local_date(office.clock.now())
    lines = office.house.journal.day([COUNTY], day, kind="inspection.recorded")
    assert [(line.headline, line.differs) for line in sorted(lines, key=lambda line: line.seq)] == [
        ("undecided", True),
        ("undecided", False),
        ("undecided", False),
    ]
    page = office.house.journal.find(lines[-1].record_id)
    assert page.inspection
    assert page.inspection.conclusion
    assert page.derived
    assert (page.line.differs, page.inspection.conclusion.headline, page.derived.headline) == (
        True,
        Headline.WITHIN,
        Headline.UNDECIDED,
    )
    counts = office.house.journal.counts([COUNTY], day)
    assert [(count.headline, count.count) for count in counts if count.kind == "inspection.recorded"] == [
        ("undecided", 3)
    ]


def test_the_finding_is_on_the_instrument_it_names(office: Office, phone: Phone, scale: Instrument) -> None:
    """Each check is on the card of its instrument, the newest first, five at most; the version grows with each."""
    records = [phone.inspection(scale, Headline.WITHIN) for _ in range(6)]
    phone.push(*records)
    after = office.house.registry.instrument(scale.instrument_id)
    assert (after.version, len(after.inspections)) == (scale.version + 6, 5)
    assert {each.headline for each in after.inspections} == {"undecided"}
    newest = office.house.journal.find(after.inspections[0].record_id)
    assert newest.digest == records[-1].digest
    rows = office.rows("SELECT DISTINCT instrument_id FROM inspection_index")
    assert [row["instrument_id"] for row in rows] == [scale.instrument_id]


def test_a_forged_label_is_suspected_cheating_until_a_verification(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """The server sees the forged label whatever the phone states; another check does not clear it, a verification does."""
    phone.push(phone.inspection(scale, Headline.WITHIN, label="forged"))
    cards = office.house.registry

    def attention() -> Attention:
        return cards.instrument(scale.instrument_id).attention

    assert attention() is Attention.SUSPECTED_CHEATING
    phone.push(phone.inspection(cards.instrument(scale.instrument_id)))
    assert attention() is Attention.SUSPECTED_CHEATING
    [ruling] = phone.push(certificate(phone, scale, local_date(office.clock.now())))
    assert (ruling.status, attention()) == (Status.ACCEPTED, Attention.NONE)
    office.check()


def test_an_older_certificate_moves_nothing(office: Office, phone: Phone, scale: Instrument) -> None:
    """Certificates come in any order, and the newest speaks: an older pass or failure is on the ledger and changes no state."""
    today = local_date(office.clock.now())
    older, oldest = today - timedelta(days=30), today - timedelta(days=60)
    cards, failed = office.house.registry, VerificationResult.FAILED
    phone.push(certificate(phone, scale, older))
    known = cards.instrument(scale.instrument_id)
    late = [certificate(phone, scale, oldest), certificate(phone, scale, oldest, failed)]
    assert phone.statuses(*late) == ["accepted"] * 2
    assert cards.instrument(scale.instrument_id) == known
    phone.push(certificate(phone, scale, today, failed), certificate(phone, scale, older))
    assert cards.instrument(scale.instrument_id).verification is None
    phone.push(certificate(phone, scale, today))
    after = cards.instrument(scale.instrument_id).verification
    assert after
    assert after.verified_on == today
    office.check()


def test_a_certificate_from_before_a_suspicion_does_not_clear_it(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """Yesterday's verification gives validity and says nothing of what was found today; today's does."""
    phone.push(phone.inspection(scale, label="forged"))
    today = local_date(office.clock.now())
    for day, attention in (
        (today - timedelta(days=1), Attention.SUSPECTED_CHEATING),
        (today, Attention.NONE),
    ):
        phone.push(certificate(phone, scale, day))
        after = office.house.registry.instrument(scale.instrument_id)
        assert after.verification
        assert (after.verification.verified_on, after.attention) == (day, attention)
    office.check()


def test_a_suspicion_lasts_longer_than_the_list_of_checks(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """Six later checks push the failing one off the card: a certificate from before it clears nothing all the same, one of its day does."""
    phone.push(phone.inspection(scale, label="forged"))
    phone.push(*[phone.inspection(scale) for _ in range(6)])
    today, cards = local_date(office.clock.now()), office.house.registry
    assert {each.headline for each in cards.instrument(scale.instrument_id).inspections} == {"undecided"}
    for day, attention, suspected in (
        (today - timedelta(days=1), Attention.SUSPECTED_CHEATING, today),
        (today, Attention.NONE, None),
    ):
        phone.push(certificate(phone, scale, day))
        after = cards.instrument(scale.instrument_id)
        assert (after.attention, after.suspected_on) == (attention, suspected)
    office.check()


def test_a_clock_that_was_ahead_makes_no_suspicion_last(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """A failing check dated ten years from now was made by the day on which it came in: a certificate of that day clears it."""
    fields = {"observed_at": office.clock.now() + timedelta(days=3650)}
    check = phone.inspection(scale, label="forged")
    body = write_body(msgspec.structs.replace(read_body(check.body), **fields))
    phone.push(phone.seal(body))
    today, cards = local_date(office.clock.now()), office.house.registry
    assert cards.instrument(scale.instrument_id).suspected_on == today
    phone.push(certificate(phone, scale, today))
    assert cards.instrument(scale.instrument_id).attention is Attention.NONE
    office.check()


def test_a_state_from_before_the_days_were_kept(office: Office, phone: Phone, scale: Instrument) -> None:
    """It goes by the checks that it lists; making the projections anew gives it the days of its last failures."""
    failed = VerificationResult.FAILED
    today, cards = local_date(office.clock.now()), office.house.registry
    phone.push(phone.inspection(scale, label="forged"), certificate(phone, scale, today, failed))
    known = cards.instrument(scale.instrument_id)
    assert (known.suspected_on, known.failed_on) == (today, today)
    older = msgspec.structs.replace(known, suspected_on=None, failed_on=None)
    where = {"state": msgspec.json.encode(older), "subject": scale.instrument_id}
    office.change("UPDATE state SET state = :state WHERE subject = :subject", **where)
    with pytest.raises(rebuild.DifferenceError):
        office.check()
    rebuild.check(office.database, office.house.rules, keep=True)
    assert cards.instrument(scale.instrument_id) == known
    office.change("UPDATE state SET state = :state WHERE subject = :subject", **where)
    phone.push(certificate(phone, scale, today - timedelta(days=1)))
    assert cards.instrument(scale.instrument_id).attention is Attention.SUSPECTED_CHEATING


def test_a_certificate_of_a_day_to_come_is_refused(office: Office, phone: Phone, scale: Instrument) -> None:
    """It would speak before every later one: refused with its bytes kept, also where it waited for its instrument; the day in China counts."""
    office.clock.at = at("2026-11-20 16:30")
    today = local_date(office.clock.now())
    assert today == date(2026, 11, 21)
    ahead = certificate(phone, scale, today + timedelta(days=1))
    assert phone.statuses(ahead) == ["refused verified_ahead"]
    assert [row["digest"] for row in office.rows("SELECT digest FROM intake")] == [ahead.digest]
    site_id, site = phone.site("another")
    late_id, late = phone.scale(site_id, "S-2")
    unknown = office.known_scale(late_id, site_id)
    waits = certificate(phone, unknown, today + timedelta(days=1))
    assert phone.statuses(waits) == ["held subject_unknown"]
    office.clock.advance(timedelta(days=2))
    phone.push(site, late)
    assert [ruling.status for ruling in phone.pull().rulings] == [Status.REFUSED]
    now = local_date(office.clock.now())
    assert phone.statuses(certificate(phone, scale, now)) == ["accepted"]
    verified = office.house.registry.instrument(scale.instrument_id).verification
    assert verified
    assert verified.verified_on == now
    office.check()


def test_a_record_shows_which_of_its_files_have_come(office: Office, phone: Phone, scale: Instrument) -> None:
    """A check whose photo is not here yet is whole all the same; the page says which file is awaited, and when it has come."""
    picture = b"picture"
    photo = BlobRef(digest=digest_of(picture), media_type="image/jpeg", size=len(picture), role="plate")
    [ruling] = phone.push(phone.inspection(scale, photos=[photo]))
    find = office.house.journal.find
    assert [(each.blob, each.arrived) for each in find(ruling.record_id).evidence] == [(photo, False)]
    phone.send_file(picture, ruling.record_id)
    assert [each.arrived for each in find(ruling.record_id).evidence] == [True]


def test_two_findings_that_contradict_each_other_need_a_person(
    office: Office, phone: Phone, scale: Instrument
) -> None:
    """A suspicion by one phone and a check by another that had not seen it: the states keep the suspicion for whoever comes next."""
    other = office.phone("zhao")
    assert phone.statuses(phone.inspection(scale, label="copied")) == ["accepted"]
    unaware = other.inspection(scale, version=scale.version)
    assert other.statuses(unaware) == ["accepted"]
    after = office.house.registry.instrument(scale.instrument_id)
    assert after.attention is Attention.SUSPECTED_CHEATING
    assert [each.headline for each in after.inspections] == ["undecided", "suspected_cheating"]
