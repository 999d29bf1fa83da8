"""Administrative regions: counties by GB/T 2260 and townships by the statistical code that extends it."""

from __future__ import annotations

import csv
import io
import re
from enum import StrEnum

import msgspec

from shared.errors import InputError


class Level(StrEnum):
    """How far down a region's code goes."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


_FORMS = {
    Level.PROVINCE: re.compile(r"[1-8][0-9]0000"),
    Level.CITY: re.compile(r"[1-8][0-9](?!00)[0-9]{2}00"),
    Level.COUNTY: re.compile(r"[1-8][0-9](?!00)[0-9]{2}(?!00)[0-9]{2}"),
    Level.TOWNSHIP: re.compile(r"[1-8][0-9](?!00)[0-9]{2}(?!00)[0-9]{2}(?!000)[0-9]{3}"),
}


def level_of(code: str) -> Level:
    """The level that a well-formed code stands for, known or not; InputError ``region_code_form``."""
    for level, form in _FORMS.items():
        if form.fullmatch(code):
            return level
    raise InputError(
        "region_code_form",
        "A region's code has 6 digits for a province, city or county and 9 for a township; none of its pairs is 00 above one that is not.",
        "Choose the region from the list.",
    )


class Region(msgspec.Struct, frozen=True):
    """One region; ``code`` is well-formed at its :class:`Level`."""

    code: str
    name: str
    parent: str


class Regions(msgspec.Struct, frozen=True):
    """A province's regions by code."""

    by_code: dict[str, Region]

    def name(self, code: str) -> str:
        """The region's name, or the code itself where it is not known."""
        region = self.by_code.get(code)
        return region.name if region else code

    def townships_of(self, county: str) -> list[Region]:
        """The townships of ``county``, by code."""
        return [
            region
            for code, region in sorted(self.by_code.items())
            if region.parent == county and level_of(code) is Level.TOWNSHIP
        ]

    def counties(self) -> list[Region]:
        """Every county, by code; the placeholders 市辖区 are none."""
        return [
            region
            for code, region in sorted(self.by_code.items())
            if level_of(code) is Level.COUNTY and not code.endswith("01")
        ]


def read_regions(regions: bytes, townships: bytes) -> Regions:
    """Reads ``assets/regions``: ``code,name`` of province, cities and counties, and of townships.

    InputError ``region_code_form`` where a code is none.
    """
    found: dict[str, Region] = {}
    for table in (regions, townships):
        for row in csv.DictReader(io.StringIO(table.decode())):
            found[row["code"]] = Region(row["code"], row["name"], parent_of(row["code"]))
    return Regions(found)


def parent_of(code: str) -> str:
    """The code of the region above, empty above a province; InputError ``region_code_form``."""
    match level_of(code):
        case Level.PROVINCE:
            return ""
        case Level.CITY:
            return code[:2] + "0000"
        case Level.COUNTY:
            return code[:4] + "00"
        case Level.TOWNSHIP:
            return code[:6]
