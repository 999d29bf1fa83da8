"""Passwords, sessions, tokens: what opens, what locks, what is never written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from server.services.access import LOCKED_MINUTES, SESSION_HOURS, WRONG_PASSWORDS
from server.store.tables import metadata
from shared.errors import QuanhengError
from tests.server.office import PASSWORD, Office, Phone


def refusal(office: Office, login: str, password: str) -> str:
    """The code with which a sign-in is refused."""
    with pytest.raises(QuanhengError) as refused:
        office.house.access.sign_in(login, password)
    return refused.value.problem.code


def test_no_secret_is_on_disk(office: Office, phone: Phone) -> None:
    """Password, session, token and enrolment code: none of their texts is anywhere in the data folder or the tables; the password is an argon2 hash."""
    session = office.house.access.sign_in("li", PASSWORD)
    code = office.house.enrolments.make_code("admin", phone.person_id, [])
    assert phone.token
    [row] = office.rows("SELECT password_hash FROM person")
    assert row["password_hash"].startswith("$argon2id$")
    files = [path for path in office.data.rglob("*") if path.is_file()]
    with office.database.reading() as connection:
        tables = [list(connection.execute(select(table))) for table in metadata.sorted_tables]
    kept = b"".join(path.read_bytes() for path in files) + repr(tables).encode()
    assert b"enrolment_offered" in kept
    for secret in (PASSWORD, session.token, phone.token, code):
        assert secret.encode() not in kept


def test_the_servers_keys_are_for_its_own_eyes(office: Office) -> None:
    """The folder of the server's keys and the keys themselves are closed to other users, and stay the same over a restart."""
    keys = office.data / "keys"
    assert keys.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in keys.iterdir()) == ["handover.key", "labels.key", "office.key"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.iterdir())
    before = office.house.labels.keys()
    again = office.restarted()
    assert again.house.labels.keys() == before
    again.close()


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(office: Office) -> None:
    """After the fifth wrong password even the right one waits fifteen minutes; the lock is on the audit trail."""
    person = office.person("li")
    for _ in range(WRONG_PASSWORDS):
        assert refusal(office, "li", "wrong") == "sign_in_wrong"
    assert refusal(office, "li", PASSWORD) == "sign_in_locked"
    office.clock.advance(timedelta(minutes=LOCKED_MINUTES) - timedelta(seconds=1))
    assert refusal(office, "li", PASSWORD) == "sign_in_locked"
    office.clock.advance(timedelta(seconds=1))
    assert office.house.access.sign_in("li", PASSWORD).person.person_id == person
    rows = office.rows("SELECT action, subject FROM audit ORDER BY number")
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("sign_in_locked", person),
        ("signed_in", person),
    ]


def test_a_right_password_forgives_the_wrong_ones(office: Office) -> None:
    """Four wrong ones, a right one, four wrong ones: not locked."""
    office.person("li")
    for _ in range(2):
        for _ in range(WRONG_PASSWORDS - 1):
            assert refusal(office, "li", "wrong") == "sign_in_wrong"
        office.house.access.sign_in("li", PASSWORD)


def test_who_is_not_known_gets_the_same_answer(office: Office) -> None:
    """Nobody learns from the answer whether a login exists; nor may one who is not active sign in."""
    office.person("li")
    assert refusal(office, "nobody", PASSWORD) == "sign_in_wrong"
    office.change("UPDATE person SET active = false")
    assert refusal(office, "li", PASSWORD) == "sign_in_wrong"


def test_a_session_ends(office: Office) -> None:
    """A session opens its person's pages until it is twelve hours old, is signed out, or the person is struck off."""
    office.person("li")
    access = office.house.access

    def is_open(token: str) -> bool:
        try:
            return access.session(token).person.login == "li"
        except QuanhengError:
            return False

    aged, left, struck = (access.sign_in("li", PASSWORD).token for _ in range(3))
    assert is_open(aged)
    assert is_open(left)
    access.sign_out(left)
    assert [is_open(token) for token in (aged, left, "", "x")] == [True, False, False, False]
    office.change("UPDATE person SET active = false")
    assert not is_open(struck)
    office.change("UPDATE person SET active = true")
    office.clock.advance(timedelta(hours=SESSION_HOURS) - timedelta(seconds=1))
    assert is_open(aged)
    office.clock.advance(timedelta(seconds=1))
    with pytest.raises(QuanhengError) as refused:
        access.session(aged)
    assert (refused.value.problem.code, refused.value.status) == ("not_signed_in", 401)


def test_a_token_opens_its_own_phone_only(office: Office, phone: Phone) -> None:
    """Each token opens its device; an empty, wrong or shortened one opens nothing and says what to do."""
    other = office.phone("zhao")
    assert (phone.access.device_id, other.access.device_id) == (phone.device_id, other.device_id)
    for token in ("", "x", phone.token[:-1]):
        with pytest.raises(QuanhengError) as refused:
            office.house.access.device(token)
        assert (refused.value.problem.code, refused.value.status) == ("token_unknown", 401)


def test_what_is_read_of_persons_is_on_the_trail(office: Office) -> None:
    """A reading of personal data is written down with its details, Chinese left readable."""
    office.house.access.audit("wang", "personal_read", "digest", record="张强镇")
    [row] = office.rows("SELECT * FROM audit")
    assert (row["person_id"], row["action"], row["subject"]) == ("wang", "personal_read", "digest")
    assert row["details"] == '{"record": "张强镇"}'
