"""The mirror and the registry: what the server says, under what this phone wrote itself."""

from __future__ import annotations

import asyncio

import msgspec

from mobile.store.states import show_own
from mobile.store.work import WorkStore
from shared.instrument import Instrument
from sync.messages import Change, Page
from tests.mobile.finding import found_by
from tests.mobile.phone import COUNTY, make_world

OTHER = "210181"


def page(county: str, cursor: str, *changes: Change, more: bool = False) -> Page:
    """A page of changes."""
    return Page(county, list(changes), cursor, more)


def change(instrument: Instrument, county: str = COUNTY, number: int = 1, gone: bool = False) -> Change:
    """The instrument's state, or its tombstone."""
    state = None if gone else msgspec.json.encode(instrument)
    return Change("instrument", instrument.instrument_id, county, number, state)


def test_an_instrument_that_moves_is_never_in_two_places_at_the_end() -> None:
    """A tombstone in one county and a state in another, in either order, leave the one that is left."""

    async def flow() -> None:
        scale = make_world().scale
        moved = msgspec.structs.replace(scale, county=OTHER, stall="Z9")
        for first, second in (
            (page(COUNTY, "b", change(scale, gone=True)), page(OTHER, "b", change(moved, OTHER))),
            (page(OTHER, "b", change(moved, OTHER)), page(COUNTY, "b", change(scale, gone=True))),
        ):
            store = WorkStore(":memory:")
            assert await store.mirror.apply(page(COUNTY, "a", change(scale)), "")
            for one in (first, second):
                assert await store.mirror.apply(one, await store.mirror.cursor(one.county))
            assert await store.registry.by_label(scale.label) == moved
            assert await store.mirror.counties() == [COUNTY, OTHER]

    asyncio.run(flow())


def test_a_page_for_another_cursor_changes_nothing() -> None:
    """Apply says False and keeps rows and cursor when the cursor has moved on."""

    async def flow() -> None:
        scale = make_world().scale
        store = WorkStore(":memory:")
        assert await store.mirror.apply(page(COUNTY, "a", change(scale)), "")
        assert not await store.mirror.apply(page(COUNTY, "z", change(scale, gone=True)), "")
        assert await store.mirror.cursor(COUNTY) == "a"
        assert await store.registry.instrument(scale.instrument_id) == scale

    asyncio.run(flow())


def test_the_last_of_several_changes_counts() -> None:
    """One subject twice in a page ends in its later state."""

    async def flow() -> None:
        scale = make_world().scale
        renamed = msgspec.structs.replace(scale, label="", stall="B1")
        store = WorkStore(":memory:")
        await store.mirror.apply(page(COUNTY, "a", change(scale), change(renamed, number=2)), "")
        assert await store.registry.by_label(scale.label) is None
        assert await store.registry.by_serial("2403 01187") == [renamed]

    asyncio.run(flow())


def test_a_subject_of_an_unknown_type_is_kept_and_in_nobodys_way() -> None:
    """A newer server's subject is stored, and lookups of known types do not stumble over it."""

    async def flow() -> None:
        world = make_world()
        store = WorkStore(":memory:")
        strange = Change("drone", world.scale.instrument_id, COUNTY, 1, b'{"label": "", "wings": 4}')
        assert await store.mirror.apply(page(COUNTY, "a", strange), "")
        assert await store.registry.instrument(world.scale.instrument_id) is None
        assert await found_by(store, "4") == []

    asyncio.run(flow())


def test_own_states_outlive_a_forgotten_county() -> None:
    """Forgetting a county drops what the server said and nothing that this phone wrote."""

    async def flow() -> None:
        world = make_world()
        store = WorkStore(":memory:")
        await store.mirror.apply(page(COUNTY, "a", change(world.scale)), "")
        own = msgspec.structs.replace(world.scale, stall="own")
        with store.database.atomic():
            show_own(store.database, [change(own)])
        assert await store.registry.instrument(own.instrument_id) == own
        assert await found_by(store, "own") == [own]
        await store.mirror.forget(COUNTY)
        assert await store.registry.instrument(own.instrument_id) == own
        assert await store.mirror.cursor(COUNTY) == ""

    asyncio.run(flow())


def test_a_code_of_others_is_found_by_its_index() -> None:
    """Own states stand before mirrored ones, a forgotten county takes its codes along, and no lookup reads the whole table."""

    async def flow() -> None:
        scale = msgspec.structs.replace(make_world().scale, aliases=["unknown:a", "unknown:b"])
        store = WorkStore(":memory:")
        await store.mirror.apply(page(COUNTY, "a", change(scale)), "")
        own = msgspec.structs.replace(scale, aliases=[*scale.aliases, "unknown:c"])
        with store.database.atomic():
            show_own(store.database, [change(own)])
        asked: list[str] = []
        store.database.conn.set_trace_callback(asked.append)
        assert await store.registry.by_alias("unknown:a") == [own]
        store.database.conn.set_trace_callback(None)
        plan = [row[3] for row in store.database.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
        assert any("alias_key" in step for step in plan)
        assert not [step for step in plan if step.startswith("SCAN")]
        await store.mirror.forget(COUNTY)
        assert await store.registry.by_alias("unknown:c") == [own]
        await store.mirror.apply(page(COUNTY, "b", change(scale)), "")
        assert await store.registry.by_alias("unknown:c") == []
        await store.mirror.forget(COUNTY)
        assert await store.registry.by_alias("unknown:a") == []

    asyncio.run(flow())
