"""All services together, as the pages and endpoints get them; ``server.app`` puts them up."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.access import Access
from server.services.attachments import AttachmentFiles
from server.services.campaigns import Campaigns
from server.services.conflicts import Conflicts
from server.services.desk import Desk
from server.services.enrolment import Enrolments
from server.services.handovers import Handovers
from server.services.journal import Journal
from server.services.labels import Labels
from server.services.ledger_log import LedgerLog
from server.services.lots import Lots
from server.services.office_records import OfficeRecords
from server.services.packs import Packs
from server.services.projecting import Rulebooks
from server.services.pull import Puller
from server.services.receive import Receiver
from server.services.registry import Registry
from server.services.stickers import Stickers
from shared.clock import Clock
from shared.metrology.catalogue import Catalogue
from shared.regions import Regions


@dataclass(frozen=True)
class House:
    """What the office can do."""

    clock: Clock
    rules: Rulebooks
    regions: Regions
    generation: str
    access: Access
    enrolments: Enrolments
    receiver: Receiver
    puller: Puller
    log: LedgerLog
    packs: Packs
    office: OfficeRecords
    labels: Labels
    attachments: AttachmentFiles
    handovers: Handovers
    journal: Journal
    desk: Desk
    registry: Registry
    campaigns: Campaigns
    conflicts: Conflicts
    lots: Lots
    stickers: Stickers
    phone_origin: str
    office_origin: str
    demo: bool

    @property
    def catalogue(self) -> Catalogue:
        """The rules on instruments."""
        return self.rules.catalogue
