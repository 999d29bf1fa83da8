"""What every :class:`sync.ports.Transport` keeps to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mobile.device.native import UrlTransport
from sync.ports import Answer, Transport, TransportError


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = f"{self.command} {self.path} {self.headers.get('X-Asked')} ".encode() + body
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("X-Said", "yes")
        missing = 9 if self.path.startswith("/cut") else 0
        self.send_header("Content-Length", str(0 if self.command == "HEAD" else len(said) + missing))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_POST = do_HEAD = do_PATCH = answer  # noqa: N815  the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Says nothing."""


def asked(
    transport: Transport, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """The answer to one request."""

    async def waited() -> Answer:
        return await transport.request(method, path, body, headers)

    return asyncio.run(waited())


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A server on a port of its own."""
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("status", [200, 201, 400, 410, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "HEAD"])
def test_any_answer_is_an_answer(origin: str, method: str, status: int) -> None:
    """Whatever the status, the answer comes back with its body and headers, and the request went as it was given."""
    body = b"" if method in ("GET", "HEAD") else b"\x00body"
    answer = asked(UrlTransport(origin), method, f"/say/{status}", body, {"X-Asked": "it"})
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert (answer.status, headers["x-said"]) == (status, "yes")
    assert answer.body == (b"" if method == "HEAD" else f"{method} /say/{status} it ".encode() + body)


@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_is_cut_is_a_transport_error(origin: str, status: int) -> None:
    """Where the connection ends before the announced length, nothing is known of the answer, whatever its status said."""
    with pytest.raises(TransportError):
        asked(UrlTransport(origin), "GET", f"/cut/{status}")


def test_no_answer_is_a_transport_error() -> None:
    """Where nobody listens, nothing else than TransportError is raised."""
    with pytest.raises(TransportError):
        asked(UrlTransport("http://127.0.0.1:9", timeout_s=2), "GET", "/")


def test_a_request_that_nobody_waits_for_goes_out_all_the_same(origin: str) -> None:
    """The request is on its way before its answer is awaited: another that is asked and answered meanwhile does not disturb it, and a closed one no other."""

    async def two() -> list[bytes]:
        transport = UrlTransport(origin)
        one, unwanted = transport.request("GET", "/one/200"), transport.request("GET", "/unwanted/200")
        unwanted.close()
        other = await transport.request("GET", "/other/200")
        return [(await one).body, other.body]

    assert asyncio.run(two()) == [b"GET /one/200 None ", b"GET /other/200 None "]
