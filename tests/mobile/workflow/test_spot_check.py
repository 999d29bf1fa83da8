"""The spot check: nothing answered is ever lost, and what is sealed is what was given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile.workflow.draft import Field, Step
from mobile.workflow.points import PointState
from mobile.workflow.resolve import LabelVerdict
from mobile.workflow.spot_check import SpotCheck
from shared.errors import AccessError, InputError
from shared.inspection import Entry, Headline, Inspection, PartyAnswer, VisualAnswer
from shared.metrology.judging import Outcome
from shared.quantity import Quantity
from sync.envelope import read_body, record_message
from tests.mobile.keys import typed
from tests.mobile.phone import PIN, Phone, World, make_phone, make_world
from tests.mobile.picture import jpeg

Action = Callable[[SpotCheck], Awaitable[object]]

FLOW: list[tuple[str, Action]] = [
    ("flag the seal", lambda check: check.answer_visual("seal", VisualAnswer.FLAG, "torn")),
    ("rest normal", lambda check: check.rest_is_normal()),
    ("photograph", lambda check: check.add_photo(jpeg())),
    ("zero same", lambda check: check.same()),
    ("type 7", lambda check: typed(check, "7")),
    ("type 7.5", lambda check: typed(check, "7.500")),
    ("next", lambda check: check.next_point()),
    ("second repeat", lambda check: check.same()),
    ("cannot", lambda check: check.cannot("not_settling")),
    ("type 0.10", lambda check: typed(check, "0.105")),
    ("finer", lambda check: check.finer()),
    ("type added", lambda check: typed(check, "3.5")),
    ("take added", lambda check: check.next_point()),
    ("load same", lambda check: check.same()),
    ("retest the load", lambda check: check.retest("load:2.5 kg", "disturbed")),
    ("read it anew", lambda check: typed(check, "2.505")),
    ("take it", lambda check: check.next_point()),
    ("look at the verdict", lambda check: check.go_to(Step.VERDICT)),
    ("back to the readings", lambda check: check.go_to(Step.READINGS)),
    *[(f"rest {number}", lambda check: check.same()) for number in range(8)],
]


async def begun(world: World, phone: Phone) -> SpotCheck:
    """A check of the world's scale with all valid weights."""
    await phone.enrol()
    await phone.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
    return await phone.app.spot_checks.begin(await phone.app.resolve.scanned(world.payload))


async def passed(check: SpotCheck) -> None:
    """Everything answered as if all were right."""
    await check.rest_is_normal()
    await check.add_photo(jpeg())
    while check.cursor.step is Step.READINGS:
        await check.same()


def test_nothing_is_lost_by_a_kill_after_any_step(tmp_path: Path) -> None:
    """Killed after every single answer, the app reopens with the very draft and on the very field."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        check = await begun(world, phone)
        for name, act in FLOW:
            world.clock.advance(timedelta(seconds=7))
            await act(check)
            before = check.draft
            phone = await phone.reopened()
            summary = (await phone.app.today.home()).resume
            assert summary, name
            check = await phone.app.spot_checks.open(summary.draft_id)
            assert check.draft == before, name
            assert summary.step == before.cursor.step
        assert check.cursor.step is Step.VERDICT
        assert {point.state for point in check.points} == {PointState.DONE, PointState.CANNOT}
        assert check.conclusion().headline is Headline.SUSPECTED_CHEATING
        for photo in check.photos:
            assert await phone.blobs.get(photo.digest)

    asyncio.run(flow())


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("survived", range(12))
def test_a_kill_while_sealing_leaves_the_draft_or_the_record(tmp_path: Path, survived: int) -> None:
    """Killed at any statement between the signature on the glass and after the commit, there is either the draft or the record."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world, tmp_path / "work.db")
        check = await begun(world, phone)
        await passed(check)
        statements = 0

        def dies(statement: str, _values: object) -> None:
            nonlocal statements
            statements += not statement.startswith("SELECT")
            if statements > survived:
                raise Killed

        async def dies_after() -> None:
            raise Killed

        phone.store.database._tracer = dies
        phone.store.outbox._flush = dies_after
        with contextlib.suppress(Killed):
            await check.sign(b"strokes", "image/png")
        phone = await phone.reopened()
        home = await phone.app.today.home()
        records = await phone.store.records.about(world.scale.instrument_id)
        assert len(records) + (home.resume is not None) == 1
        if home.resume:
            again = await phone.app.spot_checks.open(home.resume.draft_id)
            if again.receipt is None:
                await again.sign(b"strokes", "image/png")
        records = await phone.store.records.about(world.scale.instrument_id)
        assert len(records) == 1
        assert (await phone.app.today.home()).resume is None
        await phone.app.sync.run()
        assert len(world.office.records) == 2
        inspection = msgspec.json.decode(records[0].envelope.payload, type=Inspection)
        assert inspection.other_party
        assert inspection.other_party.signature
        assert inspection.other_party.signature.digest in world.office.uploads

    asyncio.run(flow())


