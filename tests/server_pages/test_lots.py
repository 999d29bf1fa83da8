"""What the office sees of a lot that a whole phone inspected: its own verdict, each package, and the day's figures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from mobile.workflow.lot_draft import Figure
from mobile.workflow.receipt import Receipt
from tests.mobile.keys import typed
from tests.server_pages.conftest import Desk
from tests.server_pages.street import SITE, STROKES, Street, photograph, whole_phone
from tests.server_pages.test_records import text_of

Sit = Callable[[str], Desk]


async def inspect_a_lot(street: Street, folder: Path, nets: list[str]) -> Receipt:
    """Packages of 500 g, a lot as large as the list; the last one is read twice."""
    async with whole_phone(street, folder) as app:
        [site] = [one for one in await app.equipment.store.registry.all_premises() if one.name == SITE]
        lot = await app.lots.begin(site)
        await lot.answer(goods="雪花粉", label_text="净含量:500G")
        await lot.add_photo(photograph())
        await lot.onward()
        assert lot.draft.field == Figure.LOT_SIZE
        await typed(lot, str(len(nets)))
        await lot.onward()
        [first, *_others] = await lot.offered_standards()
        await lot.toggle_standard(first.standard.standard_id)
        await lot.onward()
        for net in [*nets[:-1], "400"]:
            await typed(lot, net)
            await lot.take()
        await lot.again(f"package:{len(nets)}", "wrong_package")
        await typed(lot, nets[-1])
        await lot.take()
        receipt = await lot.sign(STROKES, "application/vnd.quanheng.strokes+json")
        await app.sync.run()
    return receipt


def test_a_lot_is_shown_with_the_verdict_worked_out_here(street: Street, sit: Sit, tmp_path: Path) -> None:
    """Goods, plan, every attempt with its cause, working, label and evidence stand on the page, in both languages."""
    receipt = asyncio.run(inspect_a_lot(street, tmp_path, ["498", "484", "501"]))
    desk = sit("wang")
    page = desk.get(f"/records/{receipt.record_id}").text
    assert 'data-outcome="beyond"' in page
    assert page.count('id="signature-verified"') == 1
    text = text_of(page)
    for wanted in (
        "疑似净含量短缺",
        "雪花粉 500 g",
        SITE,
        "N = 3",
        "T1 1 / 0",
        "484 g",
        "−16 g",
        "秤上放的是另一件",
        "商品标注",
        "当事人无异议",
    ):
        assert wanted in text, wanted
    assert "合格" not in text.replace("不合格", "")
    assert "wrong_package" not in page.partition("<pre>")[0], "a code stands where its words belong"
    english = text_of(desk.get(f"/records/{receipt.record_id}?lang=en").text)
    assert "Suspected short content" in english


def test_the_day_tells_lots_from_spot_checks(street: Street, sit: Sit, tmp_path: Path) -> None:
    """A lot has its finding in the day's list and its own table of figures, each of which opens its records."""
    receipt = asyncio.run(inspect_a_lot(street, tmp_path, ["498", "500", "501"]))
    desk = sit("wang")
    page = desk.get("/").text
    row = next(row for row in page.split("<tr ") if f"/records/{receipt.record_id}" in row)
    assert "雪花粉 500 g" in row
    assert "净含量初筛符合，但标注有问题" in row
    [(address, figure)] = re.findall(r'<a href="(/\?day=[^"]*kind=lot[^"]*headline=[^"]*)">(\d+)</a>', page)
    listed = desk.get(address.replace("&amp;", "&")).text
    assert listed.count('<tr data-href="/records/') == int(figure) == 1


def test_the_public_learns_only_that_the_lot_has_arrived(street: Street, sit: Sit, tmp_path: Path) -> None:
    """The receipt's code says that the record stands on the ledger, and nothing of what was found."""
    receipt = asyncio.run(inspect_a_lot(street, tmp_path, ["498", "484", "501"]))
    page = sit("").get(f"/R/{receipt.record_id}").text
    assert 'data-verdict="arrived"' in page
    assert "短缺" not in page
