"""Who acts: people, their roles, and what part of the province they may see."""

from __future__ import annotations

import msgspec

from shared.identity import County, Identity
from shared.words import OpenWord


class Role(OpenWord):
    """What a person may do; a person has one role and a list of counties. A phone meets roles of a newer server, too."""

    INSPECTOR = "inspector"
    VERIFIER = "verifier"
    USER_UNIT = "user_unit"
    REVIEWER = "reviewer"
    CAMPAIGN_MANAGER = "campaign_manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person on the books of the authority, as a phone that they work on needs to know them."""

    person_id: Identity
    name: str
    role: Role
    body: str
    """The authority or technical body that the person belongs to."""
    certificate_no: str = ""
    """Number of the inspector's or verifier's certificate of office."""


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device or a person may read and write: whole counties, by code."""

    counties: list[County]
    version: int = 1
    """Grows with each change of scope, so that a cursor of the old one is seen to be old."""

    def holds(self, county: str) -> bool:
        """Whether ``county`` lies inside."""
        return county in self.counties
