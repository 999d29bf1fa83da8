"""The device's endpoints over HTTP: bodies, headers, statuses, and every error as a problem document in the reader's language."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar.testing import TestClient

from server.app import office_app, phone_app
from sync.codec import MAX_MESSAGE
from sync.messages import MAX_BATCH, Enrolment, Page, PushAnswer, Welcome
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone

API = "/api/v1"
CHINESE, ENGLISH = (
    {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"},
    {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"},
)


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Any]]:
    """The phone's origin."""
    with TestClient(phone_app(office.house, office.settings)) as opened:
        yield opened


def bearer(phone: Phone, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {phone.token}", **more}


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem document; it must be one."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"urn:quanheng:problem:{document['code']}"
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["remedy"]
    return answer.status_code, document["code"]


def push(client: TestClient[Any], phone: Phone, body: bytes, **headers: str) -> httpx.Response:
    return client.post(f"{API}/push", content=body, headers=bearer(phone, **headers))


def test_push_and_pull_plain_and_packed(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """A push is ruled on whether its body is plain or gzip; what it changed is pulled, page by page, as msgpack."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    body = msgspec.msgpack.encode(phone.message(site))
    answer = push(client, phone, body)
    assert answer.headers["content-type"] == "application/msgpack"
    assert answer.headers["cache-control"] == "no-store"
    assert msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings[0].status == "accepted"
    packed = gzip.compress(msgspec.msgpack.encode(phone.message(site, scale)))
    answer = push(client, phone, packed, **{"Content-Encoding": "gzip"})
    assert [r.status for r in msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings] == [
        "duplicate",
        "accepted",
    ]
    first = client.get(f"{API}/pull/{COUNTY}?limit=1", headers=bearer(phone))
    page = msgspec.msgpack.decode(first.content, type=Page)
    assert ([change.subject for change in page.changes], page.more) == ([site_id], True)
    second = client.get(f"{API}/pull/{COUNTY}", params={"cursor": page.cursor}, headers=bearer(phone))
    page = msgspec.msgpack.decode(second.content, type=Page)
    assert ([change.subject for change in page.changes], page.more) == ([scale_id], False)


def test_bodies_that_are_none(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """What is no msgpack, no gzip, cut short, too deep, or in an encoding that nobody knows is refused with its own code."""
    body = msgspec.msgpack.encode(phone.message(phone.site()[1]))
    packed = gzip.compress(body)
    wide = {"Content-Encoding": "gzip"}
    assert problem(push(client, phone, b"what?")) == (400, "message_malformed")
    assert problem(push(client, phone, b"")) == (400, "message_malformed")
    assert problem(push(client, phone, b"\x91" * 200_000 + b"\xc0")) == (400, "message_malformed")
    assert problem(push(client, phone, body, **wide)) == (400, "body_damaged")
    assert problem(push(client, phone, packed[:-9], **wide)) == (400, "body_damaged")
    assert problem(push(client, phone, packed, **{"Content-Encoding": "br"})) == (400, "encoding_unknown")
    assert office.rows("SELECT * FROM ledger") == []


def test_a_gzip_bomb_is_refused(phone: Phone, client: TestClient[Any]) -> None:
    """A small body that would inflate beyond the limit is 413, and names the limit."""
    bomb = gzip.compress(bytes(MAX_MESSAGE + 1), 9)
    assert len(bomb) < 100_000
    answer = push(client, phone, bomb, **{"Content-Encoding": "gzip"}, **ENGLISH)
    assert problem(answer) == (413, "body_too_large")
    assert answer.json()["title"] == f"The message is larger than {MAX_MESSAGE} bytes."


def test_a_body_that_is_too_large_is_refused(phone: Phone, client: TestClient[Any]) -> None:
    """More bytes than the server takes are 413 with the limit, before anything is read as a message."""
    answer = push(client, phone, bytes(16 * 1024 * 1024 + 1), **ENGLISH)
    assert problem(answer) == (413, "body_too_large")
    assert "16777216" in answer.json()["title"]


def test_a_batch_has_an_end(office: Office, phone: Phone, client: TestClient[Any]) -> None:
    """One record more than a batch may have is refused whole, so that the phone sends less; the largest batch is taken."""
    _, site = phone.site()
    most = phone.message(*[site] * MAX_BATCH)
    assert problem(
        push(
            client,
            phone,
            msgspec.msgpack.encode(msgspec.structs.replace(most, records=[*most.records, site])),
        )
    ) == (400, "message_malformed")
    assert office.rows("SELECT * FROM ledger") == []
    answer = push(client, phone, msgspec.msgpack.encode(most))
    rulings = msgspec.msgpack.decode(answer.content, type=PushAnswer).rulings
    assert [ruling.status for ruling in rulings] == ["accepted"] + ["duplicate"] * (MAX_BATCH - 1)


def test_errors_speak_the_readers_language(phone: Phone, client: TestClient[Any]) -> None:
    """One code, two languages: Chinese unless English is preferred; the message ids stay for the phone to say itself."""
    chinese = push(client, phone, b"what?", **CHINESE)
    english = push(client, phone, b"what?", **ENGLISH)
    neither = push(client, phone, b"what?", **{"Accept-Language": "fr"})
    assert {problem(each) for each in (chinese, english, neither)} == {(400, "message_malformed")}
    assert english.json()["title"].startswith("The message can't be read: ")
    assert chinese.json()["title"] == neither.json()["title"] != english.json()["title"]
    assert not chinese.json()["title"].isascii()
    assert chinese.json()["what"] == english.json()["what"] == "The message can't be read: {reason}"


def test_without_a_known_token_nothing_opens(phone: Phone, client: TestClient[Any]) -> None:
    """Every endpoint of a phone asks for its token: none, a wrong one and another scheme are 401."""
    for method, path in (
        ("POST", "/push"),
        ("POST", "/handshake"),
        ("GET", f"/pull/{COUNTY}"),
        ("GET", f"/enrolments/{phone.device_id}"),
        ("POST", "/attachments"),
        ("PATCH", f"/attachments/{'0' * 64}"),
    ):
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {phone.token}"}):
            answer = client.request(method, API + path, headers=headers)
            assert problem(answer) == (401, "token_unknown"), (method, path, headers)


def test_pull_says_why_not(phone: Phone, client: TestClient[Any]) -> None:
    """Another county is 403, a bent cursor 410, a limit that is no number 400."""
    for path, expected in (
        (f"/pull/{NEXT_COUNTY}", (403, "out_of_scope")),
        (f"/pull/{COUNTY}?cursor=bent", (410, "cursor_stale")),
        (f"/pull/{COUNTY}?limit=many", (400, "request_wrong")),
        ("/nothing", (404, "not_found")),
    ):
        assert problem(client.get(API + path, headers=bearer(phone))) == expected
    assert problem(client.get(f"{API}/push", headers=bearer(phone))) == (405, "method_wrong")


def test_enrolment_over_the_wire(office: Office, client: TestClient[Any]) -> None:
    """Asked, pending, granted, greeted; another phone's enrolment is not shown, and before the grant nothing is taken."""
    newcomer = Phone(office, office.person("li"), "li")
    other = office.phone("zhao")
    code = office.house.enrolments.make_code("admin", newcomer.person_id, [COUNTY])
    asked = client.post(f"{API}/enrolments", content=msgspec.msgpack.encode(newcomer.request(code)))
    assert asked.status_code == 201
    enrolment = msgspec.msgpack.decode(asked.content, type=Enrolment)
    newcomer.device_id, newcomer.token = enrolment.device_id, enrolment.token
    path = f"{API}/enrolments/{newcomer.device_id}"
    assert problem(client.get(path, headers=bearer(other))) == (403, "not_yours")
    body = msgspec.msgpack.encode(newcomer.message(newcomer.weight()))
    assert problem(push(client, newcomer, body)) == (403, "not_granted")
    office.house.enrolments.decide("admin", newcomer.device_id, grant=True)
    answer = client.get(path, headers=bearer(newcomer))
    assert msgspec.msgpack.decode(answer.content, type=Enrolment).state == "granted"
    greeting = {
        "chain": newcomer.chain,
        "sequence": 1,
        "digest": None,
        "schema": 1,
        "app_version": "0.1.0",
        "phone_time": "1970-01-01T00:00:00Z",
    }
    answer = client.post(
        f"{API}/handshake", content=msgspec.msgpack.encode(greeting), headers=bearer(newcomer)
    )
    assert msgspec.msgpack.decode(answer.content, type=Welcome).access == "open"
    greeting["phone_time"] = "1970-01-01T00:00:00"
    answer = client.post(
        f"{API}/handshake", content=msgspec.msgpack.encode(greeting), headers=bearer(newcomer)
    )
    assert problem(answer) == (400, "message_malformed")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_no_key(office: Office, client: TestClient[Any], key: bytes) -> None:
    """A public key that has not 32 bytes is refused before a code is used up."""
    newcomer = Phone(office, office.person("li"), "li")
    code = office.house.enrolments.make_code("admin", newcomer.person_id, [COUNTY])
    request = msgspec.structs.replace(newcomer.request(code), author_public_key=key)
    answer = client.post(f"{API}/enrolments", content=msgspec.msgpack.encode(request))
    assert problem(answer) == (400, "message_malformed")
    answer = client.post(f"{API}/enrolments", content=msgspec.msgpack.encode(newcomer.request(code)))
    assert answer.status_code == 201


def test_codes_can_not_be_tried_out(office: Office, client: TestClient[Any]) -> None:
    """The twenty-first try of a minute from one address is 429 and says how long to wait, whatever address it claims to come from."""
    newcomer = Phone(office, office.person("li"), "li")
    body = msgspec.msgpack.encode(newcomer.request("GUESSGUESSGUESS1"))
    for number in range(20):
        answer = client.post(
            f"{API}/enrolments", content=body, headers={"X-Forwarded-For": f"10.0.0.{number}", **ENGLISH}
        )
        assert problem(answer) == (403, "enrolment_code_wrong")
    answer = client.post(f"{API}/enrolments", content=body)
    assert problem(answer) == (429, "too_many_requests")
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_health_needs_no_token(office: Office, client: TestClient[Any]) -> None:
    """Monitoring reads that the server is up, and which generation it serves."""
    assert client.get(f"{API}/health").json() == {"status": "ok", "generation": office.house.generation}


def test_the_documentation_names_the_messages(office: Office) -> None:
    """The OpenAPI description says which struct each endpoint takes and gives, as msgpack."""
    with TestClient(office_app(office.house, office.settings)) as client:
        described = client.get("/docs/openapi.json").json()
    paths, schemas = described["paths"], described["components"]["schemas"]

    def body(path: str, method: str, part: str, status: str = "") -> str:
        found = paths[API + path][method][part]
        content = (found[status] if status else found)["content"]["application/msgpack"]
        return content["schema"]["$ref"].rpartition("/")[2]

    assert body("/push", "post", "requestBody") == "Push"
    assert body("/push", "post", "responses", "200") == "PushAnswer"
    assert body("/handshake", "post", "requestBody") == "Handshake"
    assert body("/handshake", "post", "responses", "200") == "Welcome"
    assert body("/enrolments", "post", "requestBody") == "EnrolmentRequest"
    assert body("/enrolments", "post", "responses", "201") == "Enrolment"
    assert body("/pull/{county}", "get", "responses", "200") == "Page"
    assert {"Sealed", "Ruling", "Change"} <= schemas.keys()
    assert set(schemas["Push"]["properties"]) == {"head", "records", "protocol"}
