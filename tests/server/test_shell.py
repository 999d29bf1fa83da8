"""Verdicts from the shell, as trainers read them out: exit codes, words in both languages, files, and what each mistake is answered with."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli import main
from tests.shared.checks import ROOT, catalogue

Run = Callable[..., tuple[int, str, str]]
EXAMPLES = ROOT / "docs/examples"
SCALE = ("price-computing-scale", "--max", "15 kg", "--e", "5 g", "--on", "2026-11-25")
GAUGE = ("pressure-gauge", "--class", "1.6", "--nameplate", "range_to=0.6 MPa", "--on", "2026-11-25")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command: exit code, what it said, and what it complained of."""

    def command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.mark.parametrize(
    ("words", "code", "finding"),
    [
        (["--rest-as-standard"], 0, "within limits"),
        (["10 kg=10.015", "--rest-as-standard"], 1, "over the limit"),
        (["10 kg=10.010", "--rest-as-standard"], 3, "undecided"),
        (["10 kg=10.000"], 3, "undecided"),
        ([], 3, "undecided"),
        (["--rest-as-standard", "--standard", "20 kg:M1:2026-11-24"], 3, "undecided"),
    ],
)
def test_the_exit_code_is_the_measurements(run: Run, words: list[str], code: int, finding: str) -> None:
    """0 within, 1 beyond, 3 where the readings, or their standard, don't decide; the finding says the same."""
    found, said, complaint = run("check", *SCALE, *words, "--language", "en")
    assert (found, complaint) == (code, "")
    assert f"\nMeasurement: {finding}\n" in said


def test_the_working_can_be_read_out_in_both_languages(run: Run) -> None:
    """Each point stands with its error, limit and the lines that lead there; nothing of the one language is left in the other's."""
    check = ("check", *SCALE, "10 kg=10.015")
    _, chinese, _ = run(*check)
    assert chinese.splitlines()[:8] == [
        "电子计价秤（price-computing-scale），2026-11-25，JJG 539-2016",
        "未指明标准器：按 M1 级砝码计算。",
        "load:10 kg  10.015 kg  +15 g / ±10 g  超差",
        "  误差 = 示值 − 载荷 = 10015 − 10000 = +15 g",
        "  读数分辨 ±½d = ±2.5 g",
        "  零点误差未测：置零留有 ±0.25e = ±1.25 g",
        "  10 kg = 2000e；III 级 500e–2000e：±1.0e = ±5 g，在用 ±10 g",
        "  15 g ± 3.75 g 整段在限值 10 g 之外",
    ]
    _, english, _ = run(*check, "--language", "en")
    assert "load:10 kg  10.015 kg  +15 g / ±10 g  beyond" in english
    assert "  10 kg = 2000e; class III 500e–2000e: ±1.0e = ±5 g, in service ±10 g" in english
    assert not re.search("[一-鿿]", english)


def test_points_stand_in_the_order_of_the_plan(run: Run) -> None:
    """However they are typed, readings are said as the check goes."""
    _, said, _ = run("check", *SCALE, "15 kg=15.000", "zero=0.000", "100 g=0.100")
    keys = re.findall(r"^(zero|load:\S+ kg|load:\S+ g)", said, re.MULTILINE)
    assert keys == ["zero", "load:100 g", "load:15 kg"]


def test_a_plan_names_points_limits_and_what_is_read(run: Run) -> None:
    """``--plan`` gives the names that readings are typed under."""
    code, said, _ = run("check", *GAUGE, "--plan", "--language", "en")
    assert code == 0
    lines = [line.split("  ") for line in said.splitlines()]
    assert [line[0] for line in lines if line[0].startswith("falling")] == [
        "falling:0.45 MPa",
        "falling:0.3 MPa",
        "falling:0.15 MPa",
    ]
    assert lines[0][1:3] == ["0.15 MPa, rising", "limit ±0.0096 MPa"]
    assert "reference (MPa)" in lines[0][3]


def test_limits_say_their_source(run: Run) -> None:
    """``--limits`` gives what is permitted, how that comes about, and from which clause; initial verification has half of in service."""
    code, said, _ = run("check", *SCALE, "--limits", "10 kg", "--language", "en")
    assert code == 0
    assert said.splitlines()[0] == "10 kg: ±10 g"
    assert "Source: OIML R 76-1:2006" in said
    assert said.rstrip().endswith("text seen")
    _, initial, _ = run("check", *SCALE, "--limits", "10 kg", "--stage", "initial")
    assert initial.splitlines()[0] == "10 kg: ±5 g"
    assert initial.rstrip().endswith("已见原文")


