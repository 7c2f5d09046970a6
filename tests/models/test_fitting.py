import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import torch

from gaitbook.models import fitting
from gaitbook.models.families import Batch
from gaitbook.models.fitting import Fit, FittingPlan, _mixed, _pace, motion_loss
from gaitbook.models.motion_network import MotionNetwork, NetworkSize

SIZE = NetworkSize(states=3, given=4, person=1, width=16, blocks=1, heads=2, patch=5)
PLAN = FittingPlan(steps=12, batch=4, save_every=2)


def draw(windows, random):
    states = torch.randn(windows, 10, 3, generator=random)
    nothing = torch.zeros(windows, 10, 4)
    return Batch(states, torch.ones_like(states), nothing, nothing, torch.zeros(windows, 1))


def fit(plan=PLAN, checkpoint=None, source=draw):
    return Fit(partial(MotionNetwork, SIZE), motion_loss("flow", torch.ones(3)), source, plan, checkpoint)


class KilledError(Exception):
    """Stands for a kill in the middle of a step."""


def killed_at(number):
    count = 0

    def source(windows, random):
        nonlocal count
        count += 1
        if count == number:
            raise KilledError
        return draw(windows, random)

    return source


def weights(network):
    return torch.cat([each.flatten() for each in network.parameters()])


def test_a_training_killed_three_times_ends_with_the_weights_of_one_that_was_not(tmp_path):
    whole = weights(fit().run(progress=False))
    file = tmp_path / "fit.checkpoint"
    for number in (4, 3, 6):
        with pytest.raises(KilledError):
            fit(checkpoint=file, source=killed_at(number)).run(progress=False)
    resumed = fit(checkpoint=file).run(progress=False)
    torch.testing.assert_close(weights(resumed), whole, atol=0, rtol=0)


def test_a_training_killed_while_it_writes_keeps_the_checkpoint_before(tmp_path, monkeypatch):
    file = tmp_path / "fit.checkpoint"
    one = fit(checkpoint=file)
    one.save()
    before = file.read_bytes()
    monkeypatch.setattr(torch, "save", lambda _state, path: (path.write_bytes(b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        one.save()
    assert file.read_bytes() == before


def test_a_finished_training_is_not_trained_again(tmp_path):
    file = tmp_path / "fit.checkpoint"
    first = weights(fit(checkpoint=file).run(progress=False))
    again = fit(checkpoint=file, source=killed_at(1)).run(progress=False)
    torch.testing.assert_close(weights(again), first, atol=0, rtol=0)


def test_another_plan_does_not_continue_a_checkpoint(tmp_path):
    file = tmp_path / "fit.checkpoint"
    fit(checkpoint=file).save()
    with pytest.raises(ValueError, match="another learning_rate, seed: delete it"):
        fit(replace(PLAN, seed=1, learning_rate=0.1), checkpoint=file)


def test_the_same_seed_trains_the_same_and_another_one_not():
    first, second, other = (weights(fit(replace(PLAN, seed=seed)).run(progress=False)) for seed in (0, 0, 1))
    torch.testing.assert_close(first, second, atol=0, rtol=0)
    assert (first - other).abs().max() > 1e-3


def test_training_does_not_touch_the_random_numbers_of_its_caller():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit().run(progress=False)
    torch.testing.assert_close(torch.rand(3), expected)


def test_a_budget_in_minutes_ends_the_training():
    trained = fit(replace(PLAN, steps=10**6, minutes=1e-3))
    trained.run(progress=False)
    assert 0 < trained.step < 10**6
    assert trained.spent_s >= 0.06


def test_the_loss_falls_where_there_is_something_to_learn():
    def constant(windows, _random):
        states = torch.full((windows, 10, 3), 0.7)
        nothing = torch.zeros(windows, 10, 4)
        return Batch(states, torch.ones_like(states), nothing, nothing, torch.zeros(windows, 1))

    trained = fit(replace(PLAN, steps=120, learning_rate=3e-3), source=constant)
    trained.run(progress=False)
    assert sum(trained.losses[-10:]) < 0.1 * sum(trained.losses[:10])


def test_the_average_lags_behind_the_weights():
    trained = fit(replace(PLAN, averaging=0.99))
    average = weights(trained.run(progress=False))
    assert (average - weights(trained.network)).abs().max() > 1e-5


def test_half_precision_trains_nearly_the_same():
    whole, half = (weights(fit(replace(PLAN, precision=each)).run(progress=False)) for each in ("no", "bf16"))
    assert torch.isfinite(half).all()
    assert (whole - half).abs().max() < 0.05


def test_the_pace_rises_to_one_and_falls_to_nothing():
    paces = [_pace(share) for share in (0.0, 0.005, 0.01, 0.5, 1.0)]
    assert paces[0] < 0.01
    assert paces[1] == pytest.approx(0.5, abs=0.01)
    assert paces[2] == pytest.approx(1.0)
    assert 0.4 < paces[3] < 0.6
    assert paces[4] == pytest.approx(0.0, abs=1e-6)


def test_processes_and_steps_draw_differently():
    seeds = {_mixed(seed, step, process) for seed in (0, 1) for step in range(5) for process in range(3)}
    assert len(seeds) == 30


def test_without_accelerate_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(ImportError, match=r"pip install gaitbook\[train\]"):
        fit()


def test_several_processes_are_not_timed_by_the_clock(monkeypatch):
    several = SimpleNamespace(num_processes=2, process_index=0)
    monkeypatch.setattr(fitting, "load_accelerate", lambda: SimpleNamespace(Accelerator=lambda: several))
    with pytest.raises(ValueError, match="give steps, not minutes"):
        fit(replace(PLAN, minutes=1.0))
