import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import FEET
from gaitbook.representation.curves import (
    PHASES,
    STANCES,
    close_cycle,
    cut_stances,
    read_cycles,
    read_stances,
)

PERIOD_S, START_S = 1.1, 0.234


def waves(phase):
    return np.stack(
        [np.sin(2 * np.pi * phase), 0.3 + np.cos(6 * np.pi * phase) - 0.2 * np.sin(4 * np.pi * phase)], -1
    )


@pytest.fixture
def recording():
    """Two columns that repeat, at 100 Hz."""
    time_s = np.arange(200) / 100
    labels = {"time": time_s, "column": ["first", "second"]}
    return xr.DataArray(
        waves((time_s - START_S) / PERIOD_S), labels, ("time", "column"), attrs={"units": "rad"}
    )


def as_cycles(*columns):
    labels = {"phase": np.arange(PHASES) / PHASES}
    return xr.DataArray(np.stack(columns), labels, ("draw", "phase", "column"))


def test_a_cycle_that_repeats_is_cut_as_it_is(recording):
    cycle = close_cycle(recording, START_S, PERIOD_S)
    assert cycle.dims == ("phase", "column")
    assert cycle.attrs == recording.attrs
    assert cycle["phase"].values == pytest.approx(np.arange(PHASES) / PHASES)
    assert cycle.values == pytest.approx(waves(cycle["phase"].values), abs=1e-5)


def test_an_even_drift_is_no_part_of_a_cycle(recording):
    drift = 1.3 * (recording["time"] - START_S)
    cycle = close_cycle(recording + drift, START_S, PERIOD_S)
    assert cycle.values == pytest.approx(waves(cycle["phase"].values), abs=1e-5)


def test_a_sum_of_waves_is_read_exactly_between_samples_and_in_other_cycles():
    at = np.array([-0.713, 0.0, 0.00321, 0.5, 0.99999, 2.318])
    read = read_cycles(as_cycles(waves(np.arange(PHASES) / PHASES)), [at])
    assert read == pytest.approx(waves(at), abs=1e-12)


def test_every_draw_is_read_at_its_own_phases():
    own = waves(np.arange(PHASES) / PHASES)
    first, second = np.linspace(0.0, 1.0, 7), np.linspace(-0.2, 0.4, 4)
    read = read_cycles(as_cycles(own, 2.0 * own), [first, second])
    assert read == pytest.approx(np.concatenate([waves(first), 2.0 * waves(second)]), abs=1e-12)


def test_the_shortest_wave_of_a_cycle_is_read_back_at_its_samples():
    shortest = np.cos(np.pi * np.arange(PHASES))[:, None]
    assert read_cycles(as_cycles(shortest), [np.arange(PHASES) / PHASES]) == pytest.approx(shortest)


def test_each_foot_is_cut_over_its_own_stance_and_what_is_not_known_counts_as_zero():
    time_s = np.arange(100) / 100
    force = xr.DataArray(
        np.stack([-time_s, np.where(time_s > 0.5, np.nan, time_s)], axis=1),
        {"time": time_s, "foot": list(FEET[::-1])},
        ("time", "foot"),
        attrs={"units": "N"},
    )
    cut = cut_stances(force, np.stack([np.linspace(0.1, 0.455, STANCES), np.linspace(0.2, 0.9, STANCES)]))
    assert cut.dims == ("foot", "stance")
    assert cut.attrs == {"units": "N"}
    assert cut.sel(foot="right").values == pytest.approx(np.linspace(0.1, 0.455, STANCES))
    assert cut.sel(foot="left").values == pytest.approx(-np.linspace(0.2, 0.9, STANCES))
    beyond = cut_stances(force, np.tile(np.linspace(0.6, 0.9, STANCES), (2, 1)))
    assert not beyond.sel(foot="right").values.any()


def test_a_straight_line_over_stance_is_read_exactly_and_is_zero_after_lift_off():
    ramp = np.linspace(2.0, 4.0, STANCES)
    curves = np.stack([[ramp, -ramp], [10 * ramp, -10 * ramp]])[..., None] * [1.0, 0.5]
    progress = np.array([[0.0, 0.123], [1.0, 1.0001], [0.777, 3.0]])
    read = read_stances(curves, np.array([0, 0, 1]), progress)
    expected = np.array([[2.0, -2.246], [4.0, 0.0], [35.54, 0.0]])
    assert read == pytest.approx(expected[..., None] * [1.0, 0.5])
