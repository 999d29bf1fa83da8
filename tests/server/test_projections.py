"""The projections are a function of the ledger: batches make no difference, and making them anew gives the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.inspection import Headline
from shared.instrument import Instrument
from shared.quantity import Quantity
from shared.records import InstrumentRegistered, StandardRegistered
from shared.standard import Standard
from sync.envelope import Sealed
from tests.server.conftest import Store
from tests.server.office import COUNTY, NEXT_COUNTY, Office, Phone, damaged

COUNTIES = (COUNTY, NEXT_COUNTY)


@contextmanager
def opened(store: Store) -> Iterator[tuple[Office, Phone]]:
    """An office with one phone, the same every time."""
    with tempfile.TemporaryDirectory() as folder, store() as url:
        office = Office(Path(folder), database_url=url)
        try:
            yield office, office.phone("wide", COUNTIES)
        finally:
            office.close()


def story(phone: Phone, sites: int) -> list[Sealed]:
    """A phone's records: markets in two counties, scales, labels, codes of others, checks that agree and disagree, and some that are odd."""
    records: list[Sealed] = []
    for number in range(sites):
        county = COUNTIES[number % 2]
        site_id, site = phone.site(f"site {number}", county=county)
        scale_id, scale = phone.scale(site_id, f"S-{number}", county=county)
        records += [
            site,
            scale,
            phone.label(scale_id, county=county),
            phone.label(scale_id, "0000000N", county=county),
            phone.alias(scale_id, f"https://jl.example/q?id=1000{number}", county=county),
            phone.alias(scale_id, "a code that is on all of them", county=county),
        ]
        known = phone.office.known_scale(scale_id, site_id, county, f"S-{number}")
        records += [phone.inspection(known, stated) for stated in (None, Headline.WITHIN)]
        records.append(damaged(phone.site("damaged", county=county)[1]))
    return records


def split(records: list[Sealed], cuts: set[int]) -> list[list[Sealed]]:
    """The records in batches, cut before these places."""
    places = [0, *sorted(cut % len(records) for cut in cuts), len(records)]
    return [records[start:end] for start, end in pairwise(places)]


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.randoms(use_true_random=False), cuts=st.sets(st.integers(0, 100), max_size=6))
def test_any_batches_give_the_same_states(store: Store, order: object, cuts: set[int]) -> None:
    """Records in any order: in one batch, in some, or one by one, and each pushed twice, the tables are the same, and as rebuilt."""
    found = []
    shuffled: list[int] = []
    for batches_of in (
        lambda some: [some],
        lambda some: split(some, cuts),
        lambda some: [[one] for one in some],
    ):
        with opened(store) as (office, phone):
            records = story(phone, 3)
            if not shuffled:
                shuffled = list(range(len(records)))
                order.shuffle(shuffled)  # type: ignore[attr-defined]
            for batch in batches_of([records[place] for place in shuffled]):
                phone.push(*batch)
                assert {ruling.status.value for ruling in phone.push(*batch)} <= {
                    "duplicate",
                    "held",
                    "refused",
                }
            found.append(office.projections())
            counts = office.check()
            names = ("state", "instrument_index", "alias_index", "inspection_index")
            assert tuple(counts[name] for name in names) == (6, 3, 6, 6)
            assert office.projections() == found[-1]
    assert found[0] == found[1] == found[2]


def test_states_carry_figures_and_standards_whole(tmp_path: Path) -> None:
    """The nameplate of an instrument, and a standard's sort and largest error, reach the phones as they were registered."""
    office = Office(tmp_path)
    phone = office.phone("wide", COUNTIES)
    site_id, site = phone.site()
    gauge_id, standard_id = phone.mint(), phone.mint()
    figures = {"range_to": Quantity(Decimal("1.6"), "MPa")}
    gauge = InstrumentRegistered(
        instrument_id=gauge_id,
        township=f"{COUNTY}101",
        kind="pressure-gauge",
        serial_number="G-1",
        premises_id=site_id,
        nameplate=figures,
    )
    standard = StandardRegistered(
        standard_id=standard_id,
        name="数字压力计",
        serial_number="P-1",
        accuracy_class="",
        nominal=Quantity(Decimal("2.5"), "MPa"),
        certificate_no="J-1",
        valid_until=date(2027, 12, 31),
        sort="pressure",
        largest_error=Quantity(Decimal("0.00125"), "MPa"),
    )
    phone.push(
        site,
        phone.write("instrument.registered", gauge, subjects=[gauge_id]),
        phone.write("standard.registered", standard, subjects=[standard_id]),
    )
    states = {change.subject: change.state for change in phone.pull().changes}
    assert msgspec.json.decode(states[gauge_id], type=Instrument).nameplate == figures
    known = msgspec.json.decode(states[standard_id], type=Standard)
    assert (known.sort, known.largest_error) == (standard.sort, standard.largest_error)
    office.close()
