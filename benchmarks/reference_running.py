"""How adults run, from the runners of RBDS and BMC; used by derive_references.py."""

import numpy as np
import pandas as pd
from reference_fourier import (
    ALL,
    DATA,
    EVEN,
    ODD,
    PHASES,
    PUBLISHED,
    Table,
    evaluate,
    fourier,
    rounded,
)
from reference_strides import LEG, STANCE, MeanStride, all_runners, measure_runners, split_runners
from reference_trunk import upper_body
from scipy.signal import resample

SPEEDS_MPS = (2.5, 3.5, 4.5)
HARMONICS = 10
ARM_HARMONICS = 4
MIDLINE = {
    "pelvis_tilt": EVEN,
    "pelvis_list": ODD,
    "pelvis_rotation": ODD,
    "lumbar_extension": EVEN,
    "lumbar_bending": ODD,
    "lumbar_rotation": ODD,
}
LUMBAR = {
    "lumbar_extension": ("thorax_extension", "pelvis_tilt"),
    "lumbar_bending": ("thorax_bending", "pelvis_list"),
    "lumbar_rotation": ("thorax_rotation", "pelvis_rotation"),
}
ARMS = ("arm_flex", "arm_add", "arm_rot", "elbow_flex")
MOST_TOE_OUT_DEG = 30.0
"""A foot that points farther out has lost a marker: RBDS024 at 4.5 m/s."""
RIC_ANGLES = {
    "hip_flexion": "hip_Z",
    "hip_adduction": "hip_X",
    "knee_angle": "knee_Z",
    "ankle_angle": "ankle_Z",
}
RIC_SIGNS = {"hip_flexion": -1, "hip_adduction": -1, "knee_angle": 1, "ankle_angle": -1}
RBDS = "Fukuchi 2017 (doi:10.7717/peerj.3298, CC BY 4.0), runners listed above, treadmill, first 8 s"


def derive_running() -> Table:
    """All of running_reference.yml."""
    kept, held_out = split_runners(all_runners())
    strides = measure_runners(kept)
    angles = leg_angles(strides)
    return {
        "speeds_mps": list(SPEEDS_MPS),
        "runners": kept,
        "held_out": held_out,
        "angles": angles | upper_angles(angles),
        "sources": {
            "legs_and_pelvis": f"{RBDS}; joint angles solved from the markers",
            "trunk_and_arms": PUBLISHED["running"]["upper_body"]["source"],
        },
        "landmarks": landmarks(strides),
        "compared_with_bmc_ric": compare(angles),
        "forces": forces(strides),
        "timing": timing(strides),
        "foot": foot(strides),
    }


def at(strides: list[MeanStride], speed_mps: float) -> list[MeanStride]:
    return [stride for stride in strides if stride.speed_mps == speed_mps]


def leg_angles(strides: list[MeanStride]) -> Table:
    """Coefficients of the group mean at each speed, and its spread between people."""
    result: Table = {}
    for name in (*MIDLINE, *LEG):
        if name in LUMBAR:
            continue
        groups = [np.array([stride.angles[name] for stride in at(strides, speed)]) for speed in SPEEDS_MPS]
        waves = [
            fourier(resample(group.mean(0), len(PHASES)), HARMONICS, MIDLINE.get(name, ALL))
            for group in groups
        ]
        result[name] = {
            "deg": rounded(waves),
            "sd_deg": rounded([np.sqrt(np.mean(group.var(0, ddof=1))) for group in groups], 1),
        }
    return result


def upper_angles(angles: Table) -> Table:
    """Trunk and arms of one runner; the thorax keeps its motion in space whatever the pelvis does."""
    assumed = PUBLISHED["running"]["upper_body"]
    measured, _ = upper_body(DATA / "bmc")
    result: Table = {}
    for name, (thorax, below) in LUMBAR.items():
        wave = fourier(resample(measured[thorax], len(PHASES)), HARMONICS, MIDLINE[name])
        wave[1 + 2 * ARM_HARMONICS :] = 0.0
        result[name] = {
            "deg": rounded(wave - np.array(angles[below]["deg"])),
            "sd_deg": assumed["sd_deg"][name],
        }
    growth = (np.array(SPEEDS_MPS) / assumed["measured_mps"]) ** assumed["arm_power"]
    for name in ARMS:
        wave = fourier(resample(measured[name], len(PHASES)), ARM_HARMONICS)
        waves = np.outer(growth, wave)
        waves[:, 0] = wave[0]
        result[name] = {"deg": rounded(waves), "sd_deg": assumed["sd_deg"][name]}
    return result


def landmarks(strides: list[MeanStride]) -> Table:
    """Means of single numbers of each runner, degrees: to check the curves against."""

    def mean(speed: float, number: str) -> float:
        values = []
        for stride in at(strides, speed):
            stance = round(100 * stride.timing["contact_s"] / stride.timing["stride_s"])
            knee, hip, ankle = (stride.angles[name] for name in ("knee_angle", "hip_flexion", "ankle_angle"))
            values.append(
                {
                    "knee_at_landing": knee[0],
                    "knee_in_stance": knee[:stance].max(),
                    "knee_in_swing": knee[stance:].max(),
                    "hip_greatest": hip.max(),
                    "hip_least": hip.min(),
                    "ankle_in_stance": ankle[:stance].max(),
                    "ankle_least": ankle.min(),
                }[number]
            )
        return float(np.mean(values))

    numbers = (
        "knee_at_landing",
        "knee_in_stance",
        "knee_in_swing",
        "hip_greatest",
        "hip_least",
        "ankle_in_stance",
        "ankle_least",
    )
    return {f"{number}_deg": rounded([mean(speed, number) for speed in SPEEDS_MPS], 1) for number in numbers}


