"""What a phone handed to somebody else: opened, received as its own, and counted once, whoever brings it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from server.app import phone_app
from server.services.handovers import Taken
from shared.errors import QuanhengError
from shared.identity import digest_of
from shared.inspection import BlobRef
from sync.envelope import Sealed, head_message
from sync.handover import Content, HandedFile, Header, bound_to, pack_content, write_bundle
from sync.keys import key_id
from sync.messages import ChainHead, HandoverAnswer, Status
from tests.contracts.fakes import sealed_for, seeded
from tests.server.office import NEXT_COUNTY, Office, Phone, said

TABLES = (
    "ledger",
    "intake",
    "state",
    "chain_head",
    "record_identity",
    "later_ruling",
    "handover",
    "attachment",
    "audit",
)


def bundle_of(
    phone: Phone, *records: Sealed, files: tuple[HandedFile, ...] = (), seed: int = 1, **changes: Any
) -> bytes:
    """What the phone hands over; ``changes`` are fields of the header, ``key`` and ``signature`` what else may be wrong."""
    key = changes.pop("public_key", phone.office.house.handovers.public_key)
    digest = phone.previous or "0" * 64
    signature = phone.device_key.sign(head_message(phone.chain, phone.sequence, digest))
    head = ChainHead(phone.chain, phone.sequence, digest, changes.pop("signature", signature))
    fields: dict[str, Any] = {
        "key": key_id(key),
        "device": phone.device_id,
        "made_at": phone.office.clock.now(),
        "records": len(records),
        "files": len(files),
    }
    header = Header(**fields | changes)
    packed = pack_content(Content(head, list(records), list(files)))
    return write_bundle(header, sealed_for(key, packed, bound_to(header), seeded(seed)))


def bring(courier: Phone, bundle: bytes) -> Taken:
    """The courier's phone brings it."""
    return courier.office.house.handovers.take(bundle, courier.device_id, courier.person_id)


def statuses(taken: Taken) -> list[str]:
    return [said(ruling) for ruling in taken.rulings]


def everything(office: Office) -> dict[str, list[dict[str, object]]]:
    """Every row that a hand-over may write."""
    return {
        table: sorted((dict(row) for row in office.rows(f"SELECT * FROM {table}")), key=repr)  # noqa: S608
        for table in TABLES
    }


@pytest.fixture
def courier(office: Office) -> Phone:
    """Another person's phone."""
    return office.phone("zhao")


def test_a_bundle_is_received_as_if_its_phone_had_pushed_it(
    office: Office, phone: Phone, courier: Phone
) -> None:
    """Each record has its own ruling; the phone's own push later is a duplicate, and nothing is there twice."""
    site_id, site = phone.site()
    _scale_id, scale = phone.scale(site_id)
    outside = phone.site(county=NEXT_COUNTY)[1]
    forged = Sealed(phone.site()[1].body, bytes(64))
    taken = bring(courier, bundle_of(phone, site, scale, outside, forged))
    assert statuses(taken) == ["accepted", "accepted", "refused out_of_scope", "refused signature_wrong"]
    assert not taken.again
    assert phone.statuses(site, scale) == ["duplicate", "duplicate"]
    assert len(office.rows("SELECT 1 FROM ledger")) == 2
    assert [row["device"] for row in office.rows("SELECT device FROM intake")] == [phone.device_id] * 2
    office.check()


def test_any_number_of_imports_change_nothing_more(office: Office, phone: Phone, courier: Phone) -> None:
    """Brought again by the same phone, by a third, by the console and after a restart: not one row of the store is another."""
    site_id, site = phone.site()
    held = phone.scale(phone.mint())[1]
    bundle = bundle_of(phone, site, held, phone.site(county=NEXT_COUNTY)[1])
    first = bring(courier, bundle)
    third = office.phone("wang")
    before = everything(office)
    office.clock.advance(timedelta(minutes=7))
    for again in (
        bring(courier, bundle),
        bring(third, bundle),
        office.house.handovers.take(bundle, "admin", "admin"),
    ):
        assert again.again
        assert again.rulings == first.rulings
    assert everything(office) == before
    assert site_id in str(before["state"])


def test_bundles_that_overlap_count_each_record_once(office: Office, phone: Phone, courier: Phone) -> None:
    """Handed over twice as it grew, and sealed anew each time: what came with the first bundle is a duplicate in the second."""
    site_id, site = phone.site()
    bring(courier, bundle_of(phone, site))
    scale = phone.scale(site_id)[1]
    assert statuses(bring(courier, bundle_of(phone, site, scale, seed=2))) == ["duplicate", "accepted"]
    assert len(office.rows("SELECT 1 FROM ledger")) == 2


