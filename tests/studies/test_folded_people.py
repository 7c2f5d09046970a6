import numpy as np
import pytest

from gaitbook.studies.folded_people import FoldedPeople


def draw(features, *, people=40):
    rng = np.random.default_rng(0)
    return 5.0 + 3.0 * rng.standard_normal((people, features)), np.arange(people) % 4


def test_features_are_scaled_by_those_who_teach():
    features, number = draw(6)
    features[:, 2] = 7.0
    fold = FoldedPeople(features, np.empty((40, 0)), number).prepare(number[1])
    np.testing.assert_array_equal(fold.asked, np.flatnonzero(number == 1))
    np.testing.assert_allclose(fold.features[fold.taught].mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(fold.features[fold.taught].std(axis=0), [1, 1, 0, 1, 1, 1])


def test_more_features_than_people_keep_their_distances():
    features, number = draw(90)
    fold = FoldedPeople(features, np.empty((40, 0)), number).prepare(number[0])
    taught = features[fold.taught]
    scaled = (features - taught.mean(axis=0)) / taught.std(axis=0)
    assert fold.features.shape == (40, 40)
    np.testing.assert_allclose(fold.features @ fold.features.T, scaled @ scaled.T, atol=1e-9)


def test_a_constant_is_added_to_the_covariates():
    features, number = draw(6)
    people = FoldedPeople(features, features[:, :1], number)
    fold = people.prepare(number[0])
    factors = people.factorize(fold, fold.taught)
    np.testing.assert_allclose(factors.axes.sum(axis=0), 0.0, atol=1e-10)
    assert factors.covariate_axes.shape == (30, 2)


def test_targets_need_a_row_for_each_person():
    features, number = draw(6)
    with pytest.raises(ValueError, match=r"shape \(39, 6\): 40 rows are needed"):
        FoldedPeople(features, features, number).require_rows(features[1:])


def test_every_fold_is_worked_on_and_errors_come_out():
    features, number = draw(6)
    people = FoldedPeople(features, features[:, :1], number)
    seen = np.full(40, -1)

    def note(place, fold):
        seen[fold.asked] = place

    people.for_each_fold(note)
    np.testing.assert_array_equal(seen, number)
    with pytest.raises(ZeroDivisionError):
        people.for_each_fold(lambda place, _: 1 // place)
