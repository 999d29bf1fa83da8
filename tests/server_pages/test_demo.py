"""The demo province holds what it promises."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import msgspec
import zxingcpp
from litestar.testing import TestClient

from server.app import office_app
from server.demo import COUNTIES, INSTRUMENTS, PASSWORD, PEOPLE, Demo
from server.services.house import House
from shared.clock import local_date
from shared.inspection import InstrumentFacts, StandardUsed
from shared.metrology.judges import plan
from shared.metrology.procedure import PointsProcedure
from shared.people import Role
from shared.premises import PremisesType
from shared.standard import WEIGHT, Standard
from tests.server.office import Office
from tests.server_pages.test_labels import pages_of


def unplanned(house: House, standards: list[Standard], today: date) -> list[str]:
    """The judged kinds of which no instrument of the demo can be measured with what is there."""
    used = [msgspec.convert(each, StandardUsed, from_attributes=True) for each in standards]
    valid = [each for each in used if each.valid_until >= today]
    measured = set()
    for each in house.registry.all("instrument", COUNTIES, 3000):
        procedure = house.catalogue.kind(each.kind).procedure
        sort = procedure.standard if isinstance(procedure, PointsProcedure) else WEIGHT
        fitting = [one for one in valid if one.sort == sort]
        if each.kind not in measured and plan(house.catalogue, InstrumentFacts.of(each), fitting, today):
            measured.add(each.kind)
    judged = {kind.id for kind in house.catalogue.kinds.values() if kind.procedure}
    return sorted(judged - measured)


def test_the_demo_province(tmp_path: Path) -> None:
    """2,000 labelled instruments of several kinds at markets, clinics and fuel stations of three counties, people in every role, weights in and out of date, a running campaign; no site is absurdly large, each label reads, and writing it again does nothing."""
    office = Office(tmp_path, demo=True)
    house, today = office.house, local_date(office.clock.now())
    demo = Demo(house)
    assert not demo.is_there()
    demo.write()
    assert Demo(house).is_there()
    instruments = house.registry.all("instrument", COUNTIES, 3000)
    assert len(instruments) == INSTRUMENTS == 2000
    assert len({each.label for each in instruments} - {""}) == 2000
    assert {each.kind for each in instruments} == set(house.catalogue.kinds)
    sites = house.desk.sites(COUNTIES)
    assert {site.premises.type for site in sites} == set(PremisesType) - {PremisesType.SHOP}
    assert {site.premises.county for site in sites} == set(COUNTIES)
    assert sum(site.instruments for site in sites) == 2000
    assert all(1 <= site.instruments <= 30 for site in sites)
    states = Counter(
        "none" if each.verification is None else each.verification.holds_on(today) for each in instruments
    )
    assert states[True] > 1500
    assert states[False] > 100
    assert states["none"] > 100
    people = house.access.people()
    assert {person.role for person in people} == {role.value for role in Role}
    assert all(person.counties and person.body for person in people)
    [(campaign, progress)] = house.campaigns.running(COUNTIES)
    assert campaign.starts_on <= today <= campaign.ends_on
    assert progress.total > 50
    standards = house.registry.all("standard", COUNTIES)
    assert {standard.valid_until > today for standard in standards} == {True, False}
    assert unplanned(house, standards, today) == []
    settings = msgspec.structs.replace(office.settings, demo=True)
    with TestClient(office_app(house, settings)) as desk:
        for login, _name, role, _certificate in PEOPLE:
            answer = desk.post("/sign-in", data={"login": login, "password": PASSWORD})
            reads = role not in (Role.INSPECTOR, Role.VERIFIER, Role.USER_UNIT)
            assert answer.status_code == (200 if reads else 403)
        desk.post("/sign-in", data={"login": "wang.hai", "password": PASSWORD})
        [page, *_rest] = pages_of(desk.get(f"/labels/{sites[0].premises.premises_id}.pdf").content)
        for code in zxingcpp.read_barcodes(page):
            answer = desk.get("/L/" + code.text.partition("/L/")[2])
            assert sites[0].premises.name in answer.text
    office.close()
