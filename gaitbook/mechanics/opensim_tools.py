"""OpenSim's own tools, for comparison and for models that ours do not read: needs ``pip install gaitbook[opensim]``.

Each call runs OpenSim in a process and a temporary folder of its own, so that its crashes become errors and its files
do not stay. Nothing is filtered unless asked for: give all tools the same filtered coordinates. OpenSim
differentiates them itself, through splines of fifth degree.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gaitbook.cohort.opensim_files import CALCANEI, write_external_loads, write_force, write_motion
from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.opensim_worker import RESULT
from gaitbook.readers.opensim import read_markers, read_motion
from gaitbook.readers.storage import read_table

KNEES = {"right": "knee_angle_r", "left": "knee_angle_l"}
LINES_SHOWN = 6
OWN_FOLDER = Path(__file__).parents[2]
GENERALIZED_UNITS = {"_moment": "N m", "_force": "N"}


def opensim_inverse_kinematics(
    model_path: str | Path,
    marker_file: str | Path,
    *,
    weights: Mapping[str, float] | None = None,
    unlock: Sequence[str] = (),
    accuracy: float = 1e-5,
    timeout_s: float | None = None,
) -> xr.Dataset:
    """Joint angles that bring a model's markers closest to the measured ones, by OpenSim.

    Parameters
    ----------
    model_path
        Scaled model with markers (``.osim``).
    marker_file
        Measured markers (``.trc``).
    weights
        Weight by marker; by default all that the model and the file share count alike.
    unlock
        Locked coordinates to solve for, too.
    accuracy
        Accuracy of OpenSim's solver.
    timeout_s
        Give up after this time.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (time, coordinate), rad; ``pelvis_position`` (time, axis), m; ``marker_rms`` (time,), the
        root mean square distance of the markers, m. ``attrs["frames_per_second"]`` is the speed of the solver.

    Raises
    ------
    ImportError
        OpenSim is not installed.
    FileNotFoundError
        There is no such model or marker file.
    RuntimeError
        OpenSim failed, or took longer than allowed; the message has its last lines.
    """
    markers = read_markers(_existing(marker_file))
    time_s = markers["time"].values
    job = {
        "task": "inverse_kinematics",
        "marker_file": str(_existing(marker_file)),
        "weights": dict(weights or {}),
        "unlock": list(unlock),
        "accuracy": accuracy,
        "span_s": [float(time_s[0]), float(time_s[-1])],
    }
    with _workplace() as folder:
        result = _run(model_path, job, folder, timeout_s)
        solved = read_motion(folder / "ik.mot")
        errors = read_table(folder / "solve_ik_marker_errors.sto")
    rms_m = errors["marker_error_RMS"].to_numpy()
    solved["marker_rms"] = ("time", rms_m[: solved.sizes["time"]], {"units": "m"})
    speed = solved.sizes["time"] / float(result["duration_s"])
    return solved.assign_attrs(source_file=str(marker_file), frames_per_second=speed)


def opensim_inverse_dynamics(
    model_path: str | Path,
    trial: xr.Dataset | str | Path,
    *,
    external_loads: str | Path | None = None,
    bodies: Mapping[str, str] = CALCANEI,
    cutoff_hz: float | None = None,
    timeout_s: float | None = None,
) -> xr.DataArray:
    """Generalized forces that move a model as recorded, by OpenSim's tool for inverse dynamics.

    Muscles, ligaments and limits of the model are taken out first, so that these are net forces.

    Parameters
    ----------
    model_path
        Scaled model (``.osim``).
    trial
        Trial with ``joint_angle`` and ``pelvis_position``, and perhaps the forces on the feet; or a motion file.
        Coordinates that it lacks follow those that they are coupled to, or stay at the model's default.
    external_loads
        External loads file (``.xml``) instead of the trial's own forces.
    bodies
        Body that the force of each foot acts on.
    cutoff_hz
        Low-pass filter of the tool for the coordinates; none by default.
    timeout_s
        Give up after this time.

    Returns
    -------
    xarray.DataArray
        Generalized force (time, coordinate), internal, positive along the coordinate: N m, or N for translations, as
        the coordinate ``unit`` says. For a knee whose translation follows its flexion it is *not* the moment about
        the joint center: see `opensim_knee_reaction`.

    Raises
    ------
    ImportError
        OpenSim is not installed.
    FileNotFoundError
        There is no such file.
    ValueError
        The trial lacks joint angles, or has gaps.
    RuntimeError
        OpenSim failed, or took longer than allowed; the message has its last lines.
    """
    with _workplace() as folder:
        job = _motion_job("inverse_dynamics", trial, folder, external_loads, bodies)
        result = _run(model_path, job | {"cutoff_hz": cutoff_hz or -1.0}, folder, timeout_s)
        table = read_table(folder / "id.sto")
    names = result["names"].tolist()
    columns = [
        next(label for label in (f"{n}_moment", f"{n}_force") if label in table.columns) for n in names
    ]
    units = [GENERALIZED_UNITS["_moment" if label.endswith("_moment") else "_force"] for label in columns]
    speed = len(table) / float(result["duration_s"])
    return (
        _generalized(table["time"].to_numpy(), names, table[columns].to_numpy(dtype=float))
        .assign_coords(unit=("coordinate", units))
        .assign_attrs(frames_per_second=speed)
    )


def opensim_knee_reaction(
    model_path: str | Path,
    trial: xr.Dataset | str | Path,
    *,
    external_loads: str | Path | None = None,
    bodies: Mapping[str, str] = CALCANEI,
    knees: Mapping[str, str] = KNEES,
    timeout_s: float | None = None,
) -> xr.Dataset:
    """Load of the knee on the tibia, by OpenSim: the net moment about the joint center, in the tibia's frame.

    Parameters
    ----------
    model_path, trial, external_loads, bodies, timeout_s
        As in `opensim_inverse_dynamics`.
    knees
        A coordinate of the knee of each foot; the joint that it belongs to is meant.

    Returns
    -------
    xarray.Dataset
        ``knee_moment`` (time, foot, axis), N m, and ``knee_force``, N, internal, on the tibia, about its joint center
        and in its frame; ``knee_center`` (time, foot, axis), m, in the laboratory; ``generalized_force``
        (time, coordinate), N m or N, that drove the model. The external adduction moment is minus x on the right and
        x on the left, the external flexion moment z on both sides.

    Raises
    ------
    ImportError, FileNotFoundError, ValueError, RuntimeError
        As `opensim_inverse_dynamics`.
    """
    feet = [foot for foot in FEET if foot in knees]
    with _workplace() as folder:
        job = _motion_job("joint_reaction", trial, folder, external_loads, bodies)
        result = _run(model_path, job | {"coordinates": [knees[foot] for foot in feet]}, folder, timeout_s)
    dims = ("time", "foot", "axis")
    variables = {
        "knee_moment": (dims, result["moment"], {"units": "N m"}),
        "knee_force": (dims, result["force"], {"units": "N"}),
        "knee_center": (dims, result["center"], {"units": "m"}),
    }
    coords = {"time": result["time_s"], "foot": feet, "axis": list(AXES)}
    loads = xr.Dataset(variables, coords=coords)
    loads["generalized_force"] = _generalized(
        result["time_s"], result["names"].tolist(), result["generalized"]
    )
    return loads.assign_attrs(frames_per_second=loads.sizes["time"] / float(result["duration_s"]))


def _generalized(time_s: np.ndarray, names: list[str], values: np.ndarray) -> xr.DataArray:
    coords = {"time": time_s, "coordinate": names}
    return xr.DataArray(values, coords=coords, dims=("time", "coordinate"), name="generalized_force")


def _motion_job(
    task: str,
    trial: xr.Dataset | str | Path,
    folder: Path,
    external_loads: str | Path | None,
    bodies: Mapping[str, str],
) -> dict[str, Any]:
    """Job with the files of a trial, which are written to the folder of the job."""
    loads = _existing(external_loads) if external_loads is not None else None
    if not isinstance(trial, xr.Dataset):
        motion = _existing(trial)
    else:
        motion = write_motion(trial, folder / "motion.mot", in_degrees=False)
        if loads is None and "ground_reaction_force" in trial:
            force = write_force(trial, folder / "force.mot")
            loads = write_external_loads(folder / "loads.xml", force_file=force, bodies=bodies)
    return {"task": task, "motion_file": str(motion), "loads_file": str(loads or "")}


@contextmanager
def _workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gaitbook_opensim_") as folder:
        yield Path(folder)


def _existing(path: str | Path) -> Path:
    found = Path(path).expanduser().resolve()
    if not found.is_file():
        raise FileNotFoundError(f"There is no file {path}: check the path.")
    return found


def _run(
    model_path: str | Path, job: Mapping[str, Any], folder: Path, timeout_s: float | None
) -> dict[str, np.ndarray]:
    """Arrays that a worker hands back."""
    if find_spec("opensim") is None:
        raise ImportError("OpenSim's tools need opensim: run `pip install gaitbook[opensim]`.")
    job_file = folder / "job.json"
    job_file.write_text(json.dumps({**job, "model_file": str(_existing(model_path))}), encoding="utf-8")
    search = os.pathsep.join(filter(None, [str(OWN_FOLDER), os.environ.get("PYTHONPATH")]))
    what = f"OpenSim's {str(job['task']).replace('_', ' ')} of {Path(model_path).name}"
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "gaitbook.mechanics.opensim_worker", str(job_file)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": search},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{what} took longer than {timeout_s:g} s and was stopped.") from error
    if finished.returncode or not (folder / RESULT).is_file():
        raise RuntimeError(f"{what} failed (exit code {finished.returncode}): {_last_lines(finished)}")
    with np.load(folder / RESULT) as arrays:
        return dict(arrays)


def _last_lines(finished: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (finished.stdout + "\n" + finished.stderr).splitlines() if line.strip()]
    return "\n".join(lines[-LINES_SHOWN:]) or "it said nothing."
