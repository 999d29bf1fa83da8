"""What becomes of a pushed record: ruled on by itself, its bytes kept whatever the ruling, and never in another's way."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from shared.errors import AccessError
from shared.instrument import Instrument
from sync.envelope import MAX_BODY, Sealed
from sync.keys import key_id
from sync.messages import Status
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, damaged, said

DEEP = b"[" * 50_000 + b"]" * 50_000


def kept(office: Office, sealed: Sealed) -> tuple[str, str]:
    """Status and code under which the intake keeps exactly these bytes; the newest state of them."""
    [row] = [row for row in office.rows("SELECT * FROM intake") if row["digest"] == sealed.digest]
    assert row["body"] == sealed.body
    return row["status"], row["code"]


def test_a_record_gets_its_place_and_keeps_its_bytes(office: Office, phone: Phone) -> None:
    """Accepted records stand on the ledger in their order, bytes and signature as they were pushed."""
    site_id, site = phone.site()
    _, scale = phone.scale(site_id)
    rulings = phone.push(site, scale)
    assert [(r.status, r.county, r.ledger_seq) for r in rulings] == [
        (Status.ACCEPTED, COUNTY, 1),
        (Status.ACCEPTED, COUNTY, 2),
    ]
    rows = office.rows("SELECT body, signature, chain_note, clock_doubtful FROM ledger ORDER BY seq")
    assert [(row["body"], row["signature"]) for row in rows] == [
        (site.body, site.signature),
        (scale.body, scale.signature),
    ]
    assert not any(row["chain_note"] or row["clock_doubtful"] for row in rows)


def test_the_same_bytes_again_are_a_duplicate_with_the_same_place(office: Office, phone: Phone) -> None:
    """Pushed twice, in one batch or in two, a record stands once, and every ruling names that one place."""
    phone.push(phone.weight())
    _, site = phone.site()
    first, second = phone.push(site, site)
    again = phone.push(site)[0]
    assert [first.status, second.status, again.status] == ["accepted", "duplicate", "duplicate"]
    assert first.ledger_seq == second.ledger_seq == again.ledger_seq == 2
    assert again.county == COUNTY
    assert len(office.rows("SELECT seq FROM ledger")) == 2


def test_an_altered_record_is_refused_and_the_next_is_taken(office: Office, phone: Phone) -> None:
    """One byte changed after signing: refused with a reason, the bytes kept; the good record of the same batch is accepted."""
    _, site = phone.site()
    forged = damaged(site)
    assert phone.statuses(forged, phone.weight()) == ["refused signature_wrong", "accepted"]
    assert kept(office, forged) == ("refused", "signature_wrong")
    [line] = office.house.journal.intake([COUNTY])
    assert (line.digest, line.problem.code) == (forged.digest, "signature_wrong")


def test_what_waits_for_something_refused_says_so(office: Office, phone: Phone) -> None:
    """The office sees of a held record that what it waits for was refused; another phone's refusal says nothing, and once it is accepted both go on."""
    other = office.phone("zhao")
    site_id, site = phone.site()
    _, scale = phone.scale(site_id)
    foreign = other.site(premises_id=site_id)[1]

    def reasons() -> dict[str, str]:
        return {line.digest: line.problem.code for line in office.house.journal.intake([COUNTY])}

    other.push(damaged(foreign))
    assert phone.statuses(scale) == ["held subject_unknown"]
    assert reasons()[scale.digest] == "subject_unknown"
    wrong = Sealed(site.body, bytes(64))
    assert phone.statuses(wrong) == ["refused signature_wrong"]
    assert (reasons()[scale.digest], reasons()[site.digest]) == ("subject_refused", "signature_wrong")
    assert phone.statuses(site) == ["accepted"]
    assert reasons().keys() == {damaged(foreign).digest}


def test_a_wrong_copy_does_not_shut_the_right_one_out(office: Office, phone: Phone) -> None:
    """Good bytes that came once with a bad signature are accepted when they come with the right one, and leave the intake."""
    _, site = phone.site()
    wrong = Sealed(site.body, bytes(64))
    assert phone.statuses(wrong) == ["refused signature_wrong"]
    assert phone.statuses(site) == ["accepted"]
    assert office.rows("SELECT * FROM intake") == []


def test_a_wrong_copy_does_not_displace_a_held_one(office: Office, phone: Phone) -> None:
    """While a record is held, its bytes with a bad signature are refused, and the held copy is applied as if nothing had been."""
    site_id, site = phone.site()
    _, scale = phone.scale(site_id)
    assert phone.statuses(scale) == ["held subject_unknown"]
    assert phone.statuses(Sealed(scale.body, bytes(64))) == ["refused signature_wrong"]
    phone.push(site)
    assert phone.statuses(scale) == ["duplicate"]
    [row] = office.rows("SELECT signature FROM ledger WHERE kind = 'instrument.registered'")
    assert row["signature"] == scale.signature


