"""What is a person's own in the force under their feet and in their footing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.synthesis.periodic import resize
from gaitbook.synthesis.stride_plan import StridePlan

Array = NDArray[np.float64]

_REFERENCE_SPEED: Final = 0.43
_LEG_OF_FOOT: Final = 0.53 / 0.152
"""Leg length over foot length."""
_HARMONICS: Final = 8
_SHORTEST_DOUBLE_SUPPORT: Final = 0.03


def sign_plan(
    plan: StridePlan, sizes: Mapping[str, Any], rng: np.random.Generator, *, uneven: float
) -> StridePlan:
    """Plan with a person's own force and footing.

    Parameters
    ----------
    plan
        Of an average person.
    sizes
        Standard deviations, as in ``styles.yml`` under ``force``.
    rng
        The person's own generator; as many numbers are drawn for a walk as for a run.
    uneven
        Factor on the differences between the sides.
    """
    score = {
        name: rng.standard_normal(size)
        for name, size in (("even", 8), ("odd", 6), ("run", 3), ("scale", 6), ("uneven", 3))
    }
    fore_aft, lateral, along, across, stance, _ = score["scale"]
    signed = replace(
        plan,
        fore_aft=plan.fore_aft * np.exp(sizes["fore_aft"] * fore_aft),
        lateral=plan.lateral * np.exp(sizes["lateral"] * lateral),
        pressure_along=plan.pressure_along + sizes["pressure_along"] * along,
        pressure_across=plan.pressure_across + sizes["pressure_across"] * across,
        toe_out_rad=plan.toe_out_rad
        + 0.5 * uneven * sizes["uneven_toe_out_rad"] * score["uneven"][0] * np.array([1.0, -1.0]),
    )
    return (_sign_run if plan.is_run else _sign_walk)(signed, sizes, score, stance, uneven)


def _sign_walk(
    plan: StridePlan, sizes: Mapping[str, Any], score: Mapping[str, Array], stance: float, uneven: float
) -> StridePlan:
    speed = plan.speed_mps / np.sqrt(GRAVITY_MPS2 * _LEG_OF_FOOT * plan.foot_length_m)
    total = resize(plan.total_vertical, _HARMONICS)
    scale = speed / _REFERENCE_SPEED / np.sqrt(2.0)
    for name, kind, factor in (
        ("total_vertical_bw", "even", scale),
        ("uneven_vertical_bw", "odd", uneven * scale),
    ):
        order, spread = np.array(list(sizes[name])), np.array(list(sizes[name].values()))
        total[2 * order - 1] += factor * spread * score[kind][: len(order)]
        total[2 * order] += factor * spread * score[kind][len(order) : 2 * len(order)]
    differ = 0.5 * uneven * sizes["uneven_stance"] * score["uneven"][1] * np.array([1.0, -1.0])
    share = plan.stance + sizes["stance"] * stance + differ
    return replace(
        plan,
        total_vertical=total,
        stance=np.maximum(share, 0.5 + _SHORTEST_DOUBLE_SUPPORT),
        strike=plan.strike + np.array([0.0, uneven * sizes["uneven_step"] * score["uneven"][2]]),
    )


def _sign_run(
    plan: StridePlan, sizes: Mapping[str, Any], score: Mapping[str, Array], stance: float, uneven: float
) -> StridePlan:
    grid, peak = plan.stance_grid, plan.vertical.max()
    waves = [np.sin(np.pi * grid) * np.sin(np.pi * order * grid) for order in (2, 3, 4)]
    change = np.tensordot(score["run"] * sizes["running_vertical"], waves, axes=1)
    longer = np.exp(sizes["running_stride_time"] * score["scale"][5])
    contact = np.exp(sizes["running_contact_time"] * stance) / longer
    differ = 0.5 * uneven * sizes["uneven_stance"] * score["uneven"][1] * np.array([1.0, -1.0])
    return replace(
        plan,
        period_s=plan.period_s * longer,
        vertical=plan.vertical * (1.0 + change / max(peak, 1e-9) * 2.0),
        stance=plan.stance * contact + differ,
        strike=plan.strike + np.array([0.0, uneven * sizes["uneven_step"] * score["uneven"][2]]),
    )
