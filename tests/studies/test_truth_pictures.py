import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.gain_discoveries import GainDiscoveries
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.studied_walkers import open_walkers
from gaitbook.studies.truth_pictures import (
    draw_arrows,
    in_percent,
    judge_emulated,
    judge_nulls,
    mean_of_cohorts,
    state_causes,
    strongest_target,
)

SEXES = ("female", "male")


@pytest.fixture(scope="module")
def walkers():
    return open_walkers(people=120, every=40)


def found_in(walkers, told):
    """Tests of all targets; residual correlations by target and sex, 0.01 where nothing is said."""
    rows = [
        {"phenotype": name, "sex": sex, "n": 60, "p": 0.5, "r_residual": told.get((name, sex), 0.01)}
        for name in walkers.phenotypes["phenotype"].values.tolist()
        for sex in SEXES
    ]
    return GainDiscoveries(pd.DataFrame(rows), {})


def true_names(walkers):
    kinds = walkers.phenotypes["kind"].values
    return walkers.phenotypes["phenotype"].values[kinds == "true_effect"].tolist()


def test_the_strongest_target_is_strong_in_both_sexes(walkers):
    first, second = true_names(walkers)[:2]
    told = {(first, "female"): 0.9, (second, "female"): 0.3, (second, "male"): 0.2}
    assert strongest_target(found_in(walkers, told), walkers) == second


def test_a_target_without_a_true_effect_is_never_the_strongest(walkers):
    kinds = walkers.phenotypes["kind"].values
    other = str(walkers.phenotypes["phenotype"].values[kinds != "true_effect"][0])
    found = found_in(walkers, {(other, sex): 0.9 for sex in SEXES})
    assert strongest_target(found, walkers) in true_names(walkers)


def test_without_a_tested_target_there_is_no_strongest(walkers):
    found = found_in(walkers, {})
    with pytest.raises(ValueError, match="more targets or people"):
        strongest_target(GainDiscoveries(found.table.assign(p=np.nan), {}), walkers)


def test_arrows_lead_from_known_kinds_of_nodes_and_have_a_weight_in_both_sexes(walkers):
    for target in true_names(walkers)[:5]:
        arrows, kinds = draw_arrows(walkers, target)
        assert set(arrows["cause"]) | set(arrows["effect"]) <= set(kinds)
        assert (arrows.groupby(["cause", "effect"]).size() == 2).all()
        assert kinds[target] == "measured"
        system = str(walkers.phenotypes["cause_system"].sel(phenotype=target).item())
        assert kinds[system] == "hidden"
        assert "sex" not in kinds
        own = arrows[(arrows["cause"] == system) & (arrows["effect"] == target)].set_index("sex")["weight"]
        effect = walkers.phenotypes["effect"].sel(phenotype=target)
        for sex in SEXES:
            assert own[sex] == pytest.approx(float(effect.sel(sex=sex)))


def test_the_words_name_what_was_not_measured(walkers):
    target = true_names(walkers)[0]
    system = str(walkers.phenotypes["cause_system"].sel(phenotype=target).item())
    said = state_causes(found_in(walkers, {(target, sex): 0.3 for sex in SEXES}), walkers, target)
    assert list(said["sex"]) == list(SEXES)
    assert said["statement"].str.contains("partial r = 0.30, n = 60", regex=False).all()
    moved = walkers.phenotypes["loading"].sel(body_system=system)
    for row in said.itertuples():
        if bool((moved.sel(sex=row.sex) != 0).any()):
            assert system in row.statement


@pytest.fixture(scope="module")
def judged():
    settings = GainSettings(permutations=2)
    return judge_emulated(1, people=200, every=100, settings=settings, progress=False)


def test_an_emulated_cohort_is_judged_by_both_procedures_in_both_sexes(judged):
    assert sorted(judged["procedure"].unique()) == ["ours", "published"]
    assert len(judged) == 4
    assert judged["false_discovery"].equals(judged["false_proportion"].rename("false_discovery"))
    assert judged["false_discovery"].between(0, 1).all()


def test_the_mean_of_two_cohorts_is_their_mean(judged):
    other = judged.assign(cohort=0, false_proportion=1.0, power=0.5)
    summary = mean_of_cohorts(pd.concat([judged.assign(false_proportion=0.0), other]))
    false = summary[summary["quantity"] == "false_discovery"]
    assert (false["value"] == 0.5).all()
    assert (false["n"] == 2).all()
    percent = in_percent(summary)
    assert (percent.loc[false.index, "value"] == 50).all()
    assert set(percent["unit"]) == {"%"}


def test_targets_that_nothing_acts_on_are_negative_controls(walkers):
    found = found_in(walkers, {})
    kinds = walkers.phenotypes["kind"].values
    null = walkers.phenotypes["phenotype"].values[kinds == "null"].tolist()
    table = found.table.assign(p=np.where(found.table["phenotype"].isin(null), 0.04, 0.001))
    table.loc[(table["phenotype"] == null[0]), "p"] = np.nan
    judged = judge_nulls(GainDiscoveries(table, {}), walkers)
    assert judged["n"].tolist() == [len(null) - 1] * 2
    assert (judged["share"] == 1.0).all()
    assert not judged["holds"].any()
