"""Uploading a file: resumed where it was cut, whole only when its hash fits, and only what a record of one's own names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from server.services.attachments import (
    LARGEST,
    Announced,
    AttachmentFiles,
    Bounds,
    Upload,
    incoming,
    place_of,
)
from server.store.database import MIGRATIONS, Database
from server.store.files import Folder
from shared.errors import QuanhengError
from shared.identity import digest_of
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone

PICTURE = bytes(range(256)) * 40
DIGEST = digest_of(PICTURE)


def refusal(act: Callable[[], object]) -> tuple[str, int]:
    """Code and status of a refusal."""
    with pytest.raises(QuanhengError) as refused:
        act()
    return refused.value.problem.code, refused.value.status


class Uploads:
    """One phone's uploads of what its record names."""

    def __init__(self, office: Office, phone: Phone, *named: str) -> None:
        self.files, self.phone = office.house.attachments, phone
        self.device = phone.access
        self.record = phone.naming(*(named or (DIGEST,)))
        self.part = self.files._files

    def create(
        self, digest: str = DIGEST, size: int = len(PICTURE), kind: str = "image/jpeg", record: str = ""
    ) -> Upload:
        return self.files.create(self.device, Announced(digest, size, kind, record or self.record))

    def append(self, offset: int, chunk: bytes, digest: str = DIGEST) -> Upload:
        return self.files.append(self.device, digest, offset, chunk)

    def find(self, digest: str = DIGEST) -> Upload:
        return self.files.find(self.device, digest)


@pytest.fixture
def uploads(office: Office, phone: Phone) -> Uploads:
    return Uploads(office, phone)


def test_an_upload_goes_on_where_it_was_cut(uploads: Uploads) -> None:
    """In pieces, asked for in between, begun a second time: the file is whole at the end and not before."""
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE[:5000]).offset == 5000
    assert uploads.create().offset == 5000
    assert uploads.files.content(DIGEST) is None
    done = uploads.append(uploads.find().offset, PICTURE[5000:])
    assert (done.offset, done.complete) == (len(PICTURE), True)
    assert uploads.files.content(DIGEST) == PICTURE
    again = uploads.create()
    assert (again.offset, again.complete) == (len(PICTURE), True)


@pytest.mark.parametrize(("offset", "chunk"), [(0, b"x"), (2001, b"x"), (1999, b"x")])
def test_bytes_at_another_place_change_nothing(uploads: Uploads, offset: int, chunk: bytes) -> None:
    """Bytes before or after where the upload stands are 409, more than were announced 413; both leave the file as it was."""
    uploads.create()
    uploads.append(0, PICTURE[:2000])
    assert refusal(lambda: uploads.append(offset, chunk)) == ("offset_wrong", 409)
    assert refusal(lambda: uploads.append(2000, PICTURE)) == ("attachment_longer", 413)
    uploads.append(2000, PICTURE[2000:])
    assert uploads.files.content(DIGEST) == PICTURE
    assert refusal(lambda: uploads.append(len(PICTURE), b"x")) == ("offset_wrong", 409)
    assert uploads.append(len(PICTURE), b"").complete


def test_a_damaged_file_begins_anew(uploads: Uploads) -> None:
    """When all bytes are there and the hash does not fit, the answer is 460, the upload stands at 0, and a good one is taken."""
    uploads.create()
    uploads.append(0, PICTURE[:100])
    assert refusal(lambda: uploads.append(100, b"\x00" + PICTURE[101:])) == ("attachment_damaged", 460)
    assert uploads.files.content(DIGEST) is None
    assert uploads.find().offset == 0
    assert uploads.append(0, PICTURE).complete


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_file_must_have_a_size_that_is_taken(uploads: Uploads, size: int) -> None:
    """Nothing and too much are refused before a byte is sent; the largest size is taken."""
    assert refusal(lambda: uploads.create(size=size)) == ("attachment_too_large", 413)
    assert uploads.create(size=LARGEST).size == LARGEST


def test_only_pictures_and_signatures_are_taken(uploads: Uploads) -> None:
    """Another type is refused by its name."""
    assert refusal(lambda: uploads.create(kind="text/html")) == ("attachment_type_unknown", 400)


@pytest.mark.parametrize("digest", ["", "x" * 64, DIGEST.upper(), DIGEST + "\n", "../" + DIGEST, DIGEST[1:]])
def test_a_file_is_named_by_its_digest(uploads: Uploads, digest: str) -> None:
    """What is no SHA-256 in lower-case hexadecimal names no file, least of all one elsewhere."""
    acts = (uploads.create, uploads.find, lambda each: uploads.append(0, b"x", each))
    acts += (lambda each: uploads.files.terminate(uploads.device, each),)  # type: ignore[assignment]
    for act in acts:
        assert refusal(lambda act=act: act(digest)) == ("attachment_name_wrong", 400)  # type: ignore[misc]


def test_a_file_that_was_not_announced_is_unknown(uploads: Uploads) -> None:
    """Nothing can be added to or read of a file that nobody announced."""
    assert refusal(lambda: uploads.append(0, b"x")) == ("attachment_unknown", 404)
    assert uploads.files.content(DIGEST) is None


