"""The payload of ``lot.inspected``: a lot of prepackages as it was sampled, weighed or measured, and the verdict drawn on the phone;
and the state of a lot, which is worked out from such records.

A lot goes on over days: a reading is never changed, another attempt stands beside it, and what was not done says why.
:mod:`shared.metrology.prepackages.lots` draws the verdict from it after each reading, on the phone and again on the server.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.clock import Moment
from shared.identity import County, Identity
from shared.inspection import BlobRef, OtherParty, Present, StandardUsed
from shared.message import Message
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.rules import Rounding
from shared.premises import Position
from shared.quantity import Quantity

Number = Annotated[int, Meta(ge=1)]

NOT_DONE = {
    "package_damaged": Message("The package is damaged"),
    "package_missing": Message("The package is not there any more"),
    "not_settling": Message("The display does not settle"),
    "instrument_fails": Message("The instrument fails"),
    "party_stops": Message("The other party stops it"),
}
"""Why a package or a packing was not read, by the code that its record keeps."""
READ_AGAIN = {
    "mistyped": Message("Typed wrongly"),
    "wrong_package": Message("Another package was on the pan"),
    "disturbed": Message("Wind, shaking or a touch"),
    "zero_moved": Message("Zero had moved"),
}
"""Why an attempt was done again."""
OTHER_METHOD = "other_method"
SET_ASIDE = {OTHER_METHOD: Message("The packing is taken off in another way now")}
"""Why the form itself set a reading aside."""


def cause_words(code: str) -> Message | str:
    """The words of a code of :data:`NOT_DONE`, :data:`READ_AGAIN` or :data:`SET_ASIDE`; another text is shown as it stands."""
    return (NOT_DONE | READ_AGAIN | SET_ASIDE).get(code, code)


class TareMethod(StrEnum):
    """How the packing's own mass is taken off."""

    NET = "net"
    """It is not: the readings are of the content itself."""
    MEAN = "mean"
    """The mean of the empty packings that were weighed, off each gross reading."""
    INDIVIDUAL = "individual"
    """Each package's own packing, off its own gross reading."""


class LotReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt at one package of the sample, or at one empty packing."""

    package: Number
    """Its number in the sample, from 1 in the order in which the packages were drawn."""
    indication: Quantity | None = None
    """As displayed: gross, net or tare as the lot says; None where it could not be done."""
    attempt: Number = 1
    superseded_because: str = ""
    """Why this attempt was done again; an attempt without a cause stands."""
    not_done_because: str = ""
    read_at: Moment | None = None


class Density(msgspec.Struct, frozen=True):
    """The content's density, for a volume that is found by weighing, and the temperature at which it was measured."""

    value: Quantity
    """In g/mL, g/cm³, kg/L or kg/m³."""
    temperature: Quantity
    """In °C."""


class Grade(StrEnum):
    """How short one package is of its nominal quantity."""

    NONE = "none"
    """By T at most."""
    T1 = "t1"
    """By more than T, and 2T at most."""
    T2 = "t2"
    """By more than 2T."""


class PackageVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The net content of one package; figures to 0.001 g, mL, cm or cm², half up."""

    package: int
    net_content: Quantity
    deficiency: Quantity
    """Qn minus the net content; below 0 where there is more."""
    grade: Grade
    working: list[Message] = []


class PlanVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one sampling plan makes of the sample. Both tests must pass; what is not read yet is undecided."""

    plan: str
    document: str
    outcome: Outcome
    individual: Outcome
    """The test of T1 and T2."""
    average: Outcome | None = None
    """The test of the mean; None where the plan has none for such a lot."""
    sample: int
    """Packages to be read; of a double plan with those of the second sample once that is needed."""
    read: int
    t1: int
    t1_allowed: int
    t2: int
    t2_allowed: int
    second_sample: bool = False
    mean: Quantity | None = None
    deviation: Quantity | None = None
    """s, with n − 1."""
    mean_limit: Quantity | None = None
    """Qn − λs."""
    reasons: list[Message] = []
    working: list[Message] = []


class LotVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Net content and label of a lot, apart from each other: rates are counted apart too."""

    outcome: Outcome
    """Of the net content."""
    words: Message
    reasons: list[Message] = []
    label: Outcome
    label_reasons: list[Message] = []
    tolerance: Quantity | None = None
    """T as it judges."""
    plan: PlanVerdict | None = None
    """None where no plan is known that judges."""
    beside: list[PlanVerdict] = []
    """Other plans, for comparison only."""
    packages: list[PackageVerdict] = []
    notes: list[Message] = []
    working: list[Message] = []
    edition: str = ""
    """The document whose T judges."""
    rules_version: str


class LotHeadline(StrEnum):
    """A lot's findings in one word: a shortage, then what is not decided, then the label; never 合格."""

    SHORT = "suspected_short_content"
    UNDECIDED = "undecided"
    LABEL_FAULTY = "within_label_faulty"
    WITHIN = "within"


def lot_headline(content: Outcome, label: Outcome) -> LotHeadline:
    """The headline over a net content and a label; a label that was not read takes nothing from the content."""
    if content is Outcome.WITHIN:
        return LotHeadline.LABEL_FAULTY if label is Outcome.BEYOND else LotHeadline.WITHIN
    return LotHeadline.SHORT if content is Outcome.BEYOND else LotHeadline.UNDECIDED


class LotInspection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lot of prepackages, schema 1."""

    lot_id: Identity
    premises_id: Identity | None = None
    goods: str
    producer: str = ""
    batch_no: str = ""
    exclusion: str = ""
    """Id of the exclusion that these goods fall under; empty where none."""
    nominal: Quantity
    """Qn, as stated on the package."""
    lot_size: Number
    """N, the packages of the lot."""
    label_text: str = ""
    """The statement of the net content as printed; empty where it was not read."""
    character_height: Quantity | None = None
    destructive: bool = False
    """Whether the packages are opened to be measured."""
    tare_method: TareMethod = TareMethod.NET
    tare_readings: list[LotReading] = []
    """Of empty packings; for the individual method under the number of its package."""
    density: Density | None = None
    readings: list[LotReading] = []
    standards: list[StandardUsed] = []
    """The instruments and weights that were measured with."""
    rounding: Rounding | None = None
    """How T is rounded; None as the rules' file sets it."""
    photos: list[BlobRef] = []
    officers: list[Identity] = []
    present: list[Present] = []
    other_party: OtherParty | None = None
    position: Position | None = None
    started_at: Moment
    """When the sample was drawn: the editions of that day judge, however long the readings take."""
    finished_at: Moment | None = None
    rules_version: str
    verdict: LotVerdict | None = None
    """As worked out on the phone; the server works it out again and compares."""


class LotFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One inspection of a lot, as the office worked it out, beside what the phone stated."""

    record_id: Identity
    observed_at: Moment
    content: Outcome
    label: Outcome
    stated_content: Outcome | None = None
    stated_label: Outcome | None = None

    @property
    def differs(self) -> bool:
        """Whether the phone stated something else than the readings give."""
        stated = (self.stated_content, self.stated_label)
        return stated != (None, None) and stated != (self.content, self.label)


class Lot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one lot; ``version`` grows with every inspection and is what a record's ``basis`` names."""

    lot_id: Identity
    version: int
    county: County
    premises_id: Identity | None = None
    goods: str
    producer: str = ""
    batch_no: str = ""
    nominal: Quantity
    lot_size: Number
    findings: list[LotFinding]
    """The newest first, five at most; there is one at least."""
    disputed: bool = False
    """Two findings contradict each other, and the later author had not seen the earlier one."""

    @property
    def content(self) -> Outcome:
        """The net content by the last finding, undecided while it is disputed."""
        return Outcome.UNDECIDED if self.disputed else self.findings[0].content

    @property
    def label_outcome(self) -> Outcome:
        """The label by the last finding."""
        return self.findings[0].label
