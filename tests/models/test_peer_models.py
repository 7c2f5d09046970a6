from dataclasses import replace

import pytest
import torch

from gaitbook.models.filling import FILLINGS
from gaitbook.models.peer_models import DiffusionPeer, RegressorPeer
from gaitbook.models.window_sampling import Scale
from gaitbook.representation.channels import FORCE

MOTION, FORCES, PHYSICS, FRAMES = 5, len(FORCE), 2, 12
STATES = MOTION + FORCES
CHANNELS = STATES + PHYSICS
SCALE = Scale(torch.linspace(-1, 1, CHANNELS), torch.linspace(1, 3, CHANNELS), torch.zeros(1), torch.ones(1))
MIDDLE = torch.full((MOTION,), 4.0)
PERSON = torch.full((3, 1), torch.nan)


class SumOfMotion(torch.nn.Linear):
    """Every force is the sum of the motion, in standard scores."""

    def __init__(self) -> None:
        super().__init__(MOTION, FORCES, bias=False)
        torch.nn.init.ones_(self.weight)


class NoisyWindow(torch.nn.Linear):
    """Takes the noisy window for the clean one, but for its force, of which all is one."""

    def __init__(self) -> None:
        super().__init__(1, 1)

    def forward(self, noisy: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        assert step.shape == noisy.shape[:1]
        return torch.cat([noisy[..., :MOTION], torch.ones_like(noisy[..., MOTION:])], dim=-1)


def windows(*, hidden: tuple[int, ...] = ()) -> torch.Tensor:
    values = torch.randn(3, FRAMES, CHANNELS, generator=torch.Generator().manual_seed(3))
    values[..., MOTION:] = torch.nan
    values[..., list(hidden)] = torch.nan
    return values


def noise(draws: int = 2) -> torch.Tensor:
    return torch.randn(draws, 3, FRAMES, STATES, generator=torch.Generator().manual_seed(4))


def diffusion() -> DiffusionPeer:
    return DiffusionPeer("GaitDynamics diffusion", NoisyWindow(), SCALE, MIDDLE, FRAMES)


def regressor(filling: str | DiffusionPeer = "mid-range") -> RegressorPeer:
    return RegressorPeer("CNN", SumOfMotion(), SCALE, MIDDLE, FRAMES, filling=filling)


@pytest.mark.parametrize("peer", [diffusion(), regressor(), regressor(diffusion())])
def test_completion_keeps_what_is_known_and_leaves_nothing_out(peer):
    values = windows(hidden=(1, 3))
    values[0, 4:7, MOTION + 2] = 55.0
    drawn = peer.complete(values, PERSON, noise(), steps=3)
    known = torch.isfinite(values[..., :STATES]).expand_as(drawn)
    assert drawn.shape == (2, 3, FRAMES, STATES)
    assert torch.equal(drawn[known], values[..., :STATES].expand_as(drawn)[known])
    assert torch.isfinite(drawn).all()


@pytest.mark.parametrize("peer", [diffusion(), regressor(), regressor(diffusion())])
def test_completion_depends_neither_on_the_batch_nor_on_person_and_physics(peer):
    values = windows(hidden=(1, 3))
    told = values.clone()
    told[..., STATES:] = 1.0
    whole = peer.complete(values, PERSON, noise(), steps=3)
    assert torch.allclose(peer.complete(told, PERSON + 1.0, noise(), steps=3, batch=2), whole, atol=1e-6)


def test_force_is_in_its_own_units():
    values = windows()
    scores = SCALE.scores(values)[..., :MOTION].sum(dim=-1, keepdim=True)
    expected = scores * SCALE.deviation[MOTION:STATES] + SCALE.mean[MOTION:STATES]
    assert torch.allclose(regressor().complete(values, PERSON, noise())[0, ..., MOTION:], expected, atol=1e-5)


def test_without_diffusion_all_draws_are_one():
    drawn = regressor().complete(windows(hidden=(2,)), PERSON, noise(draws=50))
    assert drawn.stride(0) == 0
    assert torch.equal(drawn[0], drawn[-1])


@pytest.mark.parametrize(
    ("filling", "center"), [("mid-range", MIDDLE), ("mean", SCALE.mean), ("spline", SCALE.mean)]
)
def test_what_is_never_seen_becomes_the_center_of_the_filling(filling, center):
    drawn = regressor(filling).complete(windows(hidden=(2,)), PERSON, noise())
    assert torch.equal(drawn[0, ..., 2], center[2].expand(3, FRAMES))


def test_spans_are_bridged_in_time():
    values = windows()
    values[..., 0] = torch.arange(FRAMES)
    values[:, 3:8, 0] = torch.nan
    drawn = regressor("linear").complete(values, PERSON, noise())
    assert torch.allclose(drawn[0, ..., 0], torch.arange(FRAMES).float().expand(3, FRAMES), atol=1e-5)


def test_a_diffusion_draws_its_own_force_and_never_sees_that_given():
    values = windows(hidden=(1,))
    told = values.clone()
    told[..., MOTION] = 9.0
    blind, drawn = (diffusion().complete(each, PERSON, noise(), steps=3) for each in (values, told))
    one = SCALE.deviation[MOTION:STATES] + SCALE.mean[MOTION:STATES]
    assert torch.allclose(blind[..., MOTION:], one.expand(2, 3, FRAMES, FORCES), atol=1e-5)
    assert torch.equal(drawn[..., :MOTION], blind[..., :MOTION])


def test_draws_of_a_diffusion_differ_and_so_does_the_force_refined_from_them():
    values = windows(hidden=(1,))
    drawn, refined = (
        peer.complete(values, PERSON, noise(), steps=3) for peer in (diffusion(), regressor(diffusion()))
    )
    assert not torch.allclose(drawn[0, ..., 1], drawn[1, ..., 1])
    assert torch.equal(refined[..., :MOTION], drawn[..., :MOTION])
    assert not torch.allclose(refined[0, ..., MOTION:], refined[1, ..., MOTION:])


def test_the_filling_can_be_changed_and_an_unknown_one_is_refused():
    assert replace(regressor(), filling="linear").filling == "linear"
    assert set(FILLINGS) == {"mid-range", "mean", "linear", "spline"}
    with pytest.raises(ValueError, match="no filling 'median': take one of mid-range"):
        regressor("median")
