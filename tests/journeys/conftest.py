"""What every journey starts from: an office that runs, and phones out of their box."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.journeys.office import ROOT, Office
from tests.journeys.phone import Handset

SHOTS = Path(__file__).parent / "shots"


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    """Playwright keeps an event loop of its own running, so it ends with each journey: other tests need theirs."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def web_app() -> None:
    """The phone's web app is built from the tree as it is now."""
    subprocess.run(["make", "phone"], cwd=ROOT, check=True)


@pytest.fixture
def office(tmp_path: Path, web_app: None) -> Iterator[Office]:
    """The demo office in a folder of its own, running."""
    opened = Office(tmp_path / "data")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def handset(
    tmp_path: Path, playwright: Playwright, office: Office, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Handset]]:
    """Gives phones, each with a name, a profile and a camera of its own."""
    given: list[Handset] = []
    shots = SHOTS / request.node.name
    shutil.rmtree(shots, ignore_errors=True)

    def phone(name: str, **more: object) -> Handset:
        made = Handset(
            playwright,
            office.phone_origin,
            tmp_path / f"{name}-profile",
            tmp_path / f"{name}.mjpeg",
            shots / name,
            **more,
        )
        given.append(made)
        return made

    failed_before = request.session.testsfailed
    yield phone
    for one in given:
        if request.session.testsfailed > failed_before and one.context:
            one.shoot("where-it-failed")
        one.switch_off()
