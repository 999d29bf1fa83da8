"""A small office that keeps what is pushed and answers as docs/protocol.md says; it fails when told to."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.clock import Clock
from shared.identity import RandomBytes, digest_of, mint
from shared.people import Person, Scope
from sync.envelope import Sealed, read_body
from sync.handover import read_bundle
from sync.messages import (
    Change,
    Enrolment,
    EnrolmentRequest,
    EnrolmentState,
    HandoverAnswer,
    Handshake,
    LabelKey,
    Page,
    Push,
    PushAnswer,
    Ruling,
    Status,
    Welcome,
)
from sync.ports import Answer, TransportError

Interference = Callable[[str, str], Answer | None]
"""Called with method and path before the office acts; an answer replaces the office's, an exception cuts the line."""


class Office:
    """:class:`sync.ports.Transport` that is the whole server."""

    def __init__(self, clock: Clock, random_bytes: RandomBytes, person: Person, counties: list[str]) -> None:
        self.clock, self.random_bytes, self.person = clock, random_bytes, person
        self.scope = Scope(counties)
        self.generation = "first"
        self.access = "open"
        self.grants_at_once = True
        self.label_keys: list[LabelKey] = []
        self.colleagues: list[Person] = []
        self.records: dict[str, Sealed] = {}
        """By digest, in the order they came."""
        self.heads: dict[str, tuple[int, str]] = {}
        self.changes: dict[str, list[Change]] = {county: [] for county in counties}
        self.page_size = 50
        self.uploads: dict[str, tuple[int, bytes]] = {}
        self.calls: list[tuple[str, str]] = []
        self.device_id = ""
        self.before: Interference = lambda _method, _path: None
        self.after: Interference = lambda _method, _path: None
        self.rule: Callable[[Sealed], Ruling | None] = lambda _sealed: None
        self.later_rulings: list[Ruling] = []
        self.handover_key = b""
        self.handovers: list[bytes] = []
        """The bundles that phones brought."""

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        route = path.partition("?")[0].removeprefix("/api/v1")
        self.calls.append((method, route))
        replaced = self.before(method, route)
        if replaced:
            return replaced
        headers = headers or {}
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = self._act(method, route, path, body, headers)
        return self.after(method, route) or answer

    def _act(self, method: str, route: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        if route == "/enrolments":
            return self._enrol(body)
        if route.startswith("/enrolments/"):
            return said(self._enrolment())
        if route == "/handshake":
            return self._greet(body)
        if route == "/push":
            return self._push(body)
        if route == "/handovers":
            self.handovers.append(body)
            digest = read_bundle(body).digest
            return said(HandoverAnswer(digest, False, self.clock.now(), self.generation))
        if route.startswith("/pull/"):
            return self._pull(route.removeprefix("/pull/"), path)
        return self._attach(method, route, body, headers)

    def _enrol(self, body: bytes) -> Answer:
        self.asked = msgspec.msgpack.decode(body, type=EnrolmentRequest)
        self.device_id = mint(self.clock, self.random_bytes)
        return said(msgspec.structs.replace(self._enrolment(), token="a token"))

    def _enrolment(self) -> Enrolment:
        if not self.grants_at_once:
            return Enrolment(EnrolmentState.PENDING, self.device_id)
        return Enrolment(
            EnrolmentState.GRANTED,
            self.device_id,
            person=self.person,
            scope=self.scope,
            generation=self.generation,
            server_name="Demo office",
            public_url="https://office.example",
            label_keys=self.label_keys,
            colleagues=self.colleagues,
            confirmed_by_itself=True,
            handover_key=self.handover_key,
        )

    def _greet(self, body: bytes) -> Answer:
        handshake = msgspec.msgpack.decode(body, type=Handshake)
        sequence, digest = self.heads.get(handshake.chain, (0, None))
        return said(
            Welcome(
                self.generation,
                self.clock.now(),
                self.scope,
                sequence,
                digest,
                self.access,
                self.label_keys,
                self.colleagues,
                handover_key=self.handover_key,
            )
        )

    def _push(self, body: bytes) -> Answer:
        push = msgspec.msgpack.decode(body, type=Push)
        rulings = [self._receive(sealed) for sealed in push.records]
        return said(PushAnswer(rulings, self.clock.now(), self.generation))

    def _receive(self, sealed: Sealed) -> Ruling:
        envelope = read_body(sealed.body)
        ruling = self.rule(sealed)
        if ruling:
            return ruling
        if sealed.digest in self.records:
            return Ruling(envelope.record_id, sealed.digest, Status.DUPLICATE)
        self.records[sealed.digest] = sealed
        head = self.heads.get(envelope.chain, (0, ""))
        self.heads[envelope.chain] = max(head, (envelope.sequence, sealed.digest))
        return Ruling(envelope.record_id, sealed.digest, Status.ACCEPTED, envelope.county, len(self.records))

    def _pull(self, county: str, path: str) -> Answer:
        text = path.partition("cursor=")[2].partition("&")[0]
        generation, _, after = text.partition("-")
        if text and generation != self.generation:
            return problem(410, "cursor_stale")
        changes = [change for change in self.changes[county] if change.state_seq > int(after or 0)]
        page, more = changes[: self.page_size], len(changes) > self.page_size
        end = page[-1].state_seq if page else int(after or 0)
        rulings, self.later_rulings = self.later_rulings, []
        return said(Page(county, page, f"{self.generation}-{end}", more, rulings, self.clock.now()))

    def _attach(self, method: str, route: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method == "POST":
            named = dict(part.split(" ") for part in headers["Upload-Metadata"].split(","))
            digest = base64.b64decode(named["sha256"]).decode()
            _, content = self.uploads.setdefault(digest, (int(headers["Upload-Length"]), b""))
            at = {"Location": f"/api/v1/attachments/{digest}", "Upload-Offset": str(len(content))}
            return Answer(201, b"", at)
        digest = route.removeprefix("/attachments/")
        if digest not in self.uploads:
            return Answer(404, b"")
        length, content = self.uploads[digest]
        if method == "PATCH":
            if int(headers["Upload-Offset"]) != len(content):
                return Answer(409, b"")
            sent = base64.b64encode(hashlib.sha256(body).digest()).decode()
            if headers["Upload-Checksum"] != f"sha256 {sent}":
                return problem(460, "checksum_wrong")
            content += body
            if len(content) == length and digest_of(content) != digest:
                del self.uploads[digest]
                return problem(460, "checksum_wrong")
            self.uploads[digest] = (length, content)
        return Answer(204 if method == "PATCH" else 200, b"", {"Upload-Offset": str(len(content))})

    def show(self, county: str, subject_type: str, subject: str, state: msgspec.Struct | None) -> None:
        """A state changes on the ledger."""
        number = len(self.changes[county]) + 1
        encoded = msgspec.json.encode(state) if state else None
        self.changes[county].append(Change(subject_type, subject, county, number, encoded))


def said(message: msgspec.Struct) -> Answer:
    """A message as an answer."""
    return Answer(200, msgspec.msgpack.encode(message))


def problem(status: int, code: str, retry_after: int | None = None) -> Answer:
    """A problem document as an answer."""
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    document = {"code": code, "title": code, "what": f"It is {code}.", "remedy": "Wait."}
    return Answer(status, msgspec.json.encode(document), headers)


def cut(_method: str, _path: str) -> Answer | None:
    """The line is dead."""
    raise TransportError


def at(text: str) -> datetime:
    """A moment in UTC, ``2026-11-20 09:00``."""
    return datetime.fromisoformat(text + "+00:00")
