import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gaitbook.studies.comparison import compare_methods


def errors_of_people(people: int = 12) -> pd.DataFrame:
    """Each person has an own level of error; method B adds about one to it."""
    rng = np.random.default_rng(0)
    level = rng.normal(10, 5, people)
    a, b = level, level + rng.normal(1.0, 0.3, people)
    subject = [f"s{index:02d}" for index in range(people)]
    frames = [
        pd.DataFrame({"subject": subject, "method": m, "value": v, "axis": "y"})
        for m, v in (("A", a), ("B", b))
    ]
    return pd.concat(frames)


def test_pairing_removes_the_differences_between_people():
    row = compare_methods(errors_of_people(), by=["axis"], unit="%BW").iloc[0]
    assert row["low"] < -1.0 < row["high"]
    assert row["high"] - row["low"] < 0.6  # unpaired it would be about 8


def test_p_value_is_wilcoxons():
    table = errors_of_people()
    wide = table.pivot_table(index="subject", columns="method", values="value")
    row = compare_methods(table, by=["axis"]).iloc[0]
    assert row["p_value"] == pytest.approx(stats.wilcoxon(wide["A"], wide["B"]).pvalue)


def test_three_methods_make_three_corrected_comparisons():
    table = errors_of_people()
    third = table[table["method"] == "A"].assign(
        method="C", value=lambda t: t["value"] + np.linspace(-1, 1.3, 12)
    )
    result = compare_methods(pd.concat([table, third]), by=["axis"])
    assert list(zip(result["first"], result["second"], strict=True)) == [("A", "B"), ("A", "C"), ("B", "C")]
    assert result["p_value"].iloc[0] == pytest.approx(3 * 0.00048828125)
