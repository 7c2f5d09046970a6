import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.models.fitting import FittingPlan
from gaitbook.models.stride_model import load_stride_model, save_stride_model
from gaitbook.representation.gait_change import DOSES
from gaitbook.representation.stride_numbers import MOTION
from gaitbook.studies import stride_training
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.guided_changes import CLAMPED, RANGES, USUAL
from gaitbook.studies.stride_library import facts_table
from gaitbook.studies.stride_training import (
    BALANCE_WEIGHT,
    GAITS,
    INSTANTS,
    KNEE_WEIGHT,
    SMALL_MOMENT,
    effects_per_number,
    stride_metrics,
    train_stride_models,
)
from tests.studies.stride_people import LEAN, SCORES, answer, library, plain_metrics, recorded_library

STEPS = 40
PLAN = FittingPlan(family="changes of strides", steps=STEPS, batch=16)


@pytest.fixture(scope="module", autouse=True)
def small():
    """Few axes, and all numbers of a stride alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stride_training, "SCORES", SCORES)
        patch.setattr(stride_training, "stride_metrics", plain_metrics)
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


def effects_of_rows(rows, fact):
    """Made-up effects that tell whose they are."""
    size = len(rows)
    return np.outer(np.arange(size) == 0, [1.0 if fact["gait"] == "walk" else 2.0]).astype(np.float32)


def test_what_counts_is_the_stride_itself_and_the_square_of_effects_by_gait(rows, facts, monkeypatch):
    monkeypatch.setattr(stride_training, "effects_per_number", effects_of_rows)
    metrics = stride_metrics(rows, facts, processes=1)
    assert metrics.shape == (len(GAITS), rows.shape[1], rows.shape[1])
    for metric, square in zip(metrics, (1.0, 4.0), strict=True):
        expected = torch.eye(rows.shape[1])
        expected[0, 0] += square
        assert torch.equal(metric, expected)


def test_examples_are_simulated_strides_of_the_gait_not_their_mirror_images(rows, facts, monkeypatch):
    seen = []
    monkeypatch.setattr(
        stride_training, "effects_per_number", lambda row, fact: seen.append(fact) or np.zeros((len(row), 1))
    )
    with_recorded = facts.assign(source=np.where(facts.index < 4, "recorded", "simulated"))
    stride_metrics(rows, with_recorded, processes=1)
    assert {fact["gait"] for fact in seen} == set(GAITS)
    assert len(seen) <= len(GAITS) * stride_training.EXAMPLES
    assert not any(fact["mirrored"] for fact in seen)
    assert {fact["source"] for fact in seen} == {"simulated"}


def test_where_nobody_of_a_gait_was_simulated_all_strides_are_examples(rows, facts, monkeypatch):
    monkeypatch.setattr(stride_training, "effects_per_number", effects_of_rows)
    walks = facts[facts["gait"] == "walk"].reset_index(drop=True)
    chosen = rows[torch.tensor((facts["gait"] == "walk").tolist())]
    walking, running = stride_metrics(chosen, walks, processes=1)
    assert torch.equal(walking, running)


@pytest.fixture
def made_up(monkeypatch):
    """Strides in place of which stand their rows: moments are the first two numbers, imbalance is the third."""

    def curves(rows, _):
        samples = 30
        moment = rows[:, :2].double().numpy().repeat(samples, axis=0)[:, None].repeat(2, axis=1)
        return xr.Dataset(
            {
                "knee_moment": (("time", "foot", "moment"), moment),
                "in_stance": (("time", "foot"), np.ones(moment.shape[:2], bool)),
            },
            {
                "moment": ["adduction", "flexion"],
                "draw": ("time", np.arange(len(rows)).repeat(samples)),
            },
        )

    monkeypatch.setattr(stride_training, "decode_strides", lambda rows, _: rows)
    monkeypatch.setattr(stride_training, "knee_curves", curves)
    monkeypatch.setattr(stride_training, "imbalance", lambda rows, _: rows[:, 2:3].double().numpy())


@pytest.mark.usefixtures("made_up")
def test_effects_of_each_number_are_moments_in_small_ones_and_imbalance_by_their_weights(facts):
    row = np.array([3.0, -1.0, 2.0, 5.0], np.float32)
    effects = effects_per_number(row, facts.loc[0].to_dict())
    moments = effects[:, :-1].reshape(4, 2, len(SMALL_MOMENT), INSTANTS)
    root = KNEE_WEIGHT**0.5
    for part, small in enumerate(SMALL_MOMENT.values()):
        assert moments[part, :, part] == pytest.approx(np.full((2, INSTANTS), root / small), rel=1e-4)
        assert np.delete(moments, part, axis=0)[:, :, part] == pytest.approx(0.0, abs=1e-4)
    assert effects[:, -1] == pytest.approx([0.0, 0.0, BALANCE_WEIGHT**0.5, 0.0], abs=1e-5)


@pytest.mark.usefixtures("made_up")
def test_effects_do_not_depend_on_the_stride_where_all_is_linear(facts):
    fact = facts.loc[0].to_dict()
    first, other = (effects_per_number(np.full(4, each, np.float32), fact) for each in (0.0, 7.0))
    np.testing.assert_allclose(first, other, atol=1e-3)
