"""A lot read out: what an inspector reads of a sample, of a package that could not be worked out, of tare and label, line by line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from shared.lot import Density, LotInspection, LotReading, LotVerdict, TareMethod
from shared.metrology.judging import Outcome
from shared.metrology.prepackages.lots import judge_lot, without_working
from shared.metrology.prepackages.rules import PrepackageRules
from tests.shared.checks import noon, quantity, weights
from tests.shared.lots import A, lot, readings, rule_files, rules
from tests.shared.words import everything_said

ROUNDED = "数字按四舍五入显示到 0.001；比较时不修约。"
PENDING = "JJF 1070-2023 已实施，新规程待核；按 JJF 1070-2005 判定。"
NO_EU = "76/211/EEC：未见批量 40 的方案。"
C = ["503", "504", "502", "505", "503", "484", "504", "503", "502", "504"]


def judged(inspection: LotInspection) -> LotVerdict:
    """The verdict, which can be said and kept."""
    found = judge_lot(rules(), inspection)
    everything_said(found)
    return found


def lines(inspection: LotInspection) -> dict[str, list[str]]:
    """What is said of a lot, without the lines that every lot of forty has."""
    found = judged(inspection)
    parts = {
        "reasons": found.reasons,
        "label": found.label_reasons,
        "notes": found.notes,
        "working": found.working,
        "first": found.packages[:1],
    }
    said = {name: everything_said(part) for name, part in parts.items()}
    return {
        name: [line for line in each if line not in (ROUNDED, PENDING, NO_EU)] for name, each in said.items()
    }


def test_a_lot_within_is_read_out() -> None:
    """Set A: T, the plan's row, mean and s, the mean's limit, and how many are short; every package with its content and deficiency."""
    found = judged(lot(A))
    assert everything_said(found.words) == ["净含量初筛符合"]
    assert everything_said(found.working) == [
        "Qn = 500 g（300–500 g）：T = 3 % × Qn = 15 g",
        "批量 N = 40：抽 n = 10，λ = 1.028，T1 ≤ 0 件，T2 ≤ 0 件",
        "10 件平均 = 499.5 g，s = 1.581 g（n − 1）",
        "Qn − λs = 500 g − 1.028 × 1.581 g = 498.375 g",
        "平均 499.5 g ≥ 498.375 g",
        "T1：0 件，T2：0 件",
        ROUNDED,
    ]
    assert everything_said(found.notes) == [NO_EU, PENDING]
    assert [(each.package, each.net_content, each.deficiency) for each in found.packages[:2]] == [
        (1, quantity("498 g"), quantity("2 g")),
        (2, quantity("501 g"), quantity("-1 g")),
    ]
    assert everything_said(found.packages[0]) == ["第 1 件：498 g"]
    assert (found.edition, found.rules_version) == ("定量包装商品计量监督管理办法（2023）", rules().version)
    assert (found.reasons, found.label_reasons, found.label) == ([], [], Outcome.WITHIN)


@pytest.mark.parametrize(
    ("values", "nominal", "size", "words", "working", "reasons"),
    [
        (C, "500 g", 40, "疑似净含量短缺", ["平均 501.4 g ≥ 493.641 g", "T1：1 件，T2：0 件"], ["1 件短缺超过 T = 15 g，允许 0 件"]),
        (A[:4], "500 g", 40, "无法判定", ["4 件平均 = 499.5 g，s = 1.291 g（n − 1）", "全部测完后再判平均。", "T1：0 件，T2：0 件", "还有 6 件未测；最多再允许 0 件 T1，不允许 T2。"], ["样本尚未全部测完。"]),
        (A[:1], "500 g", 40, "无法判定", ["T1：0 件，T2：0 件", "还有 9 件未测；最多再允许 0 件 T1，不允许 T2。"], ["样本尚未全部测完。"]),
        (["469.99", "470", "500"], "500 g", 60, "疑似净含量短缺", ["3 件平均 = 479.997 g，s = 17.323 g（n − 1）", "全部测完后再判平均。", "T1：1 件，T2：1 件", "还有 10 件未测，已不能改变结论。"], ["1 件短缺超过 2T = 30 g，允许 0 件"]),
        (["469", "468", "484"], "500 g", 40, "疑似净含量短缺", ["T1：1 件，T2：2 件", "还有 7 件未测，已不能改变结论。"], ["2 件短缺超过 2T = 30 g，允许 0 件", "1 件短缺超过 T = 15 g，允许 0 件"]),
        (["98"] * 10, "99 件", 40, "疑似净含量短缺", ["Qn = 99 件（> 50 件）：T = 1 % × Qn = 0.99 件", "T 向上取整：1 件", "Qn − λs = 99 件 − 1.028 × 0 件 = 99 件", "平均 98 件 < 99 件"], ["平均实际含量 98 件 低于 99 件"]),
        (["10"] * 10, "10 件", 40, "净含量初筛符合", ["Qn = 10 件（≤ 50 件）：不允许短缺，T = 0"], []),
        (["119.35"], "125 g", 1, "净含量初筛符合", ["Qn = 125 g（100–200 g）：T = 4.5 % × Qn = 5.625 g", "T 向上修约到 0.1 g：5.7 g（设定值；所见文本未写修约方向）", "批量 N = 1：抽 n = 1，T1 ≤ 0 件，T2 ≤ 0 件", "此批量不作平均偏差检验。", "T1：0 件，T2：0 件"], []),
        (["60"], "60 g", 1, "净含量初筛符合", ["Qn = 60 g（50–100 g）：T = 4.5 g"], []),
    ],
)  # fmt: skip
def test_what_a_sample_comes_to_is_read_out(
    values: list[str], nominal: str, size: int, words: str, working: list[str], reasons: list[str]
) -> None:
    """Each step that decides, as far as the sample was read, and why it is not within."""
    found = judged(lot(values, nominal, size))
    assert everything_said(found.words) == [words]
    said = everything_said(found.working)
    assert [line for line in said if line in working] == working
    assert everything_said(found.reasons) == reasons


TEN = range(1, 11)


def test_two_packages_have_a_mean_and_one_has_none() -> None:
    """From the second package on the average so far is shown."""
    assert judged(lot(A[:1])).plan == judged(lot(A[:1])).plan
    one, two = judged(lot(A[:1])).plan, judged(lot(A[:2])).plan
    assert one
    assert two
    assert (one.mean, two.mean, two.deviation) == (None, quantity("499.5 g"), quantity("2.121 g"))


def test_a_mean_just_below_without_any_spread_fails() -> None:
    """Ten packages of 499.95 g: no one is short, and their average is."""
    found = judged(lot(["499.95"] * 10))
    assert found.plan
    assert (found.plan.individual, found.plan.average) == (Outcome.WITHIN, Outcome.BEYOND)
    assert everything_said(found.reasons) == ["平均实际含量 499.95 g 低于 500 g"]


def test_a_spread_in_the_last_digits_counts() -> None:
    """A mean 10⁻¹⁶ g below Qn with s of about 10⁻¹⁵ g passes, as it would with a thousand times as much of both."""
    for unit in ("", "000"):
        nets = [f"500.{unit}000000000001"] * 5 + [f"499.{'9' * len(unit)}9999999999988"] * 5
        assert judged(lot(nets)).outcome is Outcome.WITHIN


def test_without_a_sampling_plan_the_day_stands_for_it() -> None:
    """Where no edition on sampling is known the day is named, and with it what else lets nothing be judged."""
    none = msgspec.structs.replace(rules().sampling, editions=[])
    expired = lot(A, standards=weights(["5 kg"], valid_until=date(2026, 11, 19)))
    found = judge_lot(msgspec.structs.replace(rules(), sampling=none), expired)
    assert everything_said(found.reasons) == [
        "2026-11-20 的抽样方案未知：本批不判定。",
        "5 kg 的证书已于 2026-11-19 到期。",
    ]
    assert (found.outcome, found.plan, len(found.packages)) == (Outcome.UNDECIDED, None, 10)


def test_a_pending_text_on_net_content_is_noted_too() -> None:
    """Before the regulation of 2023 that of 2005 was in force, whose figures were not seen: a note says which judges."""
    day = date(2010, 1, 4)
    found = judged(lot(readings=readings(A, on=day), started_at=noon(day)))
    said = everything_said(found.notes)
    assert said[0].startswith("定量包装商品计量监督管理办法（2005）")
    assert NO_EU in said


def test_a_plan_whose_mean_limit_was_not_seen_judges_no_mean() -> None:
    """The individual packages are judged all the same, and that the average is not is said."""
    [beside] = rules().sampling.beside
    rows = [msgspec.structs.replace(each, mean_factor=None) for each in beside.non_destructive]
    unseen = msgspec.structs.replace(
        rules().sampling, beside=[msgspec.structs.replace(beside, non_destructive=rows)]
    )
    found = judge_lot(msgspec.structs.replace(rules(), sampling=unseen), lot(["100"] * 50, "100 g", 100))
    [other] = found.beside
    assert (other.individual, other.average, other.outcome) == (
        Outcome.WITHIN,
        Outcome.UNDECIDED,
        Outcome.UNDECIDED,
    )
    assert (other.mean, everything_said(other)[-1]) == (None, "此批量的平均值限值未见原文，平均不判定。")


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"readings": readings(["500"] * 10, "°C")}, ["第 {} 件：此处不认识单位 °C。"]),
        ({"readings": readings(["500"] * 10, "mL")}, ["第 {} 件：以 mL 读数不能得出此净含量。"]),
        ({"readings": readings(["99.5"] * 10, "件"), "nominal": quantity("100 件")}, ["第 {} 件：99.5 件 不是整数。"]),
        ({"nominal": quantity("500 mL")}, ["第 {} 件：已称重，但密度未测。"]),
        ({"tare_method": TareMethod.MEAN}, ["第 {} 件：皮重未测。"]),
        ({"tare_method": TareMethod.MEAN, "tare_readings": readings(["-5"])}, ["第 {} 件：皮重不可能是 −5 g。"]),
        ({"readings": readings(["500"] * 10), "tare_method": TareMethod.MEAN, "tare_readings": readings(["600"])}, ["第 {} 件：不可能是 −100 g，请核对读数和皮重。"]),
        ({"readings": [LotReading(package=number) for number in TEN]}, ["第 {} 件未读数"]),
        ({"readings": [LotReading(package=number, not_done_because="破包") for number in TEN]}, ["第 {} 件未做：破包"]),
    ],
)  # fmt: skip
def test_why_a_package_could_not_be_worked_out_is_said(change: dict[str, Any], reasons: list[str]) -> None:
    """Package by package after the reason of the sample: what is wrong with its reading, tare or density; none is kept as worked out."""
    changed = msgspec.structs.replace(lot(A), **change)
    [reason] = reasons
    found = judged(changed)
    assert everything_said(found.reasons) == [
        "样本尚未全部测完。",
        *(reason.format(number) for number in TEN),
    ]
    assert (found.outcome, found.packages) == (Outcome.UNDECIDED, [])


def test_a_package_beyond_the_lot_is_said() -> None:
    """The forty-first of forty is no package of the lot, the fortieth is one, and neither changes the sample's outcome."""
    for number, reasons in ((40, []), (41, ["第 41 件：本批只有 40 件。"])):
        more = LotReading(package=number, indication=quantity("500 g"))
        found = judged(lot(readings=[*readings(A), more]))
        assert (found.outcome, everything_said(found.reasons)) == (Outcome.WITHIN, reasons)


