"""What the monkey can do: touches by what is offered, and blows to the machine; chosen by weight and a seeded chance."""

from __future__ import annotations

import re
from random import Random

from tests.monkey.glass import Glass, Kind, Thing

ONWARD = re.compile(
    r"^(开始检查|接着检查|都正常|其余正常|同载荷|与标准器|照所设|看结论|请经营者签名|签好了|拍照|完成，扫下一台|下一点|下一件|下一栏|确定"
    r"|去测示值|继续|看抽样方案|开始读数|登记并检查|扫码检查|好了，出发|净含量:500g|1 kg M1|绑定|对照过铭牌|经营者不在)"
)
"""Names that lead on towards a signed record."""
RARELY = re.compile(r"^(放弃|锁定|不用 PIN|暂停|返回$|拒签|扫别的|显示成码|给办公室存成文件|重写)")
"""Names that throw work away, or lead away from it."""
NEVER = re.compile(r"^(English|Copy|打开转交文件|存成文件|分享|选文件)")
"""The other language, whose words the monkey does not read; the system's own windows, which no headless browser has."""
DIGIT = re.compile(r"^(\d|点|负号|删除)$")
WORDS = [
    "雪花粉",
    "熟食16号",
    "甲",
    "A-17",
    "2405-17246",
    "7Q3K-9M2V",
    "一二三四五六七八九十" * 3,
    "500",
    " ",
    "数字不清",
]
SIZES = [(390, 844), (390, 844), (360, 740), (844, 390), (320, 568)]
CLOCKS = [0, 0, 1, -1, 12, 30, -30, 24 * 9, -24 * 3]
"""Hours from the true time."""

BLOWS = {
    "roll": 6.0,
    "back": 3.0,
    "forward": 1.0,
    "film": 1.5,
    "reload": 1.2,
    "kill": 1.0,
    "network": 2.0,
    "server": 0.6,
    "clock": 1.0,
    "turn": 0.8,
    "storage": 2.5,
    "room": 0.8,
    "squeeze": 0.6,
    "home": 0.6,
    "rush": 4.0,
}
"""What does not hang on the glass, and how often each is done."""
TOUCH = 80.0
"""How often something on the glass is touched, against all blows together."""


def weight(thing: Thing) -> float:
    """How readily the monkey touches a thing."""
    if NEVER.search(thing.name):
        return 0
    if ONWARD.search(thing.name):
        return 12
    if RARELY.search(thing.name):
        return 0.5
    if DIGIT.search(thing.name):
        return 0.5
    if thing.kind is Kind.FIELD:
        return 2
    return 0.4 if thing.chosen else 1


def choose_thing(chance: Random, glass: Glass) -> Thing | None:
    """One of the things offered; None where there is nothing that may be touched."""
    offered = [(each, weight(each)) for each in glass.offered]
    able = [(each, heavy) for each, heavy in offered if heavy]
    if not able:
        return None
    return chance.choices([each for each, _heavy in able], [heavy for _each, heavy in able])[0]


def choose_blow(chance: Random) -> str:
    """``touch``, or the name of a blow."""
    return chance.choices(["touch", *BLOWS], [TOUCH, *BLOWS.values()])[0]


def figure_for(chance: Random, glass: Glass) -> list[str]:
    """Keys of a figure: near what is expected where the glass says that, else any."""
    same = next((each.name for each in glass.things if re.search(r" [0-9.]+$", each.name)), "")
    expected = re.search(r"([0-9.]+)$", same)
    if expected and chance.random() < 0.7:
        text = expected[1][:-1] + str(chance.randrange(10))
    else:
        text = str(
            chance.choice([chance.randrange(10), chance.randrange(1000), f"{chance.random() * 20:.3f}"])
        )
    return ["点" if sign == "." else sign for sign in text]
