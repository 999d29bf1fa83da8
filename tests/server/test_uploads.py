"""Uploads over HTTP as tus 1.0.0 says: headers, statuses, every extension that the server names."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from server.app import phone_app
from server.services.attachments import LARGEST
from shared.identity import digest_of
from tests.server.office import Office, Phone
from tests.server.test_api import API, bearer, problem

PICTURE = b"picture" * 1000
DIGEST = digest_of(PICTURE)
PATH = f"{API}/attachments/{DIGEST}"
BYTES = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Any]]:
    """The phone's origin."""
    with TestClient(phone_app(office.house, office.settings)) as opened:
        yield opened


def tus(phone: Phone, **headers: str) -> dict[str, str]:
    return bearer(phone, **{"Tus-Resumable": "1.0.0"}) | {
        name.replace("_", "-"): value for name, value in headers.items()
    }


def named(**pairs: str) -> str:
    """Upload-Metadata of tus 1.0."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items())


def checksum(algorithm: str, content: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


class Sender:
    """A client of tus, request by request."""

    def __init__(self, client: TestClient[Any], phone: Phone) -> None:
        self.client, self.phone = client, phone
        self.said = named(sha256=DIGEST, filetype="image/jpeg", record=phone.naming(DIGEST))

    def post(self, content: bytes = b"", **headers: str) -> httpx.Response:
        sent = {"Upload_Length": str(len(PICTURE)), "Upload_Metadata": self.said} | headers
        return self.client.post(
            f"{API}/attachments",
            content=content,
            headers=tus(self.phone, **sent) | (BYTES if content else {}),
        )

    def head(self) -> httpx.Response:
        return self.client.head(PATH, headers=tus(self.phone))

    def patch(self, offset: int, chunk: bytes, **headers: str) -> httpx.Response:
        sent = BYTES | tus(self.phone, Upload_Offset=str(offset), **headers)
        return self.client.patch(PATH, content=chunk, headers=sent)


@pytest.fixture
def sender(client: TestClient[Any], phone: Phone) -> Sender:
    return Sender(client, phone)


def test_an_upload_by_tus(office: Office, sender: Sender) -> None:
    """POST names the file, HEAD says how far it came, PATCH goes on; a wrong place is 409, damaged bytes are 460 and begin anew."""
    assert problem(sender.client.get(PATH, headers=tus(sender.phone)))[0] == 405
    assert sender.head().status_code == 404
    begun = sender.post()
    assert (begun.status_code, begun.headers["location"]) == (201, PATH)
    assert sender.patch(0, PICTURE[:3000]).headers["upload-offset"] == "3000"
    assert problem(sender.patch(0, PICTURE[:3000])) == (409, "offset_wrong")
    at = sender.head()
    assert (at.headers["upload-offset"], at.headers["upload-length"]) == ("3000", str(len(PICTURE)))
    assert (at.headers["cache-control"], at.headers["upload-metadata"]) == ("no-store", sender.said)
    assert problem(sender.patch(3000, PICTURE[3000:-1] + b"!")) == (460, "attachment_damaged")
    assert sender.head().headers["upload-offset"] == "0"
    done = sender.patch(0, PICTURE)
    assert (done.status_code, done.headers["tus-resumable"]) == (204, "1.0.0")
    assert office.house.attachments.content(DIGEST) == PICTURE


def test_what_the_server_can_is_said_to_everybody(client: TestClient[Any]) -> None:
    """OPTIONS needs no token and no version, and names version, extensions, largest size and checksums."""
    for path in (f"{API}/attachments", PATH):
        answer = client.options(path)
        said = {name: answer.headers[f"tus-{name}"] for name in ("version", "extension", "max-size")}
        assert answer.status_code == 204
        assert said == {
            "version": "1.0.0",
            "extension": "creation,creation-with-upload,checksum,expiration,termination",
            "max-size": str(LARGEST),
        }
        assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


def test_bytes_may_come_with_the_announcement(office: Office, sender: Sender) -> None:
    """Creation with upload: some bytes, or all of them, come with the POST, which says how far it is."""
    assert sender.post(PICTURE[:10]).headers["upload-offset"] == "10"
    again = sender.post()
    assert (again.status_code, again.headers["upload-offset"]) == (201, "10")
    assert sender.post(PICTURE[:3000]).headers["upload-offset"] == "3000", "the first ten are not taken twice"
    right = checksum("sha1", PICTURE[:4000])
    assert sender.post(PICTURE[:4000], Upload_Checksum=right).headers["upload-offset"] == "4000"
    assert sender.post(PICTURE[:5]).headers["upload-offset"] == "4000"
    assert sender.patch(4000, PICTURE[4000:]).status_code == 204
    there = sender.post()
    assert (there.headers["upload-offset"], "upload-expires" in there.headers) == (str(len(PICTURE)), False)
    assert sender.post(PICTURE[:10]).headers["upload-offset"] == str(len(PICTURE))
    assert office.house.attachments.content(DIGEST) == PICTURE


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_chunk_that_does_not_fit_its_checksum_is_not_kept(
    office: Office, sender: Sender, algorithm: str
) -> None:
    """460 and the offset stays; the right bytes are taken after it. An algorithm or digest that is none is 400."""
    sender.post()
    right = checksum(algorithm, PICTURE[:3000])
    assert problem(sender.patch(0, b"!" * 3000, Upload_Checksum=right)) == (460, "checksum_wrong")
    assert sender.head().headers["upload-offset"] == "0"
    assert sender.patch(0, PICTURE[:3000], Upload_Checksum=right).headers["upload-offset"] == "3000"
    for wrong in ("md5 AAAA", algorithm, f"{algorithm} ???"):
        assert problem(sender.patch(3000, PICTURE[3000:], Upload_Checksum=wrong)) == (400, "checksum_unknown")
    assert sender.patch(3000, PICTURE[3000:]).status_code == 204
    assert office.house.attachments.content(DIGEST) == PICTURE


def test_an_upload_says_when_it_expires(office: Office, sender: Sender) -> None:
    """Upload-Expires stands on every answer for an unfinished upload, and from that moment on it is 410."""
    sender.post()
    expires = sender.patch(0, PICTURE[:10]).headers["upload-expires"]
    assert parsedate_to_datetime(expires) == office.clock.at + timedelta(days=7)
    office.clock.at += timedelta(days=7)
    assert sender.head().status_code == 410
    assert problem(sender.patch(10, PICTURE[10:])) == (410, "attachment_expired")
    assert sender.post().headers["upload-offset"] == "0"


def test_an_upload_can_be_given_up(sender: Sender) -> None:
    """DELETE frees it; afterwards it is unknown."""
    sender.post(PICTURE[:10])
    assert sender.client.delete(PATH, headers=tus(sender.phone)).status_code == 204
    assert sender.head().status_code == 404
    assert problem(sender.client.delete(PATH, headers=tus(sender.phone))) == (404, "attachment_unknown")


def test_a_proxy_that_passes_only_post_is_no_hindrance(office: Office, sender: Sender) -> None:
    """X-HTTP-Method-Override makes PATCH and DELETE of a POST, and nothing else."""
    sender.post()

    def override(method: str, chunk: bytes = b"", **headers: str) -> httpx.Response:
        sent = BYTES | tus(sender.phone, X_HTTP_Method_Override=method, **headers)
        return sender.client.post(PATH, content=chunk, headers=sent)

    assert override("DELETE").status_code == 204
    assert problem(override("GET"))[0] == 405
    sender.post()
    assert override("PATCH", PICTURE, Upload_Offset="0").headers["upload-offset"] == str(len(PICTURE))
    assert office.house.attachments.content(DIGEST) == PICTURE


def test_another_version_or_type_is_not_taken(sender: Sender) -> None:
    """Another Tus-Resumable or none is 412 and says ours; bytes of another type are 415; too many bytes are 413 and none is kept."""
    sender.post()
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        answer = sender.client.patch(PATH, content=b"x", headers=bearer(sender.phone) | BYTES | version)
        assert problem(answer) == (412, "tus_version_unknown")
        assert answer.headers["tus-version"] == "1.0.0"
    plain = tus(sender.phone, Upload_Offset="0", Content_Type="text/plain")
    answer = sender.client.patch(PATH, content=b"x", headers=plain)
    assert problem(answer) == (415, "content_type_wrong")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert problem(sender.patch(0, PICTURE + b"!")) == (413, "attachment_longer")
    assert sender.head().headers["upload-offset"] == "0"


def test_uploads_need_a_phone(client: TestClient[Any]) -> None:
    """Without a known token nothing of an upload opens."""
    for method, path in (
        ("POST", f"{API}/attachments"),
        ("PATCH", PATH),
        ("DELETE", PATH),
        ("POST", PATH),
    ):
        headers = {"X-HTTP-Method-Override": "PATCH", "Tus-Resumable": "1.0.0"}
        assert problem(client.request(method, path, headers=headers)) == (401, "token_unknown"), method
    assert client.head(PATH).status_code == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload_Metadata": "sha256 AAAA"}, (400, "header_missing")),
        ({"Upload_Metadata": "", "Upload_Length": "-1"}, (400, "header_missing")),
        ({"Upload_Metadata": "", "Upload_Length": "9" * 5000}, (400, "header_missing")),
        ({"Upload_Metadata": "sha256 ???", "Upload_Length": "1"}, (400, "metadata_wrong")),
        ({"Upload_Metadata": "sha256 \xe9", "Upload_Length": "1"}, (400, "metadata_wrong")),
        ({"Upload_Metadata": "sha256 /w==", "Upload_Length": "1"}, (400, "metadata_wrong")),
        (
            {
                "Upload_Metadata": named(sha256="0" * 64, filetype="image/png", more="x" * 1024),
                "Upload_Length": "1",
            },
            (400, "metadata_wrong"),
        ),
        ({"Upload_Metadata": named(sha256="../x"), "Upload_Length": "1"}, (400, "attachment_name_wrong")),
        (
            {"Upload_Metadata": named(sha256="0" * 64, filetype="text/html"), "Upload_Length": "1"},
            (400, "attachment_type_unknown"),
        ),
        (
            {"Upload_Metadata": named(sha256="0" * 64, filetype="image/png"), "Upload_Length": "999999999"},
            (413, "attachment_too_large"),
        ),
        (
            {
                "Upload_Metadata": named(sha256="0" * 64, filetype="image/png", record="r"),
                "Upload_Length": "1",
            },
            (409, "attachment_record_unknown"),
        ),
    ],
)
def test_uploads_that_can_not_begin(
    phone: Phone, client: TestClient[Any], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    """Missing or senseless lengths and names, other types, too large files and unknown records each have their code."""
    sent = {name: value.encode("latin-1") for name, value in tus(phone, **headers).items()}
    assert problem(client.post(f"{API}/attachments", headers=sent)) == expected
