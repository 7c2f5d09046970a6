import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.response_features import predict_response


def cohort(count=60, *, effect=2.0, noise=1.0, seed=0):
    """People and their changes: the slope over the dose goes with their own peak and with nothing else."""
    random = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "subject": [f"p{number}" for number in range(count)],
            "own_peak": random.normal(3.0, 0.5, count),
            "height_m": random.normal(1.75, 0.08, count),
            "sex": random.choice(["female", "male"], count),
        }
    )
    slope = -1.0 + effect * (people["own_peak"] - 3.0) + noise * random.normal(size=count)
    fixed = {"subject": people["subject"], "condition": "trunk lean", "quantity": "peak"}
    parts = [pd.DataFrame(fixed | {"dose": dose, "value": slope * dose}) for dose in (5.0, 10.0)]
    return people, pd.concat(parts)


def test_the_feature_that_matters_is_found_and_the_others_are_not():
    table = predict_response(*cohort(noise=0.5)).set_index("feature")
    assert table.loc["own_peak", "coefficient"] == pytest.approx(0.89, abs=0.08)
    assert table.loc["own_peak", "low"] > 0.7
    assert table.loc["own_peak", "q"] < 1e-6
    assert (table.loc[["height_m", "sex (male)"], "q"] > 0.05).all()
    assert table["r2"].iloc[0] == pytest.approx(0.8, abs=0.12)
    assert set(table["n"]) == {60}


def test_without_noise_everything_is_explained():
    table = predict_response(*cohort(noise=0.0))
    assert table["r2"].iloc[0] > 0.99


def test_features_that_tell_nothing_are_rarely_called_found():
    tables = [predict_response(*cohort(40, effect=0.0, seed=seed), draws=100) for seed in range(10)]
    assert np.mean(np.concatenate([table["p"] for table in tables]) < 0.05) <= 0.2
    assert np.mean([table["r2"].iloc[0] for table in tables]) < 0.05


def test_few_people_never_make_a_feature_certain():
    few, many = (
        predict_response(*cohort(count, noise=0.05), draws=200).set_index("feature") for count in (10, 60)
    )
    assert many.loc["own_peak", "p"] < 1e-20
    assert 1e-9 < few.loc["own_peak", "p"] < 0.01


def test_features_may_have_any_unit():
    people, changes = cohort()
    first = predict_response(people, changes)
    second = predict_response(people.assign(height_m=100.0 * people["height_m"]), changes)
    assert np.allclose(first["coefficient"], second["coefficient"])


def test_the_same_seed_tells_the_same():
    pd.testing.assert_frame_equal(predict_response(*cohort()), predict_response(*cohort()))


def test_a_feature_that_everybody_shares_explains_nothing():
    people, changes = cohort()
    row = predict_response(people.assign(shoes=1.0), changes).set_index("feature").loc["shoes"]
    assert (row["coefficient"], row["p"]) == (0.0, 1.0)


def test_people_with_gaps_are_left_out():
    people, changes = cohort()
    people.loc[:4, "height_m"] = np.nan
    people.loc[5:6, "sex"] = None
    assert set(predict_response(people, changes)["n"]) == {53}


def test_discoveries_are_adjusted_over_all_rows():
    people, changes = cohort()
    several = pd.concat([changes.assign(quantity=name) for name in ("first", "second", "third")])
    table = predict_response(people, several)
    assert len(table) == 9
    assert (table["q"] >= table["p"]).all()


def test_what_is_missing_is_named():
    people, changes = cohort()
    with pytest.raises(ValueError, match=r"people lacks the column.*subject"):
        predict_response(people.drop(columns="subject"), changes)
    with pytest.raises(ValueError, match="peak of trunk lean: 9 people have features and changes"):
        predict_response(people.head(9), changes)
    with pytest.raises(ValueError, match="several rows of p0"):
        predict_response(pd.concat([people, people.head(1)]), changes)
    with pytest.raises(ValueError, match="the feature shoe has 3 kinds"):
        predict_response(people.assign(shoe=["a", "b", "c"] * 20), changes)
