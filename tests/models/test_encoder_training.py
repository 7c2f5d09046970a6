import pytest
import torch

from gaitbook.models.dual_stream import DualStreamSize
from gaitbook.models.encoder_training import EncoderRecipe, draw_batch, train_encoder
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.gait_embedding import TrainedEncoder, embed_windows, load_encoder, save_encoder
from gaitbook.models.gait_encoder import EncoderSize

GROUPS = (0, 0, 1, 1)
SIZES = {
    "fast": EncoderSize(GROUPS, width=16, depth=1, heads=2),
    "paper": DualStreamSize(GROUPS, width=16, bottleneck=4, depth=1, heads=2),
}


def walkers(count=40, frames=48):
    """Joints that swing in one rhythm, each person with an amplitude of their own."""
    random = torch.Generator().manual_seed(0)
    phase, reach = torch.rand(count, 1, 1, 1, generator=random), torch.rand(count, 1, 1, 1, generator=random)
    time = torch.arange(frames).reshape(1, -1, 1, 1) / 24
    direction = torch.randn(1, 1, len(GROUPS), 3, generator=random)
    place = 0.2 * (0.5 + reach) * torch.sin(2 * torch.pi * (time + phase)) * direction
    return torch.cat([place, torch.ones(count, frames, len(GROUPS), 1)], dim=-1)


def recipe(configuration):
    return EncoderRecipe(configuration, frames=32, size=SIZES[configuration])


def trained(configuration, steps=3, checkpoint=None, seed=0):
    plan = FittingPlan(family=configuration, steps=steps, batch=8, seed=seed)
    return train_encoder(
        walkers(), torch.tensor(GROUPS), recipe(configuration), plan, checkpoint=checkpoint, progress=False
    )


def wrapped(network, configuration="fast"):
    return TrainedEncoder(
        network, recipe(configuration), GROUPS, {"legs": (0,), "arms": (1,)}, "window", {"seed": 0}
    )


@pytest.mark.parametrize("configuration", SIZES)
def test_it_learns(configuration):
    _, fit = trained(configuration, steps=60)
    first, last = sum(fit.losses[:10]), sum(fit.losses[-10:])
    assert last < 0.8 * first


@pytest.mark.parametrize("configuration", SIZES)
def test_the_same_seed_gives_the_same_weights(configuration):
    (first, _), (second, _) = trained(configuration), trained(configuration)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_training_that_was_interrupted_ends_as_one_that_was_not(tmp_path):
    whole, _ = trained("fast", steps=6)
    path = tmp_path / "encoder.checkpoint"
    plan = FittingPlan(family="fast", steps=6, batch=8, save_every=3)
    draws = []

    class InterruptionError(Exception):
        pass

    def interrupted(*arguments):
        draws.append(1)
        if len(draws) == 5:
            raise InterruptionError
        return draw_batch(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gaitbook.models.encoder_training.draw_batch", interrupted)
        with pytest.raises(InterruptionError):
            train_encoder(
                walkers(), torch.tensor(GROUPS), recipe("fast"), plan, checkpoint=path, progress=False
            )
    resumed, _ = train_encoder(
        walkers(), torch.tensor(GROUPS), recipe("fast"), plan, checkpoint=path, progress=False
    )
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_every_other_window_is_jittered_and_compared_with_what_it_was():
    batch = draw_batch(walkers(), torch.tensor(GROUPS), recipe("fast"), 6, torch.Generator().manual_seed(0))
    torch.testing.assert_close(batch.shown[::2], batch.clean[::2])
    assert (batch.shown[1::2] - batch.clean[1::2])[..., :3].std() == pytest.approx(0.05, rel=0.1)
    torch.testing.assert_close(batch.shown[..., 3], batch.clean[..., 3])


def test_joints_that_were_not_seen_are_not_jittered():
    still = walkers()
    still[..., 0, :] = 0.0
    batch = draw_batch(still, torch.tensor(GROUPS), recipe("fast"), 6, torch.Generator().manual_seed(0))
    assert not batch.shown[..., 0, :].any()


def test_too_short_windows_are_refused():
    with pytest.raises(ValueError, match="at least one of 32 frames is needed"):
        train_encoder(
            walkers(frames=16), torch.tensor(GROUPS), recipe("fast"), FittingPlan(steps=1), progress=False
        )


def test_an_unknown_configuration_is_refused():
    with pytest.raises(ValueError, match="choose one of fast, paper"):
        EncoderRecipe("slow").make(GROUPS)


@pytest.mark.parametrize("configuration", SIZES)
def test_an_encoder_comes_back_from_its_file(configuration, tmp_path):
    network, _ = trained(configuration)
    encoder = wrapped(network, configuration)
    again = load_encoder(save_encoder(encoder, tmp_path / "encoder.safetensors"))
    found, other = (embed_windows(each, walkers(4)) for each in (encoder, again))
    torch.testing.assert_close(found, other, atol=0.02, rtol=0.02)
    assert again.card == {"seed": 0}


def test_an_embedding_has_regions_and_statistics():
    encoder = wrapped(trained("fast")[0])
    assert embed_windows(encoder, walkers(5)).shape == (5, 2, 2, 16)
    assert embed_windows(encoder, walkers(0)).shape == (0, 2, 2, 16)


def test_a_hidden_region_does_not_change_what_the_others_tell():
    encoder = wrapped(trained("fast")[0])
    first, second = walkers(3), walkers(3)
    second[:, :, :2, :3] += 0.3
    one, other = (embed_windows(encoder, each, hidden=["legs"]) for each in (first, second))
    torch.testing.assert_close(one[:, 1], other[:, 1])


def test_an_unknown_region_is_refused():
    with pytest.raises(ValueError, match="no region 'tail': choose among legs, arms"):
        wrapped(trained("fast")[0]).parts_of(["tail"])


def test_a_file_of_something_else_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="gaitbook train-encoder"):
        load_encoder(tmp_path / "none.safetensors")
