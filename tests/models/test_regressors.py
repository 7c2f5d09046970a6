import pytest
import torch

from gaitbook.models.regressors import ConvolutionalNet, Standardizer, fit_ridge
from gaitbook.models.training import NetworkRegressor, TrainingPlan, fit_network

QUICK = TrainingPlan(steps=150, batch=8, window=40, width=16)


def linear_sequences(count: int = 6, frames: int = 120) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Targets are a fixed linear map of smooth features."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(5, 2, generator=generator)
    time = torch.arange(frames)[:, None] / 20
    features = [
        torch.sin(time * (1 + torch.rand(1, 5, generator=generator)) + index) for index in range(count)
    ]
    return features, [x @ weights for x in features]


def all_frames(sequences: list[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.ones(len(x), dtype=torch.bool) for x in sequences]


def test_ridge_recovers_a_linear_map_on_people_it_never_saw():
    features, targets = linear_sequences()
    model = fit_ridge(
        features[:-1], targets[:-1], all_frames(features[:-1]), list("aabbc"), penalties=(1e-2, 1.0), every=1
    )
    inner = slice(12, -12)  # the ends repeat their neighbors
    assert torch.allclose(model.predict(features[-1]).float()[inner], targets[-1][inner], atol=0.05)


def test_network_learns_a_linear_map_roughly():
    features, targets = linear_sequences()
    model = fit_network(features[:-1], targets[:-1], all_frames(features[:-1]), QUICK, seed=0)
    error = (model.predict(features[-1]) - targets[-1]).abs().mean()
    assert error < 0.35 * targets[-1].std()


def test_same_seed_same_network():
    features, targets = linear_sequences()
    plan = TrainingPlan(steps=3, batch=2, window=20, width=4)
    first, second, other = (
        fit_network(features, targets, all_frames(features), plan, seed=seed).predict(features[0])
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_training_leaves_the_global_random_state_alone():
    features, targets = linear_sequences()
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    fit_network(
        features, targets, all_frames(features), TrainingPlan(steps=1, batch=2, window=20, width=4), seed=5
    )
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("fit", ["ridge", "network"])
def test_only_valid_frames_teach(fit):
    """Targets are nonsense where they are said not to count."""
    features, targets = linear_sequences()
    valid = [torch.arange(len(x)) % 20 < 12 for x in features]
    spoiled = [torch.where(use[:, None], y, 1e3) for y, use in zip(targets, valid, strict=True)]
    if fit == "ridge":
        model = fit_ridge(features, spoiled, valid, list("aabbcc"), penalties=(1e-2, 1.0), every=1)
    else:
        model = fit_network(features, spoiled, valid, QUICK, seed=0)
    assert model.predict(features[0]).abs().max() < 20


def test_network_keeps_time():
    network = ConvolutionalNet(5, 2, width=4).eval()
    assert network(torch.zeros(3, 77, 5)).shape == (3, 77, 2)


def test_trials_shorter_than_a_window_are_refused_when_there_is_no_other():
    with pytest.raises(ValueError, match="no trial is as long as a training window"):
        fit_network([torch.zeros(10, 5)], [torch.zeros(10, 2)], [torch.ones(10, dtype=bool)], QUICK, seed=0)


def test_missing_values_become_the_mean():
    standardizer = Standardizer.fit([torch.tensor([[1.0, 2.0], [3.0, float("nan")]])])
    scores = standardizer(torch.tensor([[2.0, float("nan")]]))
    assert torch.equal(scores, torch.zeros(1, 2))


def test_prediction_is_in_the_units_of_the_targets():
    standardizer = Standardizer(torch.zeros(5), torch.ones(5))
    model = NetworkRegressor(ConvolutionalNet(5, 2, width=4), standardizer, torch.tensor(100.0))
    base = NetworkRegressor(model.network, standardizer, torch.tensor(1.0))
    x = torch.randn(30, 5)
    assert torch.allclose(model.predict(x), 100 * base.predict(x))
