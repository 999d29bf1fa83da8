"""What outcomes and answers are called, on the glass and on paper alike."""

from __future__ import annotations

from shared.inspection import FindingOutcome, FindingSubject, PartyAnswer
from shared.message import Message
from shared.metrology.judging import Outcome

PARTY_WORDS = {
    PartyAnswer.AGREES: Message("No objection"),
    PartyAnswer.DISAGREES: Message("Objects"),
    PartyAnswer.REFUSED: Message("Refused to sign"),
}
FINDING_SUBJECTS = {
    FindingSubject.MEASUREMENT: Message("Measurement"),
    FindingSubject.MARKS_AND_SEALS: Message("Marks and seals"),
    FindingSubject.VERIFICATION_STATUS: Message("Verification"),
}
FINDING_WORDS = {
    FindingOutcome.WITHIN: Message("Within limits"),
    FindingOutcome.OVER_LIMIT: Message("Suspected over limit"),
    FindingOutcome.SUSPECTED_CHEATING: Message("Suspected cheating"),
    FindingOutcome.UNDECIDED: Message("Undecided"),
    FindingOutcome.NOT_JUDGED: Message("not judged"),
    FindingOutcome.VALID: Message("valid"),
    FindingOutcome.EXPIRED: Message("expired"),
    FindingOutcome.UNKNOWN: Message("not known"),
}
NOTHING_FLAGGED = Message("nothing flagged")
"""Seals are not within limits: nothing about them was flagged."""
POINT_WORDS = {
    Outcome.WITHIN: FINDING_WORDS[FindingOutcome.WITHIN],
    Outcome.BEYOND: FINDING_WORDS[FindingOutcome.OVER_LIMIT],
    Outcome.UNDECIDED: FINDING_WORDS[FindingOutcome.UNDECIDED],
}


def finding_words(subject: FindingSubject, outcome: FindingOutcome) -> Message:
    """The words of one finding."""
    if subject is FindingSubject.MARKS_AND_SEALS and outcome is FindingOutcome.WITHIN:
        return NOTHING_FLAGGED
    return FINDING_WORDS[outcome]
