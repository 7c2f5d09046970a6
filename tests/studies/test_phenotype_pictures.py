import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.feature_scores import score_features
from gaitbook.studies.gain_discoveries import GainDiscoveries
from gaitbook.studies.phenotype_pictures import (
    TAUGHT,
    TRUE_SETS,
    as_estimates,
    by_age_band,
    check_regions,
    compare_readers,
    cover_people,
    map_regions,
    score_readers,
    score_views,
    tabulate_gains,
    tabulate_procedures,
    tabulate_systems,
    tell_at_most,
)
from gaitbook.studies.studied_walkers import StudiedWalkers
from gaitbook.studies.uncertainty import pick_estimate
from gaitbook.synthesis.causes import load_styles
from tests.studies.drawn_people import draw_people, table

PEOPLE = draw_people(400)
RNG = np.random.default_rng(3)
AGE = (PEOPLE["age_year"].to_numpy() - PEOPLE["age_year"].mean()) / PEOPLE["age_year"].std()
HIDDEN = RNG.standard_normal(len(PEOPLE))
NOISE = RNG.standard_normal((8, len(PEOPLE), 3))
NAMES = ["real", "none", "again", "age_score"]
SEXES = ["female", "male"]


def phenotypes():
    """A target of a hidden score that acts on both sexes' legs, one of nothing, a second reading, a tautology."""
    values = np.column_stack([HIDDEN, NOISE[0, :, 0], HIDDEN, AGE])
    true = np.array([[True, True], [False, False], [True, True], [False, False]])
    loading = np.zeros((len(load_styles()), 1, 2))
    loading[list(load_styles().values()).index("legs")] = 0.6
    return xr.Dataset(
        {
            "value": (("subject", "phenotype"), values),
            "seen_in_gait": (("phenotype", "sex"), true),
            "loading": (("style", "body_system", "sex"), loading),
        },
        coords={
            "subject": PEOPLE.index.to_numpy(),
            "phenotype": NAMES,
            "sex": SEXES,
            "style": list(load_styles()),
            "body_system": ["liver"],
            "system": ("phenotype", ["liver", "liver", "liver", "sleep"]),
            "unit": ("phenotype", ["1"] * 4),
            "kind": ("phenotype", ["true_effect", "null", "duplicate", "tautology"]),
            "duplicate_of": ("phenotype", ["", "", "real", ""]),
        },
    )


def walkers(*, truth=True):
    seen = np.column_stack([AGE + 0.5 * NOISE[1, :, 0], HIDDEN + 0.3 * NOISE[1, :, 1]])
    blind = NOISE[2, :, :2]
    sets = {
        "keypoints": table(PEOPLE, AGE[:, None] + NOISE[3]),
        "fast": table(PEOPLE, seen),
        **{f"without {region}": table(PEOPLE, blind if region == "legs" else seen) for region in REGIONS},
        **{f"only {region}": table(PEOPLE, seen if region == "legs" else blind) for region in REGIONS},
    }
    names = ["stride_length", "trunk_lean"]
    styles = table(PEOPLE, AGE + 0.5 * NOISE[4, :, 0], AGE + 0.5 * NOISE[4, :, 1], names=names)
    told = phenotypes() if truth else phenotypes()[["value"]]
    return StudiedWalkers(sets, PEOPLE, told, styles if truth else None, xr.Dataset())


REGIONS = ("legs", "arms", "torso", "head")


def taught():
    return dataclasses.replace(walkers(), sets={"taught": table(PEOPLE, AGE[:, None] + 0.3 * NOISE[1])})


def discoveries(found):
    """Discovery of each target, the same in both sexes."""
    rows = [
        {
            "phenotype": name,
            "sex": sex,
            "system": "sleep" if name == "age_score" else "liver",
            "n": 200,
            "r_covariates": 0.1,
            "r_both": 0.2,
            "gain": 0.1,
            "low": 0.05,
            "high": 0.15,
            "p": 1e-6 if name in found else 0.8,
            "q": 1e-5 if name in found else 0.9,
            "discovered": name in found,
            "reason": "",
        }
        for name in NAMES
        for sex in SEXES
    ]
    return GainDiscoveries(pd.DataFrame(rows), {})


def test_readers_are_scored_as_any_features_are():
    scores = score_readers(walkers())
    assert list(dict.fromkeys(scores["features"])) == ["demographics", "keypoints", "fast"]
    own = {name: walkers().sets[name] for name in ("keypoints", "fast")}
    pd.testing.assert_frame_equal(scores, score_features(own, PEOPLE))


