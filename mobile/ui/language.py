"""The two languages of the app: gettext catalogues, dates, and sentences that came as data."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from shared.clock import CHINA_STANDARD_TIME
from shared.errors import Problem
from shared.message import Message

CHINESE = "zh_CN"
ENGLISH = "en"
NAMES = {CHINESE: "中文", ENGLISH: "English"}
"""Each language by its own name, which is never translated."""

DOMAINS = ("mobile", "shared")
"""The catalogues, the first one asked first."""

Gettext = Callable[[str], str]

_MONTHS = [
    Message("January"),
    Message("February"),
    Message("March"),
    Message("April"),
    Message("May"),
    Message("June"),
    Message("July"),
    Message("August"),
    Message("September"),
    Message("October"),
    Message("November"),
    Message("December"),
]
_WEEKDAYS = [
    Message("Monday"),
    Message("Tuesday"),
    Message("Wednesday"),
    Message("Thursday"),
    Message("Friday"),
    Message("Saturday"),
    Message("Sunday"),
]


@dataclass(frozen=True)
class Language:
    """One language; ``code`` is that of its catalogues' folder."""

    code: str
    gettext: Gettext

    @classmethod
    def from_catalogues(cls, code: str, catalogues: Iterable[bytes]) -> Language:
        """The language of the given ``.mo`` files, each asked after the one before it."""
        first: gettext.NullTranslations = gettext.NullTranslations()
        for number, content in enumerate(catalogues):
            translations = gettext.GNUTranslations(BytesIO(content))
            if number:
                first.add_fallback(translations)
            else:
                first = translations
        return cls(code, first.gettext)

    def say(self, message: Message) -> str:
        """The sentence of a message."""
        return message.said(self.gettext)

    def problem(self, problem: Problem) -> tuple[str, str]:
        """What is wrong and what to do."""
        return self.say(problem.said()), self.say(problem.remedied())

    def listed(self, names: Iterable[str]) -> str:
        """Names one after the other, with this language's comma."""
        return ("、" if self.code == CHINESE else ", ").join(names)

    def day(self, day: date) -> str:
        """A day as the home screen's head shows it: ``11月23日 周一``, ``Monday 23 November``."""
        return self.gettext("{weekday} {day} {month}").format(
            weekday=self.say(_WEEKDAYS[day.weekday()]), day=day.day, month=self.say(_MONTHS[day.month - 1])
        )

    def moment(self, moment: datetime, now: datetime) -> str:
        """A moment by China's clock, as near as it matters: ``9:42``, ``yesterday 18:20``, ``2026-06-02 9:42``."""
        here, today = moment.astimezone(CHINA_STANDARD_TIME), now.astimezone(CHINA_STANDARD_TIME)
        clock = f"{here.hour}:{here.minute:02d}"
        away = (today.date() - here.date()).days
        if away == 0:
            return clock
        if away == 1:
            return self.gettext("yesterday {time}").format(time=clock)
        return f"{here.date().isoformat()} {clock}"
