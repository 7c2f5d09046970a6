import numpy as np
import pytest
import xarray as xr

from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.covariates import standardize_covariates
from gaitbook.synthesis.phenotype_effects import CONFOUNDERS, KINDS
from gaitbook.synthesis.phenotype_graph import phenotype_dictionary, true_graph
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people

PEOPLE = 2000
SEED = 5


@pytest.fixture(scope="module")
def people():
    return draw_people(PEOPLE, seed=SEED)


@pytest.fixture(scope="module")
def causes(people):
    return draw_causes(people, seed=SEED)


@pytest.fixture(scope="module")
def phenotypes(people, causes):
    return draw_phenotypes(people, causes, seed=SEED)


def of_kind(phenotypes, kind):
    return phenotypes.sel(phenotype=(phenotypes["kind"] == kind).values)


def adjusted(values, known):
    """What a linear regression on `known` leaves of `values`, both (person, column)."""
    known = np.column_stack([np.ones(len(known)), known])
    return values - known @ np.linalg.lstsq(known, values, rcond=None)[0]


def scores_of_correlation(value, known, explaining):
    """Correlation times root of n of `value` with `known`, given `explaining`; who lacks a value is left out."""
    found = []
    for pattern, columns in patterns(value).items():
        there = ~np.frombuffer(pattern, dtype=bool)
        first = adjusted(value[there][:, columns].astype(float), explaining[there])
        second = adjusted(known[there], explaining[there])
        first, second = first / first.std(axis=0), second / second.std(axis=0)
        found.append(first.T @ second / np.sqrt(there.sum()))
    return np.concatenate(found)


def patterns(value):
    found = {}
    for column, lacking in enumerate(np.isnan(value).T):
        found.setdefault(lacking.tobytes(), []).append(column)
    return found


def covariates_of(people):
    return standardize_covariates(people)[list(CONFOUNDERS[:5])].to_numpy()


def test_there_are_3210_phenotypes_of_18_systems(phenotypes):
    assert phenotypes["value"].shape == (PEOPLE, 3210)
    assert phenotypes["value"].dtype == np.float32
    assert len(set(phenotypes["system"].values)) == 18
    assert len(set(phenotypes["phenotype"].values)) == 3210


def test_shares_of_the_kinds(phenotypes):
    share = phenotypes["kind"].to_series().value_counts() / 3210
    assert set(share.index) == set(KINDS)
    assert share["null"] == pytest.approx(0.30, abs=0.02)
    assert share["confounded_only"] == pytest.approx(0.30, abs=0.02)
    assert share["true_effect"] == pytest.approx(0.37, abs=0.03)
    assert share["duplicate"] == pytest.approx(0.03, abs=0.005)
    assert share["tautology"] == pytest.approx(0.01, abs=0.003)


def test_truth_agrees_with_the_kinds(phenotypes):
    caused = (phenotypes["effect"] != 0).any("sex")
    explained = (phenotypes["confounder_effect"] != 0).any("confounder")
    kind = phenotypes["kind"]
    assert (caused == kind.isin(["true_effect"])).where(kind != "duplicate", True).all()
    assert explained.where(kind.isin(["confounded_only", "tautology"]), True).all()
    assert not explained.where(kind == "null", False).any()


def test_kidneys_are_not_seen_in_the_gait_of_women(phenotypes):
    renal = phenotypes.sel(phenotype=(phenotypes["cause_system"] == "renal").values)
    assert not renal["seen_in_gait"].sel(sex="female").any()
    assert renal["seen_in_gait"].sel(sex="male").sum() > 10
    assert (phenotypes["loading"].sel(body_system="renal", sex="female") == 0).all()
    others = phenotypes["seen_in_gait"].sel(sex="female").groupby("cause_system").any()
    assert others.sum() == 17


