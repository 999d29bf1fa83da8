"""A phone begins on a county pack, in the browser's own file system: cut, killed, gone on, and read with no network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from server.settings import Settings
from server.store.database import Database
from tests.bench.office import seed_states
from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.phone import Handset
from tests.journeys.steps import PIN, find_market, unlock
from tests.mobile.served import STATES

pytestmark = pytest.mark.journey


class Cutter:
    """The line that packs come over; it breaks once, in the second piece."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pulled: list[str] = []
        self.broken = False

    def watch(self, phone: Handset) -> None:
        """Leads what this phone fetches past here."""
        assert phone.context
        phone.context.route(re.compile(r"/api/v1/packs/210123/[0-9a-f]+$"), self.carry)
        phone.context.route(re.compile(r"/api/v1/pull/210123"), self.note)

    def note(self, route: Route) -> None:
        self.pulled.append(route.request.url)
        route.continue_()

    def carry(self, route: Route) -> None:
        self.asked.append(route.request.headers["range"])
        if len(self.asked) == 2 and not self.broken:
            self.broken = True
            route.abort("connectionreset")
        else:
            route.continue_()


def test_a_pack_is_cut_resumed_and_read_offline(
    office: Office, handset: Callable[..., Handset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line breaks in the middle of the pack and the browser dies; the next run asks for the first byte that is missing, and with no network
    an instrument is found by its label, after another start too.
    """
    office.stop()
    database = Database(Settings(data=office.data).database)
    seed_states(database, STATES)
    database.close()
    monkeypatch.setenv("QUANHENG_PACK_FROM", str(STATES))
    office.start()
    admin, phone, cutter = office.desk("admin"), handset("li.min"), Cutter()
    payload, _picture = admin.labels(find_market(admin))[1]
    code = re.search(r"/L/([0-9A-Z]{8})\.", payload)
    assert code
    packs = office.data / "packs"
    phone_code, picture = admin.enrolment_code("李敏")
    assert phone_code
    camera.show(picture, phone.film, height=500)
    phone.switch_on()
    cutter.watch(phone)
    phone.tap("扫注册码")
    phone.sees("请设六位数字的 PIN")
    assert list(packs.glob("*/pack.json")), "the pack is built"
    phone.type_figure(PIN)
    phone.sees("再输一次")
    phone.type_figure(PIN)
    phone.sees("连不上服务器")
    phone.shoot("cut")
    phone.settled()
    phone.kill()

    phone.switch_on(offline=True)
    cutter.watch(phone)
    phone.offline(False)
    unlock(phone)
    phone.sees("出发之前")
    phone.shoot("resumed")
    assert cutter.asked[0].startswith("bytes=0-")
    first_end = int(cutter.asked[0].rpartition("-")[2])
    assert cutter.asked[2].startswith(f"bytes={first_end + 1}-"), cutter.asked
    assert cutter.pulled
    assert not [url for url in cutter.pulled if "cursor=&" in url], "the county was pulled page by page"
    phone.settled()
    office.stop()
    phone.switch_off()

    phone.switch_on(offline=True)
    unlock(phone)
    phone.sees("出发之前")
    phone.tap("返回", "手输编号")
    phone.write("编号、出厂编号或摊位", f"{code[1][:4]}-{code[1][4:]}")
    phone.tap("查找")
    phone.sees("这台器具")
    phone.shoot("found")
    assert not phone.missing, "a sign has no glyph"
