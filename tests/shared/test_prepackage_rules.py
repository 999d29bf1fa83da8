"""The rules on net content: every row of the tables, T, labels, sampling plans, and files that can't be used."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology.judging import Outcome
from shared.metrology.prepackages.amounts import (
    Measure,
    grams_per_millilitre,
    in_base,
    measure_of,
    written,
)
from shared.metrology.prepackages.labels import content_faults, label_faults
from shared.metrology.prepackages.rules import (
    DeficiencyBand,
    DeficiencyTable,
    PrepackageRules,
    Rounding,
    RoundingStep,
)
from shared.metrology.prepackages.sampling import attributes_row, row_of
from shared.metrology.prepackages.tolerance import round_off, tolerance
from shared.quantity import Quantity
from tests.shared.checks import ROOT, quantity, vectors
from tests.shared.lots import LIMITS, rule_files, rules
from tests.shared.refusals import refusal, refused
from tests.shared.words import everything_said

MARKS = {"S", "D", "M", "constructed"}
PLANS = tomllib.loads((ROOT / "tests/vectors/prepackage-plans.toml").read_text())


@pytest.mark.parametrize("vector", vectors("prepackage-tolerance.toml"), ids=lambda vector: vector["name"])
def test_tolerable_deficiency_is_the_published_one(vector: dict[str, Any]) -> None:
    """At each nominal quantity T is that of its source, exactly and by each way of rounding, and the words end with the one that judges."""
    assert vector["mark"] in MARKS
    for nominal, exact, up, half_up in vector["limits"]:
        # The rule itself rounds pieces up, whatever the setting.
        not_rounded = up if vector["unit"] == "件" else exact
        expected = {Rounding.NONE: not_rounded, Rounding.UP: up, Rounding.HALF_UP: half_up}
        for rounding, value in expected.items():
            found = tolerance(LIMITS, quantity(f"{nominal} {vector['unit']}"), rounding)
            assert (found.exact, found.value) == (Decimal(exact), Decimal(value)), (nominal, rounding)


def test_the_choice_of_rounding_is_said() -> None:
    """Each setting says itself in the working, and that the text states no direction; where all agree nothing is said."""
    assert all(len(tolerance(LIMITS, quantity("500 g"), rounding).working) == 1 for rounding in Rounding)
    said = {
        rounding: tolerance(LIMITS, quantity("125 g"), rounding).working[-1].text for rounding in Rounding
    }
    assert said == {
        Rounding.UP: "T rounded up to {step}: {value} (a setting; the text that was seen states no direction)",
        Rounding.HALF_UP: "T rounded half up to {step}: {value} (a setting; the text that was seen states no direction)",
        Rounding.NONE: "T is not rounded (a setting; the text that was seen states no direction).",
    }


sizes = st.decimals("0.001", "50000", places=3)


@given(size=sizes, step=st.decimals("0.001", "1", places=3), volume=st.booleans())
def test_tolerable_deficiency_is_continuous_and_grows(size: Decimal, step: Decimal, volume: bool) -> None:
    """A little more content is never less T, and at most 9 % of that little more: no jump at a boundary nor between."""
    unit = "mL" if volume else "g"
    below = tolerance(LIMITS, Quantity(size, unit), Rounding.NONE)
    above = tolerance(LIMITS, Quantity(min(size + step, Decimal(50000)), unit), Rounding.NONE)
    assert Decimal(0) <= above.exact - below.exact <= step * Decimal("0.09")
    for rounding in (Rounding.UP, Rounding.HALF_UP):
        at, later = (tolerance(LIMITS, Quantity(one.nominal, unit), rounding).value for one in (below, above))
        assert at <= later


@pytest.mark.parametrize("boundary", ["50", "100", "200", "300", "500", "1000", "10000", "15000"])
def test_tolerable_deficiency_meets_at_each_boundary(boundary: str) -> None:
    """A millionth of a gram beyond each boundary T is the same but for 9 % of that millionth."""
    at, beyond = Decimal(boundary), Decimal(boundary) + Decimal("0.000001")
    steps = (
        tolerance(LIMITS, Quantity(beyond, "g"), Rounding.NONE).exact
        - tolerance(LIMITS, Quantity(at, "g"), Rounding.NONE).exact
    )
    assert 0 <= steps <= Decimal("0.00000009")


@pytest.mark.parametrize(
    ("nominal", "rounding", "said"),
    [
        ("10 g", Rounding.UP, ["Qn = 10 g（≤ 50 g）：T = 9 % × Qn = 0.9 g"]),
        ("60 g", Rounding.UP, ["Qn = 60 g（50–100 g）：T = 4.5 g"]),
        ("10 件", Rounding.UP, ["Qn = 10 件（≤ 50 件）：不允许短缺，T = 0"]),
        ("99 件", Rounding.NONE, ["Qn = 99 件（> 50 件）：T = 1 % × Qn = 0.99 件", "T 向上取整：1 件"]),
        ("100 件", Rounding.NONE, ["Qn = 100 件（> 50 件）：T = 1 % × Qn = 1 件"]),
        (
            "1.001 kg",
            Rounding.HALF_UP,
            [
                "Qn = 1001 g（1000–10000 g）：T = 1.5 % × Qn = 15.015 g",
                "T 四舍五入到 1 g：15 g（设定值；所见文本未写修约方向）",
            ],
        ),
        (
            "125 g",
            Rounding.NONE,
            [
                "Qn = 125 g（100–200 g）：T = 4.5 % × Qn = 5.625 g",
                "T 不修约（设定值；所见文本未写修约方向）。",
            ],
        ),
        (
            "999 g",
            Rounding.UP,
            [
                "Qn = 999 g（500–1000 g）：T = 15 g",
            ],
        ),
    ],
)
def test_how_t_came_about_is_read_out(nominal: str, rounding: Rounding, said: list[str]) -> None:
    """Band, percentage or amount, and how it was rounded where the setting makes a difference."""
    assert everything_said(tolerance(LIMITS, quantity(nominal), rounding)) == said


@given(size=sizes, zeros=st.integers(0, 5))
def test_tolerable_deficiency_does_not_depend_on_the_unit(size: Decimal, zeros: int) -> None:
    """The same amount in g or kg, mL or L, and with more zeros, has the same T."""
    padded = size.quantize(Decimal(1).scaleb(-3 - zeros))
    for small, large in (("g", "kg"), ("mL", "L")):
        found = tolerance(LIMITS, Quantity(size, small), Rounding.UP)
        assert tolerance(LIMITS, Quantity(padded / 1000, large), Rounding.UP).value == found.value


@pytest.mark.parametrize(
    ("nominal", "code"),
    [
        ("50000.1 g", "deficiency_unknown"),
        ("51 L", "deficiency_unknown"),
        ("0 g", "nominal_impossible"),
        ("2.5 件", "nominal_impossible"),
        ("5 lb", "unit_unknown"),
        ("0.005 m³", "unit_unknown"),
    ],
)
def test_no_deficiency_is_invented(nominal: str, code: str) -> None:
    """Beyond the table, for nothing, for half a piece, or in a unit that no package states there is no T."""
    with refusal(code) as caught:
        tolerance(LIMITS, quantity(nominal), Rounding.UP)
    shown = quantity(nominal)
    details = caught.value.problem.details
    assert (
        details
        == {
            "deficiency_unknown": {
                "nominal": shown.shown(),
                "end": f"50000 {'g' if shown.unit == 'g' else 'mL'}",
            },
            "nominal_impossible": {"nominal": shown.shown()},
            "unit_unknown": {"unit": shown.unit},
        }[code]
    )


@pytest.mark.parametrize("vector", vectors("prepackage-labels.toml"), ids=lambda vector: vector["name"])
def test_labels(vector: dict[str, Any]) -> None:
    """Each statement has just the faults of its vector, and is understood as the quantity that it means."""
    if vector["part"] == "statement":
        found = label_faults(LIMITS, vector["text"], quantity("6 mm"))
    else:
        found = content_faults(LIMITS, vector["text"])
    assert [fault.text for fault in found.faults] == vector["faults"]
    undecided = Outcome.UNDECIDED if vector.get("undecided") else Outcome.WITHIN
    assert found.outcome is (Outcome.BEYOND if vector["faults"] else undecided)
    assert bool(found.undecided) is vector.get("undecided", False)
    everything_said(found)
    assert everything_said([found.faults, found.undecided]) == vector.get("said", [])
    assert found.outcome is not Outcome.WITHIN or found.nominal
    if "nominal" in vector:
        assert found.nominal
        assert found.nominal == quantity(vector["nominal"])


def test_a_package_that_states_nothing_is_at_fault() -> None:
    """No text at all, and a number without the words before it."""
    found = label_faults(LIMITS, " ", quantity("6 mm"))
    assert (found.outcome, everything_said(found), found.nominal) == (
        Outcome.BEYOND,
        ["包装未标净含量。"],
        None,
    )
    bare = label_faults(LIMITS, "500g", quantity("6 mm"))
    assert everything_said(bare) == ["标注以“?”开头，不是“净含量”。"]
    assert bare.nominal == quantity("500 g")


@pytest.mark.parametrize(
    ("content", "outcome", "nominal"),
    [
        ("5个", Outcome.WITHIN, "5 件"),
        ("5 小袋", Outcome.WITHIN, "5 件"),
        ("2.5个", Outcome.BEYOND, None),
        ("0个", Outcome.BEYOND, None),
        ("5小纸袋", Outcome.UNDECIDED, None),
        ("5袋装", Outcome.UNDECIDED, None),
        ("5 市斤", Outcome.BEYOND, None),
        ("1000000mm²", Outcome.BEYOND, "1000000 mm²"),
        ("0.0001 m", Outcome.BEYOND, "0.0001 m"),
    ],
)
def test_pieces_are_whole_and_counted(content: str, outcome: Outcome, nominal: str | None) -> None:
    """A word for pieces of two characters at most, and a whole number above nought; any other word is not known."""
    found = content_faults(LIMITS, content)
    everything_said(found)
    assert (found.outcome, found.nominal) == (outcome, quantity(nominal) if nominal else None)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("100Ml×3包", "单位写成“Ml”，应为“mL”。"),
        ("3包×100Ml", "单位写成“Ml”，应为“mL”。"),
        ("3 x 100 Ml", "单位写成“Ml”，应为“mL”。"),
        ("100 Ml * 3", "单位写成“Ml”，应为“mL”。"),
        ("1000g×2袋", "1000 g 应以 kg 标注。"),
        ("100g×3包", None),
        ("3包×100g", None),
        ("5个×2", None),
        ("2×5个", None),
    ],
)
def test_the_piece_is_the_side_with_the_unit(content: str, fault: str | None) -> None:
    """Of several pieces the one that has a unit is judged, whichever side it stands on; neither its height nor their sum is."""
    found = label_faults(LIMITS, f"净含量：{content}", quantity("0.1 mm"))
    several = "同一包装内有多件：标注形式待核，不判定。"
    assert everything_said(found) == ([fault] if fault else []) + [several]
    assert (found.outcome, found.nominal) == (Outcome.BEYOND if fault else Outcome.UNDECIDED, None)


def test_a_unit_is_one_of_those_for_the_size() -> None:
    """Where two units are allowed both are said."""
    assert everything_said(content_faults(LIMITS, "0.0001 m")) == ["0.0001 m 应以 mm / cm 标注。"]


def test_figures_of_a_package_are_in_their_base_unit() -> None:
    """Exactly, however many digits; in another measure, or a unit that no package states, there is none."""
    assert in_base(quantity("0.5 kg"), Measure.MASS) == 500
    long = quantity("1000000.000000000000000000000001 mg")
    assert str(in_base(long, Measure.MASS)) == "1000.000000000000000000000000001"
    with refused("unit_mismatch", unit="mL", wanted="g"):
        in_base(quantity("5 mL"), Measure.MASS)
    for unit, shown in (("kPa", "kPa"), ("", "?")):
        with refused("unit_unknown", unit=shown):
            measure_of(unit)


def test_densities_are_in_grams_per_millilitre() -> None:
    """A thousand kilograms a cubic metre is one; nought or less is none, and other units are not known."""
    for text in ("1 g/mL", "1 g/cm³", "1 kg/L", "1000 kg/m³"):
        assert grams_per_millilitre(quantity(text)) == 1
    for text in ("0 g/mL", "-1 kg/m³"):
        with refused("density_impossible", density=quantity(text).shown()):
            grams_per_millilitre(quantity(text))
    with refused("unit_unknown", unit="g/L"):
        grams_per_millilitre(quantity("1 g/L"))


def test_figures_are_shown_half_up() -> None:
    """To 0.001, away from nought in the middle."""
    assert [written(Decimal(text), Measure.MASS) for text in ("2.0005", "2.00049", "-2.0005", "3")] == [
        "2.001 g",
        "2 g",
        "−2.001 g",
        "3 g",
    ]


def test_a_step_of_rounding_holds_its_end() -> None:
    """T of 9.05 g at 100 g rounds by the step up to 100 g, above it by the next."""
    table = DeficiencyTable(
        measures=[Measure.MASS],
        bands=[DeficiencyBand()],
        rounding=[RoundingStep(Decimal("0.1"), Decimal(100)), RoundingStep(Decimal(1))],
    )
    found = [
        round_off(Measure.MASS, table, Decimal(size), Decimal("9.05"), Rounding.UP)[0]
        for size in ("100", "100.001")
    ]
    assert found == [Decimal("9.1"), Decimal(10)]


def test_heights_are_said_with_the_size_they_are_for() -> None:
    """What is asked for stands beside what was measured, in the unit of the measure."""
    assert everything_said(label_faults(LIMITS, "净含量 0.5kg", quantity("0.3 cm"))) == [
        "0.5 kg 应以 g 标注。",
        "字符高 0.3 cm；500 g 应不小于 4 mm。",
    ]
    assert everything_said(label_faults(LIMITS, "净含量 500g")) == ["字符高度未量；500 g 应不小于 4 mm。"]


def test_heights_of_characters() -> None:
    """For each size the height is enough at its least, too little just below, and undecided where it was not measured."""
    table = tomllib.loads((ROOT / "tests/vectors/prepackage-labels.toml").read_text())["heights"]
    assert table["mark"] in MARKS
    for content, least in table["rows"]:
        at, below = quantity(f"{least} mm"), Quantity(Decimal(least) - Decimal("0.1"), "mm")
        assert label_faults(LIMITS, f"净含量 {content}", at).outcome is Outcome.WITHIN, content
        assert label_faults(LIMITS, f"净含量 {content}", below).outcome is Outcome.BEYOND, content
        assert label_faults(LIMITS, f"净含量 {content}").outcome is Outcome.UNDECIDED, content


def test_sampling_plans_are_the_published_ones() -> None:
    """Every row of the plans in assets is that of the vectors."""
    [plan] = rules().sampling.limits
    assert [
        [
            row.lot_from,
            row.lot_to or 0,
            row.sample or 0,
            str(row.correction or ""),
            row.t1_allowed,
            row.t2_allowed,
        ]
        for row in plan.rows
    ] == PLANS[plan.id]["rows"]
    [beside] = rules().sampling.beside
    for kind in ("non_destructive", "destructive"):
        assert [
            [
                row.lot_from,
                row.lot_to or 0,
                [[each.sample, each.accept, each.reject] for each in row.stages],
                str(row.mean_factor or ""),
            ]
            for row in getattr(beside, kind)
        ] == PLANS[beside.id][kind]


def test_a_lot_falls_under_the_row_of_its_size() -> None:
    """The first and the last size of each row are that row's, and the EU's plan has none for lots below 100."""
    [plan], [beside] = rules().sampling.limits, rules().sampling.beside
    for row in plan.rows:
        assert row_of(plan, row.lot_from) is row
        assert row_of(plan, row.lot_to or 10**9) is row
    for destructive, rows in ((False, beside.non_destructive), (True, beside.destructive)):
        assert attributes_row(beside, 99, destructive) is None
        for each in rows:
            assert attributes_row(beside, each.lot_from, destructive) is each
            assert attributes_row(beside, each.lot_to or 10**9, destructive) is each


def below(t: float, freedom: int) -> float:
    """The part of Student's distribution below t (Abramowitz and Stegun 26.7.3, 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    term, total = (math.cos(angle), 0.0) if freedom % 2 else (1.0, 0.0)
    for power in range(1 + freedom % 2, freedom, 2):
        total += term
        term *= math.cos(angle) ** 2 * power / (power + 1)
    inside = math.sin(angle) * total
    return 0.5 + (inside / 2 if freedom % 2 == 0 else (angle + inside) / math.pi)


