"""Uploading a file: resumed where it was cut, complete only when its hash fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.services.attachments import LARGEST, Upload
from shared.errors import QuanhengError
from shared.identity import digest_of
from tests.server.office import Office, Phone

PICTURE = bytes(range(256)) * 40
DIGEST = digest_of(PICTURE)


def refusal(act: Callable[[], object]) -> tuple[str, int]:
    """Code and status of a refusal."""
    with pytest.raises(QuanhengError) as refused:
        act()
    return refused.value.problem.code, refused.value.status


class Uploads:
    """One phone's uploads."""

    def __init__(self, office: Office, phone: Phone) -> None:
        self.files, self.device = office.house.attachments, phone.access

    def create(self, digest: str = DIGEST, size: int = len(PICTURE), kind: str = "image/jpeg") -> Upload:
        return self.files.create(self.device, digest, size, kind, "record")

    def append(self, offset: int, chunk: bytes, digest: str = DIGEST) -> Upload:
        return self.files.append(self.device, digest, offset, chunk)


@pytest.fixture
def uploads(office: Office, phone: Phone) -> Uploads:
    return Uploads(office, phone)


def test_an_upload_goes_on_where_it_was_cut(uploads: Uploads) -> None:
    """In pieces, asked for in between, begun a second time: the file is whole at the end and not before."""
    assert uploads.create().offset == 0
    assert uploads.append(0, PICTURE[:5000]).offset == 5000
    assert uploads.create().offset == 5000
    assert uploads.files.content(DIGEST) is None
    done = uploads.append(uploads.files.resume(DIGEST).offset, PICTURE[5000:])
    assert (done.offset, done.complete) == (len(PICTURE), True)
    assert uploads.files.content(DIGEST) == PICTURE
    again = uploads.create()
    assert (again.offset, again.complete) == (len(PICTURE), True)


@pytest.mark.parametrize(("offset", "chunk"), [(0, b"x"), (2001, b"x"), (1999, b"x"), (2000, PICTURE)])
def test_bytes_at_another_place_change_nothing(uploads: Uploads, offset: int, chunk: bytes) -> None:
    """Bytes before or after where the upload stands, or more than were announced, are 409 and leave the file as it was."""
    uploads.create()
    uploads.append(0, PICTURE[:2000])
    assert refusal(lambda: uploads.append(offset, chunk)) == ("offset_wrong", 409)
    uploads.append(2000, PICTURE[2000:])
    assert uploads.files.content(DIGEST) == PICTURE
    assert refusal(lambda: uploads.append(len(PICTURE), b"")) == ("offset_wrong", 409)


def test_a_damaged_file_begins_anew(uploads: Uploads) -> None:
    """When all bytes are there and the hash does not fit, the answer is 460, the upload stands at 0, and a good one is taken."""
    uploads.create()
    uploads.append(0, PICTURE[:100])
    assert refusal(lambda: uploads.append(100, b"\x00" + PICTURE[101:])) == ("attachment_damaged", 460)
    assert uploads.files.content(DIGEST) is None
    assert uploads.files.resume(DIGEST).offset == 0
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
    assert refusal(lambda: uploads.create(digest)) == ("attachment_name_wrong", 400)
    assert refusal(lambda: uploads.files.find(digest)) == ("attachment_name_wrong", 400)


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


@pytest.mark.parametrize(("kept", "offset"), [(PICTURE, len(PICTURE)), (bytes(len(PICTURE)), 0)])
def test_a_crash_after_the_last_byte_is_made_good(uploads: Uploads, kept: bytes, offset: int) -> None:
    """If the server died before it compared the hash, the next question compares it: whole is complete, damaged begins anew."""
    uploads.create()
    path = uploads.files._path(DIGEST)
    path.write_bytes(kept)
    assert uploads.files.content(DIGEST) is None
    found = uploads.files.resume(DIGEST)
    assert (found.offset, found.complete) == (offset, offset > 0)
    assert (uploads.files.content(DIGEST) == PICTURE) is (offset > 0)
