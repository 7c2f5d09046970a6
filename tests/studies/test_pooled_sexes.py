import dataclasses

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.gain_discoveries import GainDiscoveries, discover_gains, pooled_design
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.pooled_sexes import APART, TOGETHER, compare_pooled
from gaitbook.studies.studied_walkers import open_walkers


@pytest.fixture(scope="module")
def walkers():
    return open_walkers(people=300, every=40)


def found(names, sexes=("female",)):
    rows = [{"phenotype": name, "sex": sex, "discovered": True} for name in names for sex in sexes]
    return GainDiscoveries(pd.DataFrame(rows, columns=["phenotype", "sex", "discovered"]), {})


def names_of(walkers, kind):
    return walkers.phenotypes["phenotype"].values[walkers.phenotypes["kind"].values == kind].tolist()


def test_false_and_missed_are_counted_once_for_both_sexes(walkers):
    true = [
        name
        for name in names_of(walkers, "true_effect")
        if walkers.phenotypes["seen_in_gait"].sel(phenotype=name).any()
    ]
    null = names_of(walkers, "null")
    apart, together = found([*true[:4], null[0]], ("female", "male")), found(true[:2], ("pooled",))
    compared = compare_pooled(apart, together, walkers).set_index("asked")
    assert compared["discovered"].tolist() == [5, 2]
    assert compared["shared"].tolist() == [2, 2]
    assert compared.loc[APART, "false_percent"] == pytest.approx(20.0)
    assert compared.loc[TOGETHER, "false_percent"] == 0.0
    assert compared.loc[APART, "power_percent"] == pytest.approx(2 * compared.loc[TOGETHER, "power_percent"])


def test_where_the_truth_is_not_known_discoveries_are_counted_all_the_same(walkers):
    own = dataclasses.replace(walkers, styles=None)
    compared = compare_pooled(found(["a", "b"]), found(["b"]), own)
    assert compared["discovered"].tolist() == [2, 1]
    assert compared["shared"].tolist() == [1, 1]
    assert compared[["false_percent", "power_percent"]].isna().all(axis=None)


def test_each_sex_keeps_its_own_effects_of_covariates(walkers):
    people = walkers.people
    women = (people["sex"] == "female").to_numpy()
    own_effect = np.where(women, 0.2 * people["age_year"], -3.0 * people["height_m"])
    design = np.column_stack([np.ones(len(people)), pooled_design(people)])
    told = design @ np.linalg.lstsq(design, own_effect, rcond=None)[0]
    np.testing.assert_allclose(told, own_effect, atol=1e-6)


def test_asked_together_women_and_men_are_one_family(walkers):
    table = discover_gains(
        walkers.features,
        walkers.phenotypes,
        walkers.people,
        pooled=True,
        settings=GainSettings(permutations=5),
    ).table
    assert set(table["sex"]) == {"pooled"}
    assert len(table) == walkers.phenotypes.sizes["phenotype"]
    assert table["p"].notna().sum() > 20


def test_the_published_procedure_is_not_pooled(walkers):
    with pytest.raises(ValueError, match="the published procedure is not pooled: ask women and men apart"):
        discover_gains(walkers.features, walkers.phenotypes, walkers.people, mode="published", pooled=True)
