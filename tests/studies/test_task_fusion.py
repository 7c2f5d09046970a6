import numpy as np
import pytest
from scipy.optimize import nnls

from gaitbook.studies.shared_ridge import NO_VALUE, SharedRidge
from gaitbook.studies.task_fusion import ALL_WAYS, learn_weights, positive_least_squares, predict_tasks
from gaitbook.studies.unseen_ridge import deal_folds

PEOPLE = 240


def draw(seed=0):
    """Two tasks: one tells of the targets, the other does not."""
    rng = np.random.default_rng(seed)
    score, design = rng.standard_normal((PEOPLE, 3)), rng.standard_normal((PEOPLE, 2))
    walk = np.column_stack([score + 0.5 * rng.standard_normal((PEOPLE, 3)), rng.standard_normal((PEOPLE, 5))])
    tasks = {"walk": walk, "stand": rng.standard_normal((PEOPLE, 8))}
    values = score @ rng.standard_normal((3, 3)) + design[:, :1] + rng.standard_normal((PEOPLE, 3))
    return tasks, design, deal_folds(PEOPLE, folds=4, seed=seed), values


def error(told, values):
    return ((told.both - values) ** 2).mean()


def test_mean_is_that_of_single_tasks():
    tasks, design, fold, values = draw()
    told = predict_tasks(tasks, design, fold, values, ways=("mean",))
    assert list(told) == ["walk", "stand", "mean"]
    np.testing.assert_allclose(told["mean"].both, (told["walk"].both + told["stand"].both) / 2)
    np.testing.assert_array_equal(
        told["walk"].both, SharedRidge(tasks["walk"], design, fold).predict(values).both
    )


def test_side_by_side_is_one_regression():
    tasks, design, fold, values = draw()
    told = predict_tasks(tasks, design, fold, values)["side_by_side"]
    alone = SharedRidge(np.column_stack([*tasks.values()]), design, fold).predict(values)
    np.testing.assert_array_equal(told.both, alone.both)


def test_stacking_trusts_the_task_that_tells():
    tasks, design, fold, values = draw()
    weights = learn_weights(tasks, design, fold, values)
    assert weights.shape == (4, 2, 3)
    assert (weights >= 0).all()
    assert weights[:, 0].min() > 0.7
    told = predict_tasks(tasks, design, fold, values, ways=ALL_WAYS)
    assert error(told["stacked"], values) < error(told["mean"], values) - 0.05
    assert error(told["stacked"], values) < 1.02 * error(told["walk"], values)


def test_a_person_does_not_teach_their_own_prediction():
    tasks, design, fold, values = draw()
    changed = values.copy()
    changed[fold == 1] += 100.0
    for way in ALL_WAYS:
        first, second = (
            predict_tasks(tasks, design, fold, each, ways=(way,))[way] for each in (values, changed)
        )
        np.testing.assert_array_equal(first.both[fold == 1], second.both[fold == 1])


def test_targets_with_gaps_are_fused_and_those_without_values_have_a_reason():
    tasks, design, fold, values = draw()
    values[:40, 0], values[:, 1] = np.nan, np.nan
    told = predict_tasks(tasks, design, fold, values, ways=ALL_WAYS)
    for way in ALL_WAYS:
        assert np.isfinite(told[way].both[:, [0, 2]]).all()
        assert np.isnan(told[way].both[:, 1]).all()
        assert told[way].reason.tolist() == ["", NO_VALUE, ""]


def test_weights_are_least_squares_that_are_not_negative():
    rng = np.random.default_rng(0)
    tables, truth = rng.standard_normal((6, 30, 4)), rng.standard_normal((6, 30))
    found = positive_least_squares(
        np.einsum("tpj,tpk->tjk", tables, tables), np.einsum("tpk,tp->tk", tables, truth)
    )
    expected = [nnls(table, each)[0] for table, each in zip(tables, truth, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert (found == 0).any()


def test_all_faults_are_named():
    tasks, design, fold, values = draw()
    with pytest.raises(ValueError, match=r"median: choose of mean, side_by_side, stacked; there is no task"):
        predict_tasks({}, design, fold, values, ways=("median",))
    tasks["mean"] = tasks.pop("stand")[1:]
    with pytest.raises(
        ValueError,
        match=r"a task is called mean.*walk of 240, mean of 239, fold of 240.*stacking needs at least 3 folds",
    ):
        predict_tasks(tasks, design, fold % 2, values, ways=("stacked",))
