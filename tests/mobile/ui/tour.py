"""A walk through every screen in one language, keeping what stood on the glass at each stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import flet as ft
from flet.components.component import Component

from mobile.ui.theme import ThemeChoice
from mobile.workflow.draft import Step
from mobile.workflow.ports import Scan, ScanEnd
from shared.errors import Problem
from shared.premises import PremisesType
from sync.envelope import Sealed, read_body
from sync.handover import frames_of, read_bundle
from sync.messages import LedgerHead, Ruling, Status
from sync.witness import Evidence, Fault
from tests.contracts.office import cut
from tests.mobile.bench import standard
from tests.mobile.phone import COUNTY
from tests.mobile.ui.fakes import PIN, Desk, new_desk
from tests.mobile.ui.inspector import JPEG, Inspector, in_hand
from tests.mobile.ui.test_handover import KEY, bundle_of_another
from tests.mobile.ui.test_home import arrange
from tests.mobile.ui.test_labels import copied, forged, of_another_key, of_no_instrument
from tests.mobile.ui.tour_campaign import VERIFICATION, verifying


@dataclass
class Stop:
    """What stood on the glass."""

    name: str
    texts: list[str]
    spoken: list[str]
    fields: list[str]
    touchables: list[tuple[str, ft.Container]]
    """Spoken name and face of everything that can be touched."""
    unnamed: list[str]
    """Kinds of what answers to a finger without having a name."""


@dataclass
class Tour:
    language: str
    width: int
    height: int
    theme: ThemeChoice
    stops: list[Stop] = field(default_factory=list)
    components: set[str] = field(default_factory=set)

    def see(self, hand: Inspector, name: str) -> None:
        """Keeps what is on the glass now."""
        client = hand.client
        controls = list(client.controls())
        named = {id(one.content): str(one.label) for one in client.named()}
        touched = [one for one in controls if isinstance(one, ft.Container) and one.on_click]
        self.stops.append(
            Stop(
                name,
                client.texts(),
                [str(one.label) for one in client.named()],
                [
                    str(part)
                    for one in controls
                    if isinstance(one, ft.TextField)
                    for part in (one.label, one.hint_text)
                    if part
                ],
                [(named[id(one)], one) for one in touched if id(one) in named],
                [type(one).__name__ for one in touched if id(one) not in named],
            )
        )
        self.components |= set(components(client.page.views))


def components(thing: Any) -> Iterator[str]:
    """The names of the components that are drawn."""
    if isinstance(thing, Component):
        yield thing.fn.__name__
        yield from components(thing._b)
    elif isinstance(thing, list):
        for each in thing:
            yield from components(each)
    elif thing is not None:
        for part in (getattr(thing, "content", None), getattr(thing, "controls", None)):
            if part is not None and not isinstance(part, str):
                yield from components(part)


async def enrolling(tour: Tour, hand: Inspector) -> None:
    """From the box to the home screen, with everything that can go wrong."""
    office = hand.desk.world.office
    tour.see(hand, "code")
    await hand.write("Enrolment code", "!!")
    await hand.tap("Use this code")
    tour.see(hand, "code wrong")
    await hand.write("Enrolment code", "ENROLME1")
    await hand.tap("Use this code")
    tour.see(hand, "PIN")
    await hand.keys("111111222222")
    tour.see(hand, "PINs differ")
    office.grants_at_once = False
    await hand.keys(PIN + PIN)
    tour.see(hand, "compare")
    office.grants_at_once = True
    office.before = lambda _method, path: cut("", "") if "pull" in path else None
    await hand.tap("Ask again now")
    tour.see(hand, "pull stuck")
    office.before = lambda _method, _path: None
    await hand.tap("Go on fetching")
    tour.see(hand, "empty home")


async def rooms(tour: Tour, hand: Inspector) -> None:
    """The four rooms, empty and with something in them, the preparation and one site."""
    await hand.tap("Campaigns")
    tour.see(hand, "no campaign")
    arrange(hand.desk.world)
    await hand.desk.app.sync.run()
    await hand.tap("Me")
    tour.see(hand, "me")
    await hand.tap("Change officer or weights")
    tour.see(hand, "prepare")
    await hand.choose("20 kg")
    tour.see(hand, "expired weight")
    await hand.choose("赵刚")
    for one in ("5 kg", "2 kg", "1 kg", "0.5 kg", "0.1 kg"):
        await hand.choose(one)
    await hand.tap("Ready")
    tour.see(hand, "home")
    await hand.tap("Campaigns")
    tour.see(hand, "campaigns")
    await hand.tap("Today")
    await hand.choose("张强镇中心农贸市场")
    tour.see(hand, "site")
    await hand.tap("Back", "Find an instrument")
    tour.see(hand, "find")
    await hand.write("Site, stall, maker, number, or first letters", "没有")
    tour.see(hand, "nothing found")
    await hand.write("Site, stall, maker, number, or first letters", "")
    await hand.choose("2026 年集贸市场免费检定")
    tour.see(hand, "roster")
    await hand.tap("Back")


async def labels(tour: Tour, hand: Inspector) -> None:
    """Every end of a scan, the typed number, and registering."""
    world = hand.desk.world
    for payload in (forged(world), copied(world), of_another_key(world), of_no_instrument(world), "码"):
        await hand.scan(payload)
        tour.see(hand, "label")
        await hand.tap("Back")
    await foreign(tour, hand)
    await hand.tap("Type the number")
    await hand.write("Number, serial number or stall", "ABC")
    await hand.tap("Find")
    tour.see(hand, "number too short")
    await hand.write("Number, serial number or stall", "A12")
    tour.see(hand, "number found")
    await hand.tap("Back")
    hand.desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
    await hand.tap("Scan to check", "Only register")
    tour.see(hand, "register")
    await hand.write("Serial number", "2403-01187")
    await hand.choose("15 kg")
    tour.see(hand, "serial known")
    await hand.tap("Choose the site")
    tour.see(hand, "choose a site")
    await hand.tap("Another site", "Put the site on the ledger")
    tour.see(hand, "new site")
    await hand.tap("Back", "Back")


async def foreign(tour: Tour, hand: Inspector) -> None:
    """A code of others in each format, put aside, and bound but for the signature."""
    for payload in (
        "(01)09506000134352",
        "(8004)6901SCALE-77",
        "https://jl.example/q?id=210123000471",
        "S/N 9999-00001",
    ):
        await hand.scan(payload)
        tour.see(hand, "code of others")
        await hand.tap("Back")
    await hand.scan("TCS-15 S/N 2403-01187")
    tour.see(hand, "code of a known number")
    await hand.tap("Keep for later")
    tour.see(hand, "home with a kept code")
    await hand.choose(hand.word("Codes kept for later"))
    tour.see(hand, "kept codes")
    await hand.choose("TCS-15")
    tour.see(hand, "kept code")
    await hand.tap("Put it on the ledger")
    tour.see(hand, "register by a code")
    await hand.tap("Back")
    await hand.scan("TCS-15 S/N 2403-01187")
    await hand.tap("Bind to an instrument here")
    tour.see(hand, "choose for a code")
    await hand.write("Number, serial number or stall", "nobody")
    tour.see(hand, "none found for a code")
    await hand.write("Number, serial number or stall", "A12")
    tour.see(hand, "found for a code")
    await hand.choose(hand.word("Price-computing scale"))
    tour.see(hand, "bind")
    await hand.tap("Another one", "Back", "Throw the code away")


async def check(tour: Tour, hand: Inspector) -> None:
    """A spot check with every kind of point, every question and every way out."""
    await hand.scan()
    tour.see(hand, "card")
    await hand.tap("Correct the entry")
    tour.see(hand, "correct")
    await hand.tap("Back")
    await finding(tour, hand)
    await hand.scan()
    await hand.tap("Start check", "Discard this check")
    tour.see(hand, "discard")
    await hand.tap("Keep it", "Seal is there and whole")
    await hand.choose(hand.word("Does not apply: {question}", question=hand.word("Buyer can read it")))
    tour.see(hand, "look")
    await hand.tap("The rest is normal")
    tour.see(hand, "picture")
    hand.desk.camera.pictures.append(JPEG)
    await hand.tap("Take the picture")
    await hand.tap("Back")
    tour.see(hand, "picture kept")
    await hand.tap("Go on to the readings")
    for typed in ("0.005", "9", "7.5000"):
        await hand.keys(typed)
        tour.see(hand, f"typed {typed}")
        await hand.keys("<" * len(typed))
    await hand.tap("Can't be done")
    tour.see(hand, "reasons")
    await hand.tap("Back", "Next point")
    tour.see(hand, "nothing typed")
    await hand.same()
    await hand.tap("Can't be done", "The instrument fails")
    await hand.keys("7.510")
    tour.see(hand, "undecided")
    await hand.tap("Measure finer")
    tour.see(hand, "finer")
    await hand.keys("1")
    tour.see(hand, "finely")
    await hand.tap("Take it")
    await hand.keys("8")
    await hand.tap("Next point")
    while hand.offers_figure("Same as load"):
        tour.see(hand, "point")
        await hand.same()
    tour.see(hand, "outcome")
    for point in hand.desk.phone.check.points[:5] if hand.desk.phone.check else []:
        await hand.choose(hand.desk.phone.language.say(point.planned.title) + ",")
        tour.see(hand, "working")
        await hand.tap("Back")
    await hand.tap("Measure again")
    tour.see(hand, "causes")
    await hand.tap("Back", "Trader signs", "Objects")
    tour.see(hand, "sign")
    await hand.tap("Refuses to sign")
    tour.see(hand, "refusal")
    await hand.tap("Disputes the result")
    tour.see(hand, "receipt")
    await hand.tap("Papers to give out")
    tour.see(hand, "papers")
    await hand.tap("Notice to correct")
    # It speaks of the verification that is to come.
    tour.see(hand, VERIFICATION + "notice to correct")
    await hand.tap("Back", "Back")


async def finding(tour: Tour, hand: Inspector) -> None:
    """What is not as recorded, from the card, with its ways to say more; then it is thrown away."""
    await hand.tap("Label, place or instrument not as recorded")
    tour.see(hand, "found on site")
    await hand.tap("Sign and keep", "Instrument moved")
    tour.see(hand, "moved")
    await hand.tap("Label on another instrument", "Nobody")
    await hand.write("On which one? Its serial number or stall", "nobody")
    tour.see(hand, "seen on none here")
    hand.desk.camera.pictures.append(JPEG)
    await hand.tap("Take the picture", "Have it signed")
    tour.see(hand, "finding to sign")
    await hand.tap("Back", "Discard this finding", "Discard")


async def recorded(desk: Desk) -> None:
    """One more check, done without the glass."""
    check = await desk.app.spot_checks.begin(await desk.app.resolve.scanned(desk.world.payload))
    await check.rest_is_normal()
    await check.without_photo()
    await check.same()
    await check.go_to(Step.VERDICT)
    await check.refuse("gone")


async def outbox(tour: Tour, hand: Inspector) -> None:
    """A draft on the home screen, and a record in each state."""
    office = hand.desk.world.office
    for status in (Status.REFUSED, Status.CONFLICTING, Status.HELD, Status.ACCEPTED, None):
        hand.desk.world.clock.advance(timedelta(minutes=5))
        await recorded(hand.desk)
        why = Problem("x", "This phone's access was closed by the office.", "Wait.") if status else None

        def rule(sealed: Sealed, status: Status | None = status, why: Problem | None = why) -> Ruling | None:
            identity = read_body(sealed.body).record_id
            return Ruling(identity, sealed.digest, status, COUNTY, 1, why) if status else None

        office.rule = rule
        if status:
            await hand.desk.app.sync.run()
    office.before = cut
    now = hand.desk.world.clock.now()
    head = LedgerHead(COUNTY, 12, "0" * 64, "first", now, b"")
    for fault in (Fault.CHANGED, Fault.RESTORED):
        evidence = Evidence(fault=fault, county=COUNTY, noticed_at=now, kept=head, shown=head)
        await hand.desk.app.equipment.store.witnessed.note(evidence)
    await hand.tap("Outbox")
    tour.see(hand, "outbox")
    await hand.tap("Sync now")
    tour.see(hand, "outbox without network")
    await hand.tap("See the record")
    tour.see(hand, "record")
    await hand.tap("Back", "Check it again")
    tour.see(hand, "card with history")
    await hand.tap("Start check", "Back")
    tour.see(hand, "home with a draft")


async def handover(tour: Tour, hand: Inspector) -> None:
    """Records given to another phone, and another phone's records taken."""
    office = hand.desk.world.office
    await hand.tap("Outbox", "Hand over", "Show as codes")
    tour.see(hand, "no key for a hand-over")
    office.handover_key, office.before = KEY, lambda _method, _path: None
    await hand.tap("Back", "Back", "Sync now")
    office.before = cut
    for number in range(40):
        await hand.desk.app.register.premises(f"市场{number}", f"{COUNTY}101", PremisesType.MARKET)
    await hand.tap("Hand over")
    tour.see(hand, "hand over")
    await hand.tap("As a file, with photos" if hand.offers("As a file, with photos") else "As a file")
    tour.see(hand, "handed over as a file")
    await hand.tap("Show as codes", "Pause", "One on")
    tour.see(hand, "codes")
    await hand.tap("The other phone has them all")
    tour.see(hand, "outbox handed over")
    bundle = await bundle_of_another()
    frames = frames_of(bundle)
    await hand.tap("Carry for another phone")
    tour.see(hand, "carry")
    hand.desk.camera.scans += [Scan(ScanEnd.DECODED, frame) for frame in frames[:2]]
    await hand.tap("Scan the codes")
    tour.see(hand, "some codes")
    hand.desk.camera.scans += [Scan(ScanEnd.DECODED, frame) for frame in frames]
    await hand.tap("Scan the codes")
    tour.see(hand, "carrying")
    hand.desk.platform.picked.append(b"a letter")
    await hand.tap("Open a file")
    tour.see(hand, "no hand-over")
    why = Problem("x", "This phone's access was closed by the office.", "Wait.")
    await hand.desk.app.equipment.store.carried.declined(read_bundle(bundle).digest, why)
    await hand.tap("Back", "Carry for another phone")
    tour.see(hand, "a bundle that is not taken")
    await hand.tap("Back")
    tour.see(hand, "outbox of a courier")


