"""Numbers of OIML certificates: ``R76/2006-A-NL1-25.06 revision 1``.

Certainty: this form seen in a copy of the OIML's register and, with no revision, in public code. Two things are from memory: that scheme B is
written as A is, and that certificates of before the OIML-CS (2018) leave the scheme out, ``R76/1992-NL1-02.15``.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from shared.errors import InputError

_NUMBER = re.compile(
    r"R(?P<recommendation>[1-9][0-9]{0,2})/(?P<edition>[0-9]{4})-(?:(?P<scheme>[AB])-)?"
    r"(?P<authority>[A-Z]{2}[0-9]{1,2})-(?P<year>[0-9]{2})\.(?P<number>[0-9]{2,3})(?: ?REVISION ?(?P<revision>[0-9]{1,2}))?"
)


class OimlCertificate(msgspec.Struct, frozen=True):
    """What an OIML certificate's number says."""

    recommendation: int
    """The OIML Recommendation: 76 for non-automatic weighing instruments."""
    edition: int
    """The Recommendation's year."""
    scheme: str
    """``A`` or ``B``, empty before the OIML-CS."""
    authority: str
    """The issuing authority: a country's two letters and a number, ``NL1``."""
    year: str
    """Two digits: the year of issue."""
    number: str
    """Two or three digits: which certificate of the authority in that year."""
    revision: int | None = None


def parse_oiml_certificate(text: str) -> OimlCertificate:
    """The number in its parts; InputError ``oiml_certificate_form``."""
    written = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).upper()).strip()
    found = _NUMBER.fullmatch(written)
    if not found:
        raise InputError(
            "oiml_certificate_form",
            "An OIML certificate's number is written as R76/2006-A-NL1-25.06 revision 1.",
            "Copy it from the certificate or the nameplate; if it stands there otherwise, keep it as a note.",
        )
    return OimlCertificate(
        int(found["recommendation"]),
        int(found["edition"]),
        found["scheme"] or "",
        found["authority"],
        found["year"],
        found["number"],
        None if found["revision"] is None else int(found["revision"]),
    )


def format_oiml_certificate(certificate: OimlCertificate) -> str:
    """As the register prints it."""
    scheme = f"-{certificate.scheme}" if certificate.scheme else ""
    revision = "" if certificate.revision is None else f" revision {certificate.revision}"
    return (
        f"R{certificate.recommendation}/{certificate.edition:04d}{scheme}"
        f"-{certificate.authority}-{certificate.year}.{certificate.number}{revision}"
    )
