"""Training of a stride model on libraries of strides: a meeting place of labels and tensors."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor

from gaitbook.models.fitting import FittingPlan
from gaitbook.models.stride_axes import StrideAxes
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.stride_network import StrideSize
from gaitbook.models.stride_training import StridePairs, train_changes, train_strides
from gaitbook.representation.gait_change import DOSES, NUMBERS, UNIT_DOSES, UNIT_SPEED
from gaitbook.representation.gait_change import encode_person as encode_person_of
from gaitbook.representation.stride_numbers import decode_strides
from gaitbook.studies.change_effects import SIMULATED
from gaitbook.studies.guided_changes import recipe_facts
from gaitbook.studies.motion_training import role
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.stride_balance import imbalance
from gaitbook.studies.stride_library import FACTS, facts_table
from gaitbook.studies.stride_measures import knee_curves
from gaitbook.synthesis.person_body import person_body

SCORES: Final = 192
RECORDED_WEIGHT: Final = 20.0
"""How much more a recorded stride counts than a simulated one, where the axes are found."""
GROUPS: Final = {"walk": 0.55, "run": 0.33, "recorded": 0.12}
"""Share of training steps for simulated walks and runs, and recordings."""
GAITS: Final = ("walk", "run")
KNEE_WEIGHT, BALANCE_WEIGHT = 4.0, 0.25
"""What errors of the moments at the knees, and of balance, count beside those of the stride itself."""
SMALL_MOMENT: Final = {"adduction": 0.05, "flexion": 0.1}
"""Errors of a knee moment that count as one, %BW·H."""
EXAMPLES: Final = 6
INSTANTS: Final = 21
TOLD: Final = len(NUMBERS)


def train_stride_models(
    libraries: Sequence[xr.Dataset],
    plan: FittingPlan,
    *,
    width: int = 512,
    blocks: int = 3,
    unconditional: bool = False,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> StrideModel:
    """Stride model trained on those people of the libraries who are for training.

    Parameters
    ----------
    libraries
        As given by `gaitbook.studies.stride_sources.read_libraries`.
    plan
        How long, and how.
    width, blocks
        Of the network.
    unconditional
        Draw whole strides and be told nothing, as the network of GaitDynamics is.
    checkpoint
        File to resume from and save to.
    progress
        Show a progress bar.
    """
    rows, facts = _of_training(libraries)
    metrics = stride_metrics(rows, facts)
    axes = _fit_axes(rows, facts, metrics.mean(dim=0))
    pairs = _pairs(axes.scores(rows), facts)
    metric = torch.stack([torch.linalg.cholesky(axes.axes.T @ each @ axes.axes) for each in metrics])
    size = StrideSize(SCORES, TOLD, width, blocks)
    options: dict[str, Any] = {"size": size, "checkpoint": checkpoint, "progress": progress}
    if unconditional:
        network, deviation, fit = train_strides(pairs, axes, metric, plan, **options)
    else:
        network, deviation, fit = train_changes(pairs, axes, metric, UNIT_SPEED, plan, **options)
    card = {
        "trained": time.strftime("%Y-%m-%d"),
        "steps": fit.step,
        "minutes": round(fit.spent_s / 60.0, 1),
        "pairs": fit.step * plan.batch,
        "seed": plan.seed,
        "draws": "whole strides" if unconditional else "changes",
        "people": {name: int(part["subject"].nunique()) for name, part in facts.groupby("source")},
        "strides": len(facts) // 2,
        "parameters": sum(each.numel() for each in network.parameters()),
        "limits": _limits(facts),
        "own": _own_statistics(pairs),
        **(recipe_facts(rows, facts) if unconditional else {}),
    }
    return StrideModel(network, axes, deviation, card)


def stride_metrics(rows: Tensor, facts: pd.DataFrame, *, processes: int | None = None) -> Tensor:
    """What a difference of rows counts, (gait, number, number): in itself, for the knees, and for balance.

    Parameters
    ----------
    rows, facts
        Strides, some of which serve as examples.
    processes
        How many to use.
    """
    found = []
    for gait in GAITS:
        own = facts[
            (facts["gait"] == gait) & (facts["source"] == SIMULATED) & ~facts["mirrored"].astype(bool)
        ]
        own = facts if own.empty else own
        chosen = own.index[:: max(1, len(own) // EXAMPLES)][:EXAMPLES]
        jobs = [(rows[place].nan_to_num().numpy(), facts.loc[place].to_dict()) for place in chosen]
        done = run_jobs(effects_per_number, jobs, what=f"what counts in a {gait}", processes=processes)
        effects = torch.stack([torch.from_numpy(each @ each.T) for each in done]).mean(dim=0)
        found.append(torch.eye(len(effects)) + effects)
    return torch.stack(found)


def effects_per_number(row: NDArray[np.float32], fact: Mapping[str, Any]) -> NDArray[np.float32]:
    """Moments at both knees over stance, and imbalance, per unit of each number of a stride, (number, effect).

    Parameters
    ----------
    row
        (number,), the stride.
    fact
        Whose it is.
    """
    person = {name: fact[name] for name in FACTS if pd.notna(fact[name])}
    told = xr.Dataset(attrs={**person, "gait": fact["gait"], "speed_mps": fact["speed_mps"]})
    whole = torch.from_numpy(row)[None]
    strides = decode_strides(torch.cat([whole, whole + torch.eye(len(row))]), told)
    body = person_body(told.attrs)
    moments = _stance_moments(knee_curves(strides, body))
    lacking = BALANCE_WEIGHT**0.5 * imbalance(strides, body)
    effects = np.concatenate([KNEE_WEIGHT**0.5 * moments, lacking], axis=1)
    return np.asarray(effects[1:] - effects[0], np.float32)


def _stance_moments(curves: xr.Dataset) -> NDArray[np.float64]:
    """Moments of both knees at some instants of stance, in units of small ones, (draw, number)."""
    moment, down, draw = curves["knee_moment"], curves["in_stance"].values, curves["draw"].values
    instants, names = np.linspace(0.0, 1.0, INSTANTS), np.unique(draw)
    table = np.zeros((len(names), 2, len(SMALL_MOMENT), INSTANTS))
    for number, foot in np.ndindex(*table.shape[:2]):
        inside = (draw == names[number]) & down[:, foot]
        share = np.linspace(0.0, 1.0, int(inside.sum()))
        for part, (name, small) in enumerate(SMALL_MOMENT.items()):
            values = moment.sel(moment=name).values[inside, foot] / small
            table[number, foot, part] = np.interp(instants, share, values)
    return table.reshape(len(table), -1)


def _of_training(libraries: Sequence[xr.Dataset]) -> tuple[Tensor, pd.DataFrame]:
    """Rows and facts of the people who are for training."""
    whole = [facts_table(library).assign(source=library.attrs["source"]) for library in libraries]
    facts = pd.concat(whole, ignore_index=True)
    rows = torch.cat([torch.from_numpy(library["row"].values) for library in libraries])
    wanted = facts["subject"].map(role) == "train"
    if not wanted.any():
        raise ValueError("Nobody of these strides is for training: give the strides of more people.")
    return rows[torch.from_numpy(wanted.to_numpy(copy=True))], facts[wanted].reset_index(drop=True)


def _fit_axes(rows: Tensor, facts: pd.DataFrame, metric: Tensor) -> StrideAxes:
    """Axes of all strides; gaps of recorded ones are filled by what the whole ones tell."""
    gaps = torch.isnan(rows).any(dim=1)
    first = StrideAxes.fit(rows[~gaps], SCORES, metric=metric)
    if not gaps.any():
        return first
    weight = torch.tensor(np.where(facts["source"] == SIMULATED, 1.0, RECORDED_WEIGHT))
    return StrideAxes.fit(first.fill(rows), SCORES, weight=weight, metric=metric)


def _pairs(scores: Tensor, facts: pd.DataFrame) -> StridePairs:
    """Pairs of a person's own stride and a changed one, of the same gait and the same side of the mirror."""
    groups: dict[str, list[tuple[int, int]]] = {name: [] for name in GROUPS}
    own_gait = (facts[list(DOSES)] == 0.0).all(axis=1)
    recorded = facts["source"] != SIMULATED
    for (_, gait, _), part in facts.groupby(["subject", "gait", "mirrored"]):
        own = part.index[own_gait[part.index]]
        changed = part.index[~part["measured"].astype(bool) | recorded[part.index]]
        name = "recorded" if recorded[part.index[0]] else str(gait)
        groups[name] += [(first, second) for first in own for second in changed]
    kept = {name: torch.tensor(pairs) for name, pairs in groups.items() if pairs}
    people = [encode_person_of(xr.Dataset(attrs=dict(fact))) for fact in facts.to_dict("records")]
    doses = facts[list(DOSES)].to_numpy() / [UNIT_DOSES[name] for name in DOSES]
    request = torch.from_numpy(doses.astype(np.float32))
    return StridePairs(
        scores, torch.stack(people), request, tuple(kept.values()), tuple(GROUPS[name] for name in kept)
    )


def _limits(facts: pd.DataFrame) -> dict[str, dict[str, list[float]]]:
    """Least and greatest dose and speed of each gait."""
    columns = [*DOSES, "speed_mps"]
    return {
        str(gait): {name: [float(part[name].min()), float(part[name].max())] for name in columns}
        for gait, part in facts.groupby("gait")
    }


def _own_statistics(pairs: StridePairs) -> Mapping[str, Any]:
    """How far the own strides of people are from the middle of their gait, in deviations, at shares of the people."""
    runs = pairs.person[:, 0] > 0
    still = (pairs.request == 0).all(dim=1)
    found = {}
    for gait, chosen in (("walk", ~runs & still), ("run", runs & still)):
        if chosen.sum() > 1:
            own = pairs.scores[chosen]
            found[gait] = {
                "mean": [round(float(each), 3) for each in own.mean(dim=0)],
                "deviation": [round(float(each), 3) for each in own.std(dim=0)],
            }
    return found
