"""The line between a phone and the office, with somebody's hand on it."""

from __future__ import annotations

import gzip

import msgspec
from playwright.sync_api import Route

from sync.messages import Push, PushAnswer


class Line:
    """The line between phone and office: it keeps what passes, and on demand changes one byte of the first record."""

    def __init__(self) -> None:
        self.passed: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[PushAnswer] = []
        self.damages = True

    def carry(self, route: Route) -> None:
        request = route.request
        body = request.post_data_buffer or b""
        headers = request.all_headers()
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        self.passed.append((headers, plain))
        if self.damages:
            self.damages = False
            plain = damaged(plain)
        sent = {name: value for name, value in headers.items() if name != "content-encoding"}
        answer = route.fetch(post_data=plain, headers=sent)
        self.answers.append(msgspec.msgpack.decode(answer.body(), type=PushAnswer))
        route.fulfill(response=answer)


def damaged(push: bytes) -> bytes:
    """The same push with one byte of the first inspection changed, as a bad line or a bad hand changes it."""
    read = msgspec.msgpack.decode(push, type=Push)
    first = next(place for place, each in enumerate(read.records) if b'"inspection.recorded"' in each.body)
    body = read.records[first].body.replace(b'"indication":{"value":"5', b'"indication":{"value":"6', 1)
    assert body != read.records[first].body
    records = list(read.records)
    records[first] = msgspec.structs.replace(records[first], body=body)
    return msgspec.msgpack.encode(msgspec.structs.replace(read, records=records))
