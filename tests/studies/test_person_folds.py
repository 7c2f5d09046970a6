import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.person_folds import deal_people


def draw(count=203, seed=0):
    rng = np.random.default_rng(seed)
    columns = {"sex": rng.choice(["female", "male"], count), "age_year": rng.uniform(20, 80, count)}
    return pd.DataFrame(
        columns, index=pd.Index([f"p{number:03d}" for number in range(count)], name="subject")
    )


@pytest.mark.parametrize("seed", range(8))
def test_folds_are_alike_in_size_sex_and_age(seed):
    people = draw(200 + seed, seed)
    fold = deal_people(people)
    assert np.ptp(fold.value_counts()) <= 1
    for sex in ("female", "male"):
        assert np.ptp(fold[people["sex"] == sex].value_counts()) <= 1
    ages = people["age_year"].groupby([people["sex"], fold]).mean().unstack()
    assert np.ptp(ages.to_numpy(), axis=1).max() < 4.0


def test_order_of_people_does_not_matter_and_the_seed_does():
    people = draw()
    fold = deal_people(people)
    pd.testing.assert_series_equal(deal_people(people.iloc[::-1]).loc[people.index], fold)
    assert (deal_people(people, seed=1) != fold).any()


def test_visits_and_tasks_share_the_fold_of_their_participant():
    people = draw(20)
    rows = pd.DataFrame({"subject": np.repeat(people.index, 3)})
    fold = deal_people(people).loc[rows["subject"]]
    assert (fold.groupby(level=0).nunique() == 1).all()


def test_a_participant_who_stands_twice_is_one_clear_error():
    people = draw(10)
    with pytest.raises(ValueError, match=r"1 participants have more than one row \(p003\): keep one each"):
        deal_people(pd.concat([people, people.iloc[[3]]]))


def test_one_woman_cannot_be_dealt():
    with pytest.raises(ValueError, match=r"1 people \(1 female\) are fewer than the 5 folds"):
        deal_people(draw(1).assign(sex="female"))


def test_all_faults_are_named():
    people = draw(4).drop(columns="sex")
    people.iloc[0, 0] = np.nan
    with pytest.raises(
        ValueError,
        match=r"no column sex; 1 people have no age_year \(p000\).*4 people \(none\) are fewer than the 5",
    ):
        deal_people(people)
    with pytest.raises(ValueError, match="1 folds leave nobody to learn from"):
        deal_people(draw(4), folds=1)
