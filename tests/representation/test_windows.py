import numpy as np
import pytest
import torch
import xarray as xr

import gaitbook as gb
from gaitbook.representation.windows import (
    MarkerLayout,
    choose_layout,
    decode_force,
    encode_force,
    encode_markers,
)


@pytest.fixture(scope="module")
def runner() -> xr.Dataset:
    """A simulated person running at 3 m/s."""
    return gb.simulate_trial(speed_mps=3.0, duration_s=2.0)


@pytest.mark.parametrize("foot", ["right", "left"])
def test_force_survives_the_round_trip(runner, foot):
    force = runner["ground_reaction_force"].sel(foot=foot)
    decoded = decode_force(encode_force(runner, foot=foot), runner, foot=foot)
    assert np.allclose(decoded, force, atol=1e-3)
    assert decoded["foot"].item() == foot


def test_force_targets_are_per_body_mass(runner):
    vertical = sum(encode_force(runner, foot=foot)[:, 1] for foot in ("right", "left"))
    assert float(vertical.mean()) == pytest.approx(9.81, rel=0.05)


def test_features_do_not_know_where_the_laboratory_is(runner):
    layout = choose_layout([runner])
    moved = runner.assign(
        marker_position=runner["marker_position"]
        + xr.DataArray([3.0, 0.0, -2.0], dims="axis", coords={"axis": [*"xyz"]})
    )
    difference = encode_markers(moved, layout) - encode_markers(runner, layout)
    assert difference.abs().max() < 1e-3


def test_one_feature_per_name_in_the_layout(runner):
    layout = choose_layout([runner])
    assert encode_markers(runner, layout).shape == (runner.sizes["time"], layout.features)


def test_a_missing_marker_is_nan_and_nothing_else(runner):
    layout = choose_layout([runner])
    missing = next(m for m in layout.markers if m not in layout.pelvis)
    features = encode_markers(runner.drop_sel(marker=[missing]), layout)
    assert int(torch.isnan(features[10]).sum()) == 9


def test_rare_markers_do_not_enter_the_layout(runner):
    without = runner.drop_sel(marker=["R.MT5"])
    assert "R.MT5" not in choose_layout([runner, without, without]).markers
    assert isinstance(choose_layout([runner]), MarkerLayout)
