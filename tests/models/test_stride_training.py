import pytest
import torch
from torch import nn

from gaitbook.models.families import path
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.stride_network import StrideSize
from gaitbook.models.stride_training import (
    OWN_NOISE,
    StrideBatch,
    StridePairs,
    _loss,
    train_changes,
    train_strides,
)
from tests.models.stub_strides import remaining_spread

SCORES, PEOPLE, SPEED_UNIT = 3, 400, 0.5
ANSWER = torch.tensor([[1.0, -0.5], [0.5, 1.0], [0.0, 2.0]])
"""Change of the scores (score, dose) that was asked for."""
PACE = torch.tensor([-1.0, 0.0, 1.0])
"""Change of the scores per unit of speed."""
SIZE = StrideSize(scores=SCORES, told=6, width=32, blocks=1)
PLAN = FittingPlan(family="strides", steps=400, batch=128, learning_rate=5e-3, averaging=0.98)
BRIEF = FittingPlan(family="strides", steps=8, batch=16, save_every=2)
METRIC = torch.eye(SCORES).repeat(2, 1, 1)


@pytest.fixture(scope="module")
def pairs():
    """People with a stride of their own and a changed one, of whom every answer is linear in the request."""
    random = torch.Generator().manual_seed(0)
    own = 2.0 * torch.randn(PEOPLE, SCORES, generator=random)
    person = torch.randn(PEOPLE, 3, generator=random)
    person[:, 0] = torch.where(torch.arange(PEOPLE) % 2 == 0, -1.0, 1.0)
    request, pace = torch.randn(PEOPLE, 2, generator=random), torch.randn(PEOPLE, generator=random)
    changed = own + request @ ANSWER.T + pace[:, None] * PACE
    faster = person.clone()
    faster[:, 1] += SPEED_UNIT * pace
    places = torch.stack([torch.arange(PEOPLE), PEOPLE + torch.arange(PEOPLE)], dim=1)
    return StridePairs(
        torch.cat([own, changed]),
        torch.cat([person, faster]),
        torch.cat([torch.zeros_like(request), request]),
        (places,),
        (1.0,),
    )


def scores_as_they_are(variance):
    """Axes along which a row is its scores."""
    return StrideAxes(torch.zeros(SCORES), torch.eye(SCORES), torch.eye(SCORES), variance)


@pytest.fixture(scope="module")
def axes(pairs):
    return scores_as_they_are(pairs.scores.var(dim=0))


@pytest.fixture(scope="module")
def trained(pairs, axes):
    network, deviation, fit = train_changes(pairs, axes, METRIC, SPEED_UNIT, PLAN, size=SIZE, progress=False)
    return StrideModel(network, axes, deviation), fit


def train_briefly(pairs, axes, plan=BRIEF, checkpoint=None):
    return train_changes(
        pairs, axes, METRIC, SPEED_UNIT, plan, size=SIZE, checkpoint=checkpoint, progress=False
    )


def groups_of(first, second):
    """Pairs in two groups, of which each stride tells its place."""
    places = torch.arange(100)
    pair = torch.stack([places, places], dim=1)
    count = torch.zeros(100, 1)
    return StridePairs(count, count, count, (pair[:10], pair[10:]), (first, second))


def weights(network):
    return torch.cat([each.flatten() for each in network.parameters()])


class KilledError(Exception):
    """Stands for a kill in the middle of a training."""


class Killed(StridePairs):
    """Pairs that end the training where the fifth batch is picked."""

    left = 4

    def pick(self, count, random):
        if type(self).left == 0:
            raise KilledError
        type(self).left -= 1
        return super().pick(count, random)


@pytest.mark.parametrize("share", [0.2, 0.75])
def test_groups_are_drawn_from_as_their_weights_say(share):
    own, changed = groups_of(share, 1.0 - share).pick(5000, torch.Generator().manual_seed(0))
    assert float((own < 10).float().mean()) == pytest.approx(share, abs=0.03)
    assert torch.equal(own, changed)


