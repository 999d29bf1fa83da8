"""The office as a process of its own, started and stopped as somebody pulls its plug, and read through its console as people read it."""

from __future__ import annotations

import base64
import io
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import zxingcpp
from PIL import Image

ROOT = Path(__file__).parents[2]
PASSWORD = "quanheng-demo"
JPEG = re.compile(rb"\xff\xd8\xff.*?\xff\xd9", re.DOTALL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Office:
    """The demo server on ports and in a folder of its own."""

    data: Path
    phone_port: int = field(default_factory=free_port)
    office_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    desks: list[Desk] = field(default_factory=list)

    @property
    def phone_origin(self) -> str:
        return f"http://localhost:{self.phone_port}"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.office_port}"

    def start(self, patience: float = 90, *, demo: bool = True) -> None:
        """Starts the server and returns once it answers; without ``demo`` somebody must compare fingerprints."""
        environment = os.environ | {
            "QUANHENG_DATA": str(self.data),
            "QUANHENG_PHONE_PORT": str(self.phone_port),
            "QUANHENG_OFFICE_PORT": str(self.office_port),
        }
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "serve", *(["--demo"] if demo else [])],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        ends = time.monotonic() + patience
        while True:
            try:
                httpx.get(f"{self.phone_origin}/api/v1/health", timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                assert self.process.poll() is None, "the server ended by itself; see server.log"
                assert time.monotonic() < ends, "the server does not answer"

    def stop(self) -> None:
        """Pulls the plug."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def desk(self, login: str) -> Desk:
        """Somebody signs in to the console."""
        client = httpx.Client(
            base_url=self.origin, follow_redirects=True, timeout=30, headers={"Accept-Language": "zh-CN"}
        )
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.desks.append(Desk(client))
        return self.desks[-1]

    def close(self) -> None:
        """Everybody goes home."""
        for desk in self.desks:
            desk.client.close()
        self.stop()


@dataclass
class Desk:
    """The console in the hands of somebody who is signed in."""

    client: httpx.Client

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def csrf(self, page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found, "the page holds no form"
        return found[1]

    def enrolment_code(self, name: str) -> tuple[str, Image.Image]:
        """Offers an enrolment to the person of that name: the code in text and its picture, as the screen shows them."""
        page = self.page("/phones")
        person = re.search(rf'<option value="([^"]+)"[^>]*>\s*{name}', page)
        assert person, f"{name} can't be chosen"
        shown = self.client.post("/phones", data={"csrf": self.csrf(page), "person": person[1]}).text
        picture = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", shown)
        assert picture, "no code is shown"
        image = Image.open(io.BytesIO(base64.b64decode(picture[1])))
        [read] = zxingcpp.read_barcodes(image)
        return read.text, image

    def phones(self) -> list[tuple[str, str]]:
        """Every phone on the console's list, the newest first: its id, and its row in words."""
        rows = re.findall(r"<tr>.*?</tr>", self.page("/phones"), re.DOTALL)
        found = [(re.search(r'action="/phones/([0-9a-f-]{36})"', row), row) for row in rows]
        return [(action[1], re.sub(r"<[^>]+>", " ", row)) for action, row in found if action]

    def decide(self, device: str, wanted: str) -> None:
        """Presses one of the buttons beside a phone: ``grant``, ``reject``, ``push_only``, ``closed``, ``open``."""
        csrf = self.csrf(self.page("/phones"))
        answer = self.client.post(f"/phones/{device}", data={"csrf": csrf, "wanted": wanted})
        assert answer.status_code == 200, answer.text

    def labels(self, premises: str) -> list[tuple[str, Image.Image]]:
        """The labels of a site, cut out of its printed sheet: the payload of each and its picture, in the order of the sheet."""
        pdf = self.client.get(f"/labels/{premises}.pdf").content
        sheet = Image.open(io.BytesIO(JPEG.findall(pdf)[0]))
        sheet.load()
        cut = []
        codes = zxingcpp.read_barcodes(sheet)
        row = codes[0].position.bottom_right.y - codes[0].position.top_left.y
        for code in sorted(
            codes, key=lambda each: (each.position.top_left.y // row, each.position.top_left.x)
        ):
            corner = code.position.top_left
            side = code.position.bottom_right.x - corner.x
            box = (corner.x - 160, corner.y - 70, corner.x + side + 160, corner.y + side + 160)
            cut.append((code.text, sheet.crop(box)))
        return cut