def test_json_is_the_conclusion(run: Run) -> None:
    """``--json`` gives the record's own conclusion, with the same exit code."""
    code, said, _ = run("check", *SCALE, "10 kg=10.015", "--json")
    found = json.loads(said)
    assert code == 1
    assert found["edition"] == "JJG 539-2016"
    assert found["points"][0]["error_of_indication"] == {"value": "15", "unit": "g"}


def test_a_kind_may_be_named_in_chinese(run: Run) -> None:
    """Id and Chinese name lead to the same."""
    words = ["10 kg=10.015", *SCALE[1:]]
    assert run("check", "电子计价秤", *words) == run("check", "price-computing-scale", *words)


def test_what_is_not_judged_says_so(run: Run) -> None:
    """A kind without sure limits ends with 3, and names what is not sure."""
    kind = next(each for each in catalogue().kinds.values() if each.procedure is None and each.unsure)
    code, said, _ = run("check", kind.id, "somewhere=3", "--language", "en")
    assert code == 3
    assert "the measurement is not judged" in said
    assert kind.unsure[0].fact in said
    assert run("check", kind.id, "--plan", "--language", "en")[:2] == (3, "Measurement: not judged\n")


def test_a_check_from_a_file_is_that_of_its_words(run: Run) -> None:
    """The options have the same names in a file, and a day on the command line goes first."""
    file = str(EXAMPLES / "check-price-computing-scale.toml")
    code, said, _ = run("check", file)
    standards = [
        word
        for mass in ("5 kg", "5 kg", "2 kg", "2 kg", "1 kg", "500 g", "100 g")
        for word in ("--standard", f"{mass}:M1:2027-12-31")
    ]
    typed = run(
        "check", *SCALE, "--class", "III", "--min", "100 g", "10 kg=10.015", "--rest-as-standard", *standards
    )
    assert (code, said) == typed[:2]
    assert run("check", file, "--on", "2027-01-08")[1].startswith(
        "电子计价秤（price-computing-scale），2027-01-08"
    )


def test_a_lot_goes_on_reading_by_reading(run: Run) -> None:
    """Half-way nothing is decided; the reading that fails decides at once, and the last one changes nothing."""
    file = str(EXAMPLES / "lot-flour.toml")
    found = {first: run("lot", file, "--first", str(first), "--language", "en") for first in (5, 6, 10)}
    assert {first: code for first, (code, _, _) in found.items()} == {5: 3, 6: 1, 10: 1}
    assert "5 of 10 packages read" in found[5][1]
    assert "6  484 g  +16 g  T1" in found[6][1]
    assert "Mean 501.4 g ≥ 493.641 g" in found[10][1]
    assert "疑似净含量短缺" in run("lot", file)[1]
    assert json.loads(run("lot", file, "--json")[1])["outcome"] == "beyond"


def test_a_lot_by_weight_takes_tare_and_density(run: Run) -> None:
    """Gross readings less the mean tare, over the density; an attempt that was set aside is kept in sight."""
    code, said, _ = run("lot", str(EXAMPLES / "lot-oil.toml"), "--language", "en")
    assert code == 0
    assert "  Package 3: 479.9 g − 21.05 g = 458.85 g" in said
    assert "Package 3: 455.0 g set aside: the pan was touched" in said