def test_an_unclear_package_counts_up_to_the_last_of_the_sample() -> None:
    """A second attempt that can't be worked out leaves the tenth of ten open, and the eleventh alone."""
    for number, outcome in ((10, Outcome.UNDECIDED), (11, Outcome.WITHIN)):
        typo = LotReading(package=number, indication=quantity("500 lb"), attempt=2)
        found = judged(lot(readings=[*readings([*A, "500"]), typo]))
        assert found.outcome is outcome
        assert everything_said(found.reasons) == [f"第 {number} 件：此处不认识单位 lb。"]


def test_attempts_are_told_in_their_order() -> None:
    """What was set aside stands in the notes by attempt with its cause, done or not; of those that stand the lowest counts, and how many there were."""
    attempts = [
        LotReading(package=1, indication=quantity("502 g"), attempt=4),
        LotReading(package=1, indication=quantity("501 g"), attempt=3),
        LotReading(package=1, attempt=2, superseded_because="秤未置零"),
        LotReading(package=1, indication=quantity("400 g"), attempt=1, superseded_because="秤未置零"),
    ]
    inspection = lot(readings=[*attempts, *readings(A)[1:]])
    assert lines(inspection)["notes"] == [
        "第 1 件：400 g 不采用：秤未置零",
        "第 1 件：? 不采用：秤未置零",
        "第 1 件读了 2 次而无原因，按最小值计。",
    ]
    assert judged(inspection).packages[0].net_content == quantity("501 g")


