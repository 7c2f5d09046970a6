import pytest
import torch
from torch import nn

from gaitbook.models.peer_networks import (
    ConvolutionalForceNet,
    DiffusionTransformer,
    RecurrentForceNet,
    RefinementTransformer,
)
from gaitbook.representation.channels import FORCE, MOTION

FORCE_NETS = (RefinementTransformer, ConvolutionalForceNet, RecurrentForceNet)


def parameters(network: nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def diffusion(motion: int, force: int) -> nn.Module:
    return DiffusionTransformer(motion + force)


@pytest.mark.parametrize(
    ("make", "published"),
    [
        (diffusion, 4.77e6),
        (RefinementTransformer, 2.09e6),
        (ConvolutionalForceNet, 0.98e6),
        (RecurrentForceNet, 0.32e6),
    ],
)
def test_sizes_are_the_published_ones(make, published):
    """With 51 numbers of motion and 12 of force, to the last digit given; with ours, larger by the first layer only."""
    assert parameters(make(51, 12)) == pytest.approx(published, abs=0.005e6)
    larger = parameters(make(len(MOTION), len(FORCE))) / published
    assert 1.0 <= larger < 1.15


def test_the_published_count_includes_a_cross_attention_that_nothing_uses():
    unused = 4 * sum(each.numel() for each in nn.MultiheadAttention(256, 4).parameters())
    assert parameters(diffusion(51, 12)) + unused == pytest.approx(5.82e6, abs=0.005e6)


@pytest.mark.parametrize("make", FORCE_NETS)
def test_a_window_is_answered_alike_alone_and_among_others(make):
    network = make(5, 2).eval()
    windows = torch.randn(3, 30, 5)
    together = network(windows)
    assert together.shape == (3, 30, 2)
    assert torch.allclose(network(windows[1:2]), together[1:2], atol=1e-5)


@pytest.mark.parametrize(("make", "first", "last"), [
    (RefinementTransformer, 0, 59), (ConvolutionalForceNet, 18, 42), (RecurrentForceNet, 30, 59),
])  # fmt: skip
def test_how_far_each_network_sees(make, first, last):
    """All of the window; 12 frames either way; the past."""
    network = make(5, 2).eval()
    window = torch.randn(1, 60, 5)
    other = window.clone()
    other[0, 30] += 1.0
    changed = torch.nonzero((network(window) - network(other)).abs().amax(dim=(0, 2)) > 0)[:, 0]
    assert changed.min().item() == first
    assert changed.max().item() <= last
    assert changed.max().item() > min(last, 35) - 1


@pytest.mark.parametrize("make", [RefinementTransformer, diffusion])
def test_transformers_know_the_order_of_frames(make):
    network = make(5, 2).eval()
    window = torch.randn(1, 20, 7 if make is diffusion else 5)
    told = (torch.tensor([300]),) if make is diffusion else ()
    backward = network(window.flip(1), *told).flip(1)
    assert not torch.allclose(network(window, *told), backward, atol=1e-3)


def test_the_step_of_diffusion_steers_the_answer():
    network = diffusion(5, 2).eval()
    window = torch.randn(2, 20, 7)
    together = network(window, torch.tensor([10, 900]))
    assert torch.allclose(network(window[1:], torch.tensor([900])), together[1:], atol=1e-5)
    assert not torch.allclose(network(window[1:], torch.tensor([10])), together[1:], atol=1e-3)


@pytest.mark.parametrize("make", FORCE_NETS)
def test_dropout_is_at_work_in_training_only(make):
    network, window = make(5, 2), torch.randn(1, 30, 5)
    assert not torch.equal(network(window), network(window))
    network.eval()
    assert torch.equal(network(window), network(window))