def test_null_targets_know_nothing_of_gait_or_person(phenotypes, people, causes):
    null = of_kind(phenotypes, "null")["value"].to_numpy()
    known = np.column_stack([causes.styles, causes.systems, covariates_of(people)])
    score = scores_of_correlation(null, known, np.empty((PEOPLE, 0)))
    assert (score**2).mean() == pytest.approx(1, abs=0.08)
    assert (np.abs(score) > 1.96).mean() == pytest.approx(0.05, abs=0.012)
    assert np.abs(score).max() < 6


def test_confounded_targets_know_the_gait_through_covariates_only(phenotypes, people, causes):
    value = of_kind(phenotypes, "confounded_only")["value"].to_numpy()
    known = np.column_stack([causes.styles, causes.systems])
    score = scores_of_correlation(value, known, covariates_of(people))
    assert (score**2).mean() == pytest.approx(1, abs=0.08)
    assert np.abs(score).max() < 6
    confounded = scores_of_correlation(value, causes.styles.to_numpy(), np.empty((PEOPLE, 0)))
    assert (confounded**2).mean() > 5


def test_true_targets_know_their_system_as_much_as_written(phenotypes, people, causes):
    for sex in ("female", "male"):
        chosen = (people["sex"] == sex).to_numpy()
        true = of_kind(phenotypes, "true_effect").isel(subject=chosen)
        true = true.sel(phenotype=(true["type"] == "continuous").values)
        found = [
            np.corrcoef(value[(there := np.isfinite(value))], causes.systems[system][chosen][there])[0, 1]
            for value, system in zip(true["value"].values.T, true["cause_system"].values, strict=True)
        ]
        assert np.corrcoef(found, true["effect"].sel(sex=sex))[0, 1] > 0.97


def test_duplicates_repeat_their_originals(phenotypes):
    value = phenotypes["value"].to_pandas()
    copies = of_kind(phenotypes, "duplicate")
    for name, original in zip(copies["phenotype"].values, copies["duplicate_of"].values, strict=True):
        assert 0.945 < value[[name, original]].corr().iloc[0, 1] < 0.995
    assert phenotypes.sel(phenotype="nmr_hdl_cholesterol")["cause_system"] == "blood_lipids"


def test_tautologies_follow_from_the_covariates(phenotypes, people):
    known = standardize_covariates(people)[list(CONFOUNDERS)].to_numpy()
    for name, series in of_kind(phenotypes, "tautology")["value"].to_pandas().items():
        there = series.notna() & (series > 0)
        left = adjusted(series[there].to_numpy(dtype=float), known[there])
        assert left.var() < 0.35 * series[there].var(), name
    weight = phenotypes["value"].sel(phenotype="body_weight").to_series()
    assert np.allclose(weight.dropna(), people["mass_kg"][weight.notna()] + 0.4, atol=3)
    assert np.corrcoef(weight.dropna(), people["mass_kg"][weight.notna()])[0, 1] > 0.9999


def test_diagnoses_are_as_frequent_as_written(phenotypes):
    binary = phenotypes.sel(phenotype=(phenotypes["type"] == "binary").values)["value"]
    assert set(np.unique(binary.values[np.isfinite(binary.values)])) == {0.0, 1.0}
    share = binary.mean("subject")
    assert ((share > 0.01) & (share < 0.44)).all()
    assert share.sel(phenotype="diagnosis_hypertension") == pytest.approx(0.21, abs=0.05)


@pytest.mark.parametrize(
    ("name", "unit", "mean", "sd"),
    [
        ("hand_grip_strength_left", "kg", 34.2, 11.4),
        ("ahi", "events/h", 10.6, 10.4),
        ("imt_left", "mm", 0.605, 0.121),
        ("r_abi", "ratio", 1.126, 0.149),
        ("p_ms", "ms", 112.6, 12.7),
        ("liver_elasticity_median", "kPa", 5.02, 1.19),
        ("body_arms_bmd", "g/cm2", 0.935, 0.150),
        ("total_scan_vat_volume", "cm3", 973, 715),
    ],
)
def test_documented_measures_have_their_published_distribution(phenotypes, name, unit, mean, sd):
    row = phenotype_dictionary(phenotypes).loc[name]
    assert row["unit"] == unit
    assert row["mean"] == pytest.approx(mean, rel=0.07)
    assert row["sd"] == pytest.approx(sd, rel=0.12)


