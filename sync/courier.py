"""Handing in what a phone carries for others, after its own records and before its own photographs. Nothing here keeps its own sync from going on."""

from __future__ import annotations

import msgspec

from sync.calls import Calls, RefusedError, refusal
from sync.messages import HandoverAnswer
from sync.ports import Carried, TransportError

MEDIA_TYPE = "application/vnd.quanheng.handover"
NEVER = {
    "handover_none",
    "handover_damaged",
    "handover_too_large",
    "handover_other_office",
    "handover_device_unknown",
    "head_signature_wrong",
}
"""Answers after which the same bundle will never be taken."""


async def deliver(calls: Calls, carried: Carried) -> None:
    """Offers each bundle once; one is dropped when the office said that it has it, and kept for the next sync whatever else it said."""
    for bundle in await carried.all():
        if bundle.problem:
            continue
        content = await carried.content(bundle.digest)
        try:
            answer = await calls.raw("POST", "/handovers", content, {"Content-Type": MEDIA_TYPE})
            if not 200 <= answer.status < 300:
                raise refusal(answer)
            said = msgspec.msgpack.decode(answer.body, type=HandoverAnswer)
        except TransportError:
            # A line too thin for this bundle may carry the next, smaller thing.
            continue
        except RefusedError as refused:
            if refused.problem.code in NEVER:
                await carried.declined(bundle.digest, refused.problem)
            continue
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if said.digest == bundle.digest:
            await carried.drop(bundle.digest)
