import math

import pytest
import torch

from gaitbook.models.families import draw
from gaitbook.models.guided_recipe import (
    INNER_STEPS,
    RATE,
    RIDGE,
    STEPS,
    WHOLE_RANGE,
    Followed,
    guided_strides,
)
from gaitbook.models.stride_axes import StrideAxes
from tests.models.stub_strides import normal_model, random_axes, remaining_spread

NUMBERS, SCORES, TOLD = 12, 4, 3
FREE = math.inf


@pytest.fixture
def single():
    """Axes along single numbers: score and number are the same, up to the mean."""
    eye = torch.eye(NUMBERS)[:, :SCORES].contiguous()
    return StrideAxes(torch.linspace(-1.0, 1.0, NUMBERS), eye, eye, torch.ones(SCORES))


def guided(model, *, clamped=(0,), target=0.0, threshold=FREE, own=0.0, draws=6, wide=10.0):
    """Strides where the numbers ``clamped`` are wanted a target above the mean, the others an own value above it."""
    where = torch.zeros(NUMBERS, dtype=torch.bool)
    where[list(clamped)] = True
    followed = Followed(torch.eye(NUMBERS), torch.full((NUMBERS,), wide))
    mean = model.axes.mean
    noise = model.noise(draws, seed=0)
    return guided_strides(model, mean + own, mean + target, where, followed, threshold=threshold, noise=noise)


def test_a_clamped_number_reaches_its_target(single):
    model = normal_model(single, TOLD, deviation=0.5)
    drawn = guided(model, clamped=(1,), target=3.0)
    assert drawn.shape == (6, NUMBERS)
    assert (drawn - single.mean)[:, 1].tolist() == pytest.approx([3.0] * 6, rel=RIDGE)


def test_clamped_numbers_reach_their_targets_together_where_the_axes_can_follow():
    model = normal_model(random_axes(NUMBERS, SCORES), TOLD, deviation=0.5)
    target = model.axes.axes @ torch.tensor([2.0, -1.0, 1.0, 0.5])
    clamped = range(NUMBERS)
    drawn = guided(model, clamped=clamped, target=target) - model.axes.mean
    torch.testing.assert_close(drawn, target.expand(6, -1), rtol=2 * RIDGE, atol=2 * RIDGE)


def test_what_is_not_clamped_hears_of_the_clamp_only_through_the_network(single):
    model = normal_model(single, TOLD, deviation=0.5)
    near, far = (guided(model, clamped=(1,), target=target) for target in (0.0, 5.0))
    others = [0, 2, 3]
    torch.testing.assert_close(near[:, others], far[:, others])


def test_a_threshold_without_end_leaves_the_unguided_draw(single):
    model = normal_model(single, TOLD, deviation=0.5, scale=2.0)
    noise = model.noise(6, seed=0)
    nothing, told = torch.zeros_like(noise), torch.zeros(6, TOLD)
    free = draw(
        "diffusion",
        lambda state, now: model.network(state[:, 0], nothing, told, now)[:, None],
        noise[:, None],
        STEPS,
    )[:, 0]
    drawn = guided(model, own=9.0) - single.mean
    torch.testing.assert_close(drawn[:, 1:SCORES], 2.0 * free[:, 1:], rtol=1e-4, atol=1e-4)
    assert not drawn[:, SCORES:].any()


def test_unguided_draws_are_normal_as_they_were_told(single):
    model = normal_model(single, TOLD, deviation=0.5, scale=3.0)
    drawn = guided(model, draws=8) - single.mean
    expected = 3.0 * remaining_spread(0.5, STEPS) * model.noise(8, seed=0)
    torch.testing.assert_close(drawn[:, 1:SCORES], expected[:, 1:], rtol=1e-3, atol=1e-3)
    assert remaining_spread(0.5, STEPS) == pytest.approx(0.5, rel=0.05)


def test_strides_that_are_near_enough_are_not_guided(single):
    model = normal_model(single, TOLD, deviation=0.5)
    torch.testing.assert_close(guided(model, threshold=0.9, own=1.0), guided(model))


def test_strides_that_are_too_far_come_nearer_to_the_own(single):
    model = normal_model(single, TOLD, deviation=1.0)
    free, loose, tight = (guided(model, threshold=share, own=3.0) for share in (FREE, 0.2, 0.0))
    apart = [(each - single.mean - 3.0)[:, 1:SCORES].abs().mean() for each in (free, loose, tight)]
    assert apart[0] > apart[1] > apart[2]


def test_the_guided_draw_of_a_normal_score_is_a_recursion_of_single_numbers(single):
    spread, own, share, wide = 0.8, 2.5, 0.05, 10.0
    model = normal_model(single, TOLD, deviation=spread)
    drawn = guided(model, threshold=share, own=own, wide=wide)[:, 2] - single.mean[2]
    state = model.noise(6, seed=0)[:, 2].double()
    for place in range(STEPS):
        now, then = (0.5 * math.pi * each / STEPS for each in (place, place + 1))
        slope = spread**2 * math.sin(now) / (spread**2 * math.sin(now) ** 2 + math.cos(now) ** 2)
        for _ in range(INNER_STEPS):
            apart = slope * state - own
            pull = apart.sign() * (apart.abs() > share * wide)
            state = state - RATE * wide / WHOLE_RANGE * slope * pull / (1.0 + RIDGE)
        clean = slope * state
        state = math.sin(then) * clean + math.cos(then) * (state - math.sin(now) * clean) / math.cos(now)
    torch.testing.assert_close(drawn, state.float(), rtol=1e-3, atol=1e-3)


def test_a_draw_takes_as_many_passes_as_the_recipe_says(single):
    model = normal_model(single, TOLD, deviation=0.5)
    guided(model, draws=1)
    assert model.network.passes == STEPS * (INNER_STEPS + 1) == 300


def test_the_same_noise_gives_the_same_strides(single):
    model = normal_model(single, TOLD, deviation=0.5)
    assert torch.equal(guided(model, threshold=0.1, own=2.0), guided(model, threshold=0.1, own=2.0))
