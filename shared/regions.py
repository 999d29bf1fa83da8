"""Administrative regions: counties by GB/T 2260 and townships by the statistical code that extends it."""

from __future__ import annotations

import csv
import io

import msgspec


class Region(msgspec.Struct, frozen=True):
    """One region; ``code`` has 2, 4 or 6 significant digits for province, city, county, and 9 for a township."""

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
            if region.parent == county and len(code) == 9
        ]

    def counties(self) -> list[Region]:
        """Every county, by code; the placeholders 市辖区 are none."""
        return [region for code, region in sorted(self.by_code.items()) if len(code) == 6 and code[4:] > "01"]


def read_regions(regions: bytes, townships: bytes) -> Regions:
    """Reads ``assets/regions``: ``code,name`` of province, cities and counties; ``code,name,county_code`` of townships."""
    found: dict[str, Region] = {}
    for row in csv.DictReader(io.StringIO(regions.decode())):
        code = row["code"]
        parent = (
            "" if code.endswith("0000") else code[:2] + "0000" if code.endswith("00") else code[:4] + "00"
        )
        found[code] = Region(code, row["name"], parent)
    for row in csv.DictReader(io.StringIO(townships.decode())):
        found[row["code"]] = Region(row["code"], row["name"], row["county_code"])
    return Regions(found)
