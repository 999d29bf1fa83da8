"""Taking a phone into service and taking its access away."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from shared.errors import QuanhengError
from shared.people import Role
from sync.keys import fingerprint
from sync.messages import EnrolmentState
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, said


def code_of(raised: pytest.ExceptionInfo[QuanhengError]) -> tuple[str, int]:
    return raised.value.problem.code, raised.value.status


@pytest.fixture
def newcomer(office: Office) -> Phone:
    """A phone that is not enrolled yet."""
    return Phone(office, office.person("li"), "li")


def offered(office: Office, phone: Phone) -> str:
    return office.house.enrolments.make_code("admin", phone.person_id, [COUNTY])


def test_a_code_enrols_one_phone_once(office: Office, newcomer: Phone) -> None:
    """A code works once, in whatever case it was typed; after that it is wrong for everybody."""
    code = offered(office, newcomer)
    typed = f" {code.lower()} "
    enrolment = office.house.enrolments.request(newcomer.request(typed))
    assert enrolment.state is EnrolmentState.PENDING
    assert enrolment.token
    other = Phone(office, office.person("zhao"), "zhao")
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.request(other.request(code))
    assert code_of(refused) == ("enrolment_code_wrong", 403)


def test_a_code_lives_ten_minutes(office: Office, newcomer: Phone) -> None:
    """At ten minutes a code is dead; a moment before it still enrols."""
    late, last = offered(office, newcomer), offered(office, newcomer)
    office.clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    office.house.enrolments.request(newcomer.request(last))
    office.clock.advance(timedelta(microseconds=1))
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.request(newcomer.request(late))
    assert code_of(refused) == ("enrolment_code_wrong", 403)


def test_a_code_that_nobody_gave_is_wrong(office: Office, newcomer: Phone) -> None:
    """A guessed code enrols nobody."""
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.request(newcomer.request("GUESSGUESSGUESS1"))
    assert code_of(refused) == ("enrolment_code_wrong", 403)


def test_a_phone_must_hold_the_key_that_it_sends(office: Office, newcomer: Phone) -> None:
    """Another's public key, another author's key or another code under the signature: refused, and the code still works."""
    code = offered(office, newcomer)
    right = newcomer.request(code)
    other = Phone(office, newcomer.person_id, "other")
    for change in (
        {"device_public_key": other.device_public},
        {"author_public_key": other.author_public},
        {"signature": bytes(64)},
    ):
        with pytest.raises(QuanhengError) as refused:
            office.house.enrolments.request(msgspec.structs.replace(right, **change))
        assert code_of(refused) == ("enrolment_signature_wrong", 403)
    assert office.house.enrolments.request(right).state is EnrolmentState.PENDING


def test_nobody_is_offered_more_than_is_theirs(office: Office, newcomer: Phone) -> None:
    """A code's counties are at most the person's own."""
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.make_code("admin", newcomer.person_id, [COUNTY, NEXT_COUNTY])
    assert code_of(refused)[0] == "scope_too_wide"


def test_a_phone_waits_until_the_fingerprints_were_compared(office: Office, newcomer: Phone) -> None:
    """Pending tells the phone nothing of the office; both sides work out one fingerprint; granted, it may push."""
    enrolment = newcomer.enrol([COUNTY])
    assert (enrolment.state, enrolment.person, enrolment.scope) == (EnrolmentState.PENDING, None, None)
    assert (enrolment.generation, enrolment.label_keys) == ("", [])
    [row] = office.house.enrolments.devices()
    assert row["fingerprint"] == fingerprint(newcomer.device_public, newcomer.author_public)
    assert newcomer.statuses(newcomer.weight()) == ["refused author_unknown"]
    office.house.enrolments.decide("admin", newcomer.device_id, grant=True)
    granted = office.house.enrolments.state(newcomer.access)
    assert granted.state is EnrolmentState.GRANTED
    assert (granted.token, granted.confirmed_by_itself) == ("", False)
    assert granted.person
    assert granted.person.name == "li"
    assert granted.scope
    assert granted.scope.counties == [COUNTY]
    assert [key.key_id for key in granted.label_keys] == [office.house.labels.key_id]
    assert newcomer.statuses(newcomer.weight()) == ["accepted"]


def test_an_enrolment_is_decided_once(office: Office, newcomer: Phone) -> None:
    """A rejected phone stays out: its state says so, its records are not taken, and it can't be granted any more."""
    newcomer.enrol([COUNTY])
    office.house.enrolments.decide("admin", newcomer.device_id, grant=False)
    assert office.house.enrolments.state(newcomer.access).state is EnrolmentState.REJECTED
    assert newcomer.statuses(newcomer.weight()) == ["refused author_unknown"]
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.decide("admin", newcomer.device_id, grant=True)
    assert code_of(refused) == ("enrolment_decided", 409)