def test_the_same_number_with_other_bytes_is_refused_and_both_are_kept(office: Office, phone: Phone) -> None:
    """A second record under a number that is taken is ``identity_reused``; the first stands untouched, the second's bytes are kept."""
    number = phone.mint()
    _, first = phone.site("甲", record_id=number)
    _, second = phone.site("乙", record_id=number)
    assert phone.statuses(first, second) == ["accepted", "refused identity_reused"]
    assert kept(office, second) == ("refused", "identity_reused")
    assert [row["body"] for row in office.rows("SELECT body FROM ledger")] == [first.body]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not json", "record_malformed"),
        (b"\xff\xfe", "record_malformed"),
        (b"{}", "record_malformed"),
        (b'{"more":' + DEEP + b"}", "record_malformed"),
        (b'"' + b"x" * MAX_BODY + b'"', "record_too_large"),
    ],
)
def test_bytes_that_are_no_record_are_kept_and_block_nothing(
    office: Office, phone: Phone, body: bytes, code: str
) -> None:
    """What can't be read or is too large is refused by its digest, its bytes kept where the phone's office sees them."""
    bad = phone.seal(body)
    rulings = phone.push(bad, phone.weight())
    assert [said(ruling) for ruling in rulings] == [f"refused {code}", "accepted"]
    assert (rulings[0].record_id, rulings[0].digest) == ("", bad.digest)
    assert kept(office, bad) == ("refused", code)
    assert [line.digest for line in office.house.journal.intake([COUNTY])] == [bad.digest]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"sequence":1', b'"sequence":99999999999999999999'),
        (b'"sequence":1', b'"sequence":0'),
        (b'"schema":1', b'"schema":99999999999999999999'),
        (b'2026-11-20T01:00:00Z"', b'2026-11-20T01:00:00"'),
        (b"2026-11-20T01:00:00Z", b"0001-01-01T00:00:00+14:00"),
        (b"2026-11-20T01:00:00Z", b"9999-12-31T23:59:59-14:00"),
    ],
)
def test_figures_that_no_store_holds_are_malformed(phone: Phone, old: bytes, new: bytes) -> None:
    """A number or a moment that can't be kept, or that says no zone, makes its own record malformed, never the batch."""
    _, site = phone.site()
    assert old in site.body
    bad = phone.seal(site.body.replace(old, new))
    assert phone.statuses(bad, phone.weight()) == ["refused record_malformed", "accepted"]


@pytest.mark.parametrize("signature", [b"", b"short", bytes(65)])
def test_a_signature_of_another_length_refuses_its_record_only(phone: Phone, signature: bytes) -> None:
    """A signature that is none refuses the record that carries it; the batch goes on."""
    _, site = phone.site()
    assert phone.statuses(Sealed(site.body, signature), phone.weight()) == [
        "refused signature_wrong",
        "accepted",
    ]


def test_a_payload_that_says_something_else_is_refused(office: Office, phone: Phone) -> None:
    """A known kind whose payload can't be read is refused, the bytes kept."""
    bad = phone.write("premises.registered", msgspec.Raw(b'{"premises_id":"nobody"}'))
    _, site = phone.site()
    deep = phone.seal(site.body.replace(b'"name":', b'"more":' + DEEP + b',"name":'))
    assert phone.statuses(bad, deep, phone.weight()) == [
        "refused payload_malformed",
        "refused record_malformed",
        "accepted",
    ]
    assert kept(office, bad) == ("refused", "payload_malformed")


def test_unknown_kinds_and_schemas_wait_for_a_newer_server(office: Office, phone: Phone) -> None:
    """A kind, or a schema of a known kind, that this server does not know is held, and says so."""
    kind = phone.write("scale.polished", {})
    schema = phone.write("premises.registered", {"anything": 1}, schema=7)
    assert phone.statuses(kind, schema, phone.weight()) == [
        "held kind_unknown",
        "held kind_unknown",
        "accepted",
    ]
    waiting = {row["waiting_for"] for row in office.rows("SELECT waiting_for FROM intake")}
    assert waiting == {"scale.polished/1", "premises.registered/7"}


