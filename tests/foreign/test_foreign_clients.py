"""Clients of tus that others wrote upload to our server process over a line that is cut again and again, and finish."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient import client as tuspy

from tests.contracts.fakes import seeded
from tests.foreign.proxy import CuttingProxy
from tests.journeys.office import Office as ServerProcess
from tests.server.office import Office, Phone

HERE = Path(__file__).parent
SIZE = 700_000
CUTS = 12
MODULES = HERE / "node_modules"


@dataclass
class Place:
    """A server process over a store in which a phone's record names some files."""

    data: Path
    process: ServerProcess
    token: str
    record: str

    def stored(self, digest: str) -> bytes:
        """The bytes as they lie on the server's disk."""
        return (self.data / "attachments" / digest[:2] / digest).read_bytes()

    def head(self, digest: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Tus-Resumable": "1.0.0"}
        return httpx.head(f"{self.process.phone_origin}/api/v1/attachments/{digest}", headers=headers)


def content_of(seed: str) -> bytes:
    return seeded(seed)(SIZE)


SEEDS = [
    f"{client} {number}" for client in ("python", "javascript", "checked", "killed") for number in (1, 2)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A phone is enrolled and has pushed its record; then the server runs as a process of its own."""
    folder = tmp_path_factory.mktemp("foreign")
    data, web = folder / "var", folder / "web"
    web.mkdir()
    (web / "index.html").write_text("<!DOCTYPE html>")
    office = Office(data)
    phone: Phone = office.phone()
    record = phone.naming(*[sha256(content_of(seed)).hexdigest() for seed in SEEDS])
    office.close()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("QUANHENG_WEB", str(web))
        process = ServerProcess(data)
        process.start(demo=False)
        yield Place(data, process, phone.token, record)
        process.close()


def python_upload(place: Place, port: int, content: bytes, **how: Any) -> None:
    """By tuspy, as its documentation shows."""
    digest = sha256(content).hexdigest()
    headers = {"Authorization": f"Bearer {place.token}"}
    client = tuspy.TusClient(f"http://127.0.0.1:{port}/api/v1/attachments", headers=headers)
    named = {"sha256": digest, "filetype": "image/jpeg", "record": place.record}
    tried = 0
    while True:
        try:
            source = io.BytesIO(content)
            uploader = client.uploader(file_stream=source, metadata=named, retries=3, retry_delay=0, **how)
            uploader.upload()
            return
        except Exception:
            # What a program does that was killed: it begins anew, and the server says how far it is.
            tried += 1
            assert tried < 3 * CUTS, "the upload does not end"


@pytest.mark.parametrize("seed", [1, 2])
def test_tuspy_finishes_over_a_line_that_is_cut(place: Place, seed: int) -> None:
    """The whole file in one request, cut at random byte counts in what is sent and in the answers: the bytes on the server are the source's."""
    content = content_of(f"python {seed}")
    with CuttingProxy(place.process.phone_port, seed, CUTS, SIZE // 8) as line:
        python_upload(place, line.port, content)
        assert line.cut >= 4
    assert place.stored(sha256(content).hexdigest()) == content


@pytest.mark.parametrize("seed", [1, 2])
def test_tuspy_finishes_with_checksums_in_small_chunks(place: Place, seed: int) -> None:
    """With Upload-Checksum on each chunk a cut chunk is sent again whole, and nothing is counted that was not compared."""
    content = content_of(f"checked {seed}")
    with CuttingProxy(place.process.phone_port, seed, CUTS, SIZE // 8) as line:
        python_upload(place, line.port, content, chunk_size=40_000, upload_checksum=True)
        assert line.cut >= 4
    assert place.stored(sha256(content).hexdigest()) == content


@pytest.mark.parametrize("chunk", [0, 60_000])
def test_tus_js_client_finishes_over_a_line_that_is_cut(place: Place, chunk: int) -> None:
    """The client of the browsers' world, in one request that begins with the creation and in chunks: the bytes are the source's."""
    assert MODULES.exists(), "tus-js-client is missing. Say: make foreign"
    content = content_of(f"javascript {1 if chunk else 2}")
    source = place.data.parent / f"source-{chunk}"
    source.write_bytes(content)
    with CuttingProxy(place.process.phone_port, 7 + chunk, CUTS, SIZE // 8) as line:
        address = f"http://127.0.0.1:{line.port}/api/v1/attachments"
        words = [address, place.token, str(source), place.record, str(chunk)]
        ended = subprocess.run(
            ["node", HERE / "upload.mjs", *words], capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        assert line.cut >= 4
    assert place.stored(sha256(content).hexdigest()) == content


@pytest.mark.parametrize("seed", [1, 2])
def test_a_server_killed_in_the_middle_loses_no_offset(place: Place, seed: int) -> None:
    """kill -9 between two chunks and in the middle of one: what HEAD said before is there after, and the upload goes on from it."""
    content = content_of(f"killed {seed}")
    digest = sha256(content).hexdigest()
    origin = place.process.phone_port
    client = tuspy.TusClient(
        f"http://127.0.0.1:{origin}/api/v1/attachments", headers={"Authorization": f"Bearer {place.token}"}
    )
    named = {"sha256": digest, "filetype": "image/jpeg", "record": place.record}
    uploader = client.uploader(
        file_stream=io.BytesIO(content), metadata=named, chunk_size=150_000 + seed, retries=0
    )
    uploader.upload_chunk()
    uploader.upload_chunk()
    said = int(place.head(digest).headers["upload-offset"])
    assert said == 2 * (150_000 + seed)
    torn = place.data / "attachments/incoming"
    [part] = torn.rglob(digest)
    place.process.stop()
    with part.open("ab") as file:
        file.write(b"torn")
    place.process.start(demo=False)
    assert int(place.head(digest).headers["upload-offset"]) == said
    python_upload(place, origin, content, chunk_size=200_000)
    assert place.stored(digest) == content
    assert not part.exists()
