"""Hidden markers: as many as asked for, in the pattern asked for, the same for the same random numbers."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.cleaning import runs
from gaitbook.marker_sets import find_marker_set
from gaitbook.studies.marker_occlusion import CLUSTERS, PATTERNS, Occlusion, bridge_markers, hide_markers

LABELS = [
    "RASI",
    "LASI",
    "SACR",
    "RTHI",
    "LTHI",
    "RKNE",
    "LKNE",
    "RTIB",
    "LTIB",
    "RHEE",
    "LHEE",
    "RTOE",
    "LTOE",
]
FRAMES = 1000


@pytest.fixture
def trial():
    labels = {"time": np.arange(FRAMES) / 100.0, "marker": LABELS, "axis": ["x", "y", "z"]}
    place = np.random.default_rng(0).normal(size=(FRAMES, len(LABELS), 3))
    return xr.Dataset({"marker_position": xr.DataArray(place, labels, tuple(labels))})


def hide(trial, pattern, share, seed=0):
    return hide_markers(trial, Occlusion(pattern, share), rng=np.random.default_rng(seed))


def lost(trial):
    """(time, marker), whether a marker is hidden."""
    return trial["marker_position"].isnull().all("axis").transpose("time", "marker")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_share_hides_nothing_and_what_is_seen_stays_as_it_is(trial, pattern):
    assert hide(trial, pattern, 0.0).identical(trial)
    hidden = hide(trial, pattern, 0.4)
    seen = ~lost(hidden)
    assert hidden["marker_position"].where(seen).identical(trial["marker_position"].where(seen))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_same_random_numbers_hide_the_same(trial, pattern):
    assert hide(trial, pattern, 0.3).identical(hide(trial, pattern, 0.3))
    assert not hide(trial, pattern, 0.3).identical(hide(trial, pattern, 0.3, seed=1))


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_single_samples_are_hidden_each_by_itself(trial, share):
    gone = lost(hide(trial, "samples", share))
    assert float(gone.mean()) == pytest.approx(share, abs=0.02)
    both = float((gone[1:].values & gone[:-1].values).mean())
    assert both == pytest.approx(share**2, abs=0.02)


@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
def test_bursts_hide_exactly_their_share_of_every_marker(trial, share):
    gone = lost(hide(trial, "bursts", share))
    np.testing.assert_allclose(gone.mean("time"), share, atol=1e-9)


def test_bursts_are_as_long_as_a_marker_is_turned_away(trial):
    gone = lost(hide(trial, "bursts", 0.1))
    lengths = [stop - start for marker in LABELS for start, stop in runs(gone.sel(marker=marker).values)]
    assert 10 <= np.median(lengths) <= 50
    assert len({tuple(gone.sel(marker=marker).values) for marker in LABELS}) == len(LABELS)


@pytest.mark.parametrize("pattern", CLUSTERS)
def test_a_segment_is_hidden_once_with_all_its_markers(trial, pattern):
    gone = lost(hide(trial, pattern, 0.25))
    hidden = [marker for marker in LABELS if bool(gone.sel(marker=marker).any())]
    segments = find_marker_set(LABELS).segments
    sides = [pattern] if pattern == "pelvis" else [f"{pattern}_right", f"{pattern}_left"]
    assert set(hidden) in [{*segments[side]} & {*LABELS} for side in sides]
    for marker in hidden:
        ((start, stop),) = runs(gone.sel(marker=marker).values)
        assert stop - start == FRAMES // 4


def test_both_sides_have_their_turn(trial):
    right = [bool(lost(hide(trial, "foot", 1.0, seed)).sel(marker="RHEE").all()) for seed in range(20)]
    assert 0 < sum(right) < 20


def test_bridged_markers_move_along_straight_lines_but_never_beyond_their_sightings(trial):
    line = trial.copy(deep=True)
    line["marker_position"][:] = np.arange(FRAMES)[:, None, None]
    line["marker_position"][100:400, 0] = np.nan
    line["marker_position"][:5, 1] = np.nan
    line["marker_position"][-7:, 2] = np.nan
    line["marker_position"][:, 3] = np.nan
    bridged = bridge_markers(line)["marker_position"].transpose("time", "marker", "axis").values
    np.testing.assert_allclose(bridged[:, 0, 0], np.arange(FRAMES))
    assert np.isnan(bridged[:, 1, 0]).nonzero()[0].tolist() == list(range(5))
    assert np.isnan(bridged[:, 2, 0]).nonzero()[0].tolist() == list(range(FRAMES - 7, FRAMES))
    assert np.isnan(bridged[:, 3]).all()


def test_what_cannot_be_hidden_is_said(trial):
    with pytest.raises(ValueError, match="no pattern 'elbow': choose one of samples, bursts"):
        hide(trial, "elbow", 0.5)
    with pytest.raises(ValueError, match=r"1\.5 is no share of the samples"):
        hide(trial, "bursts", 1.5)
    feet = trial.sel(marker=["RHEE", "LHEE", "RTOE", "LTOE"])
    with pytest.raises(ValueError, match="no marker on pelvis: choose another pattern"):
        hide(feet, "pelvis", 0.5)
