"""From the markers of a trial to its motion, and from its motion to what mechanics computes with."""

import logging

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from gaitbook.body_model import BodyModel, Coordinate
from gaitbook.cohort.cleaning import log_operation, low_pass
from gaitbook.conventions import AXES, PELVIS_TRANSLATIONS, VARIABLE_UNITS
from gaitbook.mechanics.body import Body, compile_body
from gaitbook.mechanics.inverse_kinematics import Solution, solve_coordinates
from gaitbook.mechanics.threads import one_thread
from gaitbook.mechanics.unseen_trunk import PELVIS_BELOW, steady_trunk

UNOBSERVED = 1e-3
"""A coordinate whose mean observability stays below this is named in the log as not observed."""
logger = logging.getLogger(__name__)


@one_thread()
def solve_motion(
    trial: xr.Dataset, model: BodyModel, *, noise_m: float = 0.01, cutoff_hz: float | None = None
) -> xr.Dataset:
    """Trial with the motion that its markers tell: inverse kinematics.

    Parameters
    ----------
    trial
        A trial of the contract with ``marker_position``.
    model
        Body of the person, with markers named as in the trial; the others of the trial are ignored.
    noise_m
        Standard deviation of a marker's error along each axis, movement of the skin included.
    cutoff_hz
        If given, the motion found is low-passed (`gaitbook.cohort.cleaning.low_pass`).

    Returns
    -------
    xarray.Dataset
        The trial with ``joint_angle`` (time, coordinate), rad, of all rotations that the model neither locks nor
        couples, and ``pelvis_position`` (time, axis), m; NaN in frames with fewer than three markers. Added are
        ``joint_angle_deviation`` (time, coordinate), rad, the standard deviation of what was found (before any
        low-pass), ``joint_angle_observability`` (time, coordinate), from 0 (no marker informs it: it stays at its
        default, and an unseen trunk is held upright) to 1, and ``marker_error`` (time, marker), m. ``attrs["log"]``
        tells how well it fits and what was left out. What the trial held under these names is replaced.

    Raises
    ------
    ValueError
        The trial has no markers, or none in common with the model; or the model has free translations that a trial
        cannot hold.
    """
    common, body = _markers_in_common(trial, model), compile_body(model)
    _refuse_other_translations(model)
    markers = torch.full((trial.sizes["time"], len(body.marker_names), 3), torch.nan, dtype=torch.float64)
    seen = trial["marker_position"].transpose("time", "marker", "axis").sel(marker=common, axis=list(AXES))
    markers[:, [body.marker_names.index(name) for name in common]] = torch.as_tensor(
        seen.values.astype(np.float64)
    )
    solution = solve_coordinates(body, markers, noise_m=noise_m)
    found = _label(trial, body, solution)
    found["joint_angle"] = steady_trunk(found["joint_angle"], frozenset(_unseen(body, solution)))
    if cutoff_hz is not None:
        found |= {name: low_pass(found[name], cutoff_hz) for name in ("joint_angle", "pelvis_position")}
    earlier = [name for name, array in trial.data_vars.items() if "coordinate" in array.dims or name in found]
    result = trial.drop_vars(earlier).drop_dims("coordinate", errors="ignore").assign(found)
    for sentence in _account(trial, body, solution, common):
        result = result.assign_attrs(log_operation(result, sentence))
    return result


def body_coordinates(trial: xr.Dataset, body: Body) -> Tensor:
    """Coordinates of a body in every frame of a trial, (frame, coordinate), rad or m, in the body's order.

    Coordinates that the trial lacks are at their default; which these are is told to the log of this module.

    Parameters
    ----------
    trial
        A trial of the contract with ``joint_angle``, and ``pelvis_position`` if the pelvis moves.
    body
        The body; the result has its type and device.

    Raises
    ------
    ValueError
        The trial has no ``joint_angle``, shares no coordinate with the body, or is NaN somewhere; names all.
    """
    if "joint_angle" not in trial:
        raise ValueError(
            f"Trial {trial.attrs.get('trial', '?')} has no joint_angle: find it from markers by solve_motion"
        )
    angle = trial["joint_angle"].transpose("time", "coordinate")
    held = {str(name): angle.values[:, place] for place, name in enumerate(angle["coordinate"].values)}
    if "pelvis_position" in trial:
        position = trial["pelvis_position"].transpose("time", "axis").sel(axis=list(AXES)).values
        held |= dict(zip(PELVIS_TRANSLATIONS, position.T, strict=True))
    known = [name for name in body.coordinate_names if name in held]
    if not known:
        raise ValueError(
            f"Trial and body {body.model.name!r} share no coordinate. The trial has {', '.join(held)}; the body has "
            f"{', '.join(body.coordinate_names)}."
        )
    _refuse_gaps({name: held[name] for name in known})
    missing = [
        c.name for c in body.model.coordinates if c.name not in held and not c.locked and not c.follows
    ]
    if missing:
        logger.info("coordinates that the trial lacks stay at their default: %s", ", ".join(missing))
    defaults = np.array([coordinate.default for coordinate in body.model.coordinates])
    table = np.repeat(defaults[None], trial.sizes["time"], axis=0)
    for name in known:
        table[:, body.coordinate(name)] = held[name]
    return torch.as_tensor(table).to(body.mass)


