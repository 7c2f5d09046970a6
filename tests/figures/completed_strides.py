"""Strides as a study completes them, made up: a person of joint centers whose knees bend more under each choice."""

from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

FRAMES = 37
JOINTS = {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "heel": 0.0, "toe": 0.0, "shoulder": 1.4, "elbow": 1.1}
MIDDLE = {"pelvis": 0.95, "lumbar": 1.05, "neck": 1.5, "head": 1.6}
CHOICES = {
    "nothing": ((), []),
    "knees": (("knee_angle_r", "knee_angle_l"), []),
    "everything for a moment": ((), [30.0, 70.0]),
}


def stride(away_m=0.0, draws=0):
    """A standing person; ``away_m`` is how far the right knee is moved forward, a centimeter more for every draw."""
    names = [f"{joint}_{foot}" for foot in ("right", "left") for joint in JOINTS] + list(MIDDLE)
    place = np.zeros((FRAMES, len(names), 3))
    for number, name in enumerate(names):
        joint, _, foot = name.partition("_")
        place[:, number, 1] = {**JOINTS, **MIDDLE}[joint]
        place[:, number, 2] = {"right": 0.1, "left": -0.1, "": 0.0}[foot]
    place[:, names.index("knee_right"), 0] = away_m
    drawn = np.repeat(place[None], draws, axis=0)
    drawn[:, :, names.index("knee_right"), 0] += 0.01 * np.arange(1, draws + 1)[:, None]
    time_s = np.linspace(0.0, 1.1, FRAMES)
    force = np.zeros((FRAMES, 2, 3))
    force[:20, 0, 1] = 700.0
    force[18:, 1, 1] = 700.0
    point = np.where(force[..., 1:2] > 0, [[[0.1, 0.0, 0.1], [0.1, 0.0, -0.1]]], np.nan)
    arrays = {
        "skeleton_position": (("time", "joint", "axis"), place),
        "ground_reaction_force": (("time", "foot", "axis"), force),
        "center_of_pressure": (("time", "foot", "axis"), point),
    }
    if draws:
        arrays["drawn_position"] = (("draw", "time", "joint", "axis"), drawn)
    labels = {"time": time_s, "joint": names, "axis": list("xyz"), "foot": ["right", "left"]}
    return xr.Dataset(arrays, labels, {"mass_kg": 70.0, "height_m": 1.75, "speed_mps": 1.3})


def completed(draws=3):
    """By choice: the knee stays where it was only where nothing is hidden."""
    strides = {name: stride(0.02, draws) for name in CHOICES if name != "nothing"}
    own = stride()
    same = own.assign(drawn_position=own["skeleton_position"].expand_dims(draw=draws))
    told = {name: dict(zip(("hidden", "gap_percent"), facts, strict=True)) for name, facts in CHOICES.items()}
    return {name: strides.get(name, same).assign_attrs(told[name]) for name in CHOICES}


def curves(choices=tuple(CHOICES), quantities=("Vertical force", "Knee flexion")):
    """Sines with a band of one, a little higher under each choice; measured is the first."""
    phase = np.linspace(0.0, 100.0, 21)
    parts = []
    for (place, choice), quantity, side in product(enumerate(choices), quantities, ("right", "left")):
        truth = 50.0 * np.sin(2.0 * np.pi * phase / 100.0 + (side == "left") * np.pi)
        numbers = {"value": truth + place, "low": truth + place - 1.0, "high": truth + place + 1.0}
        part = pd.DataFrame({"phase_percent": phase, **numbers, "measured": truth})
        labels = {"setting": choice, "quantity": quantity, "series": side}
        parts.append(part.assign(**labels, unit="%BW" if "force" in quantity else "°"))
    return pd.concat(parts, ignore_index=True)


def scores(choices=tuple(CHOICES)):
    """Errors of 2, 4, 6 %BW, all nine tenths in the band."""
    rows = [
        (choice, measure, value, unit)
        for place, choice in enumerate(choices)
        for measure, value, unit in (("profile", 2.0 * (place + 1), "%BW"), ("coverage", 0.9, "1"))
    ]
    return pd.DataFrame(rows, columns=["setting", "measure", "value", "unit"])
