import pytest

from gaitbook.studies.cutoff_sweep import sweep_cutoff


@pytest.fixture(scope="module")
def sweep(runners):
    return sweep_cutoff(runners, cutoffs_hz=(2.0, 8.0))


def test_the_measured_curve_does_not_depend_on_the_cut_off(sweep):
    measured = sweep[sweep["source"] == "measured"].pivot(
        index="phase_percent", columns="cutoff_hz", values="value"
    )
    assert (measured[2.0] == measured[8.0]).all()


def test_too_much_smoothing_costs_the_peak_and_shows_in_the_error(sweep):
    newton = sweep[sweep["source"] == "Newton"].groupby("cutoff_hz")["value"].max()
    assert newton[2.0] < newton[8.0]
    errors = sweep.groupby("cutoff_hz")["error"].first()
    assert errors[2.0] > errors[8.0]


def test_every_setting_has_one_error_with_its_interval(sweep):
    assert sweep.groupby("cutoff_hz")["error"].nunique().eq(1).all()
    assert (sweep["error_low"] <= sweep["error"]).all()
