import pytest
import torch

from gaitbook.models.families import Batch
from gaitbook.models.fitting import Fit, FittingPlan
from gaitbook.models.force_network import ForceNetwork, ForceSize, force_loss
from gaitbook.models.motion_model import KIND, MotionModel, load_model, save_model
from gaitbook.models.motion_network import MotionNetwork, NetworkSize
from gaitbook.models.weight_files import scale_tensors, write_weights
from gaitbook.models.window_sampling import Scale

STATES, GIVEN, PERSON, FORCE, FRAMES = 5, 6, 2, 2, 20
SIZE = ForceSize(GIVEN, PERSON, FORCE, width=16, memories=(12, 8), dropout=0.0, patch=2)


def made(seed=0, size=SIZE):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ForceNetwork(size)


def inputs(windows=3, frames=FRAMES):
    random = torch.Generator().manual_seed(1)
    given = torch.randn(windows, frames, GIVEN, generator=random)
    return given, torch.ones_like(given), torch.zeros(windows, PERSON)


def draw(windows, random):
    """Windows whose force is twice the first of what is given, plus Laplace noise of width a tenth, and minus it."""
    given = torch.randn(windows, FRAMES, GIVEN, generator=random)
    given[..., STATES - FORCE : STATES] = 0.0
    even = torch.rand(windows, FRAMES, 1, generator=random) - 0.5
    noise = -0.1 * even.sign() * torch.log1p(-2 * even.abs())
    force = torch.cat([2 * given[..., :1] + noise, -given[..., :1] - noise], dim=-1)
    states = torch.cat([given[..., : STATES - FORCE], force], dim=-1)
    return Batch(states, torch.ones_like(states), given, torch.ones_like(given), torch.zeros(windows, PERSON))


def model(force=True):
    network = MotionNetwork(NetworkSize(STATES, GIVEN, PERSON, width=16, blocks=1, heads=2, patch=5))
    scale = Scale(*(make(count) for count in (GIVEN, PERSON) for make in (torch.zeros, torch.ones)))
    return MotionModel(network.eval(), scale, "velocity", FRAMES, {}, made().eval() if force else None)


def test_every_number_of_the_force_has_a_middle_and_a_width_above_zero():
    middle, width = made()(*inputs())
    assert middle.shape == width.shape == (3, FRAMES, FORCE)
    assert (width > 0).all()


def test_what_comes_later_in_a_window_is_heard_too():
    given, known, person = inputs(1)
    changed = given.clone()
    changed[:, -1] += 1.0
    network = made().eval()
    assert not torch.equal(network(given, known, person)[0][:, 0], network(changed, known, person)[0][:, 0])


def test_a_person_who_is_not_known_is_another_than_one_who_is_zero():
    given, known, person = inputs(1)
    network = made().eval()
    nobody = torch.full_like(person, torch.nan)
    assert not torch.equal(network(given, known, person)[0], network(given, known, nobody)[0])


def test_training_finds_the_law_and_how_much_is_left_to_chance():
    fit = Fit(made, force_loss, draw, FittingPlan(steps=250, batch=16, learning_rate=2e-2, averaging=0.9))
    network = fit.run(progress=False)
    batch = draw(64, torch.Generator().manual_seed(7))
    with torch.no_grad():
        middle, width = network(batch.given, batch.known, batch.person)
    away = (middle - batch.states[..., -FORCE:]).abs().mean()
    assert float(away) < 0.25
    assert 0.5 < float(width.mean() / away) < 2.0


def test_the_least_loss_is_that_of_the_true_width():
    batch = draw(8, torch.Generator().manual_seed(3))

    def loss(width):
        def network(given, known, person):
            del known, person
            truth = 2 * given[..., :1]
            return torch.cat([truth, -0.5 * truth], dim=-1), torch.full((8, FRAMES, FORCE), width)

        return float(force_loss(network, batch, torch.Generator()))

    assert loss(0.1) < min(loss(0.05), loss(0.2))


def test_force_is_found_without_a_look_at_it_and_in_its_units():
    values = inputs()[0]
    other = values.clone()
    other[..., STATES - FORCE : STATES] = 9.0
    one = model()
    mean, deviation = one.find_force(values, torch.zeros(3, PERSON))
    assert torch.equal(mean, one.find_force(other, torch.zeros(3, PERSON))[0])
    apart = one.find_force(values, torch.zeros(3, PERSON), batch=2)
    torch.testing.assert_close(apart[0], mean)
    wide = MotionModel(
        one.network,
        Scale(one.scale.mean, 2 * one.scale.deviation, one.scale.person_mean, one.scale.person_deviation),
        "velocity",
        FRAMES,
        {},
        one.force,
    )
    torch.testing.assert_close(wide.find_force(2 * values, torch.zeros(3, PERSON))[1], 2 * deviation)


def test_both_networks_come_back_from_one_file(tmp_path):
    values, person = inputs()[0], torch.zeros(3, PERSON)
    one = model()
    again = load_model(save_model(one, tmp_path / "one.safetensors"))
    for mine, theirs in zip(one.find_force(values, person), again.find_force(values, person), strict=True):
        torch.testing.assert_close(mine, theirs, atol=5e-3, rtol=5e-3)
    assert load_model(save_model(model(force=False), tmp_path / "two.safetensors")).force is None


def test_a_model_without_a_network_for_force_says_so():
    with pytest.raises(ValueError, match="finds no force by itself"):
        model(force=False).find_force(inputs()[0], torch.zeros(3, PERSON))


def test_a_model_of_an_earlier_version_is_refused_with_the_remedy(tmp_path):
    one = model(force=False)
    file = write_weights(
        tmp_path / "old.safetensors", KIND, one.network, scale_tensors(one.scale), {"size": {}}
    )
    with pytest.raises(ValueError, match="of an earlier version of gaitbook: `gaitbook train` makes one"):
        load_model(file)
