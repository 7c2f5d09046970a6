import math

import pytest
import torch

from gaitbook.models.stride_axes import NOISE_VARIANCE, StrideAxes
from tests.models.stub_strides import random_axes

NAN = float("nan")


def positive(numbers, *, seed=3):
    """A metric in which numbers count differently and together."""
    root = torch.randn(numbers, numbers, generator=torch.Generator().manual_seed(seed))
    return torch.eye(numbers) + root @ root.T


@pytest.fixture
def rows():
    """Two hundred rows of six numbers that depend on one another."""
    random = torch.Generator().manual_seed(0)
    return 3.0 + torch.randn(200, 6, generator=random) @ torch.randn(6, 6, generator=random)


def test_axes_are_orthonormal_and_fall_in_variance(rows):
    axes = StrideAxes.fit(rows, 4)
    torch.testing.assert_close(axes.axes.T @ axes.axes, torch.eye(4))
    assert (axes.variance.diff() <= 0.0).all()
    torch.testing.assert_close(axes.mean, rows.mean(dim=0))


def test_the_variance_is_that_of_the_scores(rows):
    axes = StrideAxes.fit(rows, 4)
    scores = axes.scores(rows)
    assert scores.mean(dim=0).abs().max() < 1e-4
    torch.testing.assert_close(scores.T @ scores / len(rows), torch.diag(axes.variance), rtol=1e-4, atol=1e-4)


def test_rows_on_a_line_have_the_line_as_their_axis():
    along = torch.tensor([[-2.0], [-1.0], [0.0], [3.0]])
    axes = StrideAxes.fit(1.0 + along * torch.tensor([[0.6, 0.8]]), 1)
    assert axes.axes[:, 0].abs().tolist() == pytest.approx([0.6, 0.8])
    assert float(axes.variance) == pytest.approx(float(along.var(unbiased=False)))


def test_as_many_axes_as_numbers_lose_nothing(rows):
    axes = StrideAxes.fit(rows, 6)
    torch.testing.assert_close(axes.rows(axes.scores(rows)), rows, rtol=1e-4, atol=1e-4)


def test_scores_come_back_from_their_rows(rows):
    axes = StrideAxes.fit(rows, 3)
    scores = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(axes.scores(axes.rows(scores)), scores, rtol=1e-4, atol=1e-5)


def test_without_a_metric_axes_find_their_own_scores(rows):
    axes = StrideAxes.fit(rows, 4)
    assert torch.equal(axes.finder, axes.axes)


def test_the_identity_is_no_metric_at_all(rows):
    plain, same = StrideAxes.fit(rows, 4), StrideAxes.fit(rows, 4, metric=torch.eye(6))
    torch.testing.assert_close(same.variance, plain.variance)
    torch.testing.assert_close((same.axes.T @ plain.axes).abs(), torch.eye(4), rtol=1e-4, atol=1e-4)


