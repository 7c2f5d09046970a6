"""Does the ground push back as Newton says? Where it does by construction, and where the answer is known."""

import numpy as np
import pytest

from gaitbook.studies.force_balance import (
    explain_residual,
    force_cycles,
    sweep_motion_cutoff,
    vertical_ratio,
)
from tests.studies.standing import WEIGHT_N, standing, steps, with_trial

CUTOFF_HZ = 15.0
VARIANTS = [
    "whole body",
    "whole body, measured force smoothed alike",
    "trunk bolted to the pelvis",
    "legs a tenth heavier",
    "mean of the markers, no body",
    "body weight only, no motion",
]


def at_rest(extra_n=(0.0, 0.0, 0.0), frames=200):
    """Half the weight under each foot, and something more under the left."""
    return np.broadcast_to(
        [[0.0, WEIGHT_N / 2, 0.0], np.add([0.0, WEIGHT_N / 2, 0.0], extra_n)], (frames, 2, 3)
    )


@pytest.fixture(scope="module")
def residual(tracked):
    return explain_residual(tracked, cutoff_hz=CUTOFF_HZ)


def test_every_trial_is_explained_in_every_variant(residual):
    assert residual.columns.tolist() == ["subject", "speed_mps", "variant", "value", "unit"]
    assert residual["variant"].tolist() == VARIANTS * 4
    assert set(residual["unit"]) == {"%BW"}


def test_who_knows_only_the_weight_knows_least_and_a_bolted_trunk_costs(residual):
    for _, own in residual.groupby(["subject", "speed_mps"]):
        value = own.set_index("variant")["value"]
        assert value.idxmax() == "body weight only, no motion"
        assert value["whole body"] < 0.25 * value["body weight only, no motion"]
        assert value["whole body"] < 0.9 * value["trunk bolted to the pelvis"]
        assert value["whole body, measured force smoothed alike"] < value["whole body"]


def test_the_vertical_force_is_right_on_average(tracked):
    table = vertical_ratio(tracked, cutoff_hz=CUTOFF_HZ)
    assert table.columns.tolist() == ["subject", "speed_mps", "value", "unit"]
    np.testing.assert_allclose(table["value"], 100.0, atol=1.0)


def test_at_rest_nothing_is_missing():
    value = explain_residual([standing(at_rest())], cutoff_hz=CUTOFF_HZ).set_index("variant")["value"]
    assert value.index.tolist() == VARIANTS
    assert value.max() < 1e-6


def test_a_tenth_of_the_weight_to_the_side_is_ten_percent_in_every_variant():
    pulled = standing(at_rest([0.06 * WEIGHT_N, 0.0, -0.08 * WEIGHT_N]))
    value = explain_residual([pulled], cutoff_hz=CUTOFF_HZ)["value"]
    np.testing.assert_allclose(value, 10.0, rtol=1e-6)


def test_the_ends_of_a_trial_do_not_count():
    force = at_rest().copy()
    force[:25], force[-25:] = 0.0, 0.0
    value = explain_residual([standing(force)], cutoff_hz=CUTOFF_HZ).set_index("variant")["value"]
    assert value["whole body"] < 1e-6


def test_force_that_was_not_measured_is_not_taken_for_zero():
    force = at_rest([0.1 * WEIGHT_N, 0.0, 0.0]).copy()
    force[90:110, 0] = np.nan
    value = explain_residual([standing(force)], cutoff_hz=CUTOFF_HZ).set_index("variant")["value"]
    np.testing.assert_allclose(value, 10.0, rtol=1e-6)


def test_the_ratio_is_weight_over_force_and_passes_over_gaps():
    stepping = standing(steps(peak_n=1400.0))
    measured = stepping.trial["ground_reaction_force"].sel(axis="y").sum("foot")
    whole = slice(5 / 100, 215 / 100)
    expected = WEIGHT_N / float(measured.sel(time=whole).mean())
    ratio = vertical_ratio([stepping], cutoff_hz=CUTOFF_HZ)["value"].item()
    assert ratio == pytest.approx(100 * expected, rel=0.01)
    gappy = stepping.trial["ground_reaction_force"].copy()
    gappy[120:123] = np.nan
    assert (
        vertical_ratio([with_trial(stepping, ground_reaction_force=gappy)], cutoff_hz=CUTOFF_HZ)["value"]
        .notnull()
        .all()
    )


def test_smoothing_the_force_alike_helps_at_low_cut_offs(tracked):
    table = sweep_motion_cutoff(tracked[:2], (6.0, 15.0))
    assert table.columns.tolist() == ["subject", "speed_mps", "cutoff_hz", "variant", "value", "unit"]
    assert len(table) == 2 * 2 * 2
    value = table.pivot_table(index=["speed_mps", "cutoff_hz"], columns="variant", values="value")
    gain = value["force as measured"] - value["force smoothed alike"]
    assert (gain > 0).all()
    assert (gain.xs(6.0, level="cutoff_hz").to_numpy() > gain.xs(15.0, level="cutoff_hz").to_numpy()).all()


def test_the_sweep_agrees_with_the_residual(tracked, residual):
    swept = sweep_motion_cutoff(tracked[:1], (CUTOFF_HZ,))["value"].tolist()
    assert swept == pytest.approx(residual["value"].tolist()[:2])


def test_cycles_of_measured_and_required_force_look_alike(tracked):
    table = force_cycles(tracked, cutoff_hz=CUTOFF_HZ)
    assert list(dict.fromkeys(table["source"])) == ["measured", "whole body", "markers only"]
    assert len(table) == len(tracked) * 3 * 3 * 101
    up = table[table["axis"] == "y"]
    for _, own in up.groupby(["subject", "speed_mps"]):
        curves = own.pivot_table(index="phase_percent", columns="source", values="value")
        assert curves.mean().between(95, 105).all()
        assert curves.corr().loc["measured"].min() > 0.97


def test_cycles_are_in_body_weights():
    table = force_cycles([standing(steps(peak_n=2 * WEIGHT_N))], cutoff_hz=CUTOFF_HZ)
    up = table[table["axis"] == "y"].groupby("source")["value"]
    np.testing.assert_allclose(up.max()["measured"], 200.0, rtol=0.01)
    np.testing.assert_allclose(up.max()["whole body"], 100.0, rtol=1e-6)