def test_views_are_scored_without_demographics_and_the_other_day():
    whole = walkers()
    views = {"whole": whole.sets["fast"], "another day": whole.sets["fast"]}
    views |= dict.fromkeys(("mean pose", "without mean pose", "shuffled in time"), whole.sets["keypoints"])
    scores = score_views(StudiedWalkers(views, PEOPLE, xr.Dataset(), None, xr.Dataset()))
    assert list(dict.fromkeys(scores["features"])) == [
        *("whole", "mean pose", "without mean pose", "shuffled in time")
    ]
    again = score_readers(whole).set_index(["target", "sex", "features"])["r"]
    told = scores.set_index(["target", "sex", "features"])["r"]
    assert told["age", "female", "whole"] == again["age", "female", "fast"]


def test_an_estimate_is_the_row_of_its_score():
    scores = score_readers(walkers())
    picked = pick_estimate(as_estimates(scores), target="age", sex="male", features="fast")
    row = scores.query("target == 'age' and sex == 'male' and features == 'fast'").iloc[0]
    assert (picked.value, picked.low, picked.high, picked.n) == (row["r"], row["low"], row["high"], row["n"])


def test_readers_whom_nobody_has_are_compared_in_no_row():
    assert compare_readers(None, "fast", "paper").empty
    assert compare_readers(walkers(), "fast", "paper").empty
    gains = compare_readers(walkers(), "fast", "keypoints")
    assert len(gains) == 6
    fast = score_readers(walkers()).set_index(["features", "target", "sex"])["r"]
    for row in gains.itertuples():
        difference = fast["fast", row.target, row.sex] - fast["keypoints", row.target, row.sex]
        assert row.gain == pytest.approx(difference, abs=1e-9)


def test_all_true_styles_tell_more_than_those_of_shape_or_of_motion():
    told = tell_at_most(walkers(), taught()).set_index(["sex", "features"])["r"]
    for sex in SEXES:
        assert told[sex, "keypoints"] < told[sex, TAUGHT]
        whole = told[sex, TRUE_SETS["all styles"]]
        assert whole > max(told[sex, TRUE_SETS["shape"]], told[sex, TRUE_SETS["motion"]])
        assert "demographics" not in told[sex].index


def test_what_can_be_told_at_most_of_recorded_people_nobody_knows():
    with pytest.raises(ValueError, match="open them without a folder"):
        tell_at_most(walkers(truth=False), taught())


def test_every_target_keeps_its_row_of_gains():
    rows = tabulate_gains(discoveries({"real"}))
    assert len(rows) == len(NAMES) * 2
    assert "r_with_gait" in rows


def test_a_system_is_planted_where_a_target_that_is_no_tautology_is_true():
    systems = tabulate_systems(discoveries({"real", "age_score"}), walkers()).set_index(["system", "sex"])
    for sex in SEXES:
        assert systems.loc[("liver", sex), "planted"]
        assert not systems.loc[("sleep", sex), "planted"]
        assert systems.loc[("liver", sex), "tested"] == 3
    unknown = tabulate_systems(discoveries({"real"}), walkers(truth=False))
    assert unknown["planted"].isna().all()


def test_false_discoveries_are_counted_where_the_truth_is_known():
    both = tabulate_procedures(discoveries({"real"}), discoveries({"real", "none"}), walkers())
    rows = both.set_index(["procedure", "sex"])
    for sex in SEXES:
        assert rows.loc[("ours", sex), "false_percent"] == 0
        assert rows.loc[("published", sex), "false_percent"] == 50
        assert rows.loc[("ours", sex), "power_percent"] == 50
        assert rows.loc[("published", sex), "shared"] == 1
        assert rows.loc[("published", sex), "discovered"] == 2
    unknown = tabulate_procedures(discoveries({"real"}), discoveries(set()), walkers(truth=False))
    assert unknown[["false_percent", "power_percent"]].isna().all(axis=None)
    assert (unknown["shared"] == 0).all()


def test_the_region_that_alone_carries_a_system_comes_first_and_is_where_it_was_planted():
    regions = map_regions(walkers())
    checked = check_regions(regions, walkers())
    assert list(checked["region"]) == ["legs", "legs"]
    assert checked["is_most"].all()
    outlined = regions[regions["planted"].astype(bool)]
    assert set(outlined["region"]) == {"legs"}
    assert regions["importance"].groupby(regions["region"]).mean().idxmax() == "legs"


def test_intervals_of_ages_hold_about_as_often_as_they_say():
    coverage = cover_people(walkers())
    everyone = coverage[(coverage["sex"] == "all") & (coverage["target"] == "age")].iloc[0]
    assert everyone["n"] == len(PEOPLE)
    assert everyone["coverage"] == pytest.approx(0.9, abs=0.05)
    bands = by_age_band(coverage)
    assert set(bands["sex"]) == set(SEXES)
    assert "all" not in set(bands["age_band"])
    assert bands.query("target == 'age'")["n"].sum() == len(PEOPLE)