async def locked(tour: Tour, hand: Inspector) -> None:
    """The phone that nobody unlocked."""
    await hand.tap("Me", "Lock")
    tour.see(hand, "locked")
    await hand.keys("000000")
    tour.see(hand, "wrong PIN")
    await hand.keys("000000" * 4)
    tour.see(hand, "waiting")
    hand.desk.show_label()
    await hand.tap("Look up a label without a PIN")
    tour.see(hand, "card while locked")
    hand.desk.world.clock.advance(timedelta(days=200))
    await hand.tap("Unlock to check")
    await hand.unlock()
    tour.see(hand, "expired card")


async def lot(tour: Tour, hand: Inspector) -> None:
    """A lot of volumes by weighing, through every panel: faulty label, density, packings, a short package, one not done."""
    while not hand.offers("Check prepackages"):
        await hand.client.back()
    await hand.tap("Check prepackages")
    tour.see(hand, "a new lot")
    await hand.tap("Choose the site (may stay empty)")
    tour.see(hand, "a lot's site")
    await hand.client.back()
    await hand.tap("To the sampling plan")
    await hand.write("What is in the packages", "豆油")
    await hand.write("Net content as printed", "净含量:5000ml")
    tour.see(hand, "a faulty label")
    await hand.tap("Measure the characters")
    tour.see(hand, "a lot's figure")
    await hand.tap("Take it", "Medicines")
    tour.see(hand, "outside the rule")
    await hand.tap("Medicines", "To the sampling plan")
    tour.see(hand, "no plan yet")
    await hand.keys("2600")
    await hand.tap("Next field")
    tour.see(hand, "a sampling plan")
    await hand.tap("Go on", "g", "Gross, less the mean of empty packings")
    tour.see(hand, "a lot's method")
    for figure, typed in (("Density", "0.92"), ("Temperature", "20")):
        await hand.choose(hand.word(figure))
        await hand.keys(typed)
        await hand.tap("Take it")
    await hand.choose("5 kg × 2")
    await hand.tap("To the readings")
    await hand.keys("120")
    await hand.tap("One more")
    tour.see(hand, "packings")
    await hand.tap("To the packages")
    await hand.keys("4500")
    tour.see(hand, "a short package")
    await hand.tap("Next one", "Can't be done")
    tour.see(hand, "a package not done")
    await hand.tap("The package is damaged")
    await hand.tap("All readings")
    tour.see(hand, "all readings")
    await hand.choose(hand.word("Package {number}", number=1))
    await hand.tap("Read again")
    tour.see(hand, "a package again")
    await hand.client.back()
    await hand.tap("Outcome")
    tour.see(hand, "a lot's outcome")
    await hand.tap("Trader signs")
    tour.see(hand, "a lot's signature")
    await hand.tap("Refuses to sign", "Has left")
    tour.see(hand, "a lot's receipt")
    await hand.tap("Back")


