import numpy as np
import pytest
import torch

from gaitbook.models.fitting import FittingPlan
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import load_stride_model, save_stride_model
from gaitbook.representation.gait_change import DOSES
from gaitbook.representation.stride_numbers import MOTION
from gaitbook.studies import stride_training
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.guided_changes import CLAMPED, RANGES, USUAL
from gaitbook.studies.stride_library import facts_table
from gaitbook.studies.stride_training import GAITS, KNEE_SHARE, knee_metric, train_stride_models
from tests.studies.stride_people import LEAN, SCORES, answer, library, recorded_library

STEPS = 40
PLAN = FittingPlan(family="changes of strides", steps=STEPS, batch=16)


@pytest.fixture(scope="module", autouse=True)
def small():
    """Few axes, and one stride of each gait as an example."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stride_training, "SCORES", SCORES)
        patch.setattr(stride_training, "EXAMPLES", 1)
        yield


@pytest.fixture(scope="module")
def libraries():
    """Simulated people for training; recorded ones for training and for calibration."""
    return [library()[0], recorded_library()[0]]


def train(libraries, **options):
    return train_stride_models(libraries, PLAN, width=16, blocks=1, progress=False, **options)


@pytest.fixture(scope="module")
def model(libraries):
    return train(libraries)


@pytest.fixture(scope="module")
def free(libraries):
    return train(libraries, unconditional=True)


@pytest.fixture(scope="module")
def rows():
    return torch.from_numpy(library()[0]["row"].values)


@pytest.fixture(scope="module")
def facts():
    made, _ = library()
    return facts_table(made).assign(source="simulated")


def test_only_people_for_training_are_learned_from(libraries, model):
    subjects = {
        name: set(each["subject"].values.tolist()) for name, each in zip("sr", libraries, strict=True)
    }
    assert subjects["r"] == {"RBDS001", "RBDS004"}
    assert model.card["people"] == {"recorded": 1, "simulated": 2}
    mirrored = libraries[1]["mirrored"].values
    own = libraries[1]["subject"].values == "RBDS001"
    assert model.card["strides"] == libraries[0].sizes["stride"] // 2 + int((own & ~mirrored).sum())


def test_the_card_tells_how_long_and_how(model):
    card = model.card
    assert (card["steps"], card["pairs"], card["seed"]) == (STEPS, STEPS * PLAN.batch, PLAN.seed)
    assert card["parameters"] == sum(each.numel() for each in model.network.parameters())
    assert card["draws"] == "changes"
    assert card["minutes"] >= 0.0
    assert len(card["trained"]) == len("2026-01-01")


def test_limits_are_the_least_and_greatest_of_what_was_learned(model):
    limits = model.card["limits"]
    assert set(limits) == {"walk", "run"}
    assert limits["walk"]["trunk_lean_rad"] == [0.0, 0.3]
    assert limits["walk"]["speed_mps"] == [1.2, 1.6]
    assert limits["run"]["speed_mps"] == [2.5, 3.5]
    assert all(limits["run"][name] == [0.0, 0.0] for name in DOSES)


def test_own_strides_of_each_gait_are_told_by_mean_and_deviation(model, libraries):
    own = model.card["own"]
    assert set(own) == {"walk", "run"}
    made = libraries[0]
    still = (made["gait"] == "walk").values & (made["trunk_lean_rad"] == 0.0).values
    scores = model.axes.scores(torch.from_numpy(made["row"].values[still]))
    assert own["walk"]["mean"] == pytest.approx(scores.mean(dim=0).tolist(), abs=0.01)
    assert own["walk"]["deviation"] == pytest.approx(scores.std(dim=0).tolist(), abs=0.01)


def test_the_model_changes_a_stride_that_has_no_gaps_then(model):
    drawn = change_stride(answer().stride, LEAN, model, draws=3)
    assert drawn.sizes["draw"] == 3
    assert all(np.isfinite(array.values).all() for array in drawn.data_vars.values())


def test_training_again_gives_the_same_weights(model, libraries):
    again = train(libraries)
    assert float(model.network.leave.weight.detach().abs().max()) > 0.0
    for mine, other in zip(model.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(mine, other)


def test_a_model_is_the_same_after_it_was_saved(model, tmp_path):
    again = load_stride_model(save_stride_model(model, tmp_path / "tiny.safetensors"))
    assert again.card == model.card
    torch.testing.assert_close(again.axes.axes, model.axes.axes, atol=1e-3, rtol=0)


def test_gaps_of_recorded_strides_do_not_reach_the_axes(libraries, model):
    assert np.isnan(libraries[1]["row"].values).any()
    assert all(torch.isfinite(each).all() for each in vars(model.axes).values())


def test_a_model_of_whole_strides_knows_ranges_and_usual_changes(free):
    assert free.card["draws"] == "whole strides"
    assert len(free.card[RANGES]) == len(MOTION)
    assert min(free.card[RANGES]) >= 0.0
    usual = free.card[USUAL]
    assert set(usual["walk"]) == {"trunk_lean_rad"}
    assert set(usual["walk"]["trunk_lean_rad"]) == set(CLAMPED["trunk_lean_rad"])
    assert usual["run"] == {}
    torch.testing.assert_close(free.deviation, free.axes.variance.sqrt())


def test_a_model_of_changes_does_not_carry_what_only_the_recipe_needs(model):
    assert not {RANGES, USUAL} & set(model.card)


def test_nobody_for_training_is_an_error(libraries):
    recorded = libraries[1]
    held = recorded.isel(stride=recorded["subject"].values == "RBDS004").assign_attrs(source="recorded")
    with pytest.raises(
        ValueError, match="Nobody of these strides is for training: give the strides of more people"
    ):
        train([held])


def test_errors_count_by_a_triangle_of_every_gait(rows, facts):
    axes = StrideAxes.fit(rows, SCORES)
    metric = knee_metric(axes, rows, facts)
    assert metric.shape == (len(GAITS), SCORES, SCORES)
    assert torch.equal(metric, metric.tril())
    assert (metric.diagonal(dim1=1, dim2=2) >= 1.0).all()


def test_knee_moments_count_three_times_what_the_stride_itself_does(rows, facts):
    axes = StrideAxes.fit(rows, SCORES)
    for each in knee_metric(axes, rows, facts).double():
        beyond = each @ each.T - torch.eye(SCORES).double()
        assert float(torch.linalg.eigvalsh(beyond).min()) > -1e-4
        assert float(beyond.diagonal().mean()) == pytest.approx(KNEE_SHARE, rel=1e-4)


def test_where_nobody_of_a_gait_was_simulated_all_strides_are_examples(rows, facts):
    walks = facts[facts["gait"] == "walk"].reset_index(drop=True)
    chosen = rows[torch.tensor((facts["gait"] == "walk").tolist())]
    axes = StrideAxes.fit(chosen, SCORES)
    walking, running = knee_metric(axes, chosen, walks)
    assert torch.isfinite(running).all()
    assert walking.shape == running.shape