def test_tare_and_density_are_read_out() -> None:
    """Gross less tare, and the volume that a mass makes."""
    gross = lot(
        [str(int(value) + 10) for value in A], tare_method=TareMethod.MEAN, tare_readings=readings(["10"])
    )
    assert lines(gross)["first"] == ["第 1 件：508 g − 10 g = 498 g"]
    weighed = lot(
        nominal="500 mL",
        readings=readings(["436.5", *["459"] * 9]),
        density=Density(quantity("0.9 g/mL"), quantity("20 °C")),
    )
    assert lines(weighed)["first"] == ["第 1 件：436.5 g", "436.5 g ÷ 0.9 g/mL（20 °C 时密度）= 485 mL"]
    assert [each.package for each in judged(weighed).packages] == list(TEN)


def test_the_last_attempt_at_a_packing_is_its_tare() -> None:
    """Of two with the same number the heavier; one that was set aside or not done is none; in any unit, and a packing may weigh nothing."""

    def nets(*tares: LotReading, gross: str = "510") -> list[Decimal]:
        found = judged(lot([gross] * 10, tare_method=TareMethod.MEAN, tare_readings=list(tares)))
        return [each.net_content.value for each in found.packages[:1]]

    def tare(text: str, attempt: int = 1, cause: str = "", package: int = 1) -> LotReading:
        weight = quantity(text) if text else None
        return LotReading(package=package, indication=weight, attempt=attempt, superseded_because=cause)

    assert nets(tare("10 g", 1), tare("8 g", 2)) == [502]
    assert nets(tare("8 g", 2), tare("10 g", 1)) == [502]
    assert nets(tare("8 g", 2), tare("0.009 kg", 2), tare("7 g", 2)) == [501]
    assert nets(tare("10 g", 1), tare("8 g", 2, "秤未置零"), tare("", 3)) == [500]
    assert nets(tare("10 g", 1), tare("13 g", 1, package=2)) == [Decimal("498.5")]
    assert nets(tare("0 g"), gross="500") == [500]
    assert nets(tare("0.5 g"), gross="500") == [Decimal("499.5")]


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"standards": []}, ["未登记所用计量器具：读数不能作判定。"]),
        ({"standards": [msgspec.structs.replace(weights(["5 kg"])[0], sort="temperature")]}, ["未携带适用的计量标准器。"]),
        ({"standards": weights(["5 kg", "2 kg"], valid_until=date(2026, 11, 19))}, ["5 kg 的证书已于 2026-11-19 到期。", "2 kg 的证书已于 2026-11-19 到期。"]),
        ({"exclusion": "medicine"}, ["药品不适用 定量包装商品计量监督管理办法（国家市场监督管理总局令第70号）。"]),
        ({"exclusion": "nobody knows"}, ["规则中没有商品 nobody knows。"]),
        ({"nominal": quantity("500 lb")}, ["此处不认识单位 lb。"]),
        ({"nominal": quantity("0 g")}, ["净含量不可能是 0 g。"]),
        ({"nominal": quantity("60 kg")}, ["60 kg 无规定的允许短缺量：表到 50000 g 为止。"]),
    ],
)  # fmt: skip
def test_what_lets_nothing_be_judged_is_said(change: dict[str, Any], reasons: list[str]) -> None:
    """Standards that may not judge, goods outside the rule, and a net content without T; nothing else is said of the net content."""
    found = judged(msgspec.structs.replace(lot(A), **change))
    assert (found.outcome, everything_said(found.reasons)) == (Outcome.UNDECIDED, reasons)
    assert everything_said(found.words) == ["无法判定"]


