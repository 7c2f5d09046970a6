from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from gaitbook.models.families import Batch
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.motion_model import load_model
from gaitbook.models.peer_networks import DiffusionTransformer, RefinementTransformer
from gaitbook.models.peers import (
    PEERS,
    absolute_force_loss,
    diffusion_loss,
    load_peer,
    save_peer,
    squared_force_loss,
    train_peer,
)
from gaitbook.models.window_sampling import Scale, Sequences, WindowSampler
from gaitbook.representation.channels import FORCE

MOTION, FORCES, PHYSICS, FRAMES = 4, len(FORCE), 2, 10
STATES = MOTION + FORCES
CHANNELS = STATES + PHYSICS


def hide_everything(count: int, random: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    del random
    return torch.zeros(count, 1, 1, dtype=torch.bool), torch.zeros(count, dtype=torch.bool)


def sampler() -> WindowSampler:
    """Trials whose force is a linear map of the motion."""
    random = torch.Generator().manual_seed(0)
    mapping = torch.randn(MOTION, FORCES, generator=random)
    values = []
    for _ in range(4):
        motion = torch.randn(30, MOTION, generator=random).cumsum(dim=0)
        values.append(torch.cat([motion, motion @ mapping, torch.zeros(30, PHYSICS)], dim=1))
    bare, person = [torch.zeros(30, PHYSICS)] * 4, [torch.zeros(1)] * 4
    sequences = Sequences(values, bare, person, list("aabb"), list("wxyz"))
    mirror = (range(CHANNELS), [1.0] * CHANNELS)
    return WindowSampler(
        sequences, Scale.fit(sequences), hide_everything, mirror, states=STATES, frames=FRAMES
    )


def plan(steps: int, **others: int) -> FittingPlan:
    return FittingPlan(steps=steps, batch=4, averaging=0.5, **others)


def batch_of(states: torch.Tensor) -> Batch:
    recorded = torch.isfinite(states).float()
    return Batch(states.nan_to_num(), recorded, states, recorded, torch.zeros(len(states), 1))


def error(peer, windows: torch.Tensor) -> float:
    """Mean error of force in deviations, in standard scores."""
    hidden = windows.clone()
    hidden[..., MOTION:] = torch.nan
    noise = torch.zeros(1, len(windows), FRAMES, STATES)
    found = peer.complete(hidden, torch.zeros(len(windows), 1), noise, steps=5)[0]
    misses = (found - windows[..., :STATES]) / peer.scale.deviation[:STATES]
    return misses[..., MOTION:].abs().mean().item()


@pytest.fixture
def small(monkeypatch):
    """Transformers narrow enough to learn within a second."""
    narrow = {"width": 32, "heads": 4, "blocks": 2, "inner": 64}
    makers = {
        "GaitDynamics diffusion": lambda motion, force: DiffusionTransformer(motion + force, **narrow),
        "refinement": partial(RefinementTransformer, **narrow),
    }
    for name, make in makers.items():
        monkeypatch.setitem(PEERS, name, replace(PEERS[name], make=make, learning_rate=5e-3))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["refinement", "CNN", "LSTM"])
def test_regressors_learn_force_from_motion_that_our_model_would_not_see(name):
    """To less than what the mean misses by."""
    drawn = sampler()
    windows = torch.stack([each[:FRAMES] for each in drawn.sequences.values])
    mean = drawn.scale.scores(windows)[..., MOTION:STATES].abs().mean().item()
    assert error(train_peer(name, drawn, plan(30), progress=False), windows) < 0.75 * mean


@pytest.mark.usefixtures("small")
def test_the_diffusion_learns():
    drawn = sampler()
    batch = drawn.draw(32, torch.Generator().manual_seed(5))
    losses = []
    for steps in (1, 40):
        peer = train_peer("GaitDynamics diffusion", drawn, plan(steps), progress=False)
        losses.append(float(diffusion_loss(peer.network, batch, torch.Generator().manual_seed(6)).detach()))
    assert losses[1] < 0.8 * losses[0]


