"""Lots of prepackages for the pages: which there are, and their pass rates, label and net content apart."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.services.registry import Registry
from shared.lot import Lot
from shared.metrology.prepackages.rates import PassRate, pass_rate

EVERY = 1_000_000


class LotRates(msgspec.Struct, frozen=True):
    """Rates count lots, never records."""

    content: PassRate
    label: PassRate


class Lots:
    """Reads the lots of a county."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def listed(self, counties: Sequence[str]) -> list[Lot]:
        """Every lot that was inspected, the last inspected first."""
        found: list[Lot] = self._registry.all("lot", counties, EVERY)
        return sorted(found, key=lambda lot: (lot.findings[0].observed_at, lot.lot_id), reverse=True)

    def rates(self, counties: Sequence[str]) -> LotRates:
        """How many lots are within; a disputed one is undecided."""
        lots = self.listed(counties)
        return LotRates(pass_rate(lot.content for lot in lots), pass_rate(lot.label_outcome for lot in lots))