def test_a_newer_server_applies_what_waited_for_it(office: Office, phone: Phone) -> None:
    """What an older server held for its kind is applied when the server starts that knows it, and the author is told by pull."""
    _, site = phone.site()
    odd = phone.write("premises.registered", msgspec.Raw(b"{}"))
    phone.push(Sealed(site.body, bytes(64)), Sealed(odd.body, bytes(64)))
    # As the older server kept them: held for their kind, with the signatures that it had checked.
    kept_so = "UPDATE intake SET status = 'held', waiting_for = 'premises.registered/1', signature = :s WHERE digest = :d"
    for sealed in (site, odd):
        office.change(kept_so, s=sealed.signature, d=sealed.digest)
    newer = phone.office = office.restarted()
    try:
        assert sorted(said(ruling) for ruling in phone.pull().rulings) == [
            "accepted",
            "refused payload_malformed",
        ]
        assert kept(newer, odd) == ("refused", "payload_malformed")
        assert [line.kind for line in newer.house.journal.intake([COUNTY])] == ["premises.registered"]
        assert newer.check()["state"] == 1
    finally:
        newer.close()


def test_a_county_outside_the_scope_is_refused_where_the_office_sees_it(office: Office, phone: Phone) -> None:
    """A record for a county that the phone may not write is refused, and is filed with the phone's own county."""
    _, site = phone.site(county=NEXT_COUNTY)
    assert phone.statuses(site) == ["refused out_of_scope"]
    assert [line.digest for line in office.house.journal.intake([COUNTY])] == [site.digest]
    assert office.house.journal.intake([NEXT_COUNTY]) == []


def test_an_author_of_another_phone_is_refused(office: Office, phone: Phone) -> None:
    """Nobody signs for another: another phone's author, a name that is not the key's, and a key that nobody knows."""
    other = office.phone("zhao")
    _, theirs = other.site()
    _, named = phone.site(author=other.person_id)
    _, strange = phone.site(author_key=key_id(b"x" * 32))
    _, disguised = phone.site(device=other.device_id)
    assert phone.statuses(theirs, named, strange, disguised) == [
        "refused device_wrong",
        "refused author_unknown",
        "refused author_unknown",
        "refused device_wrong",
    ]
    assert other.statuses(theirs) == ["accepted"]


def test_a_clock_that_runs_ahead_is_marked_and_refuses_nothing(office: Office, phone: Phone) -> None:
    """Ten years ahead is accepted and doubtful, ten minutes ahead is neither; in a held record too, by when it came."""
    now = office.clock.now()
    site_id, ahead = phone.site(observed_at=now + timedelta(days=3650))
    _, scale = phone.scale(site_id, observed_at=now + timedelta(hours=1))
    _, near = phone.site(observed_at=now + timedelta(minutes=10))
    assert phone.statuses(scale, near) == ["held subject_unknown", "accepted"]
    office.clock.advance(timedelta(days=1))
    assert phone.statuses(ahead) == ["accepted"]
    rows = office.rows("SELECT kind, clock_doubtful, received_at FROM ledger ORDER BY seq")
    assert [(row["kind"], row["clock_doubtful"]) for row in rows] == [
        ("premises.registered", 0),
        ("premises.registered", 1),
        ("instrument.registered", 1),
    ]
    assert rows[2]["received_at"] == rows[0]["received_at"] < rows[1]["received_at"]


def test_gaps_and_forks_are_noted_and_refuse_nothing(office: Office, phone: Phone) -> None:
    """What is odd about a chain is noted on the record and the chain; a gap that fills is none any more."""
    records = [phone.site(str(number))[1] for number in range(4)]
    assert phone.statuses(records[0], records[2], records[3], records[1]) == ["accepted"] * 4
    notes = "SELECT chain_note FROM ledger ORDER BY seq"
    assert [row["chain_note"] for row in office.rows(notes)] == ["", "gap", "", ""]
    head = office.rows("SELECT sequence, count, forked FROM chain_head")
    assert [dict(row) for row in head] == [{"sequence": 4, "count": 4, "forked": 0}]
    phone.sequence, phone.previous = 1, records[0].digest
    _, twin = phone.site("twin")
    phone.sequence = 4
    _, stranger = phone.site("stranger", previous="f" * 64)
    assert phone.statuses(twin, stranger) == ["accepted"] * 2
    assert [row["chain_note"] for row in office.rows(notes)][4:] == ["fork", "fork"]
    assert office.rows("SELECT forked FROM chain_head")[0]["forked"]


def test_a_late_record_with_another_predecessor_is_a_fork(office: Office, phone: Phone) -> None:
    """A record that fills a gap but follows another record than the one that is held is noted as a fork."""
    first, _lost, third = (phone.site(str(number))[1] for number in range(3))
    phone.push(first, third)
    phone.sequence = 1
    _, late = phone.site("late", previous="e" * 64)
    assert phone.statuses(late) == ["accepted"]
    assert office.rows("SELECT chain_note FROM ledger ORDER BY seq")[2]["chain_note"] == "fork"


