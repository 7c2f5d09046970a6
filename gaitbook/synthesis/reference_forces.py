"""What pushes on people who walk and run, on average and at any speed: force, center of pressure and timing.

Forces are on the right foot, in body weights, x forward, y up, z right, so that a medial force is negative. The numbers
are in ``walking_reference.yml`` and ``running_reference.yml`` with their sources.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from gaitbook.synthesis.reference_curves import Array, along_speed, load_reference, polynomial

STRIKE_BEFORE, LIFT_AFTER = 0.01, 0.05
"""Parts of stance before and after the force exceeds 1 N/kg, in which it grows from and falls to zero."""
FORCE_COMPONENTS = ("fore_aft", "vertical", "lateral")


@dataclass(frozen=True)
class WalkingForce:
    """Force under the feet in walking.

    Parameters
    ----------
    total_vertical
        Fourier coefficients of the vertical force of both feet over the cycle; the mean is one body weight.
    stance_fraction
        Of the cycle.
    stance
        Parts of stance (0 to 1) at which the following are given.
    fore_aft_ratio, lateral_ratio
        Force along x and along z over the vertical force.
    pressure_along, pressure_lateral
        Center of pressure from the heel along the foot and lateral of its axis, in lengths of the foot.
    """

    total_vertical: Array
    stance_fraction: float
    stance: Array
    fore_aft_ratio: Array
    lateral_ratio: Array
    pressure_along: Array
    pressure_lateral: Array


@dataclass(frozen=True)
class RunningForce:
    """Force under the right foot in running.

    Parameters
    ----------
    stride_s, contact_s
        Duration of a stride, and of the force above 1 N/kg.
    phase
        Phases of the cycle at which the following are given. Zero is where the force exceeds 1 N/kg; the force
        starts a little before and is zero at both ends.
    force
        (phase, axis): mean vertical force one body weight for both feet, no push forward or backward over a stride.
    pressure_along, pressure_lateral
        Center of pressure from the heel along the foot and lateral of its axis, in lengths of the foot.
    """

    stride_s: float
    contact_s: float
    phase: Array
    force: Array
    pressure_along: Array
    pressure_lateral: Array


def walking_force(speed: float, *, samples: int = 51) -> WalkingForce:
    """Force under the feet of adults who walk at a dimensionless speed.

    Parameters
    ----------
    speed
        As for `gaitbook.synthesis.reference_curves.walking_reference`.
    samples
        Points over stance.
    """
    speeds = load_reference("walking")["dimensionless_speed"]
    held = float(np.clip(speed, min(speeds), max(speeds)))
    fraction, children, *ratio = _walking_curve(samples)(held)
    lateral, along, across = _walking_shapes(samples)
    return WalkingForce(
        # Adults share their weight between the feet for longer: the middle of double support comes later.
        total_vertical=_total_vertical(speed, later=float(fraction - children) / 2),
        stance_fraction=float(fraction),
        stance=np.linspace(0.0, 1.0, samples),
        fore_aft_ratio=np.array(ratio),
        lateral_ratio=lateral,
        pressure_along=along,
        pressure_lateral=across,
    )


@cache
def _walking_curve(samples: int) -> PchipInterpolator:
    """Share of stance, that of children, and fore-aft over vertical force over stance: all by speed."""
    table = load_reference("walking")
    ratio, stance = table["forces"]["fore_aft_over_vertical"], np.linspace(0.0, 1.0, samples)
    rows = [
        [fraction, children, *_through(ratio["stance_fraction"], values, stance)]
        for fraction, children, values in zip(
            table["forces"]["stance_fraction"]["value"],
            table["adult_corrections"]["timing"]["toe_off_children"],
            ratio["value"],
            strict=True,
        )
    ]
    return PchipInterpolator(table["dimensionless_speed"], np.array(rows))


@cache
def _walking_shapes(samples: int) -> tuple[Array, Array, Array]:
    """What is alike at all speeds, over stance: lateral over vertical force, pressure along and across the foot."""
    forces, stance = load_reference("walking")["forces"], np.linspace(0.0, 1.0, samples)
    lateral, pressure = forces["lateral_over_vertical"], forces["center_of_pressure"]
    return (
        _through(lateral["stance_fraction"], lateral["value"], stance),
        _through(pressure["stance_fraction"], pressure["along_foot_percent"], stance) / 100.0,
        _through(pressure["stance_fraction"], pressure["lateral_foot_lengths"], stance),
    )


def running_timing(speed_mps: float) -> tuple[float, float]:
    """Duration of a stride and of contact (force above 1 N/kg) of adults who run at a speed, s.

    As measured up to 4.5 m/s, as assumed for sprinting from 6 m/s, and in between in between.
    """
    table = load_reference("running")
    timing, fast = table["timing"], table["timing"]["fast"]
    stride_s, contact_s = (
        timing[name]["factor"] * speed_mps ** timing[name]["power"] for name in ("stride_s", "contact_s")
    )
    quick = fast["stride_s"]
    fast_stride_s = 1.0 / (quick["constant_hz"] + quick["factor_hz"] * speed_mps ** quick["power"])
    fast_contact_s = fast["contact_s"]["factor"] * speed_mps ** fast["contact_s"]["power"]
    measured_to_mps = max(table["speeds_mps"])
    share = float(np.clip((speed_mps - measured_to_mps) / (fast["from_mps"] - measured_to_mps), 0.0, 1.0))
    share = share**2 * (3.0 - 2.0 * share)
    return (
        float((1 - share) * stride_s + share * fast_stride_s),
        float((1 - share) * contact_s + share * fast_contact_s),
    )


def running_force(speed_mps: float, *, samples: int = 107) -> RunningForce:
    """Force under the right foot of adults who run at a speed.

    Parameters
    ----------
    speed_mps
        Speed.
    samples
        Points from the first to the last touch.
    """
    table = load_reference("running")
    stride_s, contact_s = running_timing(speed_mps)
    nodes = np.r_[-STRIKE_BEFORE, table["forces"]["stance"], 1.0 + LIFT_AFTER]
    stance = np.linspace(nodes[0], nodes[-1], samples)
    shape = {
        name: _through(
            nodes,
            np.pad(along_speed(table["speeds_mps"], table["forces"][name]["mean"], speed_mps), 1),
            stance,
        )
        for name in FORCE_COMPONENTS
    }
    phase = stance * contact_s / stride_s
    vertical = np.maximum(shape["vertical"], 0.0)
    vertical = 0.5 * vertical / np.trapezoid(vertical, phase)
    # A steady runner is neither slowed nor hastened over a stride.
    fore_aft = shape["fore_aft"] - 2.0 * vertical * np.trapezoid(shape["fore_aft"], phase)
    pressure = [
        _through(table["foot"]["pressure_stance"], along_speed(table["speeds_mps"], rows, speed_mps), stance)
        for rows in (table["foot"]["along_foot_percent"], table["foot"]["lateral_foot_lengths"])
    ]
    return RunningForce(
        stride_s=stride_s,
        contact_s=contact_s,
        phase=phase,
        force=np.column_stack([fore_aft, vertical, shape["lateral"]]),
        pressure_along=pressure[0] / 100.0,
        pressure_lateral=pressure[1],
    )


def _total_vertical(speed: float, *, later: float) -> Array:
    entry = load_reference("walking")["forces"]["total_vertical"]
    order = np.array(entry["harmonics"])
    wave = polynomial(entry["cosine"], speed) - 1j * polynomial(entry["sine"], speed)
    shifted = wave * np.exp(-2j * np.pi * order * later)
    result = np.zeros(1 + 2 * order.max())
    result[0] = 1.0
    result[2 * order - 1], result[2 * order] = shifted.real, -shifted.imag
    return result


def _through(nodes: ArrayLike, values: ArrayLike, points: ArrayLike) -> Array:
    """Monotone curve through values at nodes, constant beyond them."""
    held = np.clip(points, np.min(nodes), np.max(nodes))
    rows = np.asarray(values, dtype=float)
    return np.where(held == np.max(nodes), rows[-1], PchipInterpolator(nodes, rows)(held))
