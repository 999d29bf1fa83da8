"""Both languages on every screen: nothing is left untranslated, and the words are the trade's."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from mobile.ui.language import CHINESE, DOMAINS, ENGLISH
from mobile.ui.theme import ThemeChoice
from tests.mobile.phone import make_world, regions
from tests.mobile.ui.fakes import LOCALES
from tests.mobile.ui.tour import Tour, toured
from tests.mobile.ui.tour_campaign import VERIFICATION

ROOT = Path(__file__).parents[3]
HAN = re.compile(r"[一-鿿]")
DATA = (
    "李慧", "赵刚", "康平县市场监督管理局", "康平县", "张强镇中心农贸市场", "张强镇卫生院", "2026 年集贸市场免费检定", "中文",
    "码", "元", "件", "豆油", "净含量", "定量包装商品计量监督管理办法",
)  # fmt: skip
"""What is Chinese whatever the language: names, units, documents, what a label states, the language's own name, a maker's code."""


@cache
def translated() -> re.Pattern[str]:
    """English sentences that read otherwise in Chinese, as one pattern in which any value may stand."""
    found = set()
    for domain in DOMAINS:
        with (LOCALES / CHINESE / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
            for entry in read_po(file):
                said = str(entry.id)
                words = re.sub(r"\{[^}]*\}", "", said)
                if re.search(r"[A-Za-z]{2}", words) and entry.string != entry.id:
                    parts = [
                        re.escape(text) + (".+" if name else "")
                        for text, name, _, _ in Formatter().parse(said)
                    ]
                    found.add("".join(parts))
    return re.compile("|".join(sorted(found, key=len)))


def walk(language: str) -> Tour:
    """The walk in a language, on a glass that the tests of the look use, too."""
    return toured(language, theme=ThemeChoice.SUN if language == ENGLISH else ThemeChoice.LIGHT)


@cache
def said(language: str) -> set[tuple[str, str]]:
    """Everything that is read or spoken on the walk, with the stop where it stands; but no record's own bytes."""
    return {
        (stop.name, words)
        for stop in walk(language).stops
        for words in (*stop.texts, *stop.spoken, *stop.fields)
        if not words.startswith('{"record_id"')
    }


def test_no_message_id_shows_in_chinese() -> None:
    """Walking every screen in Chinese, no sentence reads as the English message id that it was made from."""
    raw = {
        (stop, words)
        for stop, words in said(CHINESE)
        for line in words.split("\n")
        if translated().fullmatch(line)
    }
    assert not raw


def test_no_chinese_shows_in_english_but_names() -> None:
    """Walking every screen in English, what is Chinese is data: a person, a site, a place, 元."""
    names = [r"市场\d+", *sorted({*DATA, *regions_named()}, key=len, reverse=True)]
    left = set()
    for stop, words in said(ENGLISH):
        if HAN.search(re.sub("|".join(names), "", words)):
            left.add((stop, words))
    assert not left


def regions_named() -> set[str]:
    """The names of the county's townships."""
    world = make_world()
    return {town.name for town in regions().townships_of(world.premises.county)} | {
        regions().name(world.premises.township)
    }


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_no_sentence_has_a_hole(language: str) -> None:
    """No braces of a format, no None, no name of a class reaches the glass."""
    holes = {
        (stop, words)
        for stop, words in said(language)
        if re.search(r"[{}<>]|\bNone\b|\b[a-z]+_[a-z]+\b", words) and not re.search(r" > \d", words)
    }
    assert not holes


def test_a_spot_check_never_says_that_an_instrument_passed() -> None:
    """合格 and 不合格 belong to a verification: no screen of a spot check says either, in no language."""
    for language, words in ((CHINESE, ("合格", "不合格")), (ENGLISH, ("qualified", "passed", "failed"))):
        checks = {(stop, one) for stop, one in said(language) if not stop.startswith(VERIFICATION)}
        assert not {(stop, one) for stop, one in checks for word in words if word in one.lower()}
        assert {stop for stop, one in said(language) - checks if words[0] in one or words[1] in one.lower()}


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        ("outcome", "疑似作弊"),
        ("outcome", "示值：疑似超差"),
        ("outcome", "这是抽查初筛，不是检定结论"),
        ("outcome of a thermometer", "无法判定"),
        ("undecided", "加小砝码细测"),
        ("point", "这点做不了"),
        ("point", "同载荷"),
        ("sign", "拒签"),
        ("outbox", "被退"),
        ("outbox", "暂存"),
        ("outbox", "待传"),
        ("outbox", "已收"),
        ("outbox", "办公室签过名的台账事后被改动。"),
        ("outbox", "办公室的数据从备份恢复过。"),
        ("label", "疑似假标签"),
        ("label", "标签与实物不符"),
        ("label", "无法验签"),
    ],
)
def test_the_trades_own_words(stop: str, words: str) -> None:
    """The words that inspectors use stand where they belong."""
    assert (stop, words) in said(CHINESE)


def test_the_walk_saw_every_screen() -> None:
    """Each component of mobile/ui/screens was drawn on the walk: a new screen must be walked, too."""
    screens = {
        node.name
        for path in (ROOT / "mobile/ui/screens").glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one) == "ft.component" for one in node.decorator_list)
    }
    assert screens
    assert screens <= toured(CHINESE).components