def test_the_record_holds_the_answers_as_given() -> None:
    """The sealed payload keeps decimals, entries, attempts with their causes, the weights used and the digests of the pictures."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone)
        for _name, act in FLOW:
            await act(check)
        await check.party_says(True, "秤是新的")
        receipt = await check.sign(b"strokes", "image/png")
        kept = await phone.store.records.by_digest(receipt.digest)
        assert kept
        inspection = msgspec.json.decode(kept.envelope.payload, type=Inspection)
        repeat = next(one for one in inspection.readings if one.point == "repeatability:1")
        assert (str(repeat.indication and repeat.indication.value), repeat.entry) == ("7.500", Entry.TYPED)
        attempts = [one for one in inspection.readings if one.point == "load:2.5 kg"]
        assert [(one.attempt, one.superseded_because) for one in attempts] == [(1, "disturbed"), (2, "")]
        fine = next(one for one in inspection.readings if one.point == "load:100 g")
        assert fine.added_weights
        assert fine.added_weights.value == Decimal("3.5")
        assert inspection.other_party
        assert inspection.other_party.answer is PartyAnswer.DISAGREES
        signature = inspection.other_party.signature
        assert signature
        assert phone.blobs.content[signature.digest][16:] == b"strokes"
        assert [basis.version for basis in kept.envelope.basis] == [3]
        assert receipt.payload.endswith(f"/R/{receipt.record_id}")
        assert inspection.conclusion
        assert inspection.conclusion == receipt.conclusion

    asyncio.run(flow())


def test_the_seal_is_the_authors_over_the_very_bytes() -> None:
    """The signature verifies with the author's key over the body's digest, and the chain links to chain.opened."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone)
        await passed(check)
        receipt = await check.refuse("unwilling")
        [sealed] = await phone.store.outbox.waiting(10, 1 << 20)
        assert sealed.digest == receipt.digest
        envelope = read_body(sealed.body)
        chain, sequence, digest = await phone.store.outbox.head()
        assert (envelope.chain, envelope.sequence, sealed.digest) == (chain, sequence, digest)
        assert envelope.previous == await phone.store.outbox.digest_at(chain, 1)
        key = world.office.asked.author_public_key
        assert await phone.keys.verify(key, record_message(sealed.digest), sealed.signature)

    asyncio.run(flow())


def test_a_locked_phone_seals_nothing_and_loses_nothing() -> None:
    """Signing while locked is refused before anything is frozen; after the PIN the same check is sealed."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone)
        await passed(check)
        await phone.app.session.lock()
        before = check.draft
        with pytest.raises(AccessError, match="session_locked"):
            await check.sign(b"strokes", "image/png")
        assert check.draft == before
        await phone.app.session.unlock(PIN)
        assert (await check.sign(b"strokes", "image/png")).conclusion

    asyncio.run(flow())


def test_live_judgement_follows_the_keys() -> None:
    """While a figure is typed the verdict is that of the rule: within, undecided, beyond; nonsense is said and kept."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await check.rest_is_normal()
        await check.add_photo(jpeg())
        await check.go_to(Step.READINGS, "load:10 kg")
        outcomes = {}
        for text in ("10.000", "10.010", "10.020"):
            live = (await typed(check, text)).live()
            assert live.verdict
            outcomes[text] = live.verdict.outcome
        assert outcomes == {
            "10.000": Outcome.WITHIN,
            "10.010": Outcome.UNDECIDED,
            "10.020": Outcome.BEYOND,
        }
        for text, code in (("10.0001", "reading_too_fine"), ("1.", "reading_unreadable")):
            live = (await typed(check, text)).live()
            assert live.problem
            assert live.problem.code == code
            assert check.cursor.text == text
            with pytest.raises(InputError, match=code):
                await check.next_point()

    asyncio.run(flow())


