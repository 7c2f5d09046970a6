"""The reference files are whole, and say what the recordings say that they come from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitbook.synthesis.reference_curves import evaluate_curve, load_reference, polynomial

SPEEDS_MPS = [2.5, 3.5, 4.5]


@pytest.mark.parametrize("gait", ["walking", "running"])
def test_every_entry_names_its_source(gait):
    table = load_reference(gait)
    assert all(table["sources"].values())
    parts = [part for name, part in table["forces"].items() if isinstance(part, dict) and "mean" not in part]
    assert all("source" in part for part in parts)


def test_walking_is_a_quadratic_in_speed():
    for name, entry in load_reference("walking")["angles"].items():
        assert len(entry["v0"]) == len(entry["v1"]) == len(entry["v2"]), name
        assert len(entry["v0"]) % 2 == 1, name


def test_running_has_a_row_for_each_speed():
    table = load_reference("running")
    assert table["speeds_mps"] == SPEEDS_MPS
    assert all(np.shape(entry["deg"])[0] == len(SPEEDS_MPS) for entry in table["angles"].values())
    for name in ("fore_aft", "vertical", "lateral"):
        assert np.shape(table["forces"][name]["mean"]) == (3, 21)
        assert np.shape(table["forces"][name]["sd"]) == (3, 21)


def test_a_third_of_the_runners_is_held_out():
    table = load_reference("running")
    everyone = sorted(table["runners"] + table["held_out"])
    assert table["held_out"] == everyone[2::3]
    assert not set(table["runners"]) & set(table["held_out"])


def test_runners_bend_as_other_laboratories_saw():
    compared = load_reference("running")["compared_with_bmc_ric"]
    for joint in ("hip_flexion", "knee_angle", "ankle_angle"):
        for group in ("BMC", "RIC"):
            assert (
                compared[joint][group]["shape_difference_deg"]
                < compared[joint][group]["sd_between_people_deg"]
            )


@pytest.mark.real_data
def test_the_walking_knee_is_that_of_the_children(real_data: Path):
    path = real_data / "schwartz2008" / "Schwartz2008.json"
    if not path.exists():
        pytest.skip("means of Schwartz 2008 are absent")
    band = np.array(json.loads(path.read_text())["Schwartz2008"]["Free"]["KneeAngles"]["X"], dtype=float)
    mean = band[:-1, 1:].mean(axis=1)
    ours = evaluate_curve(
        polynomial(load_reference("walking")["angles"]["knee_angle"], 0.43), np.arange(200) / 200
    )
    assert ours.max() == pytest.approx(mean.max(), abs=1.5)
    assert ours[0] == pytest.approx(mean[0], abs=1.5)


@pytest.mark.real_data
def test_walking_is_derived_again_as_it_stands(real_data: Path, monkeypatch: pytest.MonkeyPatch):
    if not (real_data / "schwartz2008").is_dir() or not (real_data / "h2a").is_dir():
        pytest.skip("means of Schwartz 2008 or step lengths of H2A are absent")
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    walking = pytest.importorskip("reference_walking", reason="the scripts beside the package are absent")
    assert walking.derive_walking() == load_reference("walking")


@pytest.mark.real_data
def test_trunk_and_arms_of_running_are_derived_again_as_they_stand(
    real_data: Path, monkeypatch: pytest.MonkeyPatch
):
    if not (real_data / "bmc").is_dir():
        pytest.skip("the runner of BMC is absent")
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    running = pytest.importorskip("reference_running", reason="the scripts beside the package are absent")
    table = load_reference("running")
    again = running.upper_angles(table["angles"])
    assert all(again[name] == table["angles"][name] for name in again)


@pytest.mark.real_data
def test_step_length_on_a_treadmill_is_that_of_the_recorded_adults(real_data: Path):
    path = real_data / "h2a" / "H2A_stats_input_51subs.csv"
    if not path.exists():
        pytest.skip("walking speeds and step lengths of H2A are absent")
    law = load_reference("walking")["treadmill_step_length"]
    quick = pd.read_csv(path).query("Speed > 0.9")
    length_m = np.exp(
        law["constant"]
        + law["log_speed_mps"] * np.log(quick["Speed"])
        + law["log_height_m"] * np.log(quick["Height"])
    )
    ratio = np.log(quick["StepLength"] / length_m)
    assert ratio.mean() == pytest.approx(0.0, abs=1e-3)
    assert ratio.std() < 0.08
    assert (quick["StepLength"] / quick["Cadence"]).groupby(quick["Subject"]).mean().mean() == pytest.approx(
        law["walk_ratio_m_min"], abs=1e-5
    )