def compare(angles: Table) -> Table:
    """Difference from the 46 runners of BMC-RIC at 2.5 m/s, whose zero differs: root mean square about the mean."""
    phases = np.arange(100) / 100
    result: Table = {}
    for group in ("BMC", "RIC"):
        tables = [
            pd.read_csv(path, sep=r"\s+") for path in sorted((DATA / "bmc-ric" / "angles").glob(f"{group}*"))
        ]
        for name, column in RIC_ANGLES.items():
            curves = RIC_SIGNS[name] * np.array([table[column].to_numpy()[:100] for table in tables])
            ours = evaluate(angles[name]["deg"][0], phases)
            difference = [np.std(np.roll(curves.mean(0), shift) - ours) for shift in (0, *range(-6, 7))]
            result.setdefault(name, {})[group] = {
                "shape_difference_deg": rounded(difference[0], 1),
                "shifted_difference_deg": rounded(np.min(difference), 1),
                "shift_percent": int(np.argmin(difference[1:])) - 6,
                "sd_between_people_deg": rounded(curves.std(0, ddof=1).mean(), 1),
            }
    return result | {
        "source": "BMC-RIC (regifukuchi/BMC-RIC-running-biomechanics, CC BY 4.0), 23 and 23 adults"
    }


def forces(strides: list[MeanStride]) -> Table:
    """Force on the right foot over stance in body weights, mean and spread between runners."""
    result: Table = {"stance": rounded(STANCE, 2)}
    for index, name in enumerate(("fore_aft", "vertical", "lateral")):
        groups = [np.array([stride.force[:, index] for stride in at(strides, speed)]) for speed in SPEEDS_MPS]
        result[name] = {
            "mean": [rounded(group.mean(0)) for group in groups],
            "sd": [rounded(group.std(0, ddof=1)) for group in groups],
        }
    weight = [stride.timing["mean_force_body_weight"] for stride in strides]
    return result | {
        "mean_over_body_weight": rounded(np.mean(weight)),
        "source": f"{RBDS}; over the mean vertical force of the recording; stance is where it exceeds 1 N/kg; "
        "lateral is to the right on the right foot, so that negative is medial",
    }


def timing(strides: list[MeanStride]) -> Table:
    """Laws factor * speed ** power of contact and stride time, and their spread between runners."""
    speeds = np.log([stride.speed_mps for stride in strides])
    result: Table = {}
    for key in ("contact_s", "stride_s"):
        values = np.log([stride.timing[key] for stride in strides])
        power, constant = np.polyfit(speeds, values, 1)
        rest = pd.Series(values - power * speeds - constant, index=[stride.runner for stride in strides])
        result[key] = {
            "factor": rounded(np.exp(constant), 4),
            "power": rounded(power, 4),
            "sd_between_people": rounded(rest.groupby(level=0).mean().std(), 3),
            "mean_s": rounded([np.mean([s.timing[key] for s in at(strides, v)]) for v in SPEEDS_MPS], 4),
        }
    variation = float(np.mean([stride.timing["stride_cv"] for stride in strides]))
    return result | {
        "stride_variation": rounded(variation, 4),
        "source": RBDS,
        "fast": PUBLISHED["running"]["fast"],
    }


def foot(strides: list[MeanStride]) -> Table:
    """Center of pressure in the frame of the foot, toe-out and step width."""
    good = [stride for stride in strides if abs(stride.timing["toe_out_deg"]) < MOST_TOE_OUT_DEG]
    paths = [np.array([stride.pressure for stride in at(good, speed)]) for speed in SPEEDS_MPS]
    seen = np.all([np.isfinite(path).all(-1).mean(0) > 0.5 for path in paths], axis=0)
    return {
        "pressure_stance": rounded(STANCE[seen], 2),
        "along_foot_percent": [rounded(100 * np.nanmedian(path[:, seen, 0], axis=0), 1) for path in paths],
        "along_sd_percent": [rounded(100 * np.nanstd(path[:, seen, 0], axis=0).mean(), 1) for path in paths],
        "lateral_foot_lengths": [rounded(np.nanmedian(path[:, seen, 1], axis=0)) for path in paths],
        **{key: spread_of(good, key) for key in ("toe_out_deg", "step_width_m")},
        "source": f"{RBDS}; foot of {0.152:g} body heights from the heel marker, axis to the middle of the first and "
        "fifth metatarsal heads; lateral is positive; where the force exceeds 100 N",
    }


def spread_of(strides: list[MeanStride], key: str) -> Table:
    """Mean at each speed, and spread between runners."""
    groups = [[stride.timing[key] for stride in at(strides, speed)] for speed in SPEEDS_MPS]
    return {
        "mean": rounded([np.mean(group) for group in groups]),
        "sd": rounded([np.std(group, ddof=1) for group in groups]),
    }