def test_a_fault_of_the_label_is_the_lots_too(run: Run, tmp_path: Path) -> None:
    """A lot whose content is within and whose label is wrong ends with 1; a package that could not be read leaves it undecided."""
    text = (EXAMPLES / "lot-oil.toml").read_text()
    wrong, unread = tmp_path / "wrong.toml", tmp_path / "unread.toml"
    wrong.write_text(text.replace('label = "净含量:500mL"', 'label = "净含量:500ML"'))
    unread.write_text(text.replace('"5=479.0"', '"5=,because=burst"'))
    assert run("lot", str(wrong))[0] == 1
    assert run("lot", str(unread))[0] == 3


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["净含量:500g", "--height", "4"], 0, "Label: no fault seen"),
        (["净含量:500g", "--height", "3"], 1, "  Characters 3 mm high; for 500 g at least 4 mm."),
        (["净含量:500g"], 3, "Label: undecided"),
        (["净重5Kg", "--height", "6"], 1, "  The unit is written “Kg”; it must be “kg”."),
        (["净含量:500g", "--height", "4", "--goods", "药品"], 3, "Medicines are outside"),
        (["净含量:500g", "--height", "4", "--goods", "药品", "--on", "2023-05-31"], 0, "Note: "),
    ],
)
def test_labels(run: Run, words: list[str], code: int, line: str) -> None:
    """A statement is right, wrong or not decided, and each fault is named; before medicine was exempt it is judged."""
    found, said, _ = run("label", *words, "--language", "en")
    assert found == code
    assert any(each.startswith(line) for each in said.splitlines())


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["2 kg", "1.95 kg", "--goods", "meat"], 1, "Deviation: beyond"),
        (["4.5 kg", "4.39 kg", "--goods", "粮食、蔬菜、水果"], 1, "Deviation: beyond"),
        (["4.5 kg", "4.39 kg", "--goods", "staple", "--scale", "equal"], 0, "Deviation: within"),
        (["1 kg", "990 g", "--price", "5"], 0, "Deviation: within"),
        (["1 kg", "990 g", "--price", "200"], 3, "Deviation: undecided"),
        (["1 kg", "990 g", "--goods", "live-fish"], 3, "Deviation: undecided"),
    ],
)
def test_retail(run: Run, words: list[str], code: int, line: str) -> None:
    """A sale by its goods or its price, on either scale; what is only remembered or outside decides nothing."""
    found, said, _ = run("retail", *words, "--language", "en")
    assert found == code
    assert line in said.splitlines()


@pytest.mark.parametrize(
    ("words", "code", "lines"),
    [
        (["mooncake", "60 g", "--layers", "4"], 1, ["Layers: beyond", "Packaging: beyond"]),
        (["月饼", "60 g", "--layers", "3"], 3, ["Layers: within", "Packaging: undecided"]),
        (
            ["mooncake", "60 g", "--count", "8", "--sides", "240x200x100 mm"],
            3,
            ["Void ratio: undecided", "  By these figures: within"],
        ),
        (["zongzi", "60 g", "--cost", "20", "--price", "80"], 1, ["Cost of packaging: beyond"]),
        (["mooncake", "60 g", "--layers", "3", "--on", "2020-01-01"], 3, ["Packaging: undecided"]),
    ],
)
def test_packaging(run: Run, words: list[str], code: int, lines: list[str]) -> None:
    """Void ratio, layers and cost each with its finding; a remembered figure is worked out and judges nothing."""
    found, said, _ = run("packaging", *words, "--language", "en")
    assert found == code
    assert set(lines) <= set(said.splitlines())


def test_the_catalogue_lists_what_judges(run: Run) -> None:
    """Every kind stands with its edition and whether it is judged, on the day that is asked for."""
    code, said, _ = run("catalogue", "--language", "en", "--on", "2026-11-25")
    assert code == 0
    lines = {line.split()[0]: line for line in said.splitlines()[1:]}
    assert lines.keys() == catalogue().kinds.keys()
    assert lines["price-computing-scale"].endswith("JJG 539-2016  judged")
    assert lines["gas-dispenser"].endswith("not judged")
    assert "–  不作判定" in run("catalogue", "--on", "1980-01-01")[1]


def test_one_kind_is_shown_whole(run: Run) -> None:
    """Editions with the one that judges marked, limits with their clause, the nameplate's figures, questions, and what is not sure."""
    code, said, _ = run("catalogue", "压力表", "--on", "2026-11-25", "--language", "en")
    assert code == 0
    assert "  → JJG 52-2013  2013-12-27 – …  text seen" in said
    assert "±1.6 %" in said
    assert "--nameplate range_to=… MPa" in said
    assert "Not sure, so not judged by: " in said
    assert "III: ±0.5e ≤ 500e, ±1.0e ≤ 2000e, ±1.5e ≤ 10000e" in run("catalogue", "price-computing-scale")[1]


def test_all_that_is_unsure_can_be_listed(run: Run) -> None:
    """``--unsure`` names each unsure fact of every kind, and kinds without any not at all."""
    _, said, _ = run("catalogue", "--unsure", "--language", "en")
    facts = [unsure.fact for kind in catalogue().kinds.values() for unsure in kind.unsure]
    assert facts
    assert all(fact in said for fact in facts)
    assert "judged\n" not in said.replace("not judged by", "")


