"""The monkey's judges can say no: each is shown what it must catch, and what it must let pass."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random

import pytest
from PIL import Image, ImageDraw

from shared.identity import digest_of
from tests.monkey import judges
from tests.monkey.afterwards import faults
from tests.monkey.disk import Draft, Kept
from tests.monkey.glass import Glass, Kind, Thing
from tests.monkey.memory import Memory
from tests.monkey.moves import choose_blow, choose_thing

HEAD = Thing(Kind.TEXT, "电子计价秤 2405-17246 · 已存", y=30, head=True)
TITLE = Thing(Kind.TEXT, "示值", y=40, head=True)
BACK = Thing(Kind.BUTTON, "返回", 28, 36)


def picture(drawn: bool) -> bytes:
    """A screenshot: one colour, or something on it."""
    page = Image.new("RGB", (390, 844), (250, 250, 252))
    if drawn:
        ImageDraw.Draw(page).rectangle((20, 700, 370, 760), fill=(0, 80, 160))
    content = io.BytesIO()
    page.save(content, "JPEG")
    return content.getvalue()


def reading(figure: str, point: str = "零点", field: str = "") -> Glass:
    """The glass at a reading."""
    tabs = [Thing(Kind.BUTTON, name, chosen=name == point) for name in ("零点", "100 g")]
    words = [Thing(Kind.FIELD, "备注", value=field)] if field else []
    return Glass([BACK, *tabs, *words], [HEAD, TITLE, Thing(Kind.TEXT, f"示值 {figure} kg", y=200)])


def record(number: int, previous: str = "", *, chain: str = "c", status: str = "accepted") -> Kept:
    """A record on the phone, ruled on."""
    body = f"record {chain} {number}".encode()
    record_id = f"01a23034-686a-7c32-9a0b-{chain:0>2}{number:010d}"
    return Kept(
        record_id,
        digest_of(body),
        chain,
        number,
        previous,
        "inspection.recorded",
        body,
        status,
        offered=False,
    )


@pytest.fixture
def kept() -> list[Kept]:
    """Two records, one behind the other."""
    first = record(1)
    return [first, record(2, first.digest)]


def on_ledger(kept: list[Kept]) -> list[tuple[str, str, bytes]]:
    return [(each.record_id, each.digest, each.body) for each in kept]


def test_a_blank_screen_is_caught() -> None:
    """A glass without one name is blank, and so is one of a single colour; one with a button drawn on it is not."""
    assert judges.blank(Glass(), picture(drawn=True))
    assert judges.blank(Glass([Thing(Kind.BUTTON, "")]), picture(drawn=True))
    assert judges.blank(reading("1.0"), picture(drawn=False))
    assert not judges.blank(reading("1.0"), picture(drawn=True))


def test_a_crash_is_caught() -> None:
    """An error in the log, or Flet's own words on the glass; what a browser says of a lost network is none."""
    calm = reading("1.0")
    assert judges.crashed(["sqlite3.OperationalError: disk I/O error"], calm)
    assert judges.crashed([], replace(calm, page="Error running app"))
    assert not judges.crashed(["Failed to load resource: net::ERR_INTERNET_DISCONNECTED"], calm)


def test_a_dead_end_and_a_frozen_app_are_caught() -> None:
    """A screen without a way out, and an app that takes up no touch for long."""
    assert judges.dead_end(Glass([Thing(Kind.BUTTON, "同载荷 0.000")]))
    assert not judges.dead_end(reading("1.0"))
    assert judges.frozen(judges.SLOW_SECONDS + 1)
    assert not judges.frozen(0.2)


def test_a_lost_answer_is_caught() -> None:
    """A figure, a tick or words that were shown as kept and read otherwise, or are not there, after the app began anew."""
    memory = Memory()
    memory.learn(reading("2.50", field="甲"))
    assert not memory.missing_on(reading("2.50", field="甲"))
    assert memory.missing_on(reading("2.5", field="甲"))
    assert memory.missing_on(reading("2.50", field="乙"))
    assert memory.missing_on(reading("2.50", point="100 g"))
    nothing = Glass(reading("").things, [HEAD, TITLE, Thing(Kind.TEXT, "示值  kg", y=200)])
    assert memory.missing_on(nothing)


def test_words_that_may_be_unsaved_are_not_held_against_the_phone() -> None:
    """While the storage refuses, a field may show words that it says are not saved; ticks and figures are kept or not shown."""
    memory = Memory()
    memory.learn(reading("2.50", field="甲"), fields=False)
    assert not memory.missing_on(reading("2.50", field="乙"))
    assert memory.missing_on(reading("2.51", field="乙"))


def test_a_lost_record_is_caught(kept: list[Kept]) -> None:
    """A record that lay on the phone, one whose number was shown, and a draft that nobody signed or threw away."""
    memory = Memory()
    draft = Draft("d", "inspection.recorded")
    memory.looked(kept, [draft])
    assert not memory.missing_in(kept, [draft])
    assert memory.missing_in(kept[:1], [draft])
    assert memory.missing_in(kept, [])
    assert not memory.missing_in([*kept, record(3, kept[-1].digest)], [])
    memory.discards = 1
    assert not memory.missing_in(kept, [])
    memory.learn(Glass([BACK], [Thing(Kind.TEXT, "回执号 0A1B2-3C4D5")]))
    assert memory.missing_in(kept, [])


def test_a_duplicate_record_is_caught(kept: list[Kept]) -> None:
    """The same record twice on the phone, or twice on the ledger under another digest."""
    again = replace(kept[1], sequence=3, previous=kept[1].digest, digest=digest_of(b"again"), body=b"again")
    assert any("twice" in each for each in Memory().missing_in([*kept, again], []))
    heads = {"c": (2, kept[1].digest)}
    assert not faults(kept, on_ledger(kept), heads)
    twice = [*on_ledger(kept), (kept[0].record_id, digest_of(b"again"), b"again")]
    assert any("2 times" in each for each in faults(kept, twice, heads))


def test_what_did_not_arrive_is_caught(kept: list[Kept]) -> None:
    """A record that is not on the ledger, other bytes there, a head that lies behind, an outbox that says otherwise, a broken chain."""
    heads = {"c": (2, kept[1].digest)}
    assert faults(kept, on_ledger(kept[:1]), heads)
    assert faults(kept, [*on_ledger(kept[:1]), (kept[1].record_id, kept[1].digest, b"others")], heads)
    assert faults(kept, on_ledger(kept), {"c": (1, kept[0].digest)})
    assert faults([kept[0], replace(kept[1], status="")], on_ledger(kept), heads)
    assert faults([kept[0], replace(kept[1], offered=True)], on_ledger(kept), heads)
    astray = [kept[0], replace(kept[1], previous="")]
    assert faults(astray, on_ledger(astray), heads)


def test_the_same_seed_chooses_the_same() -> None:
    """Choices hang on the seed and on what is offered, in whatever order the page lists it."""
    glass = reading("1.0", field="甲")
    turned = replace(glass, things=glass.things[::-1])
    chances = (Random(7), Random(7))  # noqa: S311  chosen, not secret
    told = [
        [(choose_blow(chance), choose_thing(chance, each)) for _move in range(50)]
        for chance, each in zip(chances, (glass, turned), strict=True)
    ]
    assert told[0] == told[1]
