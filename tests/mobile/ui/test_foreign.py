"""A code of others on the glass: what it reads, the instrument that it may mean, binding in a few taps, and nothing lost."""

from __future__ import annotations

import msgspec

from mobile.ui.language import CHINESE
from tests.contracts.office import cut
from tests.mobile.phone import COUNTY
from tests.mobile.played import played
from tests.mobile.ui.fakes import enrolled_desk
from tests.mobile.ui.inspector import in_hand

CODE = "https://jl.example.gov.cn/q?id=210123000471"
SCALE = "Price-computing scale 2403-01187"


@played
async def test_a_code_with_a_known_serial_number_is_bound_in_two_taps() -> None:
    """The instrument with that number is offered; one touch shows both side by side, one signs; the next scan opens the card."""
    desk = await enrolled_desk()
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        await hand.scan("型号规格：TCS-15；出厂编号：2403 01187；生产厂家：上海大华")
        assert hand.reads("Not an identity label")
        assert hand.reads("Fields of the e-CQS ledger.")
        assert hand.reads("Known here with this number: is it this one?")
        before = hand.taps
        await hand.choose(SCALE)
        assert hand.reads("How do you know?")
        await hand.tap("Bind")
        assert hand.taps - before == 2
        assert hand.reads("Code of others, bound to it: no signature")
        await hand.tap("Back")
        await hand.scan("型号规格：tcs-15｜出厂编号：2403-01187｜生产厂家：上海大华")
        assert hand.reads("This instrument")
        assert hand.client.reads("A12")


@played
async def test_an_instrument_is_chosen_by_what_is_typed_or_by_the_site() -> None:
    """With no number in the code: by typing, by the site's list, or by its own label; how it is known must be said before it is signed."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(CODE)
        assert hand.client.reads(CODE)
        await hand.tap("Bind to an instrument here")
        await hand.write("Number, serial number or stall", "nothing such")
        assert hand.reads("No instrument on this phone answers to that.")
        await hand.write("Number, serial number or stall", "a12")
        await hand.choose(SCALE)
        assert not hand.offers("Bind"), "nobody said how it is known"
        await hand.tap("Another one")
        await hand.write("Number, serial number or stall", "")
        await hand.tap("Choose the site")
        assert not hand.offers("Another site")
        await hand.choose("张强镇中心农贸市场")
        await hand.choose(SCALE)
        await hand.tap("Whoever uses it said so", "Bind")
        assert hand.reads("Code of others, bound to it: no signature")
    [kept] = await desk.app.equipment.store.records.about(desk.world.scale.instrument_id)
    assert b'"seen":"told"' in bytes(kept.envelope.payload)


@played
async def test_its_own_label_says_which_instrument_it_is() -> None:
    """Our label beside the code: scanned, it chooses the instrument; a code that is nobody's does not."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(CODE)
        await hand.tap("Bind to an instrument here")
        desk.show_label()
        desk.camera.scans[0] = msgspec.structs.replace(desk.camera.scans[0], payload="码")
        await hand.tap("Scan its own label")
        assert hand.reads("This label does not say for sure which instrument it is.")
        desk.show_label()
        await hand.tap("Scan its own label", "Bind")
        assert hand.reads("This instrument")


@played
async def test_a_contradicted_serial_number_is_said() -> None:
    """The code names another number than the instrument chosen: said before anything is signed."""
    async with in_hand(await enrolled_desk()) as hand:
        await hand.scan("S/N 9999-00001")
        await hand.tap("Bind to an instrument here")
        await hand.write("Number, serial number or stall", "A12")
        await hand.choose(SCALE)
        assert hand.reads(
            "The code says serial number {said}; this instrument's is {serial}.",
            said="9999-00001",
            serial="2403-01187",
        )
        assert not hand.offers("Bind")


@played
async def test_a_code_on_another_instrument_is_disputed_and_both_are_offered() -> None:
    """The card's way out binds it once more; from then on the scan asks which one it is."""
    desk = await enrolled_desk()
    world = desk.world
    other = msgspec.structs.replace(
        world.scale,
        instrument_id=world.scale.instrument_id[:-1] + "0",
        serial_number="2403-01188",
        label="",
        stall="B7",
    )
    world.office.show(COUNTY, "instrument", other.instrument_id, other)
    await desk.app.sync.run()
    async with in_hand(desk) as hand:
        for way, stall in (
            ("Bind to an instrument here", "A12"),
            ("The code is on another instrument", "B7"),
        ):
            await hand.scan(CODE)
            await hand.tap(way)
            await hand.write("Number, serial number or stall", stall)
            await hand.choose("Price-computing scale")
            await hand.tap("I compared the nameplate", "Bind", "Back")
        await hand.scan(CODE)
        assert hand.reads("Bound to several instruments")
        assert hand.offers("Price-computing scale 2403-01187, A12 · 张强镇中心农贸市场")
        await hand.choose("Price-computing scale 2403-01188")
        assert hand.client.reads("B7")


@played
async def test_a_new_instrument_is_filled_in_from_the_code() -> None:
    """Kind, serial number, model and maker stand in the form, can be corrected, and the code opens the new card."""
    text = "器具名称：电子台秤；型号规格：TCS-60；出厂编号：2611-70707；生产厂家：上海大华"
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan(text)
        await hand.tap("Put it on the ledger")
        assert hand.fields() == {
            "Serial number": "2611-70707",
            "Model": "TCS-60",
            "Maker": "上海大华",
            "Stall or user": "",
        }
        assert hand.reads("Filled in from the code: compare the nameplate.")
        await hand.write("Maker", "上海大华衡器厂")
        await hand.write("Model", "TCS-60A")
        await hand.tap("Choose the site")
        await hand.choose("张强镇中心农贸市场")
        await hand.tap("Only register", "Back")
        await hand.scan(text)
        for words in ("2611-70707", "上海大华衡器厂", "TCS-60A"):
            assert hand.client.reads(words)
        assert hand.reads("Bench scale") or hand.client.reads("scale")


@played
async def test_a_code_that_nobody_knows_is_kept_and_found_again() -> None:
    """Put aside in one tap, counted on the home screen, opened from there, and thrown away."""
    async with in_hand(await enrolled_desk(CHINESE)) as hand:
        await hand.scan(CODE)
        await hand.tap("Keep for later")
        assert hand.reads("Codes kept for later")
        await hand.choose(hand.word("Codes kept for later"))
        await hand.choose(CODE[:40])
        await hand.tap("Throw the code away")
        assert hand.reads("Today")
        assert not hand.reads("Codes kept for later")


@played
async def test_what_names_no_one_instrument_offers_no_binding() -> None:
    """A model's code says so; registering and keeping stay."""
    async with in_hand(await enrolled_desk()) as hand:
        await hand.scan("(01)09506000134352")
        assert hand.reads("This code names a model, a maker or a page, not one instrument.")
        assert not hand.offers("Bind to an instrument here")
        assert hand.offers("Put it on the ledger")
        assert hand.offers("Keep for later")


@played
async def test_a_hostile_code_is_shown_as_text() -> None:
    """Signs that can't be seen or that turn the writing round stand as dots, and no address in it is opened."""
    async with in_hand(await enrolled_desk()) as hand:
        await hand.scan("javascript:alert(1)\x00\u202egnp.exe")
        assert hand.client.reads("javascript:alert(1)··gnp.exe")
