"""Files as a laboratory exports them, written from trials of the closed-form runner."""

from pathlib import Path

import numpy as np
import xarray as xr

from gaitbook.synthesis.closed_form import simulate_trial


def run(speed_mps: float = 3.0, *, duration_s: float = 2.0) -> xr.Dataset:
    """Two seconds on a treadmill, marker noise and differences between strides aside."""
    return simulate_trial(speed_mps=speed_mps, duration_s=duration_s, variability=0.0)


def write_markers(path: Path, trial: xr.Dataset, *, units: str = "mm", scale: float = 1000.0) -> Path:
    """Markers as .trc; with ``units`` unlike ``scale`` the header lies."""
    markers = list(map(str, trial["marker"].values))
    rate_hz = trial.attrs["sampling_rate_hz"]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"{rate_hz}\t{rate_hz}\t{trial.sizes['time']}\t{len(markers)}\t{units}",
        "Frame#\tTime\t" + "\t\t\t".join(markers),
        "\t\t" + "\t".join(f"{axis}{i + 1}" for i in range(len(markers)) for axis in "XYZ"),
        "",
    ]
    rows = scale * trial["marker_position"].values.reshape(trial.sizes["time"], -1)
    for i, (time_s, row) in enumerate(zip(trial["time"].values, rows, strict=True), start=1):
        cells = ["" if np.isnan(value) else f"{value:.6f}" for value in row]
        lines.append(f"{i}\t{time_s:.5f}\t" + "\t".join(cells))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_forces(path: Path, trial: xr.Dataset) -> Path:
    """Forces of both feet as .mot, with columns that name the foot."""
    columns, values = ["time"], [trial["time"].values]
    for foot, letter in (("right", "r"), ("left", "l")):
        for part, name in (("ground_reaction_force", "force_{}_v"), ("center_of_pressure", "force_{}_p")):
            for axis in "xyz":
                columns.append(f"ground_{name.format(letter)}{axis}")
                values.append(np.nan_to_num(trial[part].sel(foot=foot, axis=axis).values))
        for axis in "xyz":
            columns.append(f"ground_torque_{letter}_{axis}")
            values.append(trial["free_moment"].sel(foot=foot).values * (axis == "y"))
    return write_table(path, columns, np.column_stack(values))


def write_angles(path: Path, trial: xr.Dataset) -> Path:
    """One joint angle, which follows a sine, as .mot in degrees."""
    time_s = trial["time"].values
    values = np.column_stack([time_s, 10 * np.sin(time_s), 30 + 20 * np.sin(6 * time_s)])
    return write_table(path, ["time", "pelvis_tilt", "knee_angle_r"], values, in_degrees="yes")


def write_table(path: Path, columns: list[str], values: np.ndarray, *, in_degrees: str = "no") -> Path:
    """OpenSim table."""
    rows = ["\t".join(f"{value:.8g}" for value in row) for row in values]
    header = [
        path.stem,
        f"nRows={len(rows)}",
        f"nColumns={len(columns)}",
        f"inDegrees={in_degrees}",
        "endheader",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*header, "\t".join(columns), *rows]) + "\n", encoding="utf-8")
    return path


def write_laboratory(root: Path) -> Path:
    """Two people with two runs each, one of them also with angles, a static trial, a model and a table of people."""
    for subject, speeds_mps in (("S1", (2.5, 3.5)), ("S2", (3.0, 4.0))):
        for speed_mps in speeds_mps:
            trial = run(speed_mps)
            name = f"run{10 * speed_mps:.0f}"
            write_markers(root / subject / f"{name}.trc", trial)
            write_forces(root / subject / f"{name}_grf.mot", trial)
    write_angles(root / "S1" / "run25_ik.mot", run(2.5))
    write_markers(root / "S1" / "static.trc", run())
    (root / "model.osim").write_text("<OpenSimDocument/>", encoding="utf-8")
    table = "subject,sex,age_year,height_m,mass_kg,surface\nS1,F,30,1.75,70,treadmill\nS2,M,31,1.75,70,treadmill\n"
    (root / "participants.csv").write_text(table, encoding="utf-8")
    return root