def _markers_in_common(trial: xr.Dataset, model: BodyModel) -> list[str]:
    if "marker_position" not in trial:
        raise ValueError(
            f"Trial {trial.attrs.get('trial', '?')} has no marker_position: there is nothing to solve"
        )
    labels = [str(label) for label in trial["marker"].values]
    known = {marker.name for marker in model.markers}
    common = [label for label in labels if label in known]
    if not common:
        raise ValueError(
            f"Trial and body {model.name!r} have no marker in common. The trial has {', '.join(labels)}; the body has "
            f"{', '.join(sorted(known)) or 'none'}. Rename the trial's markers, or build the body with its marker set."
        )
    return common


def _is_free(coordinate: Coordinate) -> bool:
    return not coordinate.locked and coordinate.follows is None


def _refuse_other_translations(model: BodyModel) -> None:
    others = [
        c.name
        for c in model.coordinates
        if _is_free(c) and not c.is_rotation and c.name not in PELVIS_TRANSLATIONS
    ]
    if others:
        raise ValueError(
            f"Body {model.name!r} translates freely along {', '.join(others)}; a trial holds only "
            f"{', '.join(PELVIS_TRANSLATIONS)}. Lock the others in the model."
        )


def _refuse_gaps(held: dict[str, np.ndarray]) -> None:
    gaps = np.isnan(np.stack(list(held.values()), axis=1))
    if gaps.any():
        names = [name for name, missing in zip(held, gaps.any(axis=0), strict=True) if missing]
        first = int(gaps.any(axis=1).argmax())
        raise ValueError(
            f"{int(gaps.any(axis=1).sum())} of {len(gaps)} frames are NaN in {', '.join(names)}, the first is number "
            f"{first}: cut them off or fill the gaps first"
        )


def _label(trial: xr.Dataset, body: Body, solution: Solution) -> dict[str, xr.DataArray]:
    time = trial["time"]
    turning = [number for number, c in enumerate(body.model.coordinates) if c.is_rotation and _is_free(c)]
    labels = {"time": time, "coordinate": [body.coordinate_names[number] for number in turning]}

    def table(values: Tensor, units: str) -> xr.DataArray:
        return xr.DataArray(
            values[:, turning].numpy(), labels, ("time", "coordinate"), attrs={"units": units}
        )

    found = {
        "joint_angle": table(solution.coordinates, VARIABLE_UNITS["joint_angle"]),
        "joint_angle_deviation": table(solution.deviation, "rad"),
        "joint_angle_observability": table(solution.observability, "1"),
        "marker_error": _marker_error(trial, body, solution),
    }
    if set(PELVIS_TRANSLATIONS) <= set(body.coordinate_names):
        shifts = [body.coordinate(name) for name in PELVIS_TRANSLATIONS]
        found["pelvis_position"] = xr.DataArray(
            solution.coordinates[:, shifts].numpy(),
            {"time": time, "axis": list(AXES)},
            ("time", "axis"),
            attrs={"units": VARIABLE_UNITS["pelvis_position"]},
        )
    return found


def _marker_error(trial: xr.Dataset, body: Body, solution: Solution) -> xr.DataArray:
    error = xr.DataArray(
        solution.marker_error.numpy(),
        {"time": trial["time"], "marker": list(body.marker_names)},
        ("time", "marker"),
    )
    return error.reindex(marker=trial["marker"].values).assign_attrs(units="m")


def _unseen(body: Body, solution: Solution) -> list[str]:
    """Free coordinates of which no marker tells anything."""
    observed = solution.observability.mean(dim=0) > UNOBSERVED
    return [
        c.name for c, known in zip(body.model.coordinates, observed, strict=True) if _is_free(c) and not known
    ]


def _account(trial: xr.Dataset, body: Body, solution: Solution, common: list[str]) -> list[str]:
    """What was done, in sentences for the log."""
    error = float(solution.marker_error[solution.used].square().mean().sqrt())
    told = [
        f"motion of body {body.model.name!r} found from {len(common)} markers, rms distance {1e3 * error:.1f} mm"
    ]
    ignored = trial.sizes["marker"] - len(common)
    if ignored:
        told.append(f"{ignored} marker(s) that the body does not have were ignored")
    replaced = [name for name in ("joint_angle", "pelvis_position") if name in trial]
    if replaced:
        told.append(f"{' and '.join(replaced)} of the trial replaced by what the markers tell")
    unseen = _unseen(body, solution)
    default = [name for name in unseen if name not in PELVIS_BELOW]
    if default:
        told.append(f"no marker informs {', '.join(default)}: left at the default")
    if len(default) < len(unseen):
        told.append("no marker is on the trunk: it is held upright over the pelvis")
    ghosts = int((torch.isfinite(solution.marker_error) & ~solution.used).sum())
    if ghosts:
        told.append(f"{ghosts} sighting(s) of markers too far from where the body has them were not used")
    lost = int((~solution.converged).sum())
    if lost:
        told.append(f"{lost} frame(s) not solved: fewer than three markers, or no convergence")
    return told
