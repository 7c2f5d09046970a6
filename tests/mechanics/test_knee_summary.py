"""Peaks and impulse of a moment that is known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.mechanics.knee_summary import medial_contact_force, summarize_knee, to_body_weight_height

MASS_KG, HEIGHT_M = 80.0, 2.0


def moment(**attrs):
    time_s = np.arange(101) / 100
    adduction = 40 * np.sin(2 * np.pi * time_s) ** 2
    values = np.zeros((101, 2, 3))
    values[:, 0, 0], values[:, 0, 2] = (
        np.where(time_s > 0.5, adduction / 2, adduction),
        30 * np.sin(np.pi * time_s),
    )
    person = {"mass_kg": MASS_KG, "height_m": HEIGHT_M, **attrs}
    return xr.DataArray(
        values,
        dims=("time", "foot", "moment"),
        coords={
            "time": time_s,
            "foot": ["right", "left"],
            "moment": ["adduction", "internal_rotation", "flexion"],
        },
        attrs={"units": "N m", "frame": "tibia", "method": "newton-euler", **person},
    )


def contact(start_s=0.0, end_s=1.0):
    return pd.DataFrame([("right", start_s, end_s)], columns=["foot", "strike_s", "toe_off_s"])


def test_peaks_of_both_halves_and_impulse():
    table = summarize_knee(moment(), contact()).set_index("quantity")["value_nm_per_kg"] * MASS_KG
    assert table["adduction_peak_first_half"] == pytest.approx(40.0)
    assert table["adduction_peak_second_half"] == pytest.approx(20.0)
    assert table["adduction_impulse"] == pytest.approx(15.0, rel=1e-3)
    assert table["flexion_peak"] == pytest.approx(30.0)


def test_the_two_units_differ_by_weight_per_mass_and_height():
    table = summarize_knee(moment(), contact())
    ratio = table["value_nm_per_kg"] / table["value_percent_bw_h"]
    np.testing.assert_allclose(ratio, 0.0981 * HEIGHT_M)
    np.testing.assert_allclose(
        float(to_body_weight_height(moment()).max()), 100 * 40 / (MASS_KG * 9.81 * HEIGHT_M)
    )


def test_the_result_says_which_frame_and_method():
    table = summarize_knee(moment(frame="lab", method="quasi-static"), contact())
    assert set(table["frame"]) == {"lab"}
    assert set(table["method"]) == {"quasi-static"}


def test_short_stances_are_counted():
    assert summarize_knee(moment(), contact(0.0, 0.05)).attrs["left_out"] == 1


def test_mass_and_height_are_asked_for():
    with pytest.raises(ValueError, match="no mass_kg and no height_m"):
        summarize_knee(moment(mass_kg=None, height_m=None), contact())


def test_the_medial_force_states_its_error():
    force, low, high = medial_contact_force(3.0, 2.0)
    assert force == pytest.approx(2.11)
    assert high - low == pytest.approx(2 * 1.645 * 0.35)
    assert medial_contact_force(3.0, -2.0)[0] == pytest.approx(force)