def quantile(part: float, freedom: int) -> float:
    """t below which that part lies, by bisection."""
    low, high = 0.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, freedom) < part else (low, middle)
    return low


def test_factors_are_students() -> None:
    """λ and the mean factors are t0.995(n − 1)/√n, those of the US t0.975(n − 1)/√n, to 0.001."""
    assert quantile(0.995, 9) == pytest.approx(3.2498, abs=1e-4)
    assert quantile(0.975, 10) == pytest.approx(2.2281, abs=1e-4)
    [plan], [beside] = rules().sampling.limits, rules().sampling.beside
    found = [(row.sample, row.correction, 0.995) for row in plan.rows if row.correction]
    found += [
        (row.stages[0].sample, row.mean_factor, 0.995)
        for row in [*beside.non_destructive, *beside.destructive]
        if row.mean_factor
    ]
    found += [(n, Decimal(factor), 0.975) for n, factor in PLANS["us-hb133"]["rows"]]
    assert len(found) == 11
    for n, factor, part in found:
        assert n
        assert float(factor) == pytest.approx(quantile(part, n - 1) / math.sqrt(n), abs=0.001), n


@pytest.mark.parametrize(
    ("day", "judging", "pending"),
    [
        (date(2024, 10, 11), "JJF 1070-2005", None),
        (date(2024, 10, 12), "JJF 1070-2005", "JJF 1070-2023"),
        (date(2026, 11, 20), "JJF 1070-2005", "JJF 1070-2023"),
    ],
)
def test_editions_on_both_sides_of_their_date(day: date, judging: str, pending: str | None) -> None:
    """The plan of 2005 judges before and after its successor, whose table has not been seen."""
    found = rules().sampling.edition(day)
    assert found
    assert found.judging.document == judging
    assert (found.pending.document if found.pending else None) == pending


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (
            "net-content.toml",
            '{ up_to = "100", amount = "4.5" }',
            '{ up_to = "40", amount = "4.5" }',
            "deficiency[0]",
        ),
        ("net-content.toml", 'amount = "15" }', "amount = 15.0 }", "deficiency[0]"),
        ("net-content.toml", 'rounding = "up"', 'rounding = "down"', "rounding"),
        ("net-content.toml", 'limits = "net-content-2023"', 'limits = "none"', "editions[1].limits"),
        ("net-content.toml", "from = 2023-06-01\nsource", "from = 2023-06-02\nsource", "editions[1].from"),
        ("net-content.toml", 'units = ["kg"]', 'units = ["L"]', "units[1]"),
        ("sampling.toml", "lot_from = 51", "lot_from = 52", "rows[2]"),
        ("sampling.toml", 'certainty = "seen"\nlimits', 'certainty = "memory"\nlimits', "editions[0].limits"),
        ("sampling.toml", 'judged_by = "JJF 1070-2005"', 'judged_by = "JJF 1071"', "editions[1].judged_by"),
        ("sampling.toml", 'judged_by = "JJF 1070-2005"', "", "editions[1]"),
        ("sampling.toml", "accept = 4, reject = 5", "accept = 4, reject = 6", "non_destructive[0].stages"),
        ("retail.toml", 'price_above = "30"', 'price_above = "31"', "goods"),
        ("retail.toml", 'equal = "2"', 'equal = "0"', "limits[0]"),
        ("packaging.toml", '{ percent = "30" }', '{ percent = "100" }', "void_ratio"),
        ("packaging.toml", 'price_above = "100"', 'price_above = "0"', "cost"),
        ("issue.toml", "issued", "published", "$"),
    ],
)
def test_a_wrong_file_says_where(file: str, old: str, new: str, key: str) -> None:
    """A file that can't be used is refused with its name, the key and the reason."""
    files = rule_files()
    text = files[file].decode()
    assert old in text
    with refusal("catalogue_invalid") as raised:
        PrepackageRules.parse(files | {file: text.replace(old, new, 1).encode()})
    details = raised.value.problem.details
    assert details["file"] == file
    assert key in details["key"]
    assert details["reason"]


def test_files_are_the_ones_that_are_known() -> None:
    """A missing file and one of another name are refused by name."""
    files = rule_files()
    for wrong, name in (
        ({key: text for key, text in files.items() if key != "retail.toml"}, "retail.toml"),
        (files | {"retial.toml": b""}, "retial.toml"),
    ):
        with refusal("catalogue_invalid") as raised:
            PrepackageRules.parse(wrong)
        assert raised.value.problem.details["file"] == name