def test_weights_count_by_their_ratio():
    first, second = (
        groups_of(*both).pick(100, torch.Generator().manual_seed(0)) for both in ((0.2, 0.8), (1.0, 4.0))
    )
    assert torch.equal(first[0], second[0])


def test_a_group_is_drawn_from_evenly_and_to_its_ends():
    own, _ = groups_of(0.5, 0.5).pick(6000, torch.Generator().manual_seed(0))
    drawn = torch.bincount(own, minlength=100).float()
    assert drawn[:10].tolist() == pytest.approx([300.0] * 10, rel=0.25)
    assert (drawn[10:] > 0).all()


def test_changes_are_those_of_all_pairs(pairs):
    own, changed = pairs.scores[:PEOPLE], pairs.scores[PEOPLE:]
    torch.testing.assert_close(pairs.changes(), changed - own)


def test_a_batch_asks_for_the_change_and_tells_who_how_fast_and_what(pairs, axes):
    _, deviation, fit = train_briefly(pairs, axes)
    batch = fit.draw(500, torch.Generator().manual_seed(3))
    own, changed = pairs.pick(500, torch.Generator().manual_seed(3))
    torch.testing.assert_close(deviation, pairs.changes().std(dim=0))
    torch.testing.assert_close(batch.clean * deviation, pairs.scores[changed] - pairs.scores[own])
    pace = (pairs.person[changed, 1] - pairs.person[own, 1]) / SPEED_UNIT
    told = torch.cat([pairs.person[own], pace[:, None], pairs.request[changed]], dim=1)
    torch.testing.assert_close(batch.told, told)
    assert torch.equal(batch.runs, pairs.person[own, 0] > 0)
    added = batch.own * axes.variance.sqrt() - pairs.scores[own]
    assert float(added.std()) == pytest.approx(OWN_NOISE, rel=0.1)
    assert float(added.mean()) == pytest.approx(0.0, abs=0.03)


def test_whole_strides_are_drawn_told_nothing(pairs, axes):
    _, deviation, fit = train_strides(pairs, axes, METRIC, BRIEF, size=SIZE, progress=False)
    batch = fit.draw(50, torch.Generator().manual_seed(3))
    _, changed = pairs.pick(50, torch.Generator().manual_seed(3))
    torch.testing.assert_close(deviation, axes.variance.sqrt())
    torch.testing.assert_close(batch.clean * deviation, pairs.scores[changed])
    assert not batch.own.any()
    assert not batch.told.any()
    assert batch.told.shape == (50, SIZE.told)


def test_training_begins_where_nothing_is_found_at_ten(pairs, axes):
    plan = FittingPlan(family="strides", steps=1, batch=4000)
    for metric in (METRIC, torch.diag(torch.tensor([1.0, 5.0, 0.1])).repeat(2, 1, 1)):
        *_, fit = train_changes(pairs, axes, metric, SPEED_UNIT, plan, size=SIZE, progress=False)
        assert fit.losses[0] == pytest.approx(10.0, rel=0.1)


def test_errors_count_by_the_metric_of_their_gait(pairs):
    only = torch.zeros(2, SCORES, SCORES)
    only[0, 0, 0] = only[1, 1, 1] = 1.0
    loss = _loss(torch.ones(SCORES), only, pairs)
    clean = torch.tensor([[1.0, 0.0, 0.0]]).repeat(4, 1)

    def cost(runs):
        batch = StrideBatch(clean, clean, torch.zeros(4, 6), torch.tensor([runs] * 4))
        return float(loss(lambda noisy, *_: 0.0 * noisy, batch, torch.Generator().manual_seed(0)))

    assert cost(runs=False) > 0.0
    assert cost(runs=True) == 0.0


