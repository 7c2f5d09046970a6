import numpy as np
import pytest

from gaitbook.figures.change_curves import COLUMNS, plot_change_curves
from gaitbook.figures.change_explorer import CURVE_COLUMNS, READOUT_COLUMNS, explore_changes
from gaitbook.representation.gait_change import GaitChange, request_size
from gaitbook.studies.change_effects import CALIBRATION, change_effects
from gaitbook.studies.change_pictures import (
    ASKED,
    MOMENTS,
    OWN,
    PEAKS,
    READOUTS,
    SAMPLES,
    TRUE,
    change_curves,
    request_grid,
)
from gaitbook.studies.known_changes import KnownAnswer
from tests.studies.stub_walkers import OWN_SPEED_MPS, linear_model, still_model, walker

LEAN, TOE_OUT = GaitChange(trunk_lean_rad=0.3), GaitChange(toe_out_rad=0.1)
SLIDERS = {"trunk_lean_deg": "Trunk lean (°)", "speed_mps": "Speed (m/s)"}
NODES = {"trunk_lean_deg": (0.0, 10.0), "speed_mps": (1.2, 1.5)}


@pytest.fixture(scope="module")
def known():
    """Somebody who answers every request with their own stride."""
    stride, body = walker()
    return KnownAnswer(stride, body, stride, ((LEAN, stride), (TOE_OUT, stride)))


@pytest.fixture(scope="module")
def curves(known):
    return change_curves(known, linear_model(deviation=1.0, growth=1.0), draws=4)


@pytest.fixture(scope="module")
def grid(known):
    return request_grid(known, linear_model(deviation=1.0, growth=1.0), NODES, draws=3)


def values(table, source, quantity="Knee flexion"):
    own = table[(table["source"] == source) & (table["quantity"] == quantity)]
    return own["value"].to_numpy()


def test_every_request_has_both_moments_of_three_sources(curves):
    assert set(curves) == set(COLUMNS)
    assert curves.groupby(["panel", "quantity", "source"]).size().tolist() == [SAMPLES] * 12
    assert set(curves["panel"]) == {LEAN.label, TOE_OUT.label}
    assert set(curves["quantity"]) == set(MOMENTS)
    assert set(curves["source"]) == {OWN, ASKED, TRUE}
    assert (curves["phase_percent"].min(), curves["phase_percent"].max()) == (0.0, 100.0)


def test_only_what_is_asked_for_has_a_band_and_lies_in_it(curves):
    asked, known_for_sure = (curves[(curves["source"] == ASKED) == is_asked] for is_asked in (True, False))
    assert known_for_sure[["low", "high"]].isna().all(axis=None)
    assert ((asked["low"] <= asked["value"]) & (asked["value"] <= asked["high"])).all()
    assert (asked["high"] - asked["low"]).max() > 0.01


def test_only_requests_that_are_wanted_are_drawn(known):
    table = change_curves(known, still_model(), draws=2, changes=[TOE_OUT.label])
    assert set(table["panel"]) == {TOE_OUT.label}


def test_where_nothing_changes_all_three_are_the_same_curve(known):
    table = change_curves(known, still_model(), draws=2, changes=[LEAN.label])
    own = values(table, OWN)
    np.testing.assert_allclose(values(table, ASKED), own, atol=1e-4)
    np.testing.assert_allclose(values(table, TRUE), own, atol=1e-9)


def test_the_band_is_as_wide_as_the_calibration_of_the_peak_says(known):
    widths = {PEAKS["Knee adduction"]: [0.3, 2.0], PEAKS["Knee flexion"]: [0.5, 2.0]}
    model = still_model(**{CALIBRATION: {"simulated/walk/trunk lean": widths}})
    table = change_curves(known, model, draws=2, changes=[LEAN.label])
    asked = table[table["source"] == ASKED].set_index("quantity")
    half, size = (asked["high"] - asked["low"]) / 2.0, request_size(LEAN, OWN_SPEED_MPS)
    assert half["Knee adduction"].to_numpy() == pytest.approx(0.6 * size, abs=1e-4)
    assert half["Knee flexion"].to_numpy() == pytest.approx(1.0 * size, abs=1e-4)


