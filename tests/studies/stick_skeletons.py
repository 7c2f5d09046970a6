"""Stick skeletons of which everything is known: they walk, march, rise and sway as told."""

import numpy as np
import xarray as xr

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import JOINTS

RATE_HZ = 30.0


def stick_trial(
    moves, *, seconds=12.0, task="self_selected_gait_speed", noise_m=0.0, rate_hz=RATE_HZ, **attributes
):
    """A skeleton that stands still but for joints that `moves` (name -> (time_s -> (time, axis))) places, m."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    position = np.zeros((len(time_s), len(JOINTS), 3))
    for place, name in enumerate(JOINTS):
        side = {"LEFT": -1, "RIGHT": 1}.get(name.rpartition("_")[2], 0)
        height_m = {"ANKLE": 0.1, "PELVIS": 0.95, "HIP": 0.9, "NECK": 1.45, "HEAD": 1.6}
        position[:, place, 1] = height_m.get(name.rpartition("_")[0] or name, 1.2)
        position[:, place, 2] = 0.1 * side
        if name in moves:
            position[:, place] = moves[name](time_s)
    position += noise_m * np.random.default_rng(5).standard_normal(position.shape)
    labels = {"time": time_s, "joint": list(JOINTS), "axis": list(AXES)}
    return xr.Dataset(
        {
            "skeleton_position": (tuple(labels), position),
            "joint_confidence": (("time", "joint"), np.full(position.shape[:2], 2, dtype=np.int8)),
        },
        labels,
        {"subject": "p1", "trial": task, "task": task, "sampling_rate_hz": rate_hz, **attributes},
    )


def walk(
    *,
    speed_mps=1.2,
    stride_s=1.1,
    stance=0.62,
    width_m=0.12,
    arm_m=(0.3, 0.3),
    late_s=0.0,
    forward_mps=0.0,
    **how,
):
    """A walk on a belt: feet go back with it and return in an arc; `late_s` delays the left foot's landings.

    Positive `forward_mps` carries the whole body forward, as on the ground.
    """
    moves = {}
    for side, phase_s, sign in (("RIGHT", 0.0, 1), ("LEFT", 0.5 * stride_s + late_s, -1)):

        def ankle(time_s, phase_s=phase_s, sign=sign):
            part = ((time_s - phase_s - 0.2) / stride_s) % 1.0
            way_m = speed_mps * stance * stride_s
            swing = np.clip((part - stance) / (1 - stance), 0.0, 1.0)
            ahead_m = np.where(
                part < stance, 0.5 * way_m - speed_mps * stride_s * part, -0.5 * way_m * np.cos(np.pi * swing)
            )
            up_m = 0.1 + 0.06 * np.sin(np.pi * swing) * (part >= stance)
            return np.stack([ahead_m, up_m, np.full_like(ahead_m, 0.5 * sign * width_m)], axis=1)

        def wrist(time_s, phase_s=phase_s, sign=sign, swing_m=arm_m[0 if sign == 1 else 1]):
            angle = 2 * np.pi * (time_s - phase_s - 0.2) / stride_s
            return np.stack([-0.5 * swing_m * np.cos(angle), 0 * angle + 0.8, 0 * angle + 0.3 * sign], axis=1)

        moves |= {f"ANKLE_{side}": ankle, f"WRIST_{side}": wrist}
    moves["HEAD"] = lambda time_s: np.stack(
        [0 * time_s, 1.6 + 0.02 * np.cos(4 * np.pi * time_s / stride_s), 0 * time_s], axis=1
    )
    trial = stick_trial(moves, **how)
    trial["skeleton_position"][:, :, 0] += forward_mps * trial["time"]
    return trial


def march(*, stride_s=1.1, lifted=0.4, **how):
    """A march on the spot: feet rise in turn and never go forward."""
    moves = {}
    for side, phase_s, sign in (("RIGHT", 0.0, 1), ("LEFT", 0.5 * stride_s, -1)):

        def ankle(time_s, phase_s=phase_s, sign=sign):
            part = ((time_s - phase_s) / stride_s) % 1.0
            up_m = 0.15 * np.sin(np.pi * np.clip(part / lifted, 0, 1)) ** 2
            return np.stack([0 * up_m, 0.1 + up_m, 0.08 * sign + 0 * up_m], axis=1)

        moves[f"ANKLE_{side}"] = ankle
    return stick_trial(moves, task="stationary_walk", **how)


def rises(*, repetition_s=2.5, lean_rad=0.6, seconds=15.0, **how):
    """Rising from a bench in smooth curves, with the trunk leaning most halfway up."""

    def height(time_s):
        return 0.65 + 0.15 * (1 - np.cos(2 * np.pi * time_s / repetition_s))

    def pelvis(time_s):
        return np.stack([0 * time_s, height(time_s), 0 * time_s], axis=1)

    def neck(time_s):
        lean = lean_rad * np.sin(2 * np.pi * time_s / repetition_s) ** 2
        return pelvis(time_s) + 0.5 * np.stack([np.sin(lean), np.cos(lean), 0 * lean], axis=1)

    moves = dict.fromkeys(("PELVIS", "HIP_LEFT", "HIP_RIGHT"), pelvis) | {"NECK": neck}
    return stick_trial(moves, task="sit_to_stand", seconds=seconds, **how)


def sway(*, fore_aft_m=0.01, sideways_m=0.005, frequency_hz=0.25, seconds=12.0, **how):
    """Standing that sways in an ellipse of these half axes."""
    trial = stick_trial({}, task="romberg_closed", seconds=seconds, **how)
    angle = 2 * np.pi * frequency_hz * trial["time"]
    trial["skeleton_position"][:, :, 0] += fore_aft_m * np.cos(angle)
    trial["skeleton_position"][:, :, 2] += sideways_m * np.sin(angle)
    return trial
