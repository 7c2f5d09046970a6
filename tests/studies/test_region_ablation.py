import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.region_ablation import (
    RegionFeatures,
    ablate_regions,
    compare_with_planted,
    leading_regions,
    planted_regions,
    visible_regions,
)
from tests.studies.drawn_people import draw_fold, draw_people, table

REGIONS = ("legs", "arms", "torso", "head")


def draw_regions(people, seed=1):
    """A hidden score and three features of it in each region."""
    rng = np.random.default_rng(seed)
    scores = {region: rng.standard_normal(len(people)) for region in REGIONS}
    parts = {
        region: table(people, scores[region][:, None] + rng.standard_normal((len(people), 3))).add_prefix(
            region
        )
        for region in REGIONS
    }
    masked = {
        region: pd.concat([parts[each] for each in REGIONS if each != region], axis=1) for region in REGIONS
    }
    return scores, RegionFeatures(pd.concat(parts.values(), axis=1), masked, parts)


def draw_targets(people, scores, region, count=6, *, size=0.5, seed=2):
    rng = np.random.default_rng(seed)
    told = 0.0 if region is None else size * scores[region][:, None]
    return told + rng.standard_normal((len(people), count))


def judge(people, features, groups, **options):
    values = table(people, *groups.values())
    values.columns = [f"{name} {k}" for name, each in groups.items() for k in range(each.shape[1])]
    systems = values.columns.to_series().str.rpartition(" ")[0]
    return ablate_regions(features, values, people, draw_fold(people), systems=systems, **options)


def test_the_planted_region_leads_and_its_share_is_right():
    people = draw_people(1600)
    scores, features = draw_regions(people)
    groups = {
        "gait": draw_targets(people, scores, "legs"),
        "posture": draw_targets(people, scores, "torso", seed=3),
    }
    result = judge(people, features, groups, draws=200)
    leading = leading_regions(result).set_index(["sex", "system"])
    for sex in ("female", "male"):
        assert leading.loc[(sex, "gait"), "region"] == "legs"
        assert leading.loc[(sex, "posture"), "region"] == "torso"
        assert leading.loc[(sex, "gait"), "first"] == 1.0
    legs = result[(result["system"] == "gait") & (result["region"] == "legs")]
    # a target's share of variance in the score, times the share of the score that three features tell
    expected = 0.2 * 3 / 4
    assert legs["alone"].to_numpy() == pytest.approx([expected] * 2, abs=0.04)
    assert legs["loss"].to_numpy() == pytest.approx([expected] * 2, abs=0.04)
    np.testing.assert_allclose(legs["worth"], (legs["loss"] + legs["alone"]) / 2)
    assert ((legs["worth_low"] < legs["worth"]) & (legs["worth"] < legs["worth_high"])).all()


def test_where_nothing_was_planted_no_region_is_sure_to_lead():
    people = draw_people(400)
    _, features = draw_regions(people)
    surest = []
    for seed in range(6):
        groups = {"nothing": draw_targets(people, {}, None, count=3, seed=seed)}
        result = judge(people, features, groups, draws=100, seed=seed)
        surest += leading_regions(result)["first"].tolist()
    assert np.mean(np.array(surest) > 0.95) <= 0.25
    np.testing.assert_allclose(result.groupby("sex")["first"].sum(), 1.0)


def test_what_two_regions_both_tell_is_lost_with_neither_and_told_by_each():
    people = draw_people(800)
    _, features = draw_regions(people)
    legs = features.only["legs"]
    copy = legs.add_prefix("copy of ")
    both = RegionFeatures(
        pd.concat([legs, copy], axis=1), {"legs": copy, "arms": legs}, {"legs": legs, "arms": copy}
    )
    rng = np.random.default_rng(5)
    told = legs.sum(axis=1).to_numpy()
    result = judge(people, both, {"one": (told + rng.standard_normal(800))[:, None]}, draws=50)
    np.testing.assert_allclose(result["loss"], 0.0, atol=1e-3)
    assert (result["alone"] > 0.5).all()


def test_targets_stand_for_themselves_without_systems_and_the_unknown_is_counted():
    people = draw_people(300)
    scores, features = draw_regions(people)
    values = table(people, scores["legs"], np.ones(300), names=["true", "constant"])
    result = ablate_regions(features, values, people, draw_fold(people), draws=20)
    assert result.groupby("system")["targets"].first().to_dict() == {"true": 1, "constant": 0}
    assert result.loc[result["system"] == "constant", ["worth", "first"]].isna().all(axis=None)
    assert leading_regions(result)["system"].tolist() == ["true", "true"]


def test_the_planted_truth_is_the_share_of_squared_loadings():
    loading = xr.DataArray(
        [[[3.0, 0.0]], [[4.0, 0.0]], [[0.0, 0.0]]],
        {"style": ["stride", "swing", "nod"], "body_system": ["sleep"], "sex": ["female", "male"]},
    )
    planted = planted_regions(loading, {"stride": "legs", "swing": "arms", "nod": "head"})
    assert planted.set_index("region")["planted"].to_dict() == pytest.approx(
        {"legs": 0.36, "arms": 0.64, "head": 0.0}
    )
    assert set(planted["sex"]) == {"female"}
    leading = pd.DataFrame(
        {"sex": ["female", "male"], "system": "sleep", "region": "legs", "first": 0.9, "worth": 0.1}
    )
    compared = compare_with_planted(leading, planted)
    assert len(compared) == 1
    row = compared.iloc[0]
    assert (row["most"], row["is_planted"], row["is_most"]) == ("arms", True, False)
    assert row["planted"] == pytest.approx(0.36)


def test_a_style_counts_where_joints_show_it():
    loading = xr.DataArray(
        [[[1.0, 0.0]], [[1.0, 0.0]]],
        {"style": ["stride", "trunk rotation"], "body_system": ["sleep"], "sex": ["female", "male"]},
    )
    rows = [("stride", "legs", 0.5), ("stride", "arms", -0.01), ("trunk rotation", "arms", 0.3)]
    styles = pd.DataFrame(rows, columns=["system", "region", "worth"]).assign(sex="female")
    visible = visible_regions(loading, styles)
    assert visible.set_index("region")["planted"].to_dict() == pytest.approx({"arms": 0.375, "legs": 0.625})
    assert set(visible["sex"]) == {"female"}


def test_all_faults_of_regions_are_named():
    people = draw_people(200)
    _, features = draw_regions(people)
    broken = RegionFeatures(features.whole, {"legs": features.whole}, {"arms": features.whole})
    values = table(people, np.arange(200.0), names=["lonely"])
    with pytest.raises(
        ValueError,
        match=r"regions arms, legs are hidden or alone, but not both; 1 region.*1 targets have no system, such",
    ):
        ablate_regions(broken, values, people, draw_fold(people), systems=pd.Series(dtype=object))
    with pytest.raises(ValueError, match="200 people of the features have no row in folds"):
        ablate_regions(features, values, people, pd.Series(dtype=int))
