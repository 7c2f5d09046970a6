import math

import pytest
import torch
from torch import nn

from gaitbook.models.stride_model import (
    KIND,
    STEPS,
    StrideModel,
    load_stride_model,
    save_stride_model,
)
from gaitbook.models.stride_network import StrideNetwork, StrideSize
from gaitbook.models.weight_files import write_weights
from gaitbook.models.weights import stride_weights
from tests.models.stub_strides import normal_model, random_axes, remaining_spread

NUMBERS, SCORES, TOLD = 20, 8, 11


@pytest.fixture
def model():
    """A model that was never trained, but answers something."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = StrideNetwork(StrideSize(scores=SCORES, told=TOLD, width=16, blocks=1)).eval()
        nn.init.normal_(network.leave.weight, std=0.1)
    deviation = torch.linspace(2.0, 0.5, SCORES)
    card = {"limits": {"walk": [1, 2]}}
    return StrideModel(network, random_axes(NUMBERS, SCORES), deviation, card)


@pytest.fixture
def row():
    return torch.randn(NUMBERS, generator=torch.Generator().manual_seed(4))


@pytest.fixture
def told():
    return torch.randn(TOLD, generator=torch.Generator().manual_seed(5))


def test_a_model_comes_back_from_its_file_but_for_half_precision(model, row, told, tmp_path):
    read = load_stride_model(save_stride_model(model, tmp_path / "a" / "model.safetensors"))
    assert read.card == model.card
    assert read.network.size == model.network.size
    assert torch.equal(read.axes.axes, model.axes.axes.half().float())
    for name in ("mean", "finder", "variance"):
        assert torch.equal(getattr(read.axes, name), getattr(model.axes, name))
    assert torch.equal(read.deviation, model.deviation)
    noise = model.noise(6, 0)
    torch.testing.assert_close(
        read.change(row, told, noise), model.change(row, told, noise), rtol=0.01, atol=0.01
    )


def test_a_file_that_is_read_and_written_again_is_the_same(model, tmp_path):
    first = save_stride_model(model, tmp_path / "first.safetensors")
    second = save_stride_model(load_stride_model(first), tmp_path / "second.safetensors")
    assert first.read_bytes() == second.read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no stride model .*none.*train-strides` makes one"):
        load_stride_model(tmp_path / "none.safetensors")


def test_a_file_of_another_kind_is_refused_with_the_remedy(tmp_path):
    file = write_weights(tmp_path / "net.safetensors", "motion model", nn.Linear(1, 1), {}, {})
    with pytest.raises(ValueError, match=r"no stride model of this version .*train-strides` makes one"):
        load_stride_model(file)


def test_the_kind_of_the_file_is_what_its_errors_say():
    assert KIND == "stride model"


@pytest.mark.parametrize("draws", [1, 2, 7, 50])
def test_noise_comes_in_pairs_of_opposite_sign(model, draws):
    noise = model.noise(draws, seed=3)
    assert noise.shape == (draws, SCORES)
    even = draws - draws % 2
    assert torch.equal(noise[0:even:2], -noise[1:even:2])
    torch.testing.assert_close(noise[:even].sum(dim=0), torch.zeros(SCORES))


def test_noise_follows_from_the_seed_and_more_draws_begin_with_the_same(model):
    assert torch.equal(model.noise(10, seed=1), model.noise(10, seed=1))
    assert torch.equal(model.noise(10, seed=1)[:4], model.noise(4, seed=1))
    assert not torch.allclose(model.noise(10, seed=1), model.noise(10, seed=2))


def test_the_same_noise_draws_the_same_strides(model, row, told):
    first, second = (model.change(row, told, model.noise(6, seed=1)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (6, NUMBERS)
    assert not torch.allclose(first, model.change(row, told, model.noise(6, seed=2)), atol=1e-3)


def test_every_draw_is_drawn_as_if_alone(model, row, told):
    noise = model.noise(4, seed=1)
    together = model.change(row, told, noise)
    alone = torch.cat([model.change(row, told, noise[place : place + 1]) for place in range(4)])
    torch.testing.assert_close(alone, together)


def test_a_network_that_changes_nothing_gives_back_the_own_stride(model, row, told):
    still = StrideModel(StrideNetwork(model.network.size), model.axes, model.deviation)
    drawn = still.change(row, told, still.noise(6, seed=0))
    torch.testing.assert_close(drawn, row.expand(6, -1))


def test_a_network_that_changes_nothing_fills_the_gaps_by_the_likeliest(model, row, told):
    still = StrideModel(StrideNetwork(model.network.size), model.axes, model.deviation)
    row[3:6] = float("nan")
    drawn = still.change(row, told, still.noise(2, seed=0))
    torch.testing.assert_close(drawn, model.axes.fill(row[None]).expand(2, -1))


def test_what_the_axes_do_not_hold_stays_as_it_is(model, row, told):
    drawn = model.change(row, told, model.noise(6, seed=0))
    axes = model.axes.axes
    moved = drawn - row
    assert moved.abs().max() > 0.1
    torch.testing.assert_close(moved @ axes @ axes.T, moved, rtol=1e-3, atol=1e-4)


def test_the_mean_of_normal_changes_is_what_they_were_told(row, told):
    slope = torch.randn(SCORES, TOLD, generator=torch.Generator().manual_seed(6))
    axes = random_axes(NUMBERS, SCORES)
    model = normal_model(axes, TOLD, slope=slope, deviation=0.7, scale=1.5)
    drawn = model.change(row, told, model.noise(20, seed=0))
    torch.testing.assert_close(
        drawn.mean(dim=0), row + axes.axes @ (1.5 * slope @ told), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("steps", [STEPS, 50])
@pytest.mark.parametrize("deviation", [0.3, 1.0])
def test_the_spread_of_normal_changes_is_that_of_implicit_steps(row, told, steps, deviation):
    axes = random_axes(NUMBERS, SCORES)
    model = normal_model(axes, TOLD, deviation=deviation)
    noise = model.noise(6, seed=0)
    drawn = model.change(row, told, noise, steps=steps)
    expected = remaining_spread(deviation, steps) * noise @ axes.axes.T
    torch.testing.assert_close(drawn - row, expected, rtol=1e-3, atol=1e-3)


def test_few_steps_draw_too_narrow_and_many_come_near():
    assert remaining_spread(1.0, STEPS) == pytest.approx(math.cos(math.pi / (2 * STEPS)) ** STEPS)
    assert remaining_spread(1.0, 1000) == pytest.approx(1.0, abs=2e-3)
    assert remaining_spread(0.3, STEPS) < remaining_spread(0.3, 50) < remaining_spread(0.3, 1000) < 0.3


def test_a_scale_multiplies_what_is_drawn(row, told):
    axes = random_axes(NUMBERS, SCORES)
    noise = torch.randn(4, SCORES, generator=torch.Generator().manual_seed(7))
    one, three = (
        normal_model(axes, TOLD, deviation=1.0, scale=scale).change(row, told, noise) for scale in (1.0, 3.0)
    )
    torch.testing.assert_close(three - row, 3.0 * (one - row), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("free", [False, True])
def test_the_stride_models_of_the_package_load(free):
    try:
        path = stride_weights(free=free)
    except FileNotFoundError:
        pytest.skip("the package has come without this model")
    model = load_stride_model(path)
    drawn = model.change(model.axes.mean, torch.zeros(model.network.size.told), model.noise(4, seed=0))
    assert torch.isfinite(drawn).all()
    assert set(model.card["limits"]) == {"walk", "run"}
    assert model.card["draws"] == ("whole strides" if free else "changes")
