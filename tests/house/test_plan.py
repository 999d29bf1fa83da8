"""The plan's systems are each mapped to record kinds and screens, or said not to be served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.records import PAYLOADS

ROOT = Path(__file__).parents[2]
PHRASES = """受检率 ≥95%|净含量总体抽检合格率 ≥90%|监督抽查合格率 ≥90%|配备率 100%|诚信计量示范单位|免费检定|强制检定合格公示制度|市场主办方|使用单位
投诉举报监督机制|计量专项检查|分类监管|自我承诺|过度包装|能效标识|定期审查|安全用计量器具|计量比对|量传溯源公共信息平台|执法装备配备|逐年分解主要目标"""


@pytest.mark.parametrize("phrase", re.split(r"[|\n]", PHRASES))
def test_each_phrase_of_the_plan_has_its_row(phrase: str) -> None:
    """The phrase stands in docs/plan.md with record kinds that exist and a screen, or with "not served yet"."""
    rows = [
        line
        for line in (ROOT / "docs/plan.md").read_text().splitlines()
        if line.startswith("| ") and phrase in line.split("|")[1]
    ]
    assert len(rows) == 1
    _, _, kinds, screens, _ = rows[0].split("|")
    named = re.findall(r"`([^`]+)`", kinds)
    assert set(named) <= {kind for kind, _schema in PAYLOADS}
    assert named or "not served yet" in screens
