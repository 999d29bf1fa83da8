"""Small words of state: what became of a record, and how the phone stands with the network."""

from __future__ import annotations

import flet as ft

from mobile.ui.look import Look
from mobile.ui.primitives import Icons, chip
from mobile.ui.wording import RECORD_STATES
from mobile.workflow.outbox_view import RecordState
from mobile.workflow.sync_now import SyncPhase, SyncStatus


def record_chip(look: Look, state: RecordState) -> ft.Container:
    """待传, 已传, 已收, 暂存, 冲突, 被退."""
    style = RECORD_STATES[state]
    return chip(look, look.say(style.words), style.icon, style.ink(look.theme), style.fill(look.theme))


def network_chip(look: Look, status: SyncStatus) -> ft.Container:
    """No network is an ordinary state: grey, never red."""
    _ = look.gettext
    if status.access == "closed":
        return chip(look, _("Access closed"), Icons.BLOCK, look.theme.bad, look.theme.bad_soft, wraps=True)
    if not status.online:
        return chip(look, _("No network"), Icons.CLOUD_OFF, wraps=True)
    if status.phase is not SyncPhase.IDLE:
        if status.phase is SyncPhase.FETCHING:
            return chip(
                look,
                _("Fetching the county, {kilobytes} kB").format(kilobytes=status.done),
                Icons.CLOUD_SYNC_OUTLINED,
                wraps=True,
            )
        words = _("Syncing {done}").format(done=status.done) if status.done else _("Syncing")
        return chip(look, words, Icons.CLOUD_SYNC_OUTLINED, wraps=True)
    if status.problem:
        return chip(look, _("Sync will be tried again"), Icons.CLOUD_QUEUE, wraps=True)
    return chip(look, _("In step"), Icons.CLOUD_DONE_OUTLINED, wraps=True)


def waiting_chip(look: Look, count: int) -> ft.Container:
    return chip(look, look.gettext("{count} to send").format(count=count), Icons.SCHEDULE, wraps=True)
