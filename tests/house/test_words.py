"""Every sentence a person reads stands in both catalogues."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from shared.metrology.procedure import PointsProcedure
from tests.shared.checks import catalogue
from tests.shared.lots import rules

ROOT = Path(__file__).parents[2]
ERRORS = dict.fromkeys(("QuanhengError", "InputError", "AccessError", "ConflictError", "Problem"), (2, 3))
KEYWORDS = {
    "_": None,
    "gettext": None,
    "Message": (1,),
    "msgid": (1,),
    "refused": (2, 3),
    "held": (3, 4),
    **ERRORS,
}
ROOMS = {"shared": ("shared", "sync"), "mobile": ("mobile",), "server": ("server",)}


def said_in(domain: str) -> set[str]:
    """The message ids that the code of one domain utters."""
    found: set[str] = set()
    for room in ROOMS[domain]:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "node_modules" in path.parts or path.is_relative_to(ROOT / "mobile/web"):
                continue
            for _line, message, _comments, _context in extract_from_file(
                "python", str(path), keywords=KEYWORDS
            ):
                found |= {message} if isinstance(message, str) else {text for text in message if text}
    for path in sorted((ROOT / domain).rglob("*.html")):
        for _line, message, _comments, _context in extract_from_file(
            "jinja2.ext:babel_extract", str(path), keywords=KEYWORDS
        ):
            found |= {message} if isinstance(message, str) else {text for text in message if text}
    return found | said_by_rules(domain)


def said_by_rules(domain: str) -> set[str]:
    """The message ids that stand in the rules in assets: what is unsure is said by the office's shell alone, everything else on the phone too."""
    kinds = catalogue().kinds.values()
    if domain == "server":
        return {each.fact for kind in kinds for each in kind.unsure}
    if domain != "shared":
        return set()
    found: set[str] = set()
    for kind in kinds:
        found |= {kind.name} | {text for each in kind.visual for text in (each.question, each.short)}
        found |= {each.name for each in kind.nameplate}
        if isinstance(kind.procedure, PointsProcedure):
            found |= {text for each in kind.procedure.points for text in (each.title, each.instruction)}
            inputs = kind.procedure.all_inputs()
            found |= {each.name for each in inputs}
            found |= {choice.name for each in inputs for choice in each.choices}
    prepackages = rules()
    for table in [*prepackages.net_content.limits, *prepackages.retail.limits]:
        found |= {each.name for each in table.excluded}
    for priced in [*prepackages.retail.limits, *prepackages.packaging.limits]:
        found |= {each.name for each in priced.goods}
    return found


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("domain", ROOMS)
def test_every_sentence_is_in_the_catalogue(domain: str, language: str) -> None:
    """A message id in the code has a translation, not empty and not fuzzy, with the same named values."""
    with (ROOT / f"assets/locales/{language}/LC_MESSAGES/{domain}.po").open("rb") as file:
        translated = read_po(file)
    said = said_in(domain)
    assert said, f"nothing is said in {domain}: the extraction is broken"
    missing = sorted(
        text for text in said if not (entry := translated.get(text)) or not entry.string or entry.fuzzy
    )
    assert not missing
    changed = [
        entry.id
        for entry in translated
        if isinstance(entry.id, str) and entry.id and named(entry.id) != named(str(entry.string))
    ]
    assert not changed, "named values differ between the message and its translation"


@pytest.mark.parametrize("domain", ROOMS)
def test_chinese_is_chinese(domain: str) -> None:
    """A Chinese translation of a sentence holds at least one Chinese character: it is no copy of the English."""
    with (ROOT / f"assets/locales/zh_CN/LC_MESSAGES/{domain}.po").open("rb") as file:
        translated = read_po(file)
    copied = [
        entry.id
        for entry in translated
        if isinstance(entry.id, str)
        and " " in entry.id.strip()
        and any(word.isalpha() and len(word) > 3 for word in entry.id.split())
        and not any("一" <= character <= "鿿" for character in str(entry.string))
    ]
    assert not copied


def named(text: str) -> set[str]:
    """The names in braces of a format string."""
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}
