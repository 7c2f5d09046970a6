from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies import realized_discoveries
from gaitbook.studies.emulated_cohorts import draw_cohort, fit_emulator
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.realized_discoveries import judge_cohort, realize_discoveries, summarize_realized
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people

FEW = GainSettings(permutations=5)
KEPT = 60


@pytest.fixture(scope="module")
def emulator():
    people = draw_people(700, seed=3)
    styles = draw_causes(people, seed=3).styles
    noise = np.random.default_rng(0).standard_normal(styles.shape)
    return fit_emulator(styles + 0.5 * noise, people, styles)


@pytest.fixture(autouse=True)
def fewer_phenotypes(monkeypatch):
    """Every fortieth or so, so that a test takes seconds and all kinds are there."""

    def draw(emulator, count, *, seed):
        cohort = draw_cohort(emulator, count, seed=seed)
        step = max(1, cohort.phenotypes.sizes["phenotype"] // KEPT)
        return replace(cohort, phenotypes=cohort.phenotypes.isel(phenotype=slice(None, None, step)))

    monkeypatch.setattr(realized_discoveries, "draw_cohort", draw)


def test_every_cohort_has_a_row_for_every_procedure_and_sex(emulator):
    realized = realize_discoveries(emulator, [1], people=300, settings=FEW, progress=False)
    assert realized[["cohort", "procedure", "sex"]].drop_duplicates().shape[0] == len(realized)
    assert {"permutation", "published"} == set(realized["procedure"])
    assert {"female", "male"} <= set(realized["sex"])
    shares = realized[["false_proportion", "power", "type_one"]].to_numpy(dtype=float)
    assert np.nanmin(shares) >= 0
    assert np.nanmax(shares) <= 1
    summary = summarize_realized(realized)
    assert set(summary["quantity"]) >= {"false_proportion", "power", "type_one"}


def test_true_styles_are_judged_by_our_procedure_beside_the_features(emulator):
    realized = realize_discoveries(
        emulator, [1], people=300, modes=("permutation",), settings=FEW, by_styles=True, progress=False
    )
    rows = realized.set_index(["procedure", "sex"])
    cohort = realized_discoveries.draw_cohort(emulator, 300, seed=1)
    told = judge_cohort(replace(cohort, features=cohort.styles), "permutation", FEW).set_index("sex")
    assert rows.loc["true styles", "power"].equals(told["power"].loc[rows.loc["true styles"].index])
    assert {"permutation", "true styles"} == set(realized["procedure"])


def test_a_summary_is_mean_and_standard_error_over_cohorts():
    rows = pd.DataFrame(
        {
            "cohort": [0, 1, 2, 3],
            "procedure": "permutation",
            "sex": "female",
            "false_proportion": [0.0, 0.1, 0.0, 0.1],
            "power": [0.5, 0.5, 0.5, 0.5],
            "systems_recovered": [1.0, 2.0, 3.0, 4.0],
            "systems_false": 0.0,
            "type_one": [0.05, np.nan, 0.05, 0.05],
        }
    )
    summary = summarize_realized(rows).set_index("quantity")
    error = np.std([0, 0.1, 0, 0.1], ddof=1) / 2
    assert summary.loc["false_proportion", "value"] == pytest.approx(0.05)
    assert summary.loc["false_proportion", "high"] == pytest.approx(0.05 + 1.96 * error)
    assert (summary.loc["power", ["low", "high"]] == 0.5).all()
    assert summary.loc["type_one", "cohorts"] == 3


def test_the_same_cohort_is_judged_alike(emulator):
    cohort = realized_discoveries.draw_cohort(emulator, 200, seed=2)
    first, again = (judge_cohort(cohort, "published", FEW) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
