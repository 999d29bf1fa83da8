"""What the phone showed as kept, remembered as a person remembers it; and what of that is not there any more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.monkey.disk import Draft, Kept
from tests.monkey.glass import Glass, Kind

FORMS = re.compile(
    r"外观检查|^.* / 示值$|铭牌|商品与标签|抽样方案|检验方法|第 \d+ 件|出发之前|台账上没有|经营者签名|^我的|/ 我的$"
)
"""Screens whose answers are saved as they are given."""
PANELS = re.compile(r"放弃|做不了|重读|拒签|理由|选场所|别的场所")
"""Screens over a form, whose choices count only once they are confirmed."""
FOLDS = re.compile(r", \d+$")
"""Heads that show or hide what is below them; that is no answer."""
READOUT = re.compile(r"^(?P<name>\S+) (?P<figure>[−-]?[0-9][0-9.]*) (?P<unit>\S+)$")


def is_form(glass: Glass) -> bool:
    """Whether what is answered here is saved at once."""
    return not glass.camera and bool(FORMS.search(glass.head)) and not PANELS.search(glass.head)


def answers(glass: Glass) -> dict[str, str]:
    """What stands answered on a form: figures, ticks, and words in fields; figures by the place chosen to type them at."""
    ticked = [each for each in glass.things if each.kind is Kind.BUTTON and each.chosen is not None]
    found = {f"tick {each.name}": str(each.chosen) for each in ticked if not FOLDS.search(each.name)}
    at = "+".join(sorted(each.name for each in ticked if each.chosen))
    for said in glass.texts:
        figure = READOUT.match(said.name)
        if figure:
            found[f"figure {figure['name']} at {at}"] = said.name
    found |= {f"field {each.name}": each.value for each in glass.things if each.kind is Kind.FIELD}
    return found


@dataclass
class Memory:
    """What was shown as kept so far."""

    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the head of a form, its answers as they were shown last."""
    numbers: set[str] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)
    """The records as they lay on the phone when it was last looked into."""
    drafts: list[Draft] = field(default_factory=list)
    discards: int = 0
    """How often a draft was thrown away on purpose since."""

    def learn(self, glass: Glass, *, fields: bool = True) -> None:
        """Takes in what is shown; without ``fields`` no words in fields, for they may stand there unsaved and say so."""
        self.numbers |= glass.numbers
        if is_form(glass):
            shown = answers(glass)
            self.forms[glass.head] = {
                name: value for name, value in shown.items() if fields or not name.startswith("field ")
            }

    def forget(self, head: str = "") -> None:
        """The answers of a form, or of all: they may be others now, by what was done elsewhere."""
        self.forms = {name: form for name, form in self.forms.items() if head and name != head}

    def missing_on(self, glass: Glass) -> list[str]:
        """Which answers of this form were shown before and read otherwise now."""
        before = self.forms.get(glass.head, {}) if is_form(glass) else {}
        now = answers(glass)
        changed = {name for name in before.keys() & now.keys() if before[name] != now[name]}
        figures = {
            name
            for name in before
            if name.startswith("figure ") and name not in now and _same_place(name, now)
        }
        return [
            f"{name}: {before[name]} became {now.get(name, 'nothing')}" for name in sorted(changed | figures)
        ]

    def missing_in(self, kept: list[Kept], drafts: list[Draft]) -> list[str]:
        """What lay on the phone, or was shown, and lies there no more; records that lie there twice, or break their chain."""
        digests = {each.digest for each in kept}
        lost = [f"record {each.number} is gone" for each in self.kept if each.digest not in digests]
        lost += [f"record {number} was shown and is not there" for number in self._unknown(kept)]
        ids = [each.record_id for each in kept]
        lost += [
            f"record {each} is there twice" for each in sorted({one for one in ids if ids.count(one) > 1})
        ]
        lost += broken_chains(kept)
        left = {each.draft_id for each in drafts}
        gone = [each for each in self.drafts if each.draft_id not in left]
        written = len(kept) - len(self.kept)
        if len(gone) > written + self.discards:
            lost.append(f"drafts are gone that nobody signed or discarded: {gone}")
        return lost

    def looked(self, kept: list[Kept], drafts: list[Draft]) -> None:
        """Remembers what lies on the phone now."""
        self.kept, self.drafts, self.discards = kept, drafts, 0

    def _unknown(self, kept: list[Kept]) -> list[str]:
        return sorted(self.numbers - {each.number for each in kept})


def _same_place(name: str, now: dict[str, str]) -> bool:
    """Whether the glass stands at the place at which the figure was typed."""
    ticked = sorted(each.removeprefix("tick ") for each, value in now.items() if value == "True")
    return name.endswith(f" at {'+'.join(ticked)}")


def broken_chains(kept: list[Kept]) -> list[str]:
    """Where a record does not stand behind the one before it."""
    broken = []
    for chain in sorted({each.chain for each in kept}):
        links = sorted((each for each in kept if each.chain == chain), key=lambda each: each.sequence)
        before = ""
        for place, link in enumerate(links, 1):
            if link.sequence != place or link.previous != before:
                broken.append(f"chain {chain} is broken at {link.sequence}")
            before = link.digest
    return broken
