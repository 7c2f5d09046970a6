import numpy as np
import pytest
import torch

from gaitbook.models.filling import (
    DIFFUSION_STEPS,
    FILLINGS,
    draw_with_replacement,
    fill_linear,
    fill_spline,
    kept_variance,
    mid_range,
)

FRAMES = 40
TIME = torch.arange(FRAMES, dtype=torch.float32) / FRAMES
CENTER = torch.tensor([7.0, 8.0, 9.0])
GAP = slice(12, 25)


def windows_of(*columns: torch.Tensor) -> torch.Tensor:
    return torch.stack(columns, dim=-1)[None].clone()


def with_gap(whole: torch.Tensor, *channels: int) -> torch.Tensor:
    values = whole.clone()
    values[:, GAP, list(channels)] = torch.nan
    return values


@pytest.mark.parametrize("name", FILLINGS)
def test_what_is_known_stays_and_nothing_stays_missing(name):
    values = torch.randn(3, FRAMES, 3)
    values[torch.rand(values.shape) < 0.4] = torch.nan
    values[0, :, 1] = torch.nan
    filled = FILLINGS[name](values, CENTER)
    known = torch.isfinite(values)
    assert torch.equal(filled[known], values[known])
    assert torch.isfinite(filled).all()


@pytest.mark.parametrize("name", FILLINGS)
def test_a_channel_of_which_nothing_is_known_becomes_its_center(name):
    values = torch.full((2, FRAMES, 3), torch.nan)
    assert torch.equal(FILLINGS[name](values, CENTER), CENTER.expand(2, FRAMES, 3))


def test_a_line_is_filled_exactly_along_a_line():
    whole = windows_of(TIME, 3 - 2 * TIME, TIME)
    assert torch.allclose(fill_linear(with_gap(whole, 0, 1), CENTER), whole, atol=1e-6)


def test_a_cubic_is_filled_exactly_along_a_spline():
    whole = windows_of(TIME**3 - TIME, 2 * TIME**2, TIME)
    values = with_gap(whole, 0, 1)
    values[:, 30:33, 1] = torch.nan
    assert torch.allclose(fill_spline(values, CENTER), whole, atol=1e-5)


@pytest.mark.parametrize("fill", [fill_linear, fill_spline])
def test_beyond_the_ends_the_nearest_frame_is_held(fill):
    values = windows_of(TIME, TIME**2, TIME)
    values[:, :5, 0] = torch.nan
    values[:, 30:, 1] = torch.nan
    filled = fill(values, CENTER)
    assert torch.equal(filled[0, :5, 0], TIME[5].expand(5))
    assert torch.equal(filled[0, 30:, 1], (TIME[29] ** 2).expand(10))


def test_a_single_known_frame_is_held_throughout():
    values = torch.full((1, FRAMES, 3), torch.nan)
    values[0, 17, 2] = 0.5
    assert torch.equal(fill_spline(values, CENTER)[0, :, 2], torch.full((FRAMES,), 0.5))


def test_the_middle_of_the_range_is_between_least_and_greatest_and_not_the_mean():
    sequences = [torch.tensor([[0.0, 1.0], [0.0, torch.nan]]), torch.tensor([[0.0, torch.nan], [4.0, 3.0]])]
    assert torch.equal(mid_range(sequences), torch.tensor([2.0, 2.0]))
    assert mid_range([torch.full((3, 1), torch.nan)]).tolist() == [0.0]


def test_variance_is_kept_as_published():
    """Square of numbers evenly from the root of 1e-4 to that of 2e-2; hardly anything is left at the end."""
    kept = kept_variance()
    rates = np.linspace(1e-4**0.5, 2e-2**0.5, DIFFUSION_STEPS) ** 2
    assert np.allclose(kept.numpy(), np.cumprod(1 - rates), rtol=1e-5)
    assert kept[-1].item() == pytest.approx(7.3e-4, rel=0.02)
    assert (kept.diff() < 0).all()


def test_a_network_that_knows_the_window_draws_it_whatever_the_noise():
    clean, noise = torch.randn(2, FRAMES, 3), torch.randn(2, FRAMES, 3)
    nothing = torch.zeros(2, FRAMES, 3, dtype=torch.bool)
    drawn = draw_with_replacement(lambda *_: clean, torch.zeros(2, FRAMES, 3), nothing, noise, 5)
    assert torch.equal(drawn, clean)


def test_the_best_estimate_of_standard_normal_numbers_draws_standard_normal_numbers():
    noise = torch.randn(8, 200, 3, generator=torch.Generator().manual_seed(0))
    nothing = torch.zeros_like(noise, dtype=torch.bool)
    kept = kept_variance()

    def best(noisy: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        return kept[step].sqrt()[:, None, None] * noisy

    drawn = draw_with_replacement(best, torch.zeros_like(noise), nothing, noise, 50)
    assert drawn.mean().item() == pytest.approx(0.0, abs=0.05)
    assert drawn.std().item() == pytest.approx(1.0, abs=0.07)


class Spy:
    """A network that answers nothing and remembers what it saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, torch.Tensor]] = []

    def __call__(self, noisy: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        self.seen.append((int(step[0]), noisy.clone()))
        return torch.zeros_like(noisy)


def test_what_is_known_is_as_noisy_as_the_step_says_and_restored_at_the_end():
    states = torch.full((4, 500, 3), 2.0)
    noise = torch.randn(states.shape, generator=torch.Generator().manual_seed(1))
    known = torch.zeros_like(states, dtype=torch.bool)
    known[..., 0] = True
    spy = Spy()
    drawn = draw_with_replacement(spy, states, known, noise, 10)
    assert torch.equal(drawn[..., 0], states[..., 0])
    assert [step for step, _ in spy.seen] == [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]
    kept = kept_variance()
    for step, noisy in spy.seen[1:]:
        inside = noisy[..., 0]
        assert inside.mean().item() == pytest.approx(2 * kept[step].sqrt().item(), abs=0.1)
        assert inside.std().item() == pytest.approx((1 - kept[step]).sqrt().item(), rel=0.1)


def test_noise_of_what_is_known_is_fresh_at_every_step_and_follows_from_that_given():
    states, known = torch.zeros(2, 50, 3), torch.ones(2, 50, 3, dtype=torch.bool)
    noise = torch.randn(states.shape, generator=torch.Generator().manual_seed(2))
    first, again, alone = Spy(), Spy(), Spy()
    draw_with_replacement(first, states, known, noise, 4)
    draw_with_replacement(again, states, known, noise, 4)
    draw_with_replacement(alone, states[1:], known[1:], noise[1:], 4)
    for one, other, single in zip(first.seen, again.seen, alone.seen, strict=True):
        assert torch.equal(one[1], other[1])
        assert torch.equal(one[1][1:], single[1])
    fresh = [noisy.flatten() for _, noisy in first.seen]
    assert np.abs(np.corrcoef(torch.stack(fresh).numpy()) - np.eye(4)).max() < 0.25
