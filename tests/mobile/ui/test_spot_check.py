"""A spot check of a price-computing scale on the glass: in few taps, and with every way out."""

from __future__ import annotations

import msgspec
import pytest

from mobile.ui.language import CHINESE, ENGLISH
from mobile.workflow.draft import Field, Step
from shared.errors import InputError
from shared.inspection import Headline, Inspection, LabelCheck, PartyAnswer, VisualAnswer
from tests.contracts.office import cut
from tests.mobile.played import played
from tests.mobile.ui.fakes import Desk, enrolled_desk
from tests.mobile.ui.inspector import JPEG, SIGNATURE, Inspector, in_hand


async def recorded(desk: Desk) -> Inspection:
    """The newest spot check in the phone's outbox."""
    [kept] = await desk.machine.store.records.newest(1)
    return msgspec.json.decode(kept.envelope.payload, type=Inspection)


async def at_ten_kilograms(hand: Inspector) -> None:
    """The check begun, and the point of 10 kg on the glass."""
    await hand.begin()
    await hand.same(5)
    await hand.choose("10 kg")


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@played
async def test_a_passing_check_takes_seven_taps_and_then_six(language: str) -> None:
    """UX.md 3b: scan, start, the rest normal, shutter, sign, signed, scan the next; from the second scale on the camera is open."""
    desk = await enrolled_desk(language)
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        taps = []
        await hand.scan()
        for _scale in range(2):
            before = 0 if not taps else sum(taps)
            desk.camera.pictures.append(JPEG)
            await hand.tap("Start check", "All normal")
            assert desk.phone.check
            points = len(desk.phone.check.points)
            for left in range(points, 0, -1):
                assert hand.offers("See the outcome" if left == 1 else "Next point")
                await hand.same()
            assert hand.reads("{total} of {total} points within the in-service limit", total=points)
            await hand.tap("Trader signs")
            await hand.sign()
            await hand.tap("Signed")
            assert hand.reads("Any phone can check it by this code, with a network.")
            desk.show_label()
            await hand.tap("Done, scan the next")
            taps.append(hand.taps - before)
        assert taps == [7, 6]
        assert hand.offers("Start check")
    assert (await recorded(desk)).conclusion
    assert [one.headline for one in [(await recorded(desk)).conclusion] if one] == [Headline.WITHIN]


@played
async def test_over_the_limit_is_suspected_and_says_why() -> None:
    """A figure beyond its limit is judged while it is typed; the verdict counts it, shows the working and what follows."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await at_ten_kilograms(hand)
        await hand.keys("10.020")
        assert hand.reads("Error {error}", error="+20 g")
        assert hand.reads("Limit ±{limit}", limit="10 g")
        await hand.tap("Next point")
        assert desk.platform.buzzes[-1] == [60, 60, 60]
        await hand.read_all()
        assert hand.reads("Suspected over limit")
        assert hand.client.reads("1 of ")
        assert hand.reads("Next: have it verified, or seal it; two officers decide.")
        await hand.choose("10 kg, Suspected over limit, +20 g")
        assert hand.reads("How it is worked out")
        assert hand.client.reads("±10 g")
        await hand.tap("Back")
        assert hand.reads("Suspected over limit")
        await hand.tap("Trader signs")
        assert hand.client.reads("+20 g")


@played
async def test_undecided_leads_to_the_finer_method() -> None:
    """A thick line across a post is undecided; small weights decide it, and back from them the reading still stands."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await at_ten_kilograms(hand)
        await hand.keys("10.010")
        assert hand.client.reads("Add 2.5 g: if the display")
        await hand.tap("Measure finer")
        assert hand.reads("Leave the load on. Add small weights until the display jumps by one step.")
        await hand.keys("4")
        await hand.tap("Back")
        assert hand.client.reads("10.010")
        await hand.tap("Measure finer")
        await hand.keys("4")
        assert hand.reads("Error {error}", error="+8.5 g")
        await hand.tap("Take it")
        await hand.read_all()
        assert hand.reads("Within limits")