def test_men_grip_harder_than_women(phenotypes, people):
    grip = (
        phenotypes["value"].sel(phenotype="hand_grip_strength_left").to_series().groupby(people["sex"]).mean()
    )
    assert 1.4 < grip["male"] / grip["female"] < 2.0


def test_nights_of_one_measure_resemble_each_other(phenotypes):
    nights = phenotypes["value"].sel(phenotype=["ahi_night_1", "ahi_night_2", "ahi_night_3"]).to_pandas()
    assert nights.corr().to_numpy().min() > 0.4


def test_people_do_not_depend_on_chunks(people, phenotypes):
    parts = [slice(0, 1), slice(1, 40), slice(40, 100)]
    drawn = [draw_phenotypes(people[part], draw_causes(people[part], seed=SEED), seed=SEED) for part in parts]
    joined = np.concatenate([each["value"].values for each in drawn])
    assert np.array_equal(joined, phenotypes["value"].values[:100], equal_nan=True)


def test_same_seed_same_people_other_seed_others(people, phenotypes):
    few = people[:5]
    again = draw_phenotypes(few, draw_causes(few, seed=SEED), seed=SEED)
    xr.testing.assert_identical(again, phenotypes.isel(subject=slice(5)))
    other = draw_phenotypes(few, draw_causes(few, seed=SEED), seed=SEED + 1)
    assert not np.array_equal(again["value"], other["value"], equal_nan=True)
    assert np.array_equal(again["effect"], other["effect"])


def test_graph_lists_every_arrow_once(phenotypes):
    graph = true_graph(phenotypes)
    assert not graph.duplicated(["cause", "effect", "sex"]).any()
    assert set(graph["sex"]) == {"both", "female", "male"}
    renal = graph[(graph["cause"] == "renal") & graph["effect"].isin(phenotypes["style"].values)]
    assert set(renal["sex"]) == {"male"}
    assert not graph["effect"].isin(of_kind(phenotypes, "null")["phenotype"].values).any()
    copy = graph[graph["effect"] == "nmr_hdl_cholesterol"]
    assert copy["cause"].tolist() == ["bt_hdl_cholesterol_first_visit"]
    grip = graph[graph["effect"] == "hand_grip_strength_left"].set_index(["cause", "sex"])["weight"]
    expected = phenotypes["effect"].sel(phenotype="hand_grip_strength_left", sex="female").item()
    assert grip["frailty", "female"] == expected


def test_dictionary_describes_every_column_without_the_truth(phenotypes):
    dictionary = phenotype_dictionary(phenotypes)
    assert len(dictionary) == 3210
    assert (dictionary[["system", "unit", "description"]] != "").all(axis=None)
    assert dictionary["complete"].between(0.3, 1).all()
    assert "kind" not in dictionary
    assert (
        dictionary.loc["bt_hdl_cholesterol_first_visit", "description"]
        == "blood test HDL cholesterol, first visit (mg/dl)"
    )


def test_dictionary_of_one_person_has_no_spread(phenotypes):
    dictionary = phenotype_dictionary(phenotypes.isel(subject=[0]))
    assert dictionary["sd"].isna().all()


def test_causes_of_other_people_are_refused(people, causes):
    with pytest.raises(
        ValueError, match=r"causes belong to 2000 people, the table has 3, .* Draw the causes from the same"
    ):
        draw_phenotypes(people[:3], causes)


def test_people_of_unknown_sex_are_refused(people, causes):
    with pytest.raises(ValueError, match="sex is unknown"):
        draw_phenotypes(people.assign(sex="unknown"), causes)
