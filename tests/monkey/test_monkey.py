"""A short life of a monkey, whole: from enrolment to the comparison with the office."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys import camera
from tests.journeys.office import ROOT
from tests.monkey import judges
from tests.monkey.__main__ import at_large

pytestmark = [pytest.mark.journey, pytest.mark.long]

SEED = 12
STEPS = 70
SECONDS = 90


@pytest.fixture(scope="module", autouse=True)
def web_app() -> None:
    """The phone's web app is built from the tree as it is now."""
    subprocess.run(["make", "phone"], cwd=ROOT, check=True)


def test_a_monkey_breaks_nothing(tmp_path: Path) -> None:
    """Chance at the glass, blows to the machine: no crash, no blank screen, no lost answer, no record twice; all at the office in the end."""
    with at_large(tmp_path, SEED) as monkey:
        monkey.live(SECONDS, STEPS)
    assert monkey.done["touches"] > STEPS / 4
    assert monkey.memory.kept


def test_a_picture_without_room_is_refused_in_words(tmp_path: Path) -> None:
    """The disk is full when the shutter is pressed: the picture is not kept, the screen says so and waits for nothing; with room it is kept."""
    with at_large(tmp_path, SEED) as monkey:
        monkey.begin()
        phone = monkey.paw
        camera.show(monkey.pictures[0], phone.film)
        phone.tap("扫码检查", "开始检查")
        phone.sees("外观检查")
        phone.tap("都正常")
        phone.page.locator(".shutter").wait_for()
        phone.refuse("QuotaExceededError")
        phone.shutter()
        phone.sees("手机未能保存")
        assert not judges.crashed(phone.errors, phone.look())
        phone.refuse("")
        phone.tap("拍照")
        phone.shutter()
        phone.sees("零点")
