import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.diagnoses import score_diagnoses
from gaitbook.studies.gain_discoveries import discover_gains
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.studied_walkers import StudiedWalkers
from tests.studies.drawn_people import draw_people, table

NAMES = ["falls", "dog", "pulse", "rare"]


@pytest.fixture(scope="module")
def walkers():
    people = draw_people(600)
    rng = np.random.default_rng(3)
    score, noise = rng.standard_normal((2, 600))
    features = table(people, score + 0.3 * noise, *rng.standard_normal((6, 600)))
    told = rng.logistic(size=600) < 1.5 * score
    values = np.column_stack([told, rng.random(600) < 0.4, score, np.arange(600) < 3]).astype(float)
    values[::11, 0] = np.nan
    phenotypes = xr.Dataset(
        {"value": (("subject", "phenotype"), values)},
        coords={
            "subject": people.index.tolist(),
            "phenotype": NAMES,
            "system": ("phenotype", ["frailty", "lifestyle", "cardiovascular", "renal"]),
            "unit": ("phenotype", ["0 or 1", "0 or 1", "bpm", "0 or 1"]),
            "type": ("phenotype", ["binary", "binary", "continuous", "binary"]),
        },
    )
    return StudiedWalkers({"fast": features}, people, phenotypes, None, xr.Dataset())


@pytest.fixture(scope="module")
def found(walkers):
    return discover_gains(
        walkers.features, walkers.phenotypes, walkers.people, settings=GainSettings(permutations=10)
    )


def test_what_gait_adds_to_a_diagnosis_is_told_and_what_it_does_not_add_is_not(walkers, found):
    scores = score_diagnoses(found, walkers, draws=100).set_index(["phenotype", "sex"])
    assert sorted(scores.index.get_level_values(0).unique()) == ["dog", "falls"]
    for sex in ("female", "male"):
        told, nothing = scores.loc["falls", sex], scores.loc["dog", sex]
        assert told["gain"] > 0.15
        assert 0 < told["low"] < told["gain"] < told["high"]
        assert told["brier_with_gait"] < told["brier_covariates"] - 0.02
        assert nothing["low"] < 0.02
        assert nothing["high"] > -0.02
        assert told["gain"] == pytest.approx(told["auc_with_gait"] - told["auc_covariates"])


def test_rows_are_those_that_the_test_asked_about(walkers, found):
    scores = score_diagnoses(found, walkers, draws=5)
    merged = scores.merge(found.table, on=["phenotype", "sex"], suffixes=("", "_tested"))
    assert len(merged) == len(scores) == 4
    pd.testing.assert_series_equal(merged["q"], merged["q_tested"], check_names=False)
    assert merged["n"].tolist() == merged["n_tested"].tolist()
    assert (scores["cases"] < scores["n"]).all()


def test_without_a_yes_or_no_target_the_table_is_empty(walkers, found):
    pulse = walkers.phenotypes.sel(phenotype=["pulse"])
    empty = score_diagnoses(found, dataclasses.replace(walkers, phenotypes=pulse))
    assert empty.empty
    assert {"phenotype", "system", "sex", "q"} <= set(empty.columns)