def test_a_wrong_length_does_not_shut_the_file_out(uploads: Uploads) -> None:
    """Announced with a wrong length first, the file begins anew with the right one and is taken."""
    uploads.create(size=len(PICTURE) - 1)
    uploads.append(0, PICTURE[:10])
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE).complete


def test_a_phone_uploads_only_what_its_own_record_names(office: Office, phone: Phone) -> None:
    """A record not here yet is 409; another phone's record, or one that names other files, is 403. Held records count."""
    uploads, other = Uploads(office, phone), Uploads(office, office.phone("zhao"), "ab" * 32)
    assert refusal(lambda: uploads.create(record=phone.mint())) == ("attachment_record_unknown", 409)
    assert phone.statuses(phone.seal(b"no record")) != ["accepted"]
    nameless = Announced(DIGEST, len(PICTURE), "image/jpeg", "")
    assert refusal(lambda: uploads.files.create(phone.access, nameless)) == (
        "attachment_record_unknown",
        409,
    )
    assert refusal(lambda: uploads.create("cd" * 32)) == ("attachment_not_named", 403)
    assert refusal(lambda: other.create(record=uploads.record)) == ("attachment_not_named", 403)
    assert uploads.create().offset == 0


def test_a_person_with_another_phone_goes_on(office: Office, phone: Phone) -> None:
    """Enrolled anew on another phone, the person's files of older records are taken; another person's are not."""
    uploads = Uploads(office, phone)
    again = Phone(office, phone.person_id, "again")
    again.enrol([COUNTY])
    office.house.enrolments.decide("admin", again.device_id, grant=True)
    uploads.device = again.access
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE).complete


def test_a_store_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """Whole files of the first tables stay, with their record's county where it is known; what was half there begins anew."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    old = "INSERT INTO attachment VALUES ('{0}', 9, 'image/png', '{1}', 'd', {2}, '2026-11-20T01:00:00.000000Z')"
    with database.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO record_identity VALUES ('r1', 'x', '210123', 1)")
        for digest, record, complete in (("a", "r1", 1), ("b", "r2", 1), ("c", "r1", 0)):
            connection.exec_driver_sql(old.format(digest, record, complete))
    database.migrate()
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT digest, size, county, said FROM attachment ORDER BY digest")
        assert [tuple(row) for row in rows] == [("a", 9, "210123", ""), ("b", 9, "", "")]
    database.close()


def test_one_phone_can_not_spoil_anothers_upload(office: Office, phone: Phone) -> None:
    """Two phones that send one file each have an upload of their own; what one sends wrong is not in the other's way."""
    uploads, other = Uploads(office, phone), Uploads(office, office.phone("zhao"))
    other.create()
    other.append(0, bytes(5000))
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE).complete
    assert other.create().complete, "the bytes are there already, and other's record names them"


def test_whole_files_are_known_within_their_county_alone(office: Office, phone: Phone) -> None:
    """A phone of the county is told that the file is there; one of another county is not, nor of an upload that is another's."""
    uploads = Uploads(office, phone)
    near, far = office.phone("zhao"), office.phone("qian", counties=(NEXT_COUNTY,))
    uploads.create()
    for each in (near, far):
        assert refusal(lambda each=each: uploads.files.find(each.access, DIGEST)) == (
            "attachment_unknown",
            404,
        )  # type: ignore[misc]
    uploads.append(0, PICTURE)
    assert uploads.files.find(near.access, DIGEST).complete
    assert refusal(lambda: uploads.files.find(far.access, DIGEST)) == ("attachment_unknown", 404)


def test_bytes_that_are_there_are_not_sent_again(office: Office, phone: Phone) -> None:
    """Where the store was put back to a backup without the file's row, the file on the disk is found right and taken at once."""
    uploads = Uploads(office, phone)
    uploads.create()
    uploads.append(0, PICTURE)
    with office.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM attachment")
    assert uploads.files.content(DIGEST) is None
    assert uploads.create().complete
    assert uploads.files.content(DIGEST) == PICTURE


def test_a_file_that_the_disk_has_lost_is_sent_again(uploads: Uploads) -> None:
    """Its row alone is no file: the page says awaited, and an upload begins anew."""
    uploads.create()
    uploads.append(0, PICTURE)
    uploads.part.remove(place_of(DIGEST))
    assert not uploads.files.arrived(DIGEST)
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE).complete