async def unmeasured(tour: Tour, hand: Inspector) -> None:
    """A kind that is not measured here, from its registration to the outcome."""
    await hand.tap("Back")
    hand.desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
    await hand.tap("Scan to check", "Other kinds", "Clinical glass thermometer")
    await hand.write("Serial number", "T-1")
    await hand.tap("Choose the site")
    await hand.choose("张强镇卫生院")
    await hand.tap("Only register")
    tour.see(hand, "card of a thermometer")
    await hand.tap("Start check", "All normal")
    tour.see(hand, "picture of a thermometer")
    await hand.tap("Go on without a picture")
    tour.see(hand, "outcome of a thermometer")


async def measured(tour: Tour, hand: Inspector) -> None:
    """A kind that is no scale: its nameplate at registration and on site, its readings, and what they say together."""
    desk = hand.desk
    desk.world.office.before = lambda _method, _path: None
    gauge = standard(desk.world, "pressure", "2.5 MPa", "0.00125 MPa")
    await desk.app.sync.run()
    while not hand.offers("Scan to check"):
        await hand.tap("Back")
    await hand.tap("Me", "Change officer or weights")
    tour.see(hand, "standards by sort")
    await hand.tap("Ready")
    desk.camera.scans.append(Scan(ScanEnd.NO_LABEL))
    await hand.tap("Scan to check", "Other kinds", "Pressure gauge")
    await hand.write("Serial number", "G-9")
    await hand.tap("Other value")
    await hand.tap("Take it")
    tour.see(hand, "a figure missing")
    await hand.tap("Back", "Register and check", "All normal", "Go on without a picture")
    tour.see(hand, "nameplate")
    await hand.tap("Go on without")
    tour.see(hand, "nothing to read")
    await desk.app.session.choose_standards([gauge.standard_id])
    await hand.tap("Nameplate")
    await hand.choose("1.6 MPa")
    tour.see(hand, "nameplate known")
    check = desk.phone.check
    assert check
    await check.equip()
    await hand.tap("Go on to the readings")
    await hand.choose(hand.word("Standard"))
    tour.see(hand, "the standard's own reading")
    await hand.keys("0.41")
    await hand.tap("Take it")
    tour.see(hand, "beside it")
    await hand.keys("0.41")
    tour.see(hand, "gauge read")
    await hand.tap("Next point")
    while hand.offers_figure("Same as standard"):
        await hand.client.press(hand.word("Same as standard"))
    tour.see(hand, "outcome of a gauge")
    await hand.choose(hand.word("Falling against rising"))
    tour.see(hand, "readings together")
    await hand.tap("Back to the outcome")


def toured(
    language: str, width: int = 390, height: int = 844, theme: ThemeChoice = ThemeChoice.LIGHT
) -> Tour:
    """The whole walk, made once for each glass."""
    return walked(language, width, height, theme)


@cache
def walked(language: str, width: int, height: int, theme: ThemeChoice) -> Tour:
    tour = Tour(language, width, height, theme)

    async def walk() -> None:
        desk: Desk = new_desk(language)
        await desk.app.set_setting("language", language)
        await desk.app.set_setting("theme", theme.value)
        async with in_hand(desk, width, height) as hand:
            for part in (
                enrolling,
                rooms,
                labels,
                check,
                outbox,
                handover,
                locked,
                unmeasured,
                measured,
                lot,
            ):
                await part(tour, hand)
        await verifying(tour, theme)

    asyncio.run(walk())
    return tour