@played
async def test_what_cannot_be_done_needs_a_reason() -> None:
    """这点做不了 asks why; the point is undecided, never within; leaving the question costs nothing."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await at_ten_kilograms(hand)
        await hand.keys("10.0")
        await hand.tap("Can't be done")
        await hand.client.back()
        assert hand.client.reads("10.0")
        await hand.tap("Can't be done", "The display does not settle")
        await hand.read_all()
        assert hand.reads("Undecided")
        assert hand.client.reads("1 of ")
        await hand.choose("10 kg, not done")
        assert hand.reads("The display does not settle")
        await hand.tap("Back", "Trader signs")
        await hand.sign()
        await hand.tap("Signed")
    [reading] = [one for one in (await recorded(desk)).readings if one.point == "load:10 kg"]
    assert reading.not_done_because == "not_settling"


@played
async def test_a_retest_keeps_the_first_reading_with_its_cause() -> None:
    """On the verdict one touch leads to the cause, the next to the point; both readings are in the record."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await at_ten_kilograms(hand)
        await hand.keys("10.050")
        await hand.tap("Next point")
        await hand.read_all()
        await hand.tap("Measure again")
        assert hand.reads("Both readings are kept; the record shows the first with this cause.")
        await hand.tap("Wrong load on the pan")
        await hand.same()
        assert hand.reads("Within limits")
        await hand.choose("10 kg, Within limits")
        assert hand.reads("{count} kept with their cause", count=1)
        await hand.tap("Back", "Trader signs")
        await hand.sign()
        await hand.tap("Signed")
    readings = [one for one in (await recorded(desk)).readings if one.point == "load:10 kg"]
    assert [one.superseded_because for one in readings] == ["wrong_load", ""]


@played
async def test_an_answered_point_asks_why_it_is_read_again() -> None:
    """A digit on a point that has its reading does not overwrite it; it asks for the cause."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.same()
        await hand.point("Zero")
        await hand.keys("5")
        assert hand.reads("Why read it again?")
        await hand.tap("Back")
        assert hand.offers("Read again")
        await hand.tap("Next point")
        assert hand.desk.phone.check
        assert hand.desk.phone.check.cursor.point == "repeatability:1"


@played
async def test_a_half_typed_figure_waits_at_its_point() -> None:
    """Touching another point's tab, or the look once more, and coming back: the figures stand as they were."""
    async with in_hand(await enrolled_desk()) as hand:
        await at_ten_kilograms(hand)
        await hand.keys("10.0")
        await hand.choose("15 kg")
        await hand.keys("15.")
        await hand.choose("10 kg")
        assert "10.0" in hand.client.texts()
        await hand.tap("Back", "Back")
        hand.desk.camera.pictures.append(None)
        await hand.tap("All normal", "Go on to the readings")
        await hand.choose("10 kg")
        assert "10.0" in hand.client.texts()
        await hand.choose("15 kg")
        assert "15." in hand.client.texts()


@played
async def test_nonsense_is_said_beside_the_field_and_kept() -> None:
    """More decimals than the display has, or no figure at all: said at once, refused by 下一点, and nothing is wiped."""
    async with in_hand(await enrolled_desk()) as hand:
        await at_ten_kilograms(hand)
        await hand.tap("Next point")
        assert hand.reads("There is no reading yet.")
        await hand.keys("10.0001")
        assert hand.reads("The display shows {decimals} decimals, not more.", decimals=3)
        await hand.tap("Next point")
        assert "10.0001" in hand.client.texts()
        await hand.keys("<")
        assert hand.reads("Error {error}", error="0 g")


