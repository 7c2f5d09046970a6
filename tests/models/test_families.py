import pytest
import torch

from gaitbook.models.families import FAMILIES, Batch, draw, path, smooth_noise, training_loss

SHAPE = (64, 20, 2)


def make_batch(states):
    known = torch.zeros_like(states)
    return Batch(states, torch.ones_like(states), known, known, torch.zeros(len(states), 1))


@pytest.mark.parametrize("family", ["flow", "diffusion"])
def test_a_path_starts_at_noise_and_ends_at_the_clean_window(family):
    start, end = path(family, torch.tensor(0.0)), path(family, torch.tensor(1.0))
    assert start[0] == 0
    assert start[1] == 1
    assert end[0] == pytest.approx(1.0)
    assert end[1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("family", ["flow", "diffusion"])
@pytest.mark.parametrize("steps", [1, 4, 9])
def test_an_estimate_that_knows_the_answer_is_drawn_as_it_is(family, steps):
    answer = torch.randn(SHAPE)
    drawn = draw(family, lambda _state, _level: answer, torch.randn(SHAPE), steps)
    torch.testing.assert_close(drawn, answer, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("family", ["flow", "velocity", "diffusion"])
def test_the_exact_estimate_of_a_normal_variable_draws_its_mean_and_spread(family):
    mean, deviation = 1.5, 0.4

    def estimate(state, level):
        signal, noise = path(family, level[0])
        gain = signal * deviation**2 / (signal**2 * deviation**2 + noise**2)
        clean = mean + gain * (state - signal * mean)
        if family == "velocity":
            away = noise / (signal**2 * deviation**2 + noise**2) * (state - signal * mean)
            return clean - away
        return clean

    noise = torch.randn(4000, 1, 1, generator=torch.Generator().manual_seed(1))
    drawn = draw(family, estimate, noise, 60)
    assert float(drawn.mean()) == pytest.approx(mean, abs=0.02)
    assert float(drawn.std()) == pytest.approx(deviation, rel=0.06)


def test_a_gaussian_draws_its_mean_and_spread():
    def estimate(state, _level):
        return torch.stack([torch.full_like(state, 2.0), torch.full_like(state, 0.5413)], dim=-1)

    drawn = draw("gaussian", estimate, torch.randn(4000, 1, 1), 1)
    assert float(drawn.mean()) == pytest.approx(2.0, abs=0.06)
    assert float(drawn.std()) == pytest.approx(1.0, rel=0.06)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_is_least_for_the_truth(family):
    torch.manual_seed(0)
    truth = torch.randn(SHAPE)
    batch, level = make_batch(truth), torch.rand(len(truth))
    random = torch.randn(*SHAPE[:-1], 2 * SHAPE[-1] if family == "scoring" else SHAPE[-1])

    def loss(shift):
        def estimate(_state, _level):
            if family == "gaussian":
                return torch.stack([truth + shift, torch.zeros_like(truth)], dim=-1)
            clean = truth + shift
            return clean - random if family == "velocity" else clean

        return float(training_loss(family, estimate, batch, torch.ones(2), random, level))

    assert loss(0.0) < loss(0.3) < loss(1.0)


def test_what_was_not_recorded_does_not_count():
    truth = torch.zeros(4, 5, 2)
    recorded = torch.ones_like(truth)
    recorded[..., 1] = 0.0
    batch = Batch(truth, recorded, torch.zeros_like(truth), torch.zeros_like(truth), torch.zeros(4, 1))
    wrong = torch.zeros_like(truth)
    wrong[..., 1] = 100.0
    loss = training_loss(
        "flow", lambda *_: wrong, batch, torch.ones(2), torch.randn_like(truth), torch.rand(4)
    )
    assert float(loss) == 0.0


def test_draws_are_the_same_for_the_same_noise():
    noise = torch.randn(SHAPE)
    first, second = (draw("flow", lambda state, _: 0.5 * state, noise, 3) for _ in range(2))
    torch.testing.assert_close(first, second, atol=0, rtol=0)


def test_smooth_noise_is_standard_normal_at_all_times_and_changes_slowly():
    noise = smooth_noise(400, 60, 3, random=torch.Generator().manual_seed(0))
    assert noise.shape == (400, 60, 3)
    assert float(noise.mean()) == pytest.approx(0.0, abs=0.02)
    spread = noise.std(dim=(0, 2))
    assert float(spread.min()) > 0.93
    assert float(spread.max()) < 1.07
    # a Gaussian kernel correlates neighbors by exp(-1 / (4 sigma^2))
    neighbors = (noise[:, 1:] * noise[:, :-1]).mean()
    assert float(neighbors) == pytest.approx(float(torch.exp(torch.tensor(-1 / (4 * 2.5**2)))), abs=0.02)
    assert float((noise[..., 0] * noise[..., 1]).mean()) == pytest.approx(0.0, abs=0.03)


def test_smooth_noise_is_the_same_for_the_same_generator():
    first, second = (smooth_noise(2, 20, 3, random=torch.Generator().manual_seed(7)) for _ in range(2))
    torch.testing.assert_close(first, second, atol=0, rtol=0)
