"""What the phone holds against the office's ledger, in words."""

from __future__ import annotations

from shared.clock import CHINA_STANDARD_TIME
from shared.errors import Problem
from shared.regions import Regions
from sync.witness import Evidence, Fault


def problem_of(evidence: Evidence, regions: Regions, number: str = "") -> Problem:
    """One piece of evidence: what it shows, and what to do. ``number`` is the missing record's, as people read it out."""
    kept = evidence.kept
    details = {
        "county": regions.name(evidence.county),
        "count": str(kept.size) if kept else "",
        "day": f"{kept.server_time.astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M}" if kept else "",
        "number": number,
    }
    match evidence.fault:
        case Fault.CHANGED:
            return Problem(
                "ledger_changed",
                "The office's ledger was changed behind a signed head.",
                "{county}: {count} records were signed on {day}, and the ledger that the office shows now does not begin with them. Both signed statements"
                " are kept on this phone. Show this to the auditor; you can go on working.",
                details,
            )
        case Fault.RESTORED:
            return Problem(
                "ledger_restored",
                "The office was restored from a backup.",
                "{county}: its ledger does not continue the one of {count} records signed on {day}. Your records were offered again; there is nothing to do."
                " Both signed statements are kept on this phone.",
                details,
            )
        case Fault.UNSIGNED:
            return Problem(
                "ledger_unsigned",
                "The statement on the ledger of {county} is not signed by the office's key.",
                "Records are kept, and still sent. Tell the administrator: perhaps the server was set up anew, perhaps somebody stands in between.",
                details,
            )
        case Fault.WITHHELD:
            return Problem(
                "ledger_withheld",
                "The office no longer shows a signed head of its ledger of {county}.",
                "It had signed {count} records on {day}; that statement is kept on this phone. Tell the administrator; you can go on working.",
                details,
            )
        case Fault.MISSING:
            return Problem(
                "ledger_missing",
                "The office can't show on its signed ledger a record that it said it had received.",
                "Record {number} is kept on this phone, and so is the office's statement. Tell the administrator.",
                details,
            )
