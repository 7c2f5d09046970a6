"""The contract of a trial: a good trial has no fault, and every fault is named in words."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.schema import TrialError, faults, make_trial, trial_path, validate

Maker = Callable[..., xr.Dataset]


def test_a_good_trial_is_returned_unchanged(make_standing: Maker):
    trial = make_standing()
    assert faults(trial) == []
    assert validate(trial) is trial


def test_a_trial_may_lack_any_variable_but_not_all(make_standing: Maker):
    trial = make_standing()
    assert faults(trial[["marker_position"]]) == []
    assert any(
        "no variable of the contract" in fault for fault in faults(trial.drop_vars(list(trial.data_vars)))
    )


def test_units_of_the_contract_are_given_and_missing_attributes_left_out():
    array = xr.DataArray(np.zeros((2, 2)), dims=("time", "foot"))
    trial = make_trial({"free_moment": array}, {"subject": "A", "sex": None})
    assert trial["free_moment"].attrs["units"] == "N m"
    assert dict(trial.attrs) == {"subject": "A"}
    assert "units" not in array.attrs


def test_all_faults_come_in_one_message(make_standing: Maker):
    trial = make_standing(height_m=181.0, sex="M", surface="lawn", license=None)
    del trial.attrs["mass_kg"]
    with pytest.raises(TrialError) as caught:
        validate(trial)
    message = str(caught.value)
    assert message.startswith("Trial /lab/A/one has 5 fault(s)")
    for part in (
        "'license' is missing",
        "no body mass",
        "height_m is 181",
        "sex is 'M'",
        "surface is 'lawn'",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.assign_coords(time=np.r_[0, t.time.values[:-1]]),
            "1 duplicate time stamp(s), the first at 0 s",
        ),
        (lambda t: t.assign_coords(time=t.time.values[::-1]), "time runs backward"),
        (lambda t: t.assign_coords(time=t.time.values**2 + t.time.values), "resample to an even rate"),
        (lambda t: t.assign_coords(time=t.time.values / 2), "the time stamps say 100"),
        (lambda t: t.isel(time=[0]), "only 1 time sample"),
        (lambda t: t.drop_vars("time"), "there is no time coordinate"),
        (lambda t: t.assign(marker_position=1000 * t.marker_position), "in millimeters"),
        (
            lambda t: t.assign(marker_position=t.marker_position.assign_attrs(units="mm")),
            "is in 'mm', expected 'm'",
        ),
        (lambda t: t.assign(marker_position=t.marker_position * np.nan), "NaN throughout"),
        (lambda t: t.assign(marker_position=t.marker_position / 0.0), "infinite"),
        (lambda t: t.assign(marker_position=t.marker_position.isel(axis=0)), "has dims"),
        (lambda t: t.assign_coords(axis=["x", "z", "y"]), "axis must be labeled x, y, z"),
        (lambda t: t.drop_vars("axis"), "axis must be labeled x, y, z"),
        (lambda t: t.assign_coords(foot=["left", "right"]), "foot must be labeled right, left"),
        (lambda t: t.assign_coords(marker=["heel", "heel"]), "label(s) repeated: heel"),
        (lambda t: t.assign(ground_reaction_force=-t.ground_reaction_force), "points down"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_each_fault_is_named(make_standing: Maker, change: Callable[[xr.Dataset], xr.Dataset], message: str):
    with xr.set_options(keep_attrs=True), np.errstate(all="ignore"):
        found = faults(change(make_standing()))
    assert any(message in fault for fault in found), found


def test_a_block_of_nan_in_the_force_is_found(make_standing: Maker):
    trial = make_standing()
    force = trial["ground_reaction_force"].copy()
    force[10:20] = np.nan
    found = faults(trial.assign(ground_reaction_force=force))
    assert found == [
        "ground_reaction_force has 10 NaN frame(s), the first at 0.2 s: cut them or leave force out"
    ]


def test_a_gap_in_one_marker_is_no_fault(make_standing: Maker):
    trial = make_standing()
    position = trial["marker_position"].copy()
    position[10:20, 0] = np.nan
    assert faults(trial.assign(marker_position=position)) == []


def test_the_place_of_a_trial_is_its_names():
    assert trial_path({"source": "lab", "subject": "A", "trial": 1}) == "/lab/A/1"
    assert trial_path({"source": "lab"}) == "/lab/?/?"


def test_a_number_given_as_text_is_a_fault_not_a_crash(make_standing: Maker):
    found = faults(make_standing(mass_kg="seventy", sampling_rate_hz="fast"))
    assert any("mass_kg is 'seventy', expected a number" in fault for fault in found), found
    assert any("sampling_rate_hz is 'fast', expected a number" in fault for fault in found), found


def test_an_infinite_or_missing_time_stamp_is_a_fault(make_standing: Maker):
    time_s = make_standing()["time"].values.copy()
    time_s[5] = np.nan
    found = faults(make_standing().assign_coords(time=time_s))
    assert any("1 time stamp(s) are no number" in fault for fault in found), found


def test_a_nan_mass_counts_as_missing(make_standing: Maker):
    assert any("mass_kg is nan" in fault for fault in faults(make_standing(mass_kg=float("nan"))))