def test_the_finer_method_decides_and_keeps_the_first_reading() -> None:
    """加小砝码细测 on an answered point supersedes it with its cause, and the added weights decide."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await check.rest_is_normal()
        await check.without_photo()
        await check.go_to(Step.READINGS, "load:10 kg")
        await typed(check, "10.010")
        await check.next_point()
        await check.go_to(Step.READINGS, "load:10 kg")
        await check.finer()
        assert (check.cursor.field, check.cursor.indication) == (Field.ADDED_WEIGHTS, "10.010")
        live = (await typed(check, "4")).live()
        assert live.verdict
        await check.next_point()
        point = next(one for one in check.points if one.key == "load:10 kg")
        assert (point.attempts, point.indication, point.added_weights) == (1, "10.010", "4")

    asyncio.run(flow())


def test_half_an_interval_decides_at_the_limit() -> None:
    """½e added at once to a reading at the limit is recorded with what the display did, and decides once the zero is measured."""

    async def flow(jumped: bool) -> Outcome | None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await check.rest_is_normal()
        await check.without_photo()
        await typed(check, "0.000")
        await check.finer()
        with pytest.raises(InputError, match="no_half_step"):
            await check.half_step(jumped)
        await typed(check, "2.5")
        await check.next_point()
        await check.go_to(Step.READINGS, "load:10 kg")
        await typed(check, "10.010")
        await check.finer()
        live = check.live()
        assert live
        assert live.half_step == Quantity(Decimal("2.5"), "g")
        await check.half_step(jumped)
        [reading] = [one for one in check.draft.readings if one.point == "load:10 kg"]
        assert (reading.jumped, reading.added_weights) == (jumped, live.half_step)
        point = next(one for one in check.points if one.key == "load:10 kg")
        return point.verdict and point.verdict.outcome

    assert asyncio.run(flow(True)) is Outcome.BEYOND
    assert asyncio.run(flow(False)) is Outcome.WITHIN


def test_an_answered_point_is_not_overwritten() -> None:
    """Typing over a reading is refused; only a retest with a cause of the list reads it again."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await check.rest_is_normal()
        await check.without_photo()
        await check.same()
        await check.go_to(Step.READINGS, "zero")
        with pytest.raises(InputError, match="point_answered"):
            await typed(check, "0.005")
        with pytest.raises(InputError, match="reason_unknown"):
            await check.retest("zero", "")
        await check.next_point()
        assert check.cursor.point == "repeatability:1"

    asyncio.run(flow())


def test_a_sealed_check_is_closed() -> None:
    """After the receipt nothing more can be answered or discarded."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await passed(check)
        await check.refuse("gone")
        with pytest.raises(InputError, match="already_sealed"):
            await check.answer_visual("seal", VisualAnswer.FLAG)
        with pytest.raises(InputError, match="already_sealed"):
            await check.discard()

    asyncio.run(flow())


def test_beginning_again_goes_on_with_the_same_draft() -> None:
    """A second scan of an instrument whose check is unfinished opens that check."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone)
        await check.rest_is_normal()
        again = await phone.app.spot_checks.begin(await phone.app.resolve.typed(world.label.code))
        assert again.draft == check.draft
        card = await phone.app.resolve.card(await phone.app.resolve.scanned(world.payload))
        assert card.draft_id == check.draft_id

    asyncio.run(flow())


