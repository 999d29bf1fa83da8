"""A phone and a server of different versions: what they still say to each other, and that nothing is lost where one does not know what the other means."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from server.services.enrolment import Enrolments
from shared.identity import mint
from shared.people import Person, Role
from sync.client import Outcome
from sync.codec import decode
from sync.messages import Handshake, Push, PushAnswer, Ruling, Status, Welcome
from sync.ports import Answer
from sync.versions import PROTOCOL, mismatch
from tests.mobile.phone import Phone
from tests.mobile.played import played
from tests.scenarios.town import (
    Town,
    agree,
    line_of,
    record,
    registered,
    site,
    statuses,
    sync,
)
from tests.sync.test_client import client_of


class NextHandshake(Handshake, frozen=True, omit_defaults=True):
    """A greeting as the next version may say it."""

    network: str = "wifi"


class NextPush(Push, frozen=True, omit_defaults=True):
    """A push with something more."""

    battery: int = 80


def speaking(town: Town, protocol: int) -> None:
    """The office speaks another protocol."""
    house, office = town.office.house, town.office
    told = msgspec.structs.replace(house.enrolments._office, protocol=protocol)
    enrolments = Enrolments(office.database, office.clock, office.random_bytes, told, house.log)
    office.house = dataclasses.replace(house, enrolments=enrolments)
    town.serve(office)


async def sync_speaking(phone: Phone, protocol: int) -> Outcome:
    """One sync of an app that speaks another protocol."""
    client = await client_of(phone)
    client.protocol = protocol
    return await client.sync()


@pytest.mark.parametrize(
    ("phone", "server", "code"),
    [(1, 1, ""), (1, 2, ""), (2, 1, ""), (1, 3, "phone_too_old"), (3, 1, "server_too_old"), (7, 8, "")],
)
def test_one_version_apart_is_near_enough(phone: int, server: int, code: str) -> None:
    """N and N−1 speak with each other either way round; two apart do not, and it is said which is the old one."""
    error = mismatch(phone, server)
    assert (error.problem.code if error else "") == code


@played
async def test_a_phone_too_old_is_told_and_keeps_its_outbox(town: Town) -> None:
    """Two versions behind: ``phone_too_old`` with what to do, at the greeting and at a push; nothing is handed over or dropped, and after the update all goes."""
    phone = await town.phone()
    digest = await registered(phone, "甲")
    speaking(town, PROTOCOL + 2)
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "phone_too_old"
    assert "Update the app" in outcome.problem.remedy
    assert line_of(phone).routes("/push") == 1
    assert (await statuses(phone))[digest] == "waiting"
    status = await phone.app.sync.run()
    assert status.problem == outcome.problem
    assert status.next_try
    assert (await sync_speaking(phone, PROTOCOL + 2)).finished
    await agree(town, phone)


@played
async def test_a_server_updated_between_greeting_and_push(town: Town) -> None:
    """The office is updated twice over while the phone greets: the push is not taken by what it may not mean, and the records wait."""
    phone = await town.phone()
    digest = await registered(phone, "甲")

    def updates(_method: str, route: str, _body: bytes) -> None:
        if route == "/push":
            speaking(town, PROTOCOL + 2)

    line_of(phone).before = updates
    outcome = await sync(phone)
    assert outcome.problem
    assert outcome.problem.code == "phone_too_old"
    assert ((await statuses(phone))[digest], digest in town.ledger()) == ("waiting", False)


@pytest.mark.parametrize("silent", [False, True])
@played
async def test_a_server_too_old_is_said_and_the_outbox_kept(town: Town, silent: bool) -> None:
    """Two versions ahead of the office, which says so, or is so old that it does not: ``server_too_old``, everything waits."""
    phone = await town.phone()
    digest = await registered(phone, "甲")

    def as_of_old(_method: str, route: str, _body: bytes) -> Answer | None:
        """An office from before protocols were compared says nothing of its own, which is the first."""
        return welcome if route == "/handshake" and silent else None

    welcome = await old_welcome(phone)
    line_of(phone).before = as_of_old
    pushes = line_of(phone).routes("/push")
    outcome = await sync_speaking(phone, PROTOCOL + 2)
    assert outcome.problem
    assert outcome.problem.code == "server_too_old"
    assert line_of(phone).routes("/push") == pushes
    assert (await statuses(phone))[digest] == "waiting"
    line_of(phone).free()
    assert (await sync(phone)).finished
    await agree(town, phone)


async def old_welcome(phone: Phone) -> Answer:
    """The office's answer to a greeting, without a protocol."""
    kept: list[Answer] = []

    def keep(route: str, answer: Answer) -> Answer:
        if route == "/handshake":
            kept.append(answer)
        return answer

    line_of(phone).after = keep
    client = await client_of(phone)
    await client._greet(Outcome())
    line_of(phone).free()
    fields = msgspec.msgpack.decode(kept[0].body)
    fields.pop("protocol", None)
    return Answer(200, msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("apart", [-1, 1])
@played
async def test_one_version_apart_syncs_whole(town: Town, apart: int) -> None:
    """A phone one version older or newer than the office pushes and pulls as ever."""
    speaking(town, PROTOCOL + 1)
    phone = await town.phone()
    await registered(phone, "甲")
    assert (await sync_speaking(phone, PROTOCOL + 1 + apart)).finished
    await agree(town, phone)


def test_what_is_not_said_is_the_first_protocol_for_ever() -> None:
    """A message without a protocol reads as 1 whatever this side speaks, and every side writes its own where it is another."""
    for message_type in (Push, Handshake, Welcome):
        [field] = [one for one in msgspec.structs.fields(message_type) if one.name == "protocol"]
        assert field.default == 1
    assert b"protocol" in msgspec.msgpack.encode(Handshake("a", 1, None, 1, "", None, protocol=2))  # type: ignore[arg-type]


@played
async def test_more_fields_are_passed_over_by_the_server(town: Town) -> None:
    """A newer phone's greeting, push and record have fields that this server lacks: taken, and the record's bytes are kept as they came."""
    phone = await town.phone()
    digest = await record(phone, "premises.registered", NextSite(premises_id=new_id(phone)))
    assert (await sync(phone)).finished
    assert (await statuses(phone))[digest] == "accepted"
    assert b'"opening_hours":"05:00-11:00"' in town.ledger()[digest][2]
    colleague, house = town.office.phone("by hand"), town.office.house
    _, sealed = colleague.site()
    push = msgspec.msgpack.encode(NextPush(colleague.message().head, [sealed], PROTOCOL))
    [ruling] = house.receiver.push(colleague.access, decode(push, Push)).rulings
    assert ruling.status is Status.ACCEPTED
    greeting = NextHandshake(colleague.chain, 1, sealed.digest, 1, "9.9", town.office.clock.now())
    welcome = house.enrolments.greet(colleague.access, decode(msgspec.msgpack.encode(greeting), Handshake))
    assert welcome.head_digest == sealed.digest
    assert (await sync(phone)).finished
    await agree(town, phone)


class NextSite(msgspec.Struct, frozen=True, kw_only=True):
    """A site as a newer app registers it."""

    premises_id: str
    township: str = "210123101"
    type: str = "market"
    name: str = "晨市"
    opening_hours: str = "05:00-11:00"


def new_id(phone: Phone) -> str:
    """A number for a new subject."""
    return mint(phone.clock, phone.random_bytes)


@played
async def test_more_fields_and_words_are_passed_over_by_the_phone(town: Town) -> None:
    """A newer office greets with a role that this app lacks and rules with a status that it lacks: all is taken, the words are kept, and nothing is sent again."""
    phone = await town.phone()
    digest = await registered(phone, "甲")

    def newer(route: str, answer: Answer) -> Answer:
        if route == "/handshake":
            welcome = msgspec.msgpack.decode(answer.body, type=Welcome)
            fields: dict[str, Any] = msgspec.structs.asdict(welcome)
            chief = {"person_id": welcome.generation, "name": "周", "role": "metrologist", "body": "所"}
            return Answer(
                200, msgspec.msgpack.encode(fields | {"colleagues": [chief], "news": ["a newer office"]})
            )
        if route == "/push":
            given = msgspec.msgpack.decode(answer.body, type=PushAnswer)
            rulings = [
                msgspec.structs.asdict(ruling) | {"status": "arbitrated", "clerk": "王"}
                for ruling in given.rulings
            ]
            return Answer(200, msgspec.msgpack.encode(msgspec.structs.asdict(given) | {"rulings": rulings}))
        return answer

    line_of(phone).after = newer
    status = await phone.app.sync.run()
    assert status.problem is None
    assert (await statuses(phone))[digest] == "arbitrated"
    assert (await phone.app.outbox.rows()).others[0].state == "held"
    assert (await phone.app.outbox.rows()).counts["held"] == 1
    before = line_of(phone).routes("/push")
    phone = await town.again(phone)
    assert (await sync(phone)).finished
    assert line_of(phone).routes("/push") == before


def test_a_word_that_is_not_known_is_written_as_it_was_read() -> None:
    """A role and a status of a newer side go through this one unchanged, in msgpack and in JSON."""
    for codec in (msgspec.msgpack, msgspec.json):
        wire = codec.encode({"person_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "name": "周", "role": "metrologist", "body": ""})  # fmt: skip
        person = codec.decode(wire, type=Person)
        assert isinstance(person.role, Role)
        assert codec.decode(codec.encode(person))["role"] == "metrologist"
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"record_id":"","digest":"' + b"0" * 64 + b'","status":7}', type=Ruling)


@played
async def test_a_newer_word_in_a_record_waits_for_the_newer_server(town: Town) -> None:
    """A newer app's record of a known kind uses a word that this server lacks: held with its bytes, beside good ones; applied by the server that knows the word."""
    phone = await town.phone()
    number = new_id(phone)
    newer = await record(
        phone, "premises.registered", NextSite(premises_id=number, type="night_market"), [number]
    )
    unknown = await record(phone, "scale.polished", site(number), [number])
    good = await registered(phone, "乙")
    assert (await sync(phone)).finished
    found = await statuses(phone)
    assert (found[newer], found[unknown], found[good]) == ("held", "held", "accepted")
    assert {digest: code for digest, (_s, code, _b) in town.intake().items()} == {
        newer: "payload_newer",
        unknown: "kind_unknown",
    }
    town.restart()
    assert town.intake()[newer][:2] == ("held", "payload_newer")
    await agree(town, phone)
