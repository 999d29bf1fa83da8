"""A campaign from the team's phone to the office's figures, over the real endpoints; the phone has no network while it works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from mobile.workflow.app_state import AppState
from mobile.workflow.campaigns import ABSENT_REASONS
from mobile.workflow.roster import ItemView, SiteLine, answer_key
from shared.campaign import Campaign, RosterState, Standing
from shared.errors import AccessError, InputError
from shared.verification import BLOCK_SIZE, PutRight, VerificationItem
from tests.mobile.played import played
from tests.server.office import COUNTY, TOWNSHIP
from tests.server_pages.conftest import Desk
from tests.server_pages.street import STROKES, Street, whole_phone

Sit = Callable[[str], Desk]
MEDIA = "application/vnd.quanheng.strokes+json"


async def item(app: AppState, street: Street, number: int, **answers: object) -> ItemView:
    """The form of one scale, filled in and kept."""

    view = await app.campaigns.item(street.campaign_id, street.scales[number].instrument_id)
    await app.campaigns.keep(msgspec.structs.replace(view.form, **answers))
    return await app.campaigns.item(street.campaign_id, street.scales[number].instrument_id)


async def standing(app: AppState, street: Street) -> list[Standing]:
    campaign = await app.campaigns.campaign(street.campaign_id)
    return [each.standing for each in campaign.roster]


async def at_the_site(app: AppState, street: Street) -> tuple[Campaign, SiteLine]:
    return await app.campaigns.site(street.campaign_id, street.premises_id)


def figures(page: str) -> list[str]:
    """The last row of the page's table: the total, then each standing."""
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    return re.findall(r">(\d+)</a>", foot)


@played
async def test_from_the_roster_to_the_figures(street: Street, sit: Sit, tmp_path: Path) -> None:
    """Passed with a sticker out of the phone's block, failed, repaired and passed, absent; then the site signs, and the office counts the same."""
    async with whole_phone(street, tmp_path, "sun") as app:
        campaigns = app.campaigns
        campaign = await campaigns.campaign(street.campaign_id)
        [town] = await campaigns.townships(campaign)
        assert (town.code, town.total, town.left) == (TOWNSHIP, 3, 3)
        assert (await app.campaigns.stock.left()) == {COUNTY: BLOCK_SIZE}

        passed = await campaigns.verify(await item(app, street, 0))
        assert passed.recorded.sticker is not None
        await campaigns.verify(await item(app, street, 1, failed=[VerificationItem.INDICATION]))
        with pytest.raises(InputError) as refusal:
            await campaigns.verify(await item(app, street, 1))
        assert refusal.value.problem.code == "put_right_missing"
        again = await campaigns.verify(await item(app, street, 1, put_right=PutRight.ADJUSTED))
        assert again.recorded.sticker is not None
        assert again.recorded.sticker.number == passed.recorded.sticker.number + 1
        absent = await item(app, street, 2)
        await campaigns.note(absent, RosterState.ABSENT, ABSENT_REASONS[0][0])
        assert await standing(app, street) == [Standing.VERIFIED, Standing.RETESTED, Standing.ABSENT]

        _campaign, site = await at_the_site(app, street)
        assert len(site.unanswered) == 3
        form = await campaigns.unfinished(answer_key(campaign, site))

        await campaigns.keep(
            msgspec.structs.replace(form, disputed=[street.scales[1].instrument_id], words="没修好")
        )
        await campaigns.sign(campaign, site, STROKES, MEDIA)
        shown = [Standing.CONFIRMED, Standing.OBJECTED, Standing.ABSENT]
        assert await standing(app, street) == shown
        with pytest.raises(InputError) as again_refused:
            await campaigns.sign(*await at_the_site(app, street), STROKES, MEDIA)
        assert again_refused.value.problem.code == "nothing_to_confirm"

        await app.sync.run()
        assert app.sync.status.problem is None
        assert await standing(app, street) == shown
        assert (await app.campaigns.stock.left()) == {COUNTY: BLOCK_SIZE - 2}
    at_the_office = street.office.house.campaigns.find(street.campaign_id)
    assert [each.standing for each in at_the_office.roster] == shown
    desk = sit("wang")
    page = desk.get(f"/campaigns/{street.campaign_id}").text
    assert figures(page) == ["3", "0", "0", "0", "1", "0", "1", "0", "1", "0"]
    for word in shown:
        assert "· 1/3" in desk.get(f"/campaigns/{street.campaign_id}?state={word.value}").text
    assert passed.recorded.sticker.text in page
    signed = desk.get(f"/records/{at_the_office.roster[0].records[-1]}").text
    assert "没修好" in signed
    assert f"/records/{at_the_office.roster[0].records[-1]}/evidence/" in signed
    street.office.check()


@played
async def test_with_no_number_left_the_sticker_follows(street: Street, tmp_path: Path) -> None:
    """The verification goes on; once numbers are there the sticker is a record of its own."""
    async with whole_phone(street, tmp_path, "sun") as app:
        free = await app.campaigns.stock.free(COUNTY)
        app.equipment.store.database.execute("DELETE FROM state WHERE subject_type = 'sticker_block'")  # type: ignore[attr-defined]
        bare = await app.campaigns.verify(await item(app, street, 0))
        assert bare.recorded.sticker is None
        view = await item(app, street, 0)
        assert view.sticker_follows
        with pytest.raises(InputError) as refusal:
            await app.campaigns.affix(view)
        assert refusal.value.problem.code == "no_sticker_left"
        await app.sync.run()
        sticker = await app.campaigns.affix(await item(app, street, 0))
        assert sticker not in free
        await app.sync.run()
        status = street.office.house.registry.instrument(street.scales[0].instrument_id).verification
        assert status is not None
        assert status.sticker == sticker.text
        assert not (await item(app, street, 0)).sticker_follows
    street.office.check()


@played
async def test_an_inspector_looks_and_does_not_verify(street: Street, tmp_path: Path) -> None:
    """The roster opens, and what only a verifier may sign is refused on the phone already."""
    async with whole_phone(street, tmp_path) as app:
        assert (await app.campaigns.roster(street.campaign_id, TOWNSHIP)).counts[Standing.EXPECTED] == 3
        assert await app.campaigns.stock.left() is None
        with pytest.raises(AccessError) as refusal:
            await app.campaigns.verify(await item(app, street, 0))
        assert refusal.value.problem.code == "verifier_only"