MISTAKES = [
    ("kind_unknown", ["check", "abacus"]),
    ("kind_unknown", ["catalogue", "abacus"]),
    ("edition_unknown", ["catalogue", "blood-pressure-monitor", "--on", "2000-01-01"]),
    ("quantity_unreadable", ["check", *SCALE, "10 kg=1_0"]),
    ("quantity_unreadable", ["check", *SCALE, "10 kg=10·015"]),
    ("quantity_unreadable", ["check", "price-computing-scale", "--max", "fifteen"]),
    ("quantity_unreadable", ["retail", "1", "1"]),
    ("quantity_impossible", ["check", *SCALE, f"10 kg=1{'0' * 40}"]),
    ("unit_mismatch", ["check", *SCALE, "10 kg=10 L"]),
    ("pair_unreadable", ["check", *SCALE, "10 kg"]),
    ("pair_unreadable", ["check", "pressure-gauge", "--nameplate", "range_to"]),
    ("figure_unknown", ["check", *SCALE, "--nameplate", "range_to=1 MPa"]),
    ("figure_unknown", ["check", *SCALE, "--nameplate", "range_{to=1 MPa"]),
    ("standard_unreadable", ["check", *SCALE, "--standard", "5 kg"]),
    ("standard_unreadable", ["check", *SCALE, "--standard", "5 kg:M1:soon"]),
    ("number_unreadable", ["check", *SCALE, "--standard", "nominal=5 kg,count=0"]),
    ("standard_missing", ["check", "taximeter"]),
    ("point_unknown", ["check", *SCALE, "11 kg=11.000"]),
    ("point_ambiguous", ["check", *GAUGE, "0.3 MPa=0.3"]),
    ("point_missing", ["check", *SCALE, "--limits"]),
    ("input_unknown", ["check", *SCALE, "10 kg=10.000,colour=3"]),
    ("scale_incomplete", ["check", "price-computing-scale", "10 kg=10.000"]),
    ("file_unreadable", ["check", "nowhere.toml"]),
    ("file_unreadable", ["lot", "nowhere.toml"]),
    ("goods_unknown", ["retail", "1 kg", "1 kg", "--goods", "air"]),
    ("goods_unknown", ["packaging", "air", "1 g"]),
    ("sale_impossible", ["retail", "0 kg", "1 kg"]),
    ("sides_unreadable", ["packaging", "tea", "5 g", "--sides", "3 x 4"]),
    ("package_impossible", ["packaging", "mooncake", "60 g", "--sides", "0 x 1 x 1"]),
    ("unit_mismatch", ["packaging", "tea", "5 g", "--cost", "5 USD", "--price", "9"]),
]


@pytest.mark.parametrize(("code", "words"), MISTAKES)
def test_a_mistake_is_answered_with_what_to_do(run: Run, code: str, words: list[str]) -> None:
    """Exit code 2, nothing on standard output; the stable code, what is wrong and what to do, in Chinese unless English is asked for."""
    ended, said, complaint = run(*words)
    assert (ended, said) == (2, "")
    what, remedy = complaint.splitlines()
    assert what.startswith(f"{code}: ")
    assert all(re.search("[一-鿿]", line) for line in (what, remedy))
    assert "{" not in complaint.replace("range_{to", "")
    _, _, english = run(*words, "--language", "en")
    assert english.startswith(f"{code}: ")
    assert english != complaint


def test_a_mistake_names_figures_and_stages_in_the_readers_language(run: Run) -> None:
    """What is missing, and the stage without a limit, are said in Chinese within the Chinese sentence."""
    heat = ("check", "heat-meter", "--limits", "10 kWh", "--input", "temperature_difference=30 K")
    _, _, complaint = run(*heat, "--stage", "initial")
    assert "铭牌参数未知：常用流量 qp。" in complaint
    _, _, complaint = run(*heat, "--stage", "in_service")
    assert "（使用中）" in complaint


def test_every_error_of_the_shell_is_tried() -> None:
    """Each code that the shell's modules raise themselves is among the mistakes above."""
    raised = {
        call.args[0].value
        for path in (ROOT / "server/shell").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "InputError"
        and isinstance(call.args[0], ast.Constant)
    }
    assert raised
    assert raised <= {code for code, _words in MISTAKES}


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """Where nobody reads on (``quanheng catalogue | head``) the command ends quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "server.cli", "catalogue"],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_day_that_is_none_is_an_error_of_use(run: Run) -> None:
    """An option that can't be read ends with 2 as every wrong use does."""
    with pytest.raises(SystemExit, match="2"):
        run("check", *SCALE[:-1], "yesterday")