def test_in_a_metric_the_finder_finds_what_the_axes_add(rows):
    metric = positive(6)
    axes = StrideAxes.fit(rows, 4, metric=metric)
    torch.testing.assert_close(axes.finder.T @ axes.axes, torch.eye(4), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(axes.axes.T @ metric @ axes.axes, torch.eye(4), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(metric @ axes.axes, axes.finder, rtol=1e-3, atol=1e-3)


def test_in_a_metric_the_variance_is_still_that_of_the_scores_and_nothing_is_lost(rows):
    axes = StrideAxes.fit(rows, 6, metric=positive(6))
    scores = axes.scores(rows)
    torch.testing.assert_close(scores.T @ scores / len(rows), torch.diag(axes.variance), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(axes.rows(scores), rows, rtol=1e-3, atol=1e-3)


def test_no_other_axes_leave_less_in_the_metric(rows):
    metric = positive(6)

    def left(axes):
        apart = rows - axes.rows(axes.scores(rows))
        return float(torch.einsum("ri,ij,rj->", apart, metric, apart))

    best = left(StrideAxes.fit(rows, 2, metric=metric))
    assert best < left(StrideAxes.fit(rows, 2))
    assert best < left(StrideAxes.fit(rows, 2, metric=positive(6, seed=4)))


def test_a_number_that_counts_much_is_the_first_axis():
    random = torch.Generator().manual_seed(0)
    rows = torch.randn(500, 3, generator=random) * torch.tensor([3.0, 1.0, 0.1])
    counts = torch.diag(torch.tensor([1.0, 1.0, 1e4]))
    axes = StrideAxes.fit(rows, 1, metric=counts)
    assert float(axes.axes[2, 0].abs()) == pytest.approx(0.01, rel=0.01)
    assert float(axes.finder[2, 0].abs()) == pytest.approx(100.0, rel=0.01)


def test_what_the_axes_do_not_hold_leaves_the_scores_alone():
    axes = random_axes(6, 2)
    beside = torch.randn(6, generator=torch.Generator().manual_seed(1))
    beside -= axes.axes @ (axes.axes.T @ beside)
    row = axes.rows(torch.tensor([[1.0, -2.0]]))
    torch.testing.assert_close(axes.scores(row + beside), torch.tensor([[1.0, -2.0]]), rtol=1e-4, atol=1e-5)


def test_a_row_that_counts_twice_is_as_two_rows(rows):
    once, twice = rows[:50], torch.cat([rows[:50], rows[:10]])
    weight = torch.where(torch.arange(50) < 10, 2.0, 1.0)
    weighted, repeated = StrideAxes.fit(once, 3, weight=weight), StrideAxes.fit(twice, 3)
    torch.testing.assert_close(weighted.mean, repeated.mean)
    torch.testing.assert_close(weighted.variance, repeated.variance)
    torch.testing.assert_close((weighted.axes.T @ repeated.axes).abs(), torch.eye(3), rtol=1e-4, atol=1e-4)


def test_rows_without_weight_do_not_count_and_all_weights_alike_are_none(rows):
    weight = (torch.arange(200) < 100).float()
    torch.testing.assert_close(StrideAxes.fit(rows, 3, weight=weight).mean, rows[:100].mean(dim=0))
    torch.testing.assert_close(
        StrideAxes.fit(rows, 3, weight=7.0 * torch.ones(200)).variance, StrideAxes.fit(rows, 3).variance
    )


def test_a_gap_is_filled_by_the_conditional_normal_mean():
    half = math.sqrt(0.5)
    along = torch.tensor([[half], [half]])
    axes = StrideAxes(torch.tensor([1.0, 5.0]), along, along, torch.tensor([3.0]))
    row = torch.tensor([[3.0, NAN]])
    score = half * 2.0 / (0.5 + NOISE_VARIANCE / 3.0)
    assert float(axes.scores(row)) == pytest.approx(score)
    assert axes.fill(row)[0].tolist() == pytest.approx([3.0, 5.0 + half * score])


def test_several_gaps_are_filled_as_the_covariance_of_known_and_unknown_tells():
    axes = random_axes(7, 3)
    row = torch.randn(7, generator=torch.Generator().manual_seed(2))
    known = torch.tensor([True, False, True, True, False, True, False])
    covariance = axes.axes * axes.variance @ axes.axes.T
    seen = covariance[known][:, known] + NOISE_VARIANCE * torch.eye(4)
    expected = axes.mean[~known] + covariance[~known][:, known] @ torch.linalg.solve(
        seen, (row - axes.mean)[known]
    )
    filled = axes.fill(torch.where(known, row, torch.tensor(NAN))[None])[0]
    torch.testing.assert_close(filled[~known], expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(filled[known], row[known])


def test_of_a_row_of_which_nothing_is_known_the_mean_is_the_likeliest():
    axes = random_axes(6, 2)
    torch.testing.assert_close(axes.fill(torch.full((1, 6), NAN))[0], axes.mean)


def test_a_wider_spread_along_an_axis_leaves_more_to_what_is_known():
    axes = random_axes(6, 1)
    row = axes.rows(torch.tensor([[2.0]]))
    row[0, 0] = NAN
    sure = StrideAxes(axes.mean, axes.axes, axes.finder, torch.tensor([1e6]))
    assert float(sure.scores(row)) == pytest.approx(2.0, rel=1e-4)
    assert 0.0 < float(axes.scores(row)) < 2.0


def test_rows_with_and_without_gaps_do_not_disturb_one_another():
    axes = random_axes(6, 3)
    rows = torch.randn(4, 6, generator=torch.Generator().manual_seed(3))
    rows[1, 2] = rows[3, 0] = NAN
    together = axes.fill(rows)
    for place in range(4):
        torch.testing.assert_close(together[place], axes.fill(rows[place : place + 1])[0])
    assert torch.equal(together[0], rows[0])
    assert torch.isfinite(together).all()
