import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.speed_baselines import LAWS, scaling_laws
from gaitbook.studies.stride_measures import UNITS
from gaitbook.synthesis.reference_forces import running_force, running_timing

WALKER = {
    "stride_length": 1.4,
    "cadence": 111.4,
    "contact_time": 0.668,
    "duty_factor": 62.0,
    "peak_vertical_force": 112.0,
    "peak_braking_force": 19.0,
    "peak_propulsive_force": 20.0,
    "loading_rate": 8.0,
    "peak_knee_flexion": 60.0,
    "peak_hip_flexion": 28.0,
    "peak_hip_extension": 12.0,
    "knee_adduction_first_peak": 3.0,
    "knee_adduction_impulse": 1.0,
}
RUNNER = WALKER | {
    "stride_length": 2.45,
    "cadence": 171.4,
    "contact_time": 0.222,
    "duty_factor": 31.7,
    "peak_vertical_force": 256.0,
}


def own(gait="run", speed_mps=3.5, subject="p1", **changed):
    numbers = (WALKER if gait == "walk" else RUNNER) | changed
    fixed = {"subject": subject, "gait": gait, "speed_mps": speed_mps, "height_m": 1.75}
    return pd.DataFrame([fixed | {"quantity": name, "value": value} for name, value in numbers.items()])


def asked(*speeds_mps, gait="run", subject="p1"):
    return pd.DataFrame({"subject": subject, "gait": gait, "speed_mps": speeds_mps})


def told(gait, speed_mps, *speeds_mps, **changed):
    table = scaling_laws(own(gait, speed_mps, **changed), asked(*speeds_mps, gait=gait))
    return table.pivot_table(index="speed_mps", columns="quantity", values="value")


@pytest.mark.parametrize(("gait", "speed_mps"), [("walk", 1.3), ("run", 3.5)])
def test_at_the_own_speed_nothing_changes(gait, speed_mps):
    numbers = told(gait, speed_mps, speed_mps).loc[speed_mps]
    expected = WALKER if gait == "walk" else RUNNER
    assert numbers.to_dict() == pytest.approx(expected)


def test_every_number_of_a_stride_has_one_law_per_gait():
    pairs = [(gait, name) for law in LAWS for gait in law.gaits for name in law.quantities]
    assert sorted(pairs) == sorted((gait, name) for gait in ("walk", "run") for name in UNITS)
    assert all(law.rule and law.source for law in LAWS)


def test_the_walk_ratio_is_kept_exactly():
    numbers = told("walk", 1.3, 0.6, 0.8, 1.3, 1.8, 2.0)
    ratio = numbers["stride_length"] / numbers["cadence"]
    assert np.allclose(ratio, WALKER["stride_length"] / WALKER["cadence"], rtol=1e-12)


@pytest.mark.parametrize(("gait", "speeds_mps"), [("walk", (1.3, 0.7, 1.9)), ("run", (3.5, 2.0, 6.0))])
def test_stride_length_times_cadence_is_speed_and_contact_is_its_share(gait, speeds_mps):
    first = 120.0 * speeds_mps[0] / RUNNER["cadence"]
    share = 100.0 * 0.222 * RUNNER["cadence"] / 120.0
    coherent = {
        "cadence": RUNNER["cadence"],
        "stride_length": first,
        "contact_time": 0.222,
        "duty_factor": share,
    }
    numbers = told(gait, speeds_mps[0], *speeds_mps, **coherent)
    assert np.allclose(numbers["stride_length"] * numbers["cadence"] / 120.0, numbers.index)
    assert np.allclose(numbers["contact_time"] * numbers["cadence"] / 1.2, numbers["duty_factor"])


def test_the_way_there_and_back_ends_where_it_began():
    for gait, here, there in (("walk", 1.3, 1.8), ("run", 3.5, 4.5)):
        away = scaling_laws(own(gait, here), asked(there, gait=gait)).assign(height_m=1.75)
        back = scaling_laws(away, asked(here, gait=gait)).set_index("quantity")["value"]
        again = own(gait, here).set_index("quantity")["value"]
        exact = ["cadence", "stride_length", "peak_vertical_force", "contact_time"]
        assert back[exact].to_dict() == pytest.approx(again[exact].to_dict(), rel=0.01)


