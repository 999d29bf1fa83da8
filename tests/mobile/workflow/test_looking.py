"""One search: the newest wish wins."""

from __future__ import annotations

import asyncio

from mobile.workflow.looking import Looking
from tests.mobile.phone import make_phone, make_world
from tests.mobile.played import played


@played
async def test_the_newest_wish_wins() -> None:
    """Signs that come faster than they are answered: one answer alone is shown, that to the last text; and what was chosen counts as a wish."""
    world = make_world()
    phone = make_phone(world)
    await phone.enrol()
    looking = Looking(phone.equipment)
    shown: list[tuple[str, int]] = []
    looking.subscribe(lambda: shown.append((looking.text, looking.hits.total if looking.hits else -1)))
    await looking.open()
    assert shown[-1] == ("", 1)
    shown.clear()
    first = looking.hits
    await asyncio.gather(*(looking.type("没有的"[:end]) for end in (1, 2, 3)), looking.type("nm"))
    assert {text for text, _total in shown} == {"nm"}
    assert shown[-1] == ("nm", 1)
    assert looking.hits is first, (
        "the same rows are no new find, for a list would be put anew under the finger"
    )
    await asyncio.gather(looking.type("没有"), looking.choose_campaign("gone"), looking.type(""))
    assert (looking.campaign, shown[-1]) == (None, ("", 1))
