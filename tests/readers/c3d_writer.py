"""Writes small .c3d files for the tests: a person standing on a plate whose force is known by thought."""

from pathlib import Path

import numpy as np

# A plate of 0.6 by 0.4 m on the floor of a laboratory with z up; its own axes are x, -y and -z of the laboratory.
CORNERS_M = np.array([[0.6, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.4, 0.0], [0.6, 0.4, 0.0]])
PLATE_AXES = np.diag([1.0, -1.0, -1.0])
ORIGIN_M = np.array([0.01, -0.02, -0.05])
TRANSDUCERS_M = np.array([0.12, 0.2, -0.05])  # type 3: half distances of the transducers, and their depth
CALIBRATION = np.diag([2.0, 3.0, 5.0, 0.5, 0.25, 0.2]) + 0.01 * np.arange(36).reshape(6, 6) / 36

FORCE_N = np.array([30.0, -20.0, 700.0])
POINT_M = np.array([0.4, 0.1, 0.0])
FREE_MOMENT_NM = 6.0


def raw_channels(kind, *, force=FORCE_N, point=POINT_M, free=FREE_MOMENT_NM, length=1000.0):
    """What the channels of a plate of this type hold for a force (z up, N), where it acts (m) and its twist (N m)."""
    force, free = np.asarray(force, dtype=float), float(free)
    moment = np.cross(point - CORNERS_M.mean(axis=0), force) + np.array([0.0, 0.0, free])
    f, m = PLATE_AXES.T @ force, PLATE_AXES.T @ moment * length
    if kind == 1:
        p = PLATE_AXES.T @ (point - CORNERS_M.mean(axis=0)) * length
        return np.array([*f, p[0], p[1], -free * length])
    if kind == 3:
        a, b, depth = TRANSDUCERS_M * length
        turn = m - np.cross(f, [0.0, 0.0, depth])
        rows = [[1, 1, 1, 1], [b, b, -b, -b], [-a, a, a, -a], [1, -1, 1, -1]]
        vertical = np.linalg.solve(np.array(rows, dtype=float), [f[2], turn[0], turn[1], 0.0])
        fx34 = (f[0] + turn[2] / b) / 2
        return np.array([f[0] - fx34, fx34, f[1] / 2, f[1] / 2, *vertical])
    wrench = np.concatenate([f, m - np.cross(f, ORIGIN_M * length)])
    return np.linalg.solve(CALIBRATION, wrench) if kind == 4 else wrench


def standing_markers(n_frames, length=1000.0):
    """Three markers of a person 1.7 m tall in a laboratory with z up: ``(3, marker, frame)``."""
    person = np.array([[0.2, 0.2, 0.05], [0.3, 0.2, 0.9], [0.25, 0.25, 1.7]]).T * length
    return np.repeat(person[:, :, None], n_frames, axis=2)


def write_c3d(
    path,
    *,
    points=None,
    labels=("R.Heel", "R.ASIS", "C7"),
    unit="mm",
    analog=None,
    analog_units=("N", "N", "N", "Nmm", "Nmm", "Nmm"),
    kind=2,
    corners=CORNERS_M,
    n_samples_per_frame=2,
    extra=None,
):
    """Write a file of 10 frames at 100 Hz; ``analog`` is ``(channel,)`` for a constant or ``(channel, sample)``."""
    import ezc3d

    length = {"m": 1.0}.get(unit, 1000.0)
    points = standing_markers(10, length) if points is None else points
    n_frames = points.shape[2]
    file = ezc3d.c3d()
    parameters = file["parameters"]
    parameters["POINT"]["RATE"]["value"] = [100.0]
    parameters["POINT"]["LABELS"]["value"] = list(labels)
    parameters["POINT"]["UNITS"]["value"] = [unit]
    file["data"]["points"] = np.concatenate([points, np.ones((1, *points.shape[1:]))])
    if analog is not None:
        analog = np.asarray(analog, dtype=float)
        if analog.ndim == 1:
            # A living person's force is never quite constant.
            analog = analog[:, None] * np.linspace(1.0, 1.1, n_frames * n_samples_per_frame)
        parameters["ANALOG"]["RATE"]["value"] = [100.0 * n_samples_per_frame]
        parameters["ANALOG"]["LABELS"]["value"] = [f"ch{i}" for i in range(len(analog))]
        parameters["ANALOG"]["UNITS"]["value"] = list(analog_units)
        file["data"]["analogs"] = analog[None]
        _add_platform(file, kind, corners * length, length, len(analog))
    for group, name, value in extra or ():
        file.add_parameter(group, name, value)
    file.write(str(path))
    return Path(path)


def _add_platform(file, kind, corners, length, n_channels):
    origin = TRANSDUCERS_M if kind == 3 else ORIGIN_M
    file.add_parameter("FORCE_PLATFORM", "USED", [1])
    file.add_parameter("FORCE_PLATFORM", "TYPE", [kind])
    file.add_parameter("FORCE_PLATFORM", "CORNERS", corners.T[:, :, None])
    file.add_parameter("FORCE_PLATFORM", "ORIGIN", (origin * length)[:, None])
    file.add_parameter("FORCE_PLATFORM", "CHANNEL", np.arange(1.0, n_channels + 1)[:, None])
    if kind == 4:
        file.add_parameter("FORCE_PLATFORM", "CAL_MATRIX", CALIBRATION[:, :, None])