def test_losses_are_means_over_what_was_recorded():
    """A network that answers zero misses by the squares, or by the sizes, of the numbers themselves."""
    states = torch.ones(2, FRAMES, STATES)
    states[..., MOTION:] = 3.0
    states[0, :, MOTION:] = torch.nan
    batch, random = batch_of(states), torch.Generator().manual_seed(0)

    def zero(seen: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        return seen.new_zeros(*seen.shape[:-1], STATES if seen.shape[-1] == STATES else FORCES)

    assert float(squared_force_loss(zero, batch, random)) == pytest.approx(9.0)
    assert float(absolute_force_loss(zero, batch, random)) == pytest.approx(3.0)
    motion, force = 2 * MOTION, FORCES
    assert float(diffusion_loss(zero, batch, random)) == pytest.approx(
        (motion + 9 * force) / (motion + force)
    )


class StopsOnce(WindowSampler):
    """A sampler that is killed before its third batch."""

    calls = 0

    def draw(self, windows: int, generator: torch.Generator) -> Batch:
        self.calls += 1
        if self.calls > 2:
            raise KeyboardInterrupt
        return super().draw(windows, generator)


def test_a_resumed_training_is_the_same_though_dropout_is_random(tmp_path):
    saved = tmp_path / "cnn.checkpoint"
    whole = train_peer("CNN", sampler(), plan(4), progress=False)
    killed = sampler()
    killed.__class__ = StopsOnce
    with pytest.raises(KeyboardInterrupt):
        train_peer("CNN", killed, plan(4, save_every=2), checkpoint=saved, progress=False)
    torch.manual_seed(11)
    resumed = train_peer("CNN", sampler(), plan(4), checkpoint=saved, progress=False)
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_checkpoint_of_one_peer_is_not_taken_for_another(tmp_path):
    saved = tmp_path / "peer.checkpoint"
    train_peer("CNN", sampler(), plan(1), checkpoint=saved, progress=False)
    with pytest.raises(ValueError, match="trained with another family, learning_rate"):
        train_peer("LSTM", sampler(), plan(1), checkpoint=saved, progress=False)


def test_training_leaves_the_sampler_and_the_global_random_state_alone():
    drawn = sampler()
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    train_peer("LSTM", drawn, plan(1), progress=False)
    assert torch.equal(torch.rand(3), expected)
    assert drawn.hiding is hide_everything


def test_the_card_tells_what_the_peer_is():
    peer = train_peer("LSTM", sampler(), plan(2, seed=7), progress=False)
    told = {"steps": 2, "windows": 8, "seed": 7, "people": 4, "learning_rate": PEERS["LSTM"].learning_rate}
    assert {name: peer.card[name] for name in told} == told
    assert (peer.name, peer.frames) == ("LSTM", FRAMES)


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_completes_alike_after_a_stay_on_disk(name, tmp_path):
    peer = train_peer(name, sampler(), plan(1), progress=False)
    again = load_peer(save_peer(peer, tmp_path / "peers" / "one.safetensors"))
    values = torch.full((1, FRAMES, CHANNELS), torch.nan)
    values[..., :2] = 0.5
    noise = torch.randn(1, 1, FRAMES, STATES)
    one, other = (each.complete(values, torch.zeros(1, 1), noise, steps=2) for each in (peer, again))
    assert torch.allclose(one, other, rtol=0.02, atol=0.1)
    assert dict(again.card) == dict(peer.card)
    assert [each.name for each in (tmp_path / "peers").iterdir()] == ["one.safetensors"]


def test_an_unknown_peer_is_refused():
    with pytest.raises(
        ValueError, match="no peer 'RNN'; there are GaitDynamics diffusion, refinement, CNN, LSTM"
    ):
        train_peer("RNN", sampler(), plan(1))


def test_a_missing_file_and_one_that_is_no_peer_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no peer .*none.safetensors: `train_peer`"):
        load_peer(tmp_path / "none.safetensors")
    other = foreign_file(tmp_path)
    with pytest.raises(ValueError, match="is no peer of this version of gaitbook: `train_peer`"):
        load_peer(other)
    mine = save_peer(train_peer("LSTM", sampler(), plan(1), progress=False), tmp_path / "lstm.safetensors")
    with pytest.raises(ValueError, match="is no motion model"):
        load_model(mine)


def foreign_file(folder: Path) -> Path:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(1)}, folder / "other.safetensors")
    return folder / "other.safetensors"