def test_a_signature_seals_every_letter_of_the_objection() -> None:
    """Letters and the signature given faster than they are saved: the record has all of what was written, and 无异议 has no words."""

    async def flow() -> None:
        for objects, words in ((True, "秤是上个月新买的"), (False, "")):
            world = make_world()
            phone = make_phone(world)
            check = await begun(world, phone)
            await passed(check)
            letters = [check.party_says(True, "秤是上个月新买的"[:length]) for length in range(1, 9)]
            answer = [] if objects else [check.party_says(False)]
            *_said, receipt = await asyncio.gather(*letters, *answer, check.sign(b"strokes", "image/png"))
            kept = await phone.store.records.by_digest(receipt.digest)
            assert kept
            party = msgspec.json.decode(kept.envelope.payload, type=Inspection).other_party
            assert party
            assert (party.answer is PartyAnswer.DISAGREES, party.reason) == (objects, words)

    asyncio.run(flow())


def test_what_is_discarded_stays_away() -> None:
    """A position or a letter that comes after the check was discarded brings nothing of it back."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        check = await begun(world, phone)
        late = asyncio.gather(check.discard(), check.keep(), return_exceptions=True)
        _gone, refused = await late
        assert isinstance(refused, InputError)
        assert refused.problem.code == "draft_unknown"
        assert (await phone.app.today.home()).resume is None

    asyncio.run(flow())


def test_fast_keys_stay_in_order_and_next_takes_the_whole_figure() -> None:
    """Keys and 下一点 touched faster than they are saved: no key is overtaken, and the reading is all of what was typed."""

    async def flow() -> None:
        world = make_world()
        check = await begun(world, make_phone(world))
        await check.rest_is_normal()
        await check.without_photo()
        first = check.cursor.point
        await asyncio.gather(*(check.press(key) for key in "0.005"), check.next_point())
        [reading] = check.draft.readings
        assert (reading.point, reading.indication and reading.indication.shown()) == (first, "0.005 kg")

    asyncio.run(flow())


def forged(payload: str) -> str:
    """The payload with its signature's last characters changed."""
    return payload[:-10] + payload[-10:].translate(str.maketrans("ABCDEFGH", "HGFEDCBA"))


def test_a_forged_label_is_a_finding() -> None:
    """A check that a forged label led to says so in the record and in the headline."""

    async def flow() -> None:
        world = make_world()
        phone = make_phone(world)
        await phone.enrol()
        await phone.app.session.choose_standards([one.standard_id for one in world.weights[:5]])
        found = await phone.app.resolve.scanned(forged(world.payload))
        assert found.verdict is LabelVerdict.FORGED
        check = await phone.app.spot_checks.begin(found)
        await passed(check)
        assert check.conclusion().headline is Headline.SUSPECTED_CHEATING

    asyncio.run(flow())


KEYS = st.lists(
    st.sampled_from(["same", "type", "next", "finer", "cannot", "retest", "go_to", "flag", "photo", "kill"]),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(actions=KEYS, draws=st.randoms(use_true_random=False))
def test_any_order_of_answers_survives_kills(actions: list[str], draws: object) -> None:
    """Whatever is tapped in whatever order, a reopened draft equals the one that was left, and no reading ever vanishes."""
    choice = draws.choice  # type: ignore[attr-defined]

    async def tap(check: SpotCheck, action: str) -> None:
        point = choice([planned.key for planned in check.draft.planned])
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "same": check.same,
            "type": lambda: typed(check, choice(["", "7.5", "7.500", "0.005", "-0.005", "9.", "10.0001"])),
            "next": check.next_point,
            "finer": check.finer,
            "cannot": lambda: check.cannot("no_weights"),
            "retest": lambda: check.retest(point, "mistyped"),
            "go_to": lambda: check.go_to(choice([Step.VISUAL, Step.READINGS, Step.VERDICT]), point),
            "flag": lambda: check.answer_visual("seal", choice([None, *VisualAnswer])),
            "photo": lambda: check.add_photo(choice([jpeg(b"a"), jpeg(b"b")])),
        }
        with contextlib.suppress(InputError):
            await acts[action]()

    async def flow(folder: str) -> None:
        world = make_world()
        phone = make_phone(world, Path(folder) / "work.db")
        check = await begun(world, phone)
        readings = 0
        for action in actions:
            if action == "kill":
                before = check.draft
                phone = await phone.reopened()
                check = await phone.app.spot_checks.open(before.draft_id)
                assert check.draft == before
            else:
                await tap(check, action)
            assert len(check.draft.readings) >= readings
            readings = len(check.draft.readings)
            check.conclusion()
        phone.store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(flow(folder))