@pytest.mark.parametrize("on_disk", [b"", PICTURE[:2999], PICTURE[:3000], PICTURE[:3000] + b"torn"])
def test_what_was_not_synced_is_not_counted(uploads: Uploads, on_disk: bytes) -> None:
    """After a crash the upload stands at what is on the disk and was counted; torn bytes behind it are gone with the next write."""
    uploads.create()
    uploads.append(0, PICTURE[:3000])
    name = incoming(uploads.device.device_id, DIGEST)
    uploads.part.remove(name)
    uploads.part.write(name, 0, on_disk)
    assert uploads.find().offset == min(3000, len(on_disk))
    assert uploads.append(min(3000, len(on_disk)), PICTURE[min(3000, len(on_disk)) :]).complete


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("right", [True, False])
def test_a_crash_after_the_last_byte_is_made_good(
    office: Office, phone: Phone, moved: bool, right: bool
) -> None:
    """If the server died between the last byte and its note, the next question finishes: right is whole, damaged begins anew."""
    uploads = Uploads(office, phone)
    uploads.create()
    content = PICTURE if right else bytes(len(PICTURE))
    name = place_of(DIGEST) if moved else incoming(phone.device_id, DIGEST)
    uploads.part.write(name, 0, content)
    with office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE upload SET arrived = size")
    assert uploads.files.content(DIGEST) is None
    found = uploads.find()
    assert (found.offset, found.complete) == ((len(PICTURE), True) if right else (0, False))
    assert (uploads.files.content(DIGEST) == PICTURE) is right


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("late", ["chunk", "end"])
def test_what_comes_late_does_not_undo_an_end_that_was_not_noted(
    office: Office, phone: Phone, moved: bool, late: str
) -> None:
    """If the server died between the last byte and its note, neither an early chunk that comes once more nor a DELETE takes bytes away."""
    uploads = Uploads(office, phone)
    uploads.create()
    name = place_of(DIGEST) if moved else incoming(phone.device_id, DIGEST)
    uploads.part.write(name, 0, PICTURE)
    with office.database.writing() as connection:
        connection.exec_driver_sql("UPDATE upload SET arrived = size")
    acts = {
        "chunk": lambda: uploads.append(0, PICTURE[:3000]),
        "end": lambda: uploads.files.terminate(uploads.device, DIGEST),
    }
    assert refusal(acts[late]) == {"chunk": ("offset_wrong", 409), "end": ("attachment_kept", 403)}[late]
    assert uploads.find().complete
    assert uploads.files.content(DIGEST) == PICTURE


def test_an_unfinished_upload_expires(office: Office, phone: Phone) -> None:
    """Seven days after its last byte an upload is 410 and its bytes are swept; begun anew it is taken. One that goes on lives on."""
    uploads = Uploads(office, phone)
    uploads.create()
    expires = uploads.append(0, PICTURE[:100]).expires_at
    office.clock.at += timedelta(days=6)
    assert uploads.files.sweep() == 0
    later = uploads.append(100, PICTURE[100:200]).expires_at
    assert expires
    assert later == expires + timedelta(days=6)
    office.clock.at = later
    for act in (uploads.find, lambda: uploads.append(200, b"x")):
        assert refusal(act) == ("attachment_expired", 410)
    assert uploads.files.sweep() == 1
    assert uploads.part.names("incoming") == []
    assert refusal(uploads.find) == ("attachment_expired", 410)
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE).complete


def test_bytes_of_no_upload_are_swept_at_the_start(office: Office, phone: Phone) -> None:
    """What a crash left without an upload is gone after a restart, expired uploads are forgotten at last, and whole files stay."""
    uploads = Uploads(office, phone)
    uploads.create()
    uploads.append(0, PICTURE)
    stray = "ab" * 32
    uploads.part.write(incoming(phone.device_id, stray), 0, b"stray")
    office.clock.at += timedelta(days=40)
    again = office.restarted()
    assert again.house.attachments._files.names("incoming") == []
    assert again.house.attachments.content(DIGEST) == PICTURE
    again.close()


def test_an_upload_given_up_is_gone(uploads: Uploads) -> None:
    """DELETE forgets the phone's own upload and its bytes; a whole file is evidence and stays."""
    uploads.create()
    uploads.append(0, PICTURE[:100])
    uploads.files.terminate(uploads.device, DIGEST)
    assert uploads.part.names("incoming") == []
    assert refusal(uploads.find) == ("attachment_unknown", 404)
    uploads.create()
    uploads.append(0, PICTURE)
    assert refusal(lambda: uploads.files.terminate(uploads.device, DIGEST)) == ("attachment_kept", 403)
    assert uploads.files.content(DIGEST) == PICTURE


@pytest.mark.parametrize("whose", ["device", "county"])
def test_room_is_bounded(office: Office, phone: Phone, whose: str) -> None:
    """What a phone announces and files in a day, and what a county keeps, is bounded; expiry, another phone or the next day make room."""
    uploads = Uploads(office, phone, DIGEST, "ab" * 32)
    other = Uploads(office, office.phone("zhao"), "cd" * 32)
    bounds = Bounds(1500, 10**6) if whose == "device" else Bounds(10**6, 1500)
    uploads.files = other.files = AttachmentFiles(
        office.database, Folder(office.data / "small"), office.clock, bounds
    )
    uploads.create(size=1000)
    assert uploads.create(size=1500).size == 1500, "the same file announced anew counts once"
    uploads.create(size=1000)
    assert refusal(lambda: uploads.create("ab" * 32, 1000)) == (f"attachment_quota_{whose}", 507)
    if whose == "device":
        assert other.create("cd" * 32, 1000).offset == 0
    else:
        assert refusal(lambda: other.create("cd" * 32, 1000)) == ("attachment_quota_county", 507)
    office.clock.at += timedelta(days=7)
    assert uploads.create("ab" * 32, 1000).offset == 0
