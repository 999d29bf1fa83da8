"""The draft of a spot check in hand: what it is of, and how the home screen tells of it."""

from __future__ import annotations

import msgspec

from mobile.workflow.draft import KIND, Cursor, Draft
from mobile.workflow.today import DraftSummary
from mobile.workflow.under_way import UnderWay
from shared.instrument import Instrument
from shared.metrology.catalogue import Kind
from sync.envelope import Basis


class Drafting(UnderWay[Draft]):
    """What every step of a spot check works on."""

    draft_kind = KIND

    @property
    def instrument(self) -> Instrument:
        """The instrument as it was known when the check began."""
        return self.draft.instrument

    @property
    def subject(self) -> str:
        return self.instrument.instrument_id

    @property
    def county(self) -> str:
        return self.instrument.county

    @property
    def basis(self) -> list[Basis]:
        return [Basis(self.instrument.instrument_id, self.instrument.version)]

    @property
    def kind(self) -> Kind:
        """What the catalogue says of the instrument's kind."""
        return self.equipment.catalogue.kind(self.instrument.kind)

    @property
    def cursor(self) -> Cursor:
        """The place one is in."""
        return self.draft.cursor

    def summarised(self, draft: Draft) -> DraftSummary:
        """With how many of the points are read."""
        return msgspec.structs.replace(
            draft.summary,
            saved_at=draft.saved_at,
            step=draft.cursor.step.value,
            points_done=sum(draft.standing(planned.key) is not None for planned in draft.planned),
            points_total=len(draft.planned),
        )
