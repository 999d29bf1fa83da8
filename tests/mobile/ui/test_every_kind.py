"""The one form serves every kind: what is read beside the indication, figures of the nameplate, readings that are judged together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.ui.wording import SORTS
from mobile.workflow.ports import Scan, ScanEnd
from mobile.workflow.readings import sort_of
from mobile.workflow.resolve import Found, LabelVerdict
from shared.inspection import Inspection
from shared.metrology.procedure import PointsProcedure
from tests.mobile.bench import DISPENSER, GAUGE, MONITOR, instrument, quantity, standard
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import in_hand
from tests.shared.checks import catalogue

CARRIED = [
    ("volume", "20 L", "0.025 %"),
    ("pressure", "2.5 MPa", "0.00125 MPa"),
    ("pressure", "300 mmHg", "0.5 mmHg"),
    ("temperature", "40 ℃", "0.02 ℃"),
    ("distance", "4 km", "0.1 %"),
    ("gas-carbon-monoxide", "50 µmol/mol", "1 %"),
    ("gas-combustible", "20 %LEL", "1 %"),
]
JUDGED = sorted(kind.id for kind in catalogue().kinds.values() if isinstance(kind.procedure, PointsProcedure))
UNJUDGED = sorted(kind.id for kind in catalogue().kinds.values() if kind.procedure is None)


async def desk_with(kind: str, language: str = ENGLISH, **fields: Any) -> tuple[Desk, Found]:
    """A phone whose inspector carries everything, and an instrument of that kind."""
    desk = await enrolled_desk(language)
    made = instrument(desk.world, kind, **fields)
    carried = [standard(desk.world, *one) for one in CARRIED]
    await desk.app.sync.run()
    chosen = [one.standard_id for one in [*desk.world.weights[:5], *carried]]
    await desk.app.session.choose_standards(chosen)
    return desk, Found(verdict=LabelVerdict.NO_LABEL, instrument=made)


async def to_the_readings(desk: Desk, found: Found) -> None:
    """Look and picture are done; the app will open at what comes next."""
    check = await desk.app.spot_checks.begin(found)
    await check.rest_is_normal()
    await check.without_photo()
    await desk.app.set_setting("place", f"/check/{check.draft_id}")


async def recorded(desk: Desk) -> Inspection:
    [kept] = await desk.machine.store.records.newest(1)
    return msgspec.json.decode(kept.envelope.payload, type=Inspection)


def facts_of(kind: str) -> dict[str, Any]:
    """A nameplate as it may read."""
    found = catalogue().kind(kind)
    typical = {"minimum_flow": "0.0156", "transitional_flow": "0.025"}
    figures = {each.id: (each.usual or [typical.get(each.id, "1")])[-1] for each in found.nameplate}
    units = {each.id: each.unit for each in found.nameplate}
    return {
        "nameplate": {name: quantity(f"{value} {units[name]}") for name, value in figures.items()},
        "accuracy_class": found.default_class,
    }


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@pytest.mark.parametrize("size", [(390, 844), (320, 640)], ids=["390", "320"])
@pytest.mark.parametrize("kind", JUDGED)
@played
async def test_the_form_of_a_kind_opens_and_takes_a_reading(
    kind: str, size: tuple[int, int], language: str
) -> None:
    """Every field that the catalogue names is on the glass by its name; touched, the keypad writes into it."""
    desk, found = await desk_with(kind, language, **facts_of(kind))
    await to_the_readings(desk, found)
    async with in_hand(desk, *size) as hand:
        check = desk.phone.check
        assert check
        live = check.live()
        assert live
        if any(each.optional for each in live.fields) and hand.offers("More fields"):
            await hand.tap("More fields")
        for each in live.fields[:-1] if len(live.fields) > 1 else []:
            name = hand.word(each.name.text)
            await hand.choose(f"{name},")
            assert check.cursor.field == each.id
            if each.choices:
                await hand.choose(hand.word(each.choices[0].name))
            else:
                await hand.keys("1")
                assert f"{name}, 1" in " ".join(hand.client.buttons())


@played
async def test_a_dispenser_is_checked_on_the_glass() -> None:
    """What is lacking leads the keypad from field to field; the verdict shows the spread of the repeats and how it came about."""
    desk, found = await desk_with(DISPENSER)
    await to_the_readings(desk, found)
    async with in_hand(desk) as hand:
        await hand.keys("15.2")
        await hand.tap("Take it")
        await hand.keys("18.4")
        await hand.tap("Take it", "Petrol", "Stainless steel")
        assert hand.offers("Next point")
        await hand.keys("20.00")
        await hand.tap("Next point")
        assert hand.reads("{what} was not read.", what=hand.word("Volume read off the measure"))
        await hand.keys("19.98")
        await hand.tap("Take it")
        assert hand.client.reads("±0.3 %")
        assert hand.client.reads("Volume = 19.98")
        await hand.tap("Next point")
        for volume in ("19.97", "19.98", "19.99", "19.98", "20.20"):
            await hand.choose(hand.word("Volume read off the measure"))
            await hand.keys(volume)
            await hand.tap("Take it")
            await hand.keys("20.00")
            await hand.tap("See the outcome" if volume == "20.20" else "Next point")
        assert hand.reads("Suspected over limit")
        await hand.choose("20 L, second flow, no. 3, Suspected over limit")
        assert hand.client.reads("20.20 L")
        await hand.tap("Back")
        assert hand.reads("Readings together")
        await hand.choose("Spread of repeats, 20 L, full flow")
        assert hand.reads("How it is worked out")
        await hand.tap("Back to the outcome", "Trader signs")
        await hand.sign()
        await hand.tap("Signed")
    inspection = await recorded(desk)
    assert [one.sort for one in inspection.standards] == ["volume"]
    assert inspection.readings[0].inputs["fuel_expansion"].shown() == "0.0012 1/℃"


@played
async def test_a_gauge_without_its_range_asks_for_it() -> None:
    """The form asks for the figure that is missing, takes a usual one by one touch, and the points follow from it."""
    desk, found = await desk_with(GAUGE)
    await to_the_readings(desk, found)
    async with in_hand(desk) as hand:
        missing = hand.word("Measuring range to")
        assert hand.client.reads(missing)
        assert hand.offers("Go on without")
        await hand.tap("2.5")
        await hand.tap("Other value")
        await hand.keys("1.")
        await hand.tap("Take it")
        assert hand.client.reads("1.")
        await hand.tap("Back")
        await hand.choose("1.6 MPa")
        await hand.tap("Go on to the readings")
        assert hand.client.reads("Raise the pressure to 0.4 MPa")
        await hand.tap("Nameplate")
        assert hand.reads("What is entered here goes into this check's record.")
        await hand.tap("Go on to the readings")
        while hand.offers_figure("Same as standard"):
            await hand.client.press(hand.word("Same as standard"))
        assert hand.reads("Within limits")
        assert hand.client.reads("Falling against rising")


@played
async def test_a_kind_without_its_standard_says_which() -> None:
    """No weights in the bag help a monitor: the form names the sort, and the outcome can be seen all the same."""
    desk = await enrolled_desk()
    made = instrument(desk.world, MONITOR)
    await desk.app.sync.run()
    found = Found(verdict=LabelVerdict.NO_LABEL, instrument=made)
    await to_the_readings(desk, found)
    async with in_hand(desk) as hand:
        assert hand.reads("Needed: {sort}", sort=hand.word("Pressure standards"))
        await hand.tap("See the outcome")
        assert hand.reads("Undecided")
        await hand.tap("Back", "Back", "Back")


@pytest.mark.parametrize("kind", UNJUDGED)
@played
async def test_an_unjudged_kind_says_so(kind: str) -> None:
    """Marks, seals and certificate are looked at; the outcome says that the measurement is not judged."""
    desk, found = await desk_with(kind)
    await to_the_readings(desk, found)
    async with in_hand(desk) as hand:
        assert hand.client.reads("not judged")


@played
async def test_a_gauge_is_registered_with_its_figures() -> None:
    """Usual figures by one touch, another by the keypad; nothing of it is needed to get on."""
    desk = await enrolled_desk()
    desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
    async with in_hand(desk) as hand:
        await hand.tap("Scan to check", "Other kinds", "Pressure gauge")
        await hand.write("Serial number", "G-1")
        await hand.choose("2.5")
        await hand.choose("Other value")
        await hand.tap("Back")
        await hand.choose("1.6 MPa")
        await hand.tap("Choose the site")
        await hand.choose("张强镇中心农贸市场")
        await hand.tap("Only register")
        assert hand.client.reads("1.6 MPa")
    [kept] = await desk.machine.store.records.newest(1)
    assert b'"range_to"' in bytes(kept.envelope.payload)


def test_every_sort_of_standard_has_its_words() -> None:
    """A sort that a procedure names is never shown by its id."""
    needed = {sort_of(kind) for kind in catalogue().kinds.values() if kind.procedure}
    assert needed <= set(SORTS)