def test_the_network_sees_clean_scores_in_noise_on_the_path_of_diffusion(pairs):
    clean = torch.randn(6, SCORES, generator=torch.Generator().manual_seed(1))
    batch = StrideBatch(clean, torch.zeros_like(clean), torch.zeros(6, 6), torch.zeros(6, dtype=torch.bool))
    random = torch.Generator().manual_seed(2)
    level = torch.rand(6, generator=random)
    signal, away = path("diffusion", level[:, None])
    expected = signal * clean + away * torch.randn(clean.shape, generator=random)
    seen = []

    def network(noisy, _own, _told, now):
        seen.extend([noisy, now])
        return clean

    loss = _loss(torch.ones(SCORES), METRIC, pairs)
    assert float(loss(network, batch, torch.Generator().manual_seed(2))) == 0.0
    torch.testing.assert_close(seen[0], expected)
    assert torch.equal(seen[1], level)


def test_the_loss_falls(trained):
    _, fit = trained
    assert sum(fit.losses[-20:]) < 0.1 * sum(fit.losses[:20])


def test_what_was_asked_is_answered_as_it_was_learned(trained):
    model, _ = trained
    random = torch.Generator().manual_seed(9)
    drawn, expected = [], []
    for _ in range(20):
        own, person = 2.0 * torch.randn(SCORES, generator=random), torch.tensor([1.0, 0.3, -0.2])
        request, pace = torch.randn(2, generator=random), torch.randn(1, generator=random)
        told = torch.cat([person, pace, request])
        drawn.append(model.change(own, told, model.noise(10, seed=0)).mean(dim=0) - own)
        expected.append(ANSWER @ request + pace * PACE)
    found, true = torch.stack(drawn), torch.stack(expected)
    slope = (found * true).sum(dim=0) / true.pow(2).sum(dim=0)
    assert slope.tolist() == pytest.approx([1.0] * SCORES, abs=0.15)
    assert float((found - true).std() / true.std()) < 0.2


def test_whole_strides_come_out_with_the_mean_and_the_spread_of_those_learned(axes):
    random = torch.Generator().manual_seed(0)
    scores = torch.tensor([1.0, 0.0, -1.0]) + torch.randn(600, SCORES, generator=random)
    places = torch.arange(600).repeat(2, 1).T
    person = torch.zeros(600, 2)
    pairs = StridePairs(scores, person, torch.zeros(600, 2), (places,), (1.0,))
    axes = scores_as_they_are(torch.ones(SCORES))
    network, deviation, _ = train_strides(pairs, axes, METRIC, PLAN, size=SIZE, progress=False)
    model = StrideModel(network, axes, deviation)
    drawn = model.change(torch.zeros(SCORES), torch.zeros(SIZE.told), model.noise(400, seed=0), steps=20)
    assert drawn.mean(dim=0).tolist() == pytest.approx([1.0, 0.0, -1.0], abs=0.15)
    assert drawn.std(dim=0).tolist() == pytest.approx([remaining_spread(1.0, 20)] * SCORES, rel=0.15)


def test_a_training_that_was_killed_ends_with_the_same_weights(pairs, axes, tmp_path):
    whole, *_ = train_briefly(pairs, axes)
    file = tmp_path / "strides.checkpoint"
    with pytest.raises(KilledError):
        train_briefly(Killed(**vars(pairs)), axes, checkpoint=file)
    resumed, _, fit = train_briefly(pairs, axes, checkpoint=file)
    assert fit.step == BRIEF.steps
    torch.testing.assert_close(weights(resumed), weights(whole), atol=0, rtol=0)


def test_a_finished_training_is_not_trained_again(pairs, axes, tmp_path):
    file = tmp_path / "strides.checkpoint"
    first, *_ = train_briefly(pairs, axes, checkpoint=file)
    again, *_ = train_briefly(pairs, axes, checkpoint=file)
    assert isinstance(again, nn.Module)
    torch.testing.assert_close(weights(again), weights(first), atol=0, rtol=0)
