"""Fetching a county pack, in pieces that go on where they were cut."""

from __future__ import annotations

from collections.abc import Callable

from shared.clock import Clock
from shared.errors import InputError
from sync.calls import Calls, RefusedError, refusal
from sync.messages import PackOffer
from sync.ports import Packs

SMALLEST_PIECE, LARGEST_PIECE = 256 * 1024, 4 * 1024 * 1024
QUICK_MS, SLOW_MS = 2_000, 10_000
"""A piece that came in less time lets the next be larger, one that took longer lets it be smaller."""
TRIES = 2
"""Packs that are begun in one sync: the server may build a newer one while the first is fetched, and sweep it away."""


async def begin_on_pack(
    calls: Calls, packs: Packs, clock: Clock, county: str, fetched: Callable[[int], None]
) -> bool:
    """Puts a county on the server's pack; False where there is none. ``fetched`` hears how many kilobytes have come.

    Raises InputError where a pack can't be used (see :class:`sync.ports.Packs`), RefusedError, and TransportError for a lost network: what has
    been fetched stays, and the next call goes on from there.
    """
    for _try in range(TRIES):
        try:
            offer = await calls.get(f"/packs/{county}", PackOffer)
            if offer.pack.county != county:
                return False
            await _fetch(calls, packs, clock, offer, fetched)
        except RefusedError as refused:
            if refused.status not in (404, 405):
                raise
            if refused.problem.code != "pack_swept":
                return False
            continue
        await packs.install(offer)
        return True
    return False


async def _fetch(
    calls: Calls, packs: Packs, clock: Clock, offer: PackOffer, fetched: Callable[[int], None]
) -> None:
    at, piece = await packs.begin(offer), SMALLEST_PIECE
    while at < offer.size:
        fetched(at // 1000)
        end = min(at + piece, offer.size)
        began = clock.monotonic_ms()
        answer = await calls.raw(
            "GET",
            f"/packs/{offer.pack.county}/{offer.digest}",
            headers={"Range": f"bytes={at}-{end - 1}", "If-Range": f'"{offer.digest}"'},
        )
        if answer.status not in (200, 206):
            raise refusal(answer)
        content = answer.body if answer.status == 206 else answer.body[at:end]
        if len(content) != end - at:
            raise InputError(
                "pack_piece_wrong",
                "The server sent another piece of the county's pack than was asked for.",
                "What is on the phone is kept. It fetches the states in another way by itself.",
            )
        await packs.add(offer, at, content)
        at = end
        took = clock.monotonic_ms() - began
        if took < QUICK_MS:
            piece = min(piece * 2, LARGEST_PIECE)
        elif took > SLOW_MS:
            piece = max(piece // 2, SMALLEST_PIECE // 4)