def test_another_phones_record_does_not_move_a_chain(office: Office, phone: Phone) -> None:
    """A chain is its first phone's: what another writes into it is kept and noted, and its owner goes on as if nothing had been."""
    other = office.phone("zhao")
    first, second = phone.site("1")[1], phone.site("2")[1]
    phone.push(first)
    own_chain, other.chain = other.chain, phone.chain
    site_id = other.mint()
    _, held = other.scale(site_id, sequence=2, previous=first.digest)
    _, far = other.site(premises_id=site_id, sequence=900, previous=None)
    assert other.statuses(held) == ["held subject_unknown"]
    assert other.statuses(far) == ["accepted"]
    assert other.greet().head_sequence == 0
    assert (phone.greet().head_sequence, phone.greet().head_digest) == (1, first.digest)
    assert phone.statuses(second) == ["accepted"]
    rows = office.rows("SELECT device, chain_note FROM ledger ORDER BY seq")
    assert [(row["device"], row["chain_note"]) for row in rows] == [
        (phone.device_id, ""),
        (other.device_id, "fork"),
        (other.device_id, "fork"),
        (phone.device_id, ""),
    ]
    [head] = office.rows("SELECT device, sequence, count, forked FROM chain_head")
    assert tuple(head.values()) == (phone.device_id, 2, 2, False)
    other.chain, other.sequence, other.previous = own_chain, 0, None
    assert other.statuses(other.site("own")[1]) == ["accepted"]
    assert other.greet().head_sequence == 1


def test_a_wrong_signature_over_the_chain_takes_nothing(office: Office, phone: Phone) -> None:
    """A push whose head the device's key did not sign is refused whole, before anything is written."""
    _, site = phone.site()
    message = phone.message(site, head_signature=bytes(64))
    with pytest.raises(AccessError) as refused:
        office.house.receiver.push(phone.access, message)
    assert refused.value.problem.code == "head_signature_wrong"
    assert office.rows("SELECT * FROM ledger") == office.rows("SELECT * FROM intake") == []


def test_an_empty_batch_is_answered(office: Office, phone: Phone) -> None:
    """Nothing pushed is nothing ruled, with the server's time and generation."""
    answer = office.house.receiver.push(phone.access, phone.message())
    assert (answer.rulings, answer.server_time) == ([], office.clock.now())
    assert answer.generation == office.house.generation


def test_a_record_for_a_site_of_another_county_waits_for_a_person(office: Office) -> None:
    """A subject has one home: a record filed under another county than its subject's is held for the office, and nothing is doubled."""
    phone = office.phone("wide", (COUNTY, NEXT_COUNTY))
    site_id, site = phone.site()
    phone.push(site)
    _, scale = phone.scale(site_id, county=NEXT_COUNTY)
    _, again = phone.site("elsewhere", premises_id=site_id, county=NEXT_COUNTY)
    assert phone.statuses(scale, again) == ["held county_wrong"] * 2
    assert office.check()["state"] == 1


def test_a_record_about_something_else_waits_for_a_person(office: Office, phone: Phone) -> None:
    """A label for a market, or a market under an instrument's number, is held for the office and changes nothing."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    phone.push(site, scale)
    before = office.projections()
    _, usurper = phone.site("usurper", premises_id=scale_id)
    assert phone.statuses(phone.label(site_id), usurper) == ["held subject_wrong"] * 2
    assert office.projections() == before
    assert office.house.registry.instrument(scale_id).serial_number == "2403-01187"


def test_two_finds_of_one_number_in_the_intake_do_not_stop_the_site(office: Office, phone: Phone) -> None:
    """Two held records under one number: when their subject arrives the first is applied, the second is refused, the site accepted."""
    site_id, site = phone.site()
    number = phone.mint()
    _, one = phone.scale(site_id, "1", record_id=number)
    _, two = phone.scale(site_id, "2", record_id=number)
    assert phone.statuses(one) == phone.statuses(two) == ["held subject_unknown"]
    other = office.phone("zhao")
    assert other.statuses(other.site(premises_id=site_id)[1]) == ["accepted"]
    assert sorted(said(ruling) for ruling in phone.pull().rulings) == ["accepted", "refused identity_reused"]
    assert phone.statuses(site) == ["accepted"]
    assert isinstance(office.house.registry.all("instrument", [COUNTY])[0], Instrument)
    office.check()