def test_the_couriers_rights_are_not_lent(office: Office, phone: Phone) -> None:
    """A courier with a wider scope, or with none any more, changes no ruling; a phone whose access was closed is held as in a push."""
    wide = office.phone("wide", counties=("210123", NEXT_COUNTY))
    office.house.enrolments.revoke("admin", wide.device_id, "closed")
    assert statuses(bring(wide, bundle_of(phone, phone.site(county=NEXT_COUNTY)[1]))) == [
        "refused out_of_scope"
    ]
    office.house.enrolments.revoke("admin", phone.device_id, "closed")
    taken = bring(wide, bundle_of(phone, phone.site()[1]))
    assert statuses(taken) == ["held device_revoked"]


def test_rulings_that_change_later_reach_the_author(office: Office, phone: Phone, courier: Phone) -> None:
    """A record that was held when it was brought is released by another, and its phone hears of it by pull."""
    site_id, site = courier.site()
    scale = phone.scale(site_id)[1]
    assert statuses(bring(courier, bundle_of(phone, scale))) == ["held subject_unknown"]
    courier.push(site)
    [ruling] = phone.pull().rulings
    assert (ruling.digest, ruling.status) == (scale.digest, Status.ACCEPTED)


def test_what_can_not_be_trusted_is_declined_whole(office: Office, phone: Phone, courier: Phone) -> None:
    """Another office's key, a header exchanged, a head signed by another key, a phone that nobody knows: each by its code, and nothing is kept."""
    site = phone.site()[1]
    other = Office(office.data / "other", seed="other")
    wrong = {
        "handover_other_office": bundle_of(phone, site, public_key=other.house.handovers.public_key),
        "handover_damaged": bundle_of(
            phone,
            site,
            key=key_id(office.house.handovers.public_key),
            public_key=other.house.handovers.public_key,
        ),
        "head_signature_wrong": bundle_of(phone, site, signature=bytes(64)),
        "handover_device_unknown": bundle_of(phone, site, device=phone.mint()),
        "handover_none": b"what?",
    }
    other.close()
    before = everything(office)
    for code, bundle in wrong.items():
        with pytest.raises(QuanhengError) as declined:
            bring(courier, bundle)
        assert declined.value.problem.code == code
    assert everything(office) == before


def test_files_come_with_their_records(office: Office, phone: Phone, courier: Phone) -> None:
    """A photograph that a record names is whole at the office; one that none names, or that is not what it says, is left, and the rest goes on."""
    picture, lie = b"\xff\xd8 a picture", b"\xff\xd8 another"
    named = [
        BlobRef(digest=digest_of(each), media_type="image/jpeg", size=len(each), role="plate")
        for each in (picture, lie)
    ]
    record = phone.inspection(office.known_scale(phone.mint(), phone.mint()), photos=named)
    record_id = msgspec.json.decode(record.body)["record_id"]
    files = (
        HandedFile(digest_of(picture), "image/jpeg", record_id, picture),
        HandedFile(digest_of(lie), "image/jpeg", record_id, b"\xff\xd8 anothEr"),
        HandedFile(digest_of(b"stray"), "image/jpeg", record_id, b"stray"),
    )
    bundle = bundle_of(phone, record, files=files)
    for again in (False, True):
        taken = bring(courier, bundle)
        assert (taken.again, taken.files, taken.files_left) == (again, 1, 2)
    assert office.house.attachments.content(digest_of(picture)) == picture
    assert not office.house.attachments.arrived(digest_of(lie))


def test_a_phone_brings_it_over_http(office: Office, phone: Phone, courier: Phone) -> None:
    """The answer names the bundle and says nothing of what is in it; too large is 413, a stranger 401; both keys of enrolment are told."""
    with TestClient(phone_app(office.house, office.settings)) as client:
        bundle, headers = bundle_of(phone, phone.site()[1]), {"Authorization": f"Bearer {courier.token}"}
        for again in (False, True):
            answer = client.post("/api/v1/handovers", content=bundle, headers=headers)
            read = msgspec.msgpack.decode(answer.content, type=HandoverAnswer)
            assert (answer.status_code, read.again) == (200, again)
            assert set(msgspec.msgpack.decode(answer.content)) == {
                "digest",
                "again",
                "server_time",
                "generation",
            }
        large = client.post("/api/v1/handovers", content=bytes(7 << 20), headers=headers)
        assert (large.status_code, large.json()["code"]) == (413, "handover_too_large")
        assert client.post("/api/v1/handovers", content=bundle).status_code == 401
    key = office.house.handovers.public_key
    assert (
        len(key),
        phone.greet().handover_key,
        phone.office.house.enrolments.state(phone.access).handover_key,
    ) == (65, key, key)


def test_an_answer_is_given_after_the_commit(office: Office, phone: Phone, courier: Phone) -> None:
    """Whoever has an answer finds the records on the disk of the next run, and the office's key opens what was sealed before it."""
    first, second = bundle_of(phone, phone.site()[1]), bundle_of(phone, phone.site()[1])
    bring(courier, first)
    again = office.restarted()
    assert again.house.handovers.take(first, "admin", "admin").again
    assert not again.house.handovers.take(second, "admin", "admin").again
    assert len(again.rows("SELECT 1 FROM ledger")) == 2
    again.close()