@pytest.mark.parametrize(
    ("change", "outcome", "label", "notes"),
    [
        ({"label_text": ""}, Outcome.UNDECIDED, ["标注未读取。"], []),
        ({"label_text": "含量:450克", "character_height": quantity("2 mm")}, Outcome.BEYOND, ["标注以“含量”开头，不是“净含量”。", "字符高 2 mm；450 g 应不小于 4 mm。"], ["标注为 450 g，判定按 500 g。"]),
        ({"label_text": "净含量:500mL"}, Outcome.WITHIN, [], ["标注为 500 mL，判定按 500 g。"]),
        ({"label_text": "净含量:0.5kg"}, Outcome.BEYOND, ["0.5 kg 应以 g 标注。"], []),
        ({"character_height": None}, Outcome.UNDECIDED, ["字符高度未量；500 g 应不小于 4 mm。"], []),
        ({"character_height": quantity("4 kg")}, Outcome.UNDECIDED, ["kg 不能换算成 cm。"], []),
        ({"exclusion": "medicine"}, Outcome.UNDECIDED, ["药品不适用 定量包装商品计量监督管理办法（国家市场监督管理总局令第70号）。"], []),
        ({"nominal": quantity("500 lb")}, Outcome.WITHIN, [], ["标注为 500 g，判定按 500 lb。"]),
    ],
)  # fmt: skip
def test_the_label_is_judged_apart(
    change: dict[str, Any], outcome: Outcome, label: list[str], notes: list[str]
) -> None:
    """What is wrong with the statement, what can't be judged of it, and that it states another quantity than was judged."""
    inspection = msgspec.structs.replace(lot(A), **change)
    found = lines(inspection)
    assert (judged(inspection).label, found["label"]) == (outcome, label)
    assert [line for line in found["notes"] if line.startswith("标注")] == notes