def test_the_vertical_force_of_walking_passes_body_weight_with_the_square_of_speed():
    numbers = told("walk", 1.0, 1.0, 2.0)
    assert numbers.loc[2.0, "peak_vertical_force"] == pytest.approx(100.0 + 4.0 * 12.0)


def test_walking_stance_falls_by_the_published_share():
    fall = 100.0 * 0.668 * 111.4 / 120.0 - 3.5 * 0.5
    numbers = told("walk", 1.3, 1.8)
    assert numbers.loc[1.8, "contact_time"] * numbers.loc[1.8, "cadence"] / 1.2 == pytest.approx(fall)


def test_the_force_of_runners_balances_their_weight():
    numbers = told("run", 3.5, 2.5, 3.5, 4.5)
    mean_share = numbers["peak_vertical_force"] * numbers["contact_time"] * numbers["cadence"]
    assert np.allclose(mean_share, mean_share.iloc[0])


def test_knee_moments_follow_the_force_and_their_impulse_the_time_of_a_step():
    numbers = told("walk", 1.3, 1.3, 1.8)
    lever = numbers["knee_adduction_first_peak"] / numbers["peak_vertical_force"]
    assert lever.iloc[0] == pytest.approx(lever.iloc[1])
    impulse = numbers["knee_adduction_impulse"] * numbers["cadence"]
    assert impulse.iloc[0] == pytest.approx(impulse.iloc[1])


def test_both_peaks_of_the_hip_grow_alike():
    change = told("walk", 1.3, 1.3, 1.8).diff().iloc[-1]
    assert change["peak_hip_flexion"] == pytest.approx(change["peak_hip_extension"])
    assert 2.0 < change["peak_hip_flexion"] < 6.0


def test_recorded_runners_are_met_within_a_tenth():
    def recorded(speed_mps):
        stride_s, contact_s = running_timing(speed_mps)
        force = 100.0 * running_force(speed_mps).force
        return {
            "cadence": 120.0 / stride_s,
            "stride_length": speed_mps * stride_s,
            "contact_time": contact_s,
            "peak_vertical_force": force[:, 1].max(),
            "peak_braking_force": -force[:, 0].min(),
        }

    numbers = told("run", 3.5, 2.5, 4.5, **recorded(3.5))
    for speed_mps in (2.5, 4.5):
        truth = recorded(speed_mps)
        assert numbers.loc[speed_mps, list(truth)].to_dict() == pytest.approx(truth, rel=0.1)


def test_several_trials_at_the_own_speed_are_averaged():
    twice = pd.concat([own(), own(peak_knee_flexion=100.0)])
    table = scaling_laws(twice, asked(4.0)).set_index("quantity")["value"]
    assert table["peak_knee_flexion"] == pytest.approx(80.0)
    assert len(table) == len(RUNNER)


def test_what_is_not_known_is_left_out():
    table = scaling_laws(own(medial_contact_force=np.nan), asked(4.0))
    assert "medial_contact_force" not in set(table["quantity"])


@pytest.mark.parametrize(
    ("numbers", "speeds", "message"),
    [
        (own().drop(columns="height_m"), asked(4.0), "own lacks the column.*height_m"),
        (own(), asked(4.0).drop(columns="gait"), "asked lacks the column.*gait"),
        (own(), asked(4.0, subject="p2"), r"no own numbers of p2 \(run\)"),
        (pd.concat([own(), own(speed_mps=2.5)]), asked(4.0), r"several speeds of p1 \(run\)"),
        (own(cadence=np.nan), asked(4.0), r"give height_m, cadence, .* of p1 \(run\)"),
        (own(smile=1.0), asked(4.0), r"no law of scaling speaks of smile \(run\)"),
    ],
)
def test_what_is_missing_is_named(numbers, speeds, message):
    with pytest.raises(ValueError, match=message):
        scaling_laws(numbers, speeds)