def test_the_demo_confirms_by_itself_and_says_so(office: Office, newcomer: Phone) -> None:
    """In the demo the grant comes with the first answer, marked as confirmed by nobody."""
    office.close()
    demo = newcomer.office = office.another("demo", demo=True)
    try:
        enrolment = newcomer.enrol([COUNTY])
        assert (enrolment.state, enrolment.confirmed_by_itself) == (EnrolmentState.GRANTED, True)
        assert newcomer.statuses(newcomer.weight()) == ["accepted"]
    finally:
        demo.close()


def test_a_key_is_enrolled_once(office: Office, phone: Phone) -> None:
    """An author's key that is enrolled already is not given to a second phone, and the first keeps working."""
    thief = Phone(office, office.person("zhao"), "zhao")
    thief.author_key, thief.author_public = phone.author_key, phone.author_public
    thief.enrol([COUNTY])
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.decide("admin", thief.device_id, grant=True)
    assert code_of(refused) == ("enrolment_key_known", 409)
    assert office.house.enrolments.state(thief.access).state is EnrolmentState.PENDING
    assert phone.statuses(phone.weight()) == ["accepted"]


def test_colleagues_are_of_the_same_body_and_work_in_the_field(office: Office, phone: Phone) -> None:
    """A phone learns the inspectors and verifiers who may be the second officer, and nobody else."""
    office.person("zhao")
    office.person("sun", Role.VERIFIER)
    office.person("wang", Role.REVIEWER)
    assert [person.name for person in phone.greet().colleagues] == ["sun", "zhao"]


def test_a_revoked_phone_hands_in_and_gets_nothing(office: Office, phone: Phone) -> None:
    """``push_only``: records are taken, states are not handed out. ``closed``: what comes is held for a person, whatever its date."""
    before = phone.site("written before")[1]
    revoke = office.house.enrolments.revoke
    revoke("admin", phone.device_id, "push_only")
    assert phone.greet().access == "push_only"
    assert phone.statuses(phone.weight()) == ["accepted"]
    with pytest.raises(QuanhengError) as refused:
        phone.pull()
    assert code_of(refused) == ("access_ended", 403)
    revoke("admin", phone.device_id, "closed")
    assert phone.greet().access == "closed"
    assert phone.statuses(before) == ["held device_revoked"]
    [line] = office.house.journal.intake([COUNTY])
    assert (line.digest, line.status) == (before.digest, "held")
    with pytest.raises(QuanhengError):
        phone.pull()
    revoke("admin", phone.device_id, "open")
    assert [change.subject_type for change in phone.pull().changes] == ["standard"]
    assert [said(ruling) for ruling in phone.push(before)] == ["accepted"]
    assert office.house.journal.intake([COUNTY]) == []


def test_there_must_be_such_a_phone_and_such_an_access(office: Office, phone: Phone) -> None:
    """Revoking a phone that is not there, or to an access that does not exist, is an error and leaves no trace."""
    audited = len(office.rows("SELECT * FROM audit"))
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.revoke("admin", "nobody", "closed")
    assert code_of(refused) == ("device_unknown", 404)
    with pytest.raises(QuanhengError) as refused:
        office.house.enrolments.revoke("admin", phone.device_id, "half")
    assert code_of(refused)[0] == "access_unknown"
    assert len(office.rows("SELECT * FROM audit")) == audited


def test_greeting_says_what_is_held_of_the_chain(office: Office, phone: Phone) -> None:
    """The welcome names the chain's head as the server holds it, and the office sees when the phone was last there."""
    welcome = phone.greet()
    assert (welcome.head_sequence, welcome.head_digest) == (0, None)
    first, second = phone.weight(), phone.weight()
    phone.push(first)
    office.clock.advance(timedelta(hours=2))
    welcome = phone.greet()
    assert (welcome.head_sequence, welcome.head_digest) == (1, first.digest)
    phone.push(second)
    assert phone.greet().head_sequence == 2
    [row] = office.house.enrolments.devices()
    assert row["last_seen"] == "2026-11-20T03:00:00.000000Z"
    assert (row["clock_offset_ms"], row["app_version"]) == (0, "0.1.0")


def test_who_opened_and_closed_what_is_on_the_trail(office: Office, phone: Phone) -> None:
    """Offer, request, grant and revocation each leave a line with who, what, whom and when."""
    office.house.enrolments.revoke("chen", phone.device_id, "closed")
    rows = office.rows("SELECT at, person_id, action, subject, details FROM audit ORDER BY number")
    assert [(row["person_id"], row["action"], row["subject"]) for row in rows] == [
        ("admin", "enrolment_offered", phone.person_id),
        (phone.person_id, "enrolment_requested", phone.device_id),
        ("admin", "enrolment_granted", phone.device_id),
        ("chen", "access_changed", phone.device_id),
    ]
    assert rows[-1]["details"] == '{"access": "closed"}'
    assert {row["at"] for row in rows} == {"2026-11-20T01:00:00.000000Z"}