@played
async def test_a_flagged_seal_heads_the_outcome() -> None:
    """A right error never clears a flag: the headline is 疑似作弊, and the measurement says by itself that it is within."""
    desk = await enrolled_desk()
    desk.camera.pictures.append(JPEG)
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap("Start check", "Seal is there and whole")
        await hand.write("What is wrong (may stay empty)", "铅封断了")
        await hand.tap("The rest is normal")
        await hand.read_all()
        assert hand.reads("Suspected cheating")
        assert hand.client.reads("Measurement: Within limits")
        await hand.tap("Trader signs")
        await hand.sign()
        await hand.tap("Signed")
    inspection = await recorded(desk)
    [flag] = [one for one in inspection.visual if one.answer is VisualAnswer.FLAG]
    assert (flag.question, flag.note) == ("seal", "铅封断了")


@played
async def test_a_question_may_not_apply_and_a_flag_can_be_taken_back() -> None:
    """Touched twice a flag is gone; the small key says that the question does not apply."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.scan()
        await hand.tap("Start check", "Seal is there and whole")
        assert hand.reads("{count} flagged", count=1)
        await hand.choose("Seal is there and whole")
        await hand.choose("Does not apply: Buyer can read it")
        assert not hand.reads("{count} flagged", count=1)
        await hand.tap("All normal")
    assert desk.phone.check
    answers = {one.question: one.answer for one in desk.phone.check.draft.visual}
    assert answers["seal"] is VisualAnswer.OK
    assert VisualAnswer.NOT_APPLICABLE in answers.values()


@played
async def test_the_picture_is_taken_or_declined() -> None:
    """A closed shutter stays at the picture with two ways on; more than one picture can be kept."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin(None)
        assert hand.offers("Go on without a picture")
        desk.camera.pictures.append(JPEG)
        await hand.tap("Take the picture")
        assert hand.offers_figure("Same as load")
        await hand.tap("Back")
        assert hand.reads("{count} pictures kept", count=1)
        await hand.tap("Go on to the readings")
        await hand.read_all()
    assert desk.phone.check
    assert len(desk.phone.check.photos) == 1

    declined = await enrolled_desk()
    async with in_hand(declined) as hand:
        await hand.begin(None)
        await hand.tap("Go on without a picture")
        await hand.read_all()
        assert hand.reads("Within limits")


@pytest.mark.parametrize(
    ("words", "reason"), [("Disputes the result", "disputes_result"), ("Has left", "gone")]
)
@played
async def test_a_refused_signature_has_its_reason(words: str, reason: str) -> None:
    """拒签: one touch, one reason, and the record is sealed all the same."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs")
        assert not hand.offers("Signed"), "nothing is signed yet"
        before = hand.taps
        await hand.tap("Refuses to sign", words)
        assert hand.taps - before == 2
        assert hand.reads("Refused to sign")
    party = (await recorded(desk)).other_party
    assert party
    assert (party.answer, party.reason, party.signature) == (PartyAnswer.REFUSED, reason, None)


@played
async def test_an_objection_is_written_down_and_signed() -> None:
    """有异议 opens a field; its words are in the record beside the signature, and the receipt says that there is one."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs", "Objects")
        await hand.write("What is objected to", "砝码没擦干净")
        await hand.client.draw(SIGNATURE[:2])
        assert not hand.offers("Signed"), "a slip of the finger is no signature"
        await hand.tap("Sign again")
        await hand.sign()
        await hand.tap("Signed")
        assert hand.reads("Objects")
    party = (await recorded(desk)).other_party
    assert party
    assert party.signature
    assert (party.answer, party.reason) == (PartyAnswer.DISAGREES, "砝码没擦干净")