def test_nothing_is_known_before_the_first_rule() -> None:
    """On a day without any edition neither content nor label is judged, no edition is named, and the day is said."""
    files = rule_files()
    text = files["net-content.toml"].decode()
    opening = text.index("[[editions]]")
    first = text.index("[[editions]]", opening + 1)
    later = files | {"net-content.toml": (text[:opening] + text[first:]).encode()}
    early = PrepackageRules.parse(later)
    day = date(2020, 1, 2)
    inspection = lot(readings=readings(A, on=day), started_at=noon(day))
    found = judge_lot(early, inspection)
    assert everything_said(found.reasons) == ["2020-01-02 适用的净含量规定未知。"]
    assert everything_said(found.label_reasons) == ["标注未读取。"]
    assert (found.outcome, found.label, found.edition) == (Outcome.UNDECIDED, Outcome.UNDECIDED, "")
    kept = without_working(found)
    assert (kept.plan, kept.packages) == (None, [])


def test_a_record_keeps_the_plan_without_its_working() -> None:
    """The plan that judged stays with its figures; what it said, and the plans beside it, can be worked out again."""
    found = judged(lot(["100"] * 50, "100 g", 100))
    assert found.plan
    assert found.beside
    kept = without_working(found)
    assert kept.plan == msgspec.structs.replace(found.plan, working=[])
    assert (kept.beside, kept.working, kept.reasons) == ([], [], found.reasons)
