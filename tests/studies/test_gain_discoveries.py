import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.gain_discoveries import discover_gains, gain_design
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.system_discoveries import discover_systems

PEOPLE, TARGETS = 240, 30
SETTINGS = GainSettings(permutations=40)


def draw(seed=0, *, women=PEOPLE // 2):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((PEOPLE, 5))
    subjects = pd.Index([f"p{number:03}" for number in range(PEOPLE)], name="subject")
    people = pd.DataFrame(
        {
            "sex": np.where(np.arange(PEOPLE) < women, "female", "male"),
            "age_year": 50 + 10 * z[:, 0],
            "bmi_kgm2": 26 + 4 * z[:, 1],
            "visceral_fat_cm2": 120 + 50 * z[:, 2],
            "height_m": 1.7 + 0.1 * z[:, 3],
        },
        subjects,
    )
    features = pd.DataFrame(
        np.column_stack([z[:, 0] ** 2, z[:, 4], rng.standard_normal((PEOPLE, 6))]), subjects
    )
    values = rng.standard_normal((PEOPLE, TARGETS)) + z[:, :1]
    values[:, :4] += 1.5 * z[:, 4:]
    values[:, 4] = 1.0
    values[:, 5] = people["bmi_kgm2"] + 0.1 * z[:, 4]
    phenotypes = xr.Dataset(
        {"value": (("subject", "phenotype"), values)},
        {
            "subject": subjects.to_numpy(dtype=str),
            "phenotype": [f"target {number}" for number in range(TARGETS)],
            "system": ("phenotype", ["sleep"] * 10 + ["renal"] * 20),
            "unit": ("phenotype", ["1"] * TARGETS),
        },
    )
    return features, phenotypes, people


def test_planted_targets_are_found_in_both_sexes_and_others_keep_their_reason():
    found = discover_gains(*draw(), settings=SETTINGS)
    table = found.table.set_index(["sex", "phenotype"])
    for sex in ("female", "male"):
        own = table.loc[sex]
        assert own["discovered"].iloc[:4].all()
        assert own["discovered"].iloc[4:].sum() <= 2
        assert own.loc["target 4", "reason"] == "everybody has the same value"
        assert own.loc["target 5", "reason"].startswith("it contains a covariate")
        assert own["p"].isna().sum() == 2
        assert found.tests[sex].null.shape == (40, TARGETS)
    assert len(found.table) == 2 * TARGETS
    systems = discover_systems(found.table)
    assert systems.systems.set_index(["sex", "system"])["selected"].xs("sleep", level="system").all()


def test_the_published_procedure_answers_in_the_same_columns():
    tables = draw()
    published = discover_gains(*tables, mode="published").table
    columns = [
        "phenotype",
        "sex",
        "system",
        "n",
        "r_covariates",
        "r_both",
        "gain",
        "p",
        "q",
        "discovered",
        "reason",
    ]
    assert set(columns) <= set(published)
    assert set(columns) <= set(discover_gains(*tables, settings=GainSettings(permutations=2)).table)
    assert published.groupby("phenotype")["discovered"].all().iloc[:1].all()


def test_tautologies_may_be_asked_about_on_request():
    table = discover_gains(*draw(), set_apart=(), settings=GainSettings(permutations=2)).table
    assert table.set_index("phenotype").loc["target 5", "p"].notna().all()


def test_order_of_people_does_not_matter():
    features, phenotypes, people = draw()
    first = discover_gains(features, phenotypes, people, mode="published").table
    second = discover_gains(
        features, phenotypes.isel(subject=slice(None, None, -1)), people.iloc[::-1], mode="published"
    )
    pd.testing.assert_frame_equal(first, second.table)


def test_one_woman_is_no_family_and_says_so():
    table = discover_gains(*draw(women=1), settings=SETTINGS).table.set_index(["sex", "phenotype"])
    assert (table.loc["female", "reason"] == "female people: 1, at least 50 are needed").all()
    assert not table.loc["female", "discovered"].any()
    assert table.loc["male", "discovered"].iloc[:4].all()


def test_design_holds_products_of_every_two_covariates():
    _, _, people = draw()
    design = gain_design(people)
    product = (people["age_year"] - people["age_year"].mean()) * (
        people["bmi_kgm2"] - people["bmi_kgm2"].mean()
    )
    weights, *_ = np.linalg.lstsq(design, product.to_numpy(), rcond=None)
    np.testing.assert_allclose(design @ weights, product, atol=1e-8)


def test_all_faults_of_the_tables_are_named():
    features, phenotypes, people = draw()
    features, phenotypes = features.rename(index=lambda name: name + "x"), phenotypes.drop_vars("unit")
    people = pd.concat([people, people.iloc[:1]]).drop(columns="height_m")
    with pytest.raises(
        ValueError,
        match=r"mode is 'seeds'.*no column height_m; phenotypes have no coordinate unit; people have more than one row "
        r"for p000.*nobody is in",
    ):
        discover_gains(features, phenotypes, people, mode="seeds")