@played
async def test_taking_an_objection_back_leaves_no_words() -> None:
    """无异议 after all: what was written is no part of the record."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs", "Objects")
        await hand.write("What is objected to", "再看看")
        await hand.tap("No objection")
        await hand.sign()
        await hand.tap("Signed")
    party = (await recorded(desk)).other_party
    assert party
    assert (party.answer, party.reason) == (PartyAnswer.AGREES, "")


@played
async def test_the_receipt_is_handed_over_without_a_network() -> None:
    """Number, instrument, officers and the code are there at once; sharing gives the same facts as text."""
    desk = await enrolled_desk(CHINESE)
    desk.world.office.before = cut
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs")
        await hand.sign()
        await hand.tap("Signed")
        assert hand.reads("Kept on this phone; it is sent by itself when there is a network.")
        assert hand.client.reads("李慧、赵刚")
        await hand.tap("Give to the other party")
        [(name, _media, content)] = desk.platform.shared
        assert name.endswith(".txt")
        assert "初筛符合" in content.decode()
        assert "https://office.example/R/" in content.decode()
        await hand.client.back()
        assert hand.reads("Today")


@played
async def test_a_check_begun_by_mistake_can_be_discarded() -> None:
    """One question, and neither draft nor picture is left; keeping it goes on where one was."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.tap("Back", "Back", "Discard this check", "Keep it")
        assert hand.reads("Look it over")
        await hand.tap("Discard this check", "Discard")
        assert hand.reads("Today")
        assert not hand.offers("Resume")
    assert desk.machine.blobs.content == {}
    assert (await desk.app.today.home()).resume is None


@played
async def test_without_weights_the_measurement_is_undecided() -> None:
    """The card says it before the check, offers to choose, and the outcome claims nothing that was not measured."""
    desk = await enrolled_desk(weights=False)
    async with in_hand(desk) as hand:
        await hand.scan()
        assert hand.reads("No weights are chosen: the readings would stay undecided.")
        await hand.tap("Start check")
        desk.camera.pictures.append(JPEG)
        await hand.tap("All normal")
        assert hand.reads("Needed: {sort}", sort=hand.word("Weights"))
        assert hand.offers("Choose standards")
        await hand.tap("See the outcome")
        assert hand.reads("Undecided")
        assert not hand.reads("Within limits")


@played
async def test_back_goes_one_step_at_a_time_and_home_at_last() -> None:
    """The phone's back button from the signature: outcome, readings, picture, look, home; everything is kept."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs")
        steps = []
        while desk.phone.check and desk.phone.path != "/":
            steps.append(desk.phone.check.cursor.step)
            await hand.client.back()
        assert steps == [Step.SIGN, Step.VERDICT, Step.READINGS, Step.PHOTO, Step.VISUAL]
        await hand.tap("Resume")
        assert desk.phone.check
        assert len(desk.phone.check.draft.readings) == len(desk.phone.check.points)


@played
async def test_the_label_scanned_last_is_what_the_record_says() -> None:
    """A check begun by a typed number takes the label that is scanned later; a forged one is not forgotten."""
    desk = await enrolled_desk()
    payload = desk.world.payload
    forged = payload[:-10] + payload[-10:].translate(str.maketrans("ABCDEFGH", "HGFEDCBA"))
    async with in_hand(desk) as hand:
        await hand.tap("Type the number")
        await hand.write("Number, serial number or stall", desk.world.label.code)
        await hand.tap("Find", "Start check")
        check = desk.phone.check
        assert check
        assert check.draft.label is LabelCheck.TYPED
        for scanned, label in (
            (payload, LabelCheck.GENUINE),
            (forged, LabelCheck.FORGED),
            (payload, LabelCheck.FORGED),
        ):
            await hand.client.back()
            await hand.scan(scanned)
            await hand.tap("Go on checking" if scanned is payload else "Check all the same")
            assert desk.phone.check
            assert desk.phone.check.draft.label is label


@played
async def test_a_finished_check_refuses_more_answers() -> None:
    """What is signed is not changed: the screens lead to the receipt, never back into the form."""
    desk = await enrolled_desk()
    async with in_hand(desk) as hand:
        await hand.begin()
        await hand.read_all()
        await hand.tap("Trader signs")
        await hand.sign()
        await hand.tap("Signed")
        check = desk.phone.check
        assert check
        with pytest.raises(InputError, match="already_sealed"):
            await check.party_says(True, "zu spät")
        assert check.cursor.field == Field.INDICATION