@pytest.mark.parametrize(("lean_rad", "times"), [(0.35, 1.0), (0.7, 2.0), (35.0, 10.0)])
def test_beyond_the_data_bands_widen_as_the_intervals_of_the_tables_do(known, lean_rad, times):
    change = GaitChange(trunk_lean_rad=lean_rad)
    asked = known._replace(answers=((change, known.stride),))
    model = still_model(**{CALIBRATION: {"simulated/walk/trunk lean": {PEAKS["Knee flexion"]: [0.5, 2.0]}}})
    curve = change_curves(asked, model, draws=2).query("quantity == 'Knee flexion' and source == @ASKED")
    half = times * request_size(change, OWN_SPEED_MPS)
    assert (curve["high"] - curve["low"]).to_numpy() / 2.0 == pytest.approx(half, rel=1e-3)
    _, curves, _ = request_grid(asked, model, {"trunk_lean_deg": (float(np.rad2deg(lean_rad)),)}, draws=2)
    of_grid = curves[curves["quantity"].str.startswith("Knee flexion")]
    assert (of_grid["high"] - of_grid["low"]).to_numpy() / 2.0 == pytest.approx(half, rel=1e-3)


def test_the_figure_of_changes_takes_the_curves(curves):
    drawing = plot_change_curves(curves, label="made up")
    assert drawing.figure is not None


def test_the_grid_has_every_node_in_trials_curves_and_numbers(grid):
    trials, curves, numbers = grid
    nodes = {(lean, speed) for lean in NODES["trunk_lean_deg"] for speed in NODES["speed_mps"]}
    assert {tuple(trial.attrs[name] for name in NODES) for trial in trials} == nodes
    assert len(trials) == len(nodes)
    for table, columns, size in (
        (curves, CURVE_COLUMNS, len(MOMENTS) * SAMPLES),
        (numbers, READOUT_COLUMNS, len(READOUTS)),
    ):
        assert set(table) == {*NODES, *columns}
        assert table.groupby(list(NODES)).size().to_dict() == dict.fromkeys(nodes, size)
        assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert set(numbers["quantity"]) == set(READOUTS.values())


def test_trials_of_the_grid_are_one_stride_with_joints(grid):
    trial = grid[0][0]
    assert trial["skeleton_position"].sizes["time"] == trial.sizes["time"] == SAMPLES
    assert np.isfinite(trial["skeleton_position"].values).all()
    span_s = float(trial["time"][-1] - trial["time"][0])
    assert span_s == pytest.approx(float(trial.attrs["period_s"]), rel=1e-6)


def test_the_change_explorer_takes_the_grid(grid):
    drawing = explore_changes(*grid, sliders=SLIDERS)
    assert drawing.figure is not None


@pytest.mark.parametrize(
    ("slider", "value", "change"),
    [
        ("step_width_cm", 5.0, GaitChange(step_width_m=0.05)),
        ("toe_out_deg", -10.0, GaitChange(toe_out_rad=float(np.deg2rad(-10.0)))),
        ("trunk_lean_deg", 0.0, GaitChange()),
    ],
)
def test_a_slider_asks_for_its_dose_in_its_unit(known, slider, value, change):
    model = linear_model()
    _, _, numbers = request_grid(known, model, {slider: (value,)}, draws=2)
    table = change_effects(known.stride, known.body, [change], model, draws=2).set_index("quantity")
    for name, words in READOUTS.items():
        there = numbers.set_index("quantity").loc[words]
        assert there["value"] == pytest.approx(table.loc[name, "value"])


def test_what_is_beyond_is_said_beside_the_numbers(known):
    _, _, numbers = request_grid(known, still_model(), {"trunk_lean_deg": (40.0,)}, draws=2)
    assert numbers["words"].str.contains("trunk lean of 40°").all()
