"""Figures of part B, measured now: `make show TOPIC=mechanics`. Takes about half an hour on two cores.

Real recordings are looked for in GAITBOOK_DATA (or ../shared/data); OpenSim and MuJoCo must be installed: what needs
one of these is reported short without it. ONLY=name,name chooses measurements.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from report import Line, show
from scipy.interpolate import make_interp_spline
from scipy.ndimage import binary_erosion

if TYPE_CHECKING:
    from torch import Tensor

    from gaitbook.body_model import BodyModel
    from gaitbook.mechanics.body import Body
    from gaitbook.mechanics.dynamics import SegmentRates, Wrench
    from gaitbook.mechanics.kinematics import Pose

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
DATA = Path(os.environ.setdefault("GAITBOOK_DATA", str(ROOT.parent / "shared" / "data")))
SCRATCH = Path(tempfile.mkdtemp(prefix="gaitbook_mechanics_"))
WALKING_HZ, RUNNING_HZ = 6.0, 15.0
RUNNING_CUTOFFS_HZ = (6.0, 10.0, 15.0)
FOLDERS = {"opencap": WALKING_HZ, "arnold2013": WALKING_HZ, "hamner": RUNNING_HZ}
SWINGING_MPS = 0.7
"""The ball of a foot that is faster than this is off the ground."""
BATCH, FRAMES = 64, 128
OPENSIM_FRAMES = 150
RUNNER_FRAMES = 750
UNOBSERVED = 1e-3
NORMAL_90 = 1.6449
GRAVITY = re.compile(r"(<gravity>\s*0\s+)-9\.80\d+")


@dataclass(frozen=True)
class Recorded:
    """A trial with the model file of the person (whose gravity is ours)."""

    name: str
    raw: xr.Dataset
    model_file: Path
    cutoff_hz: float

    @property
    def trial(self) -> xr.Dataset:
        """The trial, its motion smooth."""
        from gaitbook.mechanics.loads import smooth_motion

        return smooth_motion(self.raw, self.cutoff_hz)

    @property
    def model(self) -> "BodyModel":
        """The person's body."""
        from gaitbook.readers.osim_model import read_body

        return read_body(self.model_file)


@cache
def recorded() -> tuple[Recorded, ...]:
    """Real walking and running with model, coordinates and plates, imported as a user would."""
    import gaitbook as gb

    found = []
    for folder, cutoff_hz in FOLDERS.items():
        path = SCRATCH / "cohorts" / folder
        os.environ["GAITBOOK_COHORTS"] = str(path.parent)
        gb.import_cohort(DATA / folder, folder, participants=_participants(folder), progress=False)
        for trial in gb.iterate_trials(gb.open_cohort(path, progress=False)):
            if not {"joint_angle", "ground_reaction_force"} <= set(trial):
                continue
            own = DATA / folder / trial.attrs["subject"]
            file = next(iter([*own.rglob("*.osim"), *(DATA / folder).rglob("*.osim")]))
            name = f"{folder}/{trial.attrs['subject']}/{trial.attrs['trial']}"
            raw = trial.astype(float, copy=True, keep_attrs=True)
            found.append(Recorded(name, raw, _with_our_gravity(file), cutoff_hz))
    return tuple(found)


def _participants(folder: str) -> Path | None:
    """Table with the mass of the model where the folder itself tells none; the height is not known and not used."""
    from gaitbook.readers.osim_model import read_body

    files = list((DATA / folder).rglob("*.osim"))
    if len(files) > 1:
        return None
    table = SCRATCH / f"{folder}.csv"
    table.write_text(f"subject,mass_kg\n{folder},{read_body(files[0]).mass_kg}\n", encoding="utf-8")
    return table


def _with_our_gravity(file: Path) -> Path:
    """Copy of a model with 9.81 m/s2, as everywhere here; OpenSim's files say 9.80665."""
    copy = SCRATCH / f"{file.parent.name}_{file.name}"
    text, count = GRAVITY.subn(r"\g<1>-9.81", file.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{file} says its gravity {count} times, expected once")
    copy.write_text(text, encoding="utf-8")
    return copy


def kinematics_against_opensim() -> Iterator[Line]:
    """Segment origins, joint centers and markers on every model file, at random poses."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.kinematics import forward_kinematics, joint_centers, marker_positions
    from gaitbook.readers.osim_model import read_body
    from tests.mechanics.test_against_mujoco import random_states
    from tests.readers.osim_oracle import Witness

    worst, poses, files = (
        dict.fromkeys(("segments", "joints", "markers"), 0.0),
        20,
        sorted(DATA.rglob("*.osim")),
    )
    for file in files:
        model, witness = read_body(file), Witness(file)
        body = compile_body(model)
        coordinates = random_states(model, poses)[0]
        for frame in coordinates:
            values = torch.as_tensor(frame)
            pose = forward_kinematics(body, values)
            places = witness.place(dict(zip(body.coordinate_names, frame, strict=True)))
            ours = {
                "segments": (body.segment_names, pose.position),
                "joints": (body.joint_names, joint_centers(body, pose)),
                "markers": (body.marker_names, marker_positions(body, pose)),
            }
            for kind, (names, positions) in ours.items():
                theirs = np.array([getattr(places, kind)[name] for name in names]).reshape(-1, 3)
                worst[kind] = max(worst[kind], float(np.abs(positions.numpy() - theirs).max(initial=0.0)))
    for kind, error_m in worst.items():
        figure = f"{error_m:.1e} m, {len(files)} models, {poses} poses each"
        yield Line(
            f"{kind} against OpenSim, largest difference",
            figure,
            "<= 1e-9 m",
            bool(files) and error_m <= 1e-9,
        )


def dynamics_against_mujoco() -> Iterator[Line]:
    """Generalized forces with wrenches at both feet on every model file, at random states."""
    from gaitbook.readers.osim_model import read_body
    from tests.mechanics.test_against_mujoco import largest_difference, with_possible_inertias

    files = sorted(DATA.rglob("*.osim"))
    worst = max(
        largest_difference(with_possible_inertias(read_body(file)), ["calcn_r", "calcn_l"], count=20)
        for file in files
    )
    figure = f"{worst:.1e} N m, {len(files)} models, 20 states each"
    yield Line("inverse dynamics against MuJoCo, largest difference", figure, "<= 1e-9 N m", worst <= 1e-9)


def dynamics_against_opensim() -> Iterator[Line]:
    """Joint moments against OpenSim's tool for inverse dynamics, same filtered coordinates and forces."""
    from gaitbook.mechanics.loads import joint_moments
    from gaitbook.mechanics.opensim_tools import opensim_inverse_dynamics

    for each in recorded():
        trial = _even(each.trial)
        theirs = opensim_inverse_dynamics(each.model_file, trial)
        ours = joint_moments(trial, each.model)
        rotations = theirs["coordinate"].values[theirs["unit"].values == "N m"]
        shared = [
            name for name in rotations if name in ours["coordinate"].values and not name.startswith("pelvis")
        ]
        error = (ours.sel(coordinate=shared) - theirs.sel(coordinate=shared).values).isel(time=slice(3, -3))
        rms, largest = float(np.sqrt((error**2).mean())), float(np.abs(error).max())
        figure = f"rms {rms:.4f}, largest {largest:.3f} N m, {len(shared)} joint coordinates"
        yield Line(f"inverse dynamics against OpenSim, {each.name}", figure, "rms <= 0.1 N m", rms <= 0.1)


def knee_against_opensim() -> Iterator[Line]:
    """Knee moments against OpenSim's joint reaction, same filtered motion, natural splines of fifth degree.

    Where a knee turns about several axes at once, OpenSim's accelerations contradict its own kinematics: so once with
    its accelerations of the segments (all else is compared) and once with those of the kinematics.
    """
    from gaitbook.mechanics.loads import knee_moment
    from gaitbook.mechanics.opensim_tools import opensim_knee_reaction

    signs = np.array([[-1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])
    for each in recorded():
        trial = _even(each.trial)
        theirs = opensim_knee_reaction(each.model_file, trial)["knee_moment"].values * signs
        same, exact = (
            np.abs(_knee_moment_of_splines(trial, each, of_opensim=choice) - theirs)[3:-3].max()
            for choice in (True, False)
        )
        own = np.abs(knee_moment(trial, each.model).values - theirs)[3:-3]
        differences = f"rms {np.sqrt((own**2).mean()):.3f}, largest {own.max():.3f}"
        figure = (
            f"largest {same:.5f} N m; by accelerations of the kinematics {exact:.3f}; "
            f"by finite differences {differences}"
        )
        yield Line(
            f"knee moments against OpenSim, {each.name}",
            figure,
            "<= 0.01 N m, same derivatives",
            same <= 0.01,
        )


def _knee_moment_of_splines(trial: xr.Dataset, each: Recorded, *, of_opensim: bool) -> np.ndarray:
    """Knee moments (time, knee, axis) by derivatives of natural splines; accelerations OpenSim's, or exact ones."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.dynamics import exact_rates
    from gaitbook.mechanics.kinematics import forward_kinematics
    from gaitbook.mechanics.knee import anatomical_moment, find_knees, knee_load
    from gaitbook.mechanics.loads import ground_wrench
    from gaitbook.mechanics.motion import body_coordinates

    body = compile_body(each.model)
    coordinates = body_coordinates(trial, body)
    if len(body.follower):
        value, _ = body.couplings(coordinates[:, body.leader])
        coordinates = coordinates.index_copy(1, body.follower, value)
    free = [(3, np.zeros(coordinates.shape[1])), (4, np.zeros(coordinates.shape[1]))]
    time_s = trial["time"].values
    spline = make_interp_spline(time_s, coordinates.numpy(), k=5, bc_type=(free, free))
    states = [coordinates, *(torch.as_tensor(spline(time_s, order)) for order in (1, 2))]
    rates = exact_rates(body, *states)
    pose = forward_kinematics(body, coordinates)
    if of_opensim:
        rates = _with_their_accelerations(body, states, pose, rates, each.model_file)
    knees = find_knees(body)
    below = type(rates)(*(part[:, knees.part.places] for part in rates))
    load = knee_load(knees, pose, below, ground_wrench(trial))
    return anatomical_moment(knees, pose, -load.moment).numpy()


def _with_their_accelerations(
    body: "Body", states: "list[Tensor]", pose: "Pose", rates: "SegmentRates", model_file: Path
) -> "SegmentRates":
    import torch

    from gaitbook.mechanics.kinematics import segment_centers
    from tests.mechanics.opensim_oracle import OpensimBody

    oracle = OpensimBody(model_file)
    order = [body.coordinate(name) for name in oracle.names]
    frames = [
        oracle.segment_accelerations(*(part[frame].numpy()[order] for part in states))
        for frame in range(len(states[0]))
    ]
    both = torch.as_tensor(np.array([[frame[name] for name in body.segment_names] for frame in frames]))
    turning, moving = both[:, :, 0], both[:, :, 1]
    lever, spin = segment_centers(body, pose) - pose.position, rates.angular_velocity
    center = moving + torch.linalg.cross(turning, lever)
    center = center + torch.linalg.cross(spin, torch.linalg.cross(spin, lever))
    return type(rates)(spin, turning, center)


def _even(trial: xr.Dataset) -> xr.Dataset:
    """Trial whose forces are zero where their point is unknown, as both OpenSim's files and ours have them."""
    known = trial["center_of_pressure"].notnull().all("axis")
    return trial.assign(
        ground_reaction_force=trial["ground_reaction_force"].where(known, 0.0).fillna(0.0),
        free_moment=trial["free_moment"].where(known, 0.0).fillna(0.0),
    )


def published_formula() -> Iterator[Line]:
    """Quasi-static in the laboratory's axes against (joint - center of pressure) x force, x reversed on the right."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.kinematics import forward_kinematics, joint_centers
    from gaitbook.mechanics.loads import ground_wrench, knee_moment
    from gaitbook.mechanics.motion import body_coordinates

    worst = 0.0
    for each in recorded():
        body = compile_body(each.model)
        with torch.no_grad():
            pose = forward_kinematics(body, body_coordinates(each.trial, body))
        center = joint_centers(body, pose)[:, [body.segment("tibia_r"), body.segment("tibia_l")]].numpy()
        ground = ground_wrench(each.trial)
        published = np.cross(center - ground.point.numpy(), ground.force.numpy())[..., 0] * (-1.0, 1.0)
        ours = knee_moment(each.trial, each.model, frame="lab", method="quasi-static").sel(moment="adduction")
        worst = max(worst, float(np.abs(ours.values - published).max()))
    figure = f"{worst:.1e} N m, {len(recorded())} trials"
    yield Line("quasi-static in the lab against GaitDynamics' formula", figure, "<= 1e-9 N m", worst <= 1e-9)


def residuals() -> Iterator[Line]:
    """Measured force against what the motion of the body requires, in percent of body weight."""
    for folder, own_hz in FOLDERS.items():
        trials = [each for each in recorded() if each.name.startswith(folder)]
        for cutoff_hz in (own_hz,) if own_hz == WALKING_HZ else RUNNING_CUTOFFS_HZ:
            balances = [_balance(replace(each, cutoff_hz=cutoff_hz)) for each in trials]
            squares, ratios = (np.array(part) for part in list(zip(*balances, strict=True))[:2])
            rms, limit, note = np.sqrt(squares.mean()), 7.0 if own_hz == WALKING_HZ else 25.0, balances[-1][2]
            single = ", ".join(f"{np.sqrt(square):.1f}" for square in squares)
            text = f"rms {rms:.1f} %BW (trials {single}){note}"
            yield Line(
                f"force against motion, {folder}, {cutoff_hz:g} Hz", text, f"<= {limit:g} %BW", rms <= limit
            )
        text = ", ".join(f"{ratio:.3f}" for ratio in ratios) + note
        near = bool(np.abs(ratios - 1).max() <= 0.03)
        yield Line(f"mean vertical ratio, {folder}", text, "within 3 % of 1", near)


def _balance(each: Recorded) -> tuple[float, float, str]:
    """Mean square residual (%BW squared), mean vertical force measured over required, and a remark on the mass."""
    from gaitbook.mechanics.loads import required_force

    model, note = _weighed(each)
    needed = required_force(each.trial, model)["required_force"]
    frames = _measured_frames(each)
    given = each.raw["ground_reaction_force"].fillna(0.0).sum("foot")
    error = 100 * (given - needed).isel(time=frames) / (model.mass_kg * 9.81)
    means = [force.sel(axis="y").isel(time=frames).mean() for force in (given, needed)]
    return float((error**2).sum("axis").mean()), float(means[0] / means[1]), note


def _weighed(each: Recorded) -> "tuple[BodyModel, str]":
    """Model with the mass of the person: OpenCap's model file is a quarter too light for its own plates.

    The mean vertical force over the first trial's measured frames tells the mass, so that only the others are a test.
    """
    from gaitbook.mechanics.loads import required_force

    if not each.name.startswith("opencap"):
        return each.model, ""
    first = next(other for other in recorded() if other.name.startswith("opencap"))
    frames = _measured_frames(first)
    given = (
        first.trial["ground_reaction_force"].fillna(0.0).sum("foot").sel(axis="y").isel(time=frames).mean()
    )
    needed = required_force(first.trial, first.model)["required_force"].sel(axis="y").isel(time=frames).mean()
    factor = float(given / needed)
    segments = tuple(
        replace(
            segment,
            mass_kg=factor * segment.mass_kg,
            inertia_kgm2=tuple(factor * term for term in segment.inertia_kgm2),
        )
        for segment in first.model.segments
    )
    note = f"; mass {first.model.mass_kg:.1f} kg in the file, {factor * first.model.mass_kg:.1f} kg by {first.name}"
    return replace(first.model, segments=segments), note


def _measured_frames(each: Recorded) -> np.ndarray:
    """Frames in which each foot either presses a plate or swings: none stands where nothing is measured."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.kinematics import forward_kinematics
    from gaitbook.mechanics.motion import body_coordinates

    body = compile_body(each.model)
    with torch.no_grad():
        position = forward_kinematics(body, body_coordinates(each.trial, body)).position
    balls = position[:, [body.segment("toes_r"), body.segment("toes_l")]].numpy()
    speed = np.linalg.norm(np.gradient(balls, each.trial["time"].values, axis=0), axis=2)
    pressed = each.trial["in_contact"].transpose("time", "foot").values.astype(bool)
    # what the low-pass makes of the motion at one frame comes from a quarter period of its cut-off on both sides
    margin = round(0.25 / each.cutoff_hz / np.median(np.diff(each.trial["time"].values)))
    swinging = binary_erosion(speed > SWINGING_MPS, np.ones((2 * margin + 1, 1)), border_value=1)
    whole = (pressed | swinging).all(axis=1)
    margin *= 2
    whole[:margin] = whole[-margin:] = False
    return np.flatnonzero(whole)


def double_support() -> Iterator[Line]:
    """Force of each foot in double support, required of the motion and shared, against both plates (walking)."""
    from gaitbook.mechanics.foot_sharing import share_force
    from gaitbook.mechanics.loads import required_force

    shared, halved = [], []
    for each in recorded():
        if each.cutoff_hz != WALKING_HZ:
            continue
        model, _ = _weighed(each)
        needed = required_force(each.trial, model)
        both = (each.trial["in_contact"].sum("foot") == 2).values
        frames = np.intersect1d(_measured_frames(each), np.flatnonzero(both))
        given = each.raw["ground_reaction_force"].isel(time=frames)
        feet = share_force(needed, each.trial["in_contact"])["ground_reaction_force"].isel(time=frames)
        half = 0.5 * needed["required_force"].isel(time=frames)
        for errors, guess in ((shared, feet), (halved, half)):
            square = ((given - guess) ** 2).mean(("time", "foot")) / (model.mass_kg * 9.81) ** 2
            errors.append(100 * np.sqrt(square.sel(axis=["x", "y", "z"]).values))
    means = [", ".join(f"{value:.1f}" for value in np.mean(errors, axis=0)) for errors in (shared, halved)]
    figure = f"{means[0]} %BW fore-aft, vertical, across (an equal share: {means[1]}), {len(shared)} walks"
    better = bool((np.mean(shared, axis=0)[:2] < np.mean(halved, axis=0)[:2]).all())
    yield Line("force of a foot in double support", figure, "better than an equal share", better)


def throughput() -> Iterator[Line]:
    """Kinematics and both knee moments, forces on both feet, one thread, batches of 64 windows of 128 frames."""
    import torch

    from gaitbook.mechanics.body import compile_body

    torch.set_num_threads(1)
    each = next(each for each in recorded() if each.name.startswith("opencap"))
    motion, wrench = _batch(each)
    body, single = compile_body(each.model), compile_body(each.model).to(torch.float32)
    few = type(wrench)(*(part.float() for part in wrench))
    with torch.no_grad():
        exact = _moments(body, motion, wrench, 100.0)
        error = (_moments(single, motion.float(), few, 100.0).double() - exact).abs()
    pairs = ((single, motion.float(), few), (body, motion, wrench))
    for backward, target in ((False, 50_000), (True, 12_000)):
        speed, double = (_frames_per_second(*pair, backward=backward) for pair in pairs)
        figure = (
            f"{speed:,.0f} frames/s (float64 {double:,.0f}), load {os.getloadavg()[0]:.1f} while measuring"
        )
        what = f"kinematics and knee moments, float32{', with gradients' if backward else ''}"
        yield Line(what, figure, f">= {target:,} on one core", speed >= target)
    figure = f"largest {error.max().item():.4f} N m, rms {error.square().mean().sqrt().item():.4f} N m"
    yield Line("float32 against float64", figure, "<= 0.01 N m", error.max().item() <= 0.01)


def _batch(each: Recorded) -> "tuple[Tensor, Wrench]":
    """Windows (64, 128, coordinate) of a real motion and its forces, one beginning a frame after the other."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.loads import ground_wrench
    from gaitbook.mechanics.motion import body_coordinates

    motion = body_coordinates(each.trial, compile_body(each.model))
    last = len(motion) - FRAMES
    starts = [start % last for start in range(BATCH)]
    parts = [
        torch.stack([part[at : at + FRAMES] for at in starts])
        for part in (motion, *ground_wrench(each.trial))
    ]
    motion, force, point, couple = parts
    # single precision wants windows that begin near the origin
    here = [compile_body(each.model).coordinate(f"pelvis_t{axis}") for axis in "xz"]
    start = motion[:, :1, here].clone()
    motion[..., here] -= start
    point[..., [0, 2]] -= start[:, :, None]
    return motion, type(ground_wrench(each.trial))(force, point, couple)


def _moments(body: "Body", motion: "Tensor", ground: "Wrench", sampling_rate_hz: float) -> "Tensor":
    from gaitbook.mechanics.kinematics import forward_kinematics
    from gaitbook.mechanics.knee import anatomical_moment, find_knees, knee_load, knee_rates

    knees, pose = find_knees(body), forward_kinematics(body, motion)
    load = knee_load(knees, pose, knee_rates(knees, pose, sampling_rate_hz), ground)
    return anatomical_moment(knees, pose, -load.moment)


def _frames_per_second(
    body: "Body", motion: "Tensor", ground: "Wrench", *, backward: bool, repeats: int = 15
) -> float:
    """Best of several."""
    import torch

    best = np.inf
    for _ in range(repeats):
        coordinates = motion.clone().requires_grad_(backward)
        start_s = time.perf_counter()
        with torch.set_grad_enabled(backward):
            found = _moments(body, coordinates, ground, 100.0)
            if backward:
                found.square().sum().backward()
        best = min(best, time.perf_counter() - start_s)
    return motion.shape[0] * motion.shape[1] / best


@cache
def _runners() -> tuple[tuple[xr.Dataset, object], ...]:
    """Trials of the runners, each with the body of its person."""
    import gaitbook as gb
    from gaitbook.mechanics.scaling import scale_body

    os.environ["GAITBOOK_COHORTS"] = os.environ.get("RUNNERS", str(ROOT / "_build" / "cohorts"))
    trials = list(gb.iterate_trials(gb.open_cohort("rbds", progress=False)))
    return tuple((trial, scale_body(trial)) for trial in trials)


def inverse_kinematics() -> Iterator[Line]:
    """Distance of the markers on every trial of the runners."""
    import torch

    from gaitbook.mechanics.motion import solve_motion

    torch.set_num_threads(2)
    errors: dict[str, list[float]] = {}
    frames, lost, start_s = 0, 0, time.perf_counter()
    runners = _runners()
    start_s = time.perf_counter()
    for trial, model in runners:
        solved = solve_motion(trial, model)
        errors.setdefault(trial.attrs["subject"], []).append(float((solved["marker_error"] ** 2).mean()))
        frames += trial.sizes["time"]
        lost += int(solved["joint_angle"].isnull().any("coordinate").sum())
    seconds = time.perf_counter() - start_s
    rms_mm = 1000 * np.sqrt([np.mean(person) for person in errors.values()])
    spread = f"{rms_mm.min():.1f} to {rms_mm.max():.1f}"
    figure = f"median {np.median(rms_mm):.1f} mm ({spread}), {len(errors)} runners, {len(runners)} trials"
    yield Line("marker rms per runner", figure, "median <= 15 mm", np.median(rms_mm) <= 15)
    text = f"{frames / seconds:,.0f} frames/s on two cores, {frames} frames, {lost} without an answer"
    yield Line("inverse kinematics of the runners", text, "all frames", lost == 0)


def inverse_kinematics_against_opensim() -> Iterator[Line]:
    """Speed on the same trial, body and markers as OpenSim's tool, which gets some of the frames."""
    import torch

    from gaitbook.mechanics.motion import solve_motion
    from gaitbook.mechanics.opensim_tools import opensim_inverse_kinematics
    from tests.mechanics.body_file import write_body, write_markers

    torch.set_num_threads(2)
    trial, model = _runners()[0]
    start_s = time.perf_counter()
    ours = solve_motion(trial, model)
    speed = trial.sizes["time"] / (time.perf_counter() - start_s)
    some = trial["marker_position"].isel(time=slice(0, OPENSIM_FRAMES)).dropna("marker")
    known = [
        name for name in some["marker"].values.tolist() if name in {marker.name for marker in model.markers}
    ]
    seen = ours["joint_angle_observability"].mean("time")
    blind = seen["coordinate"].values[(seen < UNOBSERVED).values].tolist()
    model_file = write_body(model, SCRATCH / "runner.osim", locked=blind)
    marker_file = write_markers(
        SCRATCH / "runner.trc", known, some["time"].values, some.sel(marker=known).values.astype(float)
    )
    theirs = opensim_inverse_kinematics(model_file, marker_file)
    reference = theirs.attrs["frames_per_second"]
    both = ours["marker_error"].isel(time=slice(0, OPENSIM_FRAMES)).sel(marker=known)
    errors_mm = [1000 * float(np.sqrt((error**2).mean())) for error in (both, theirs["marker_rms"])]
    free = [name for name in theirs["coordinate"].values if name in seen["coordinate"] and name not in blind]
    apart = ours["joint_angle"].isel(time=slice(0, OPENSIM_FRAMES)).sel(coordinate=free).values
    apart_deg = np.rad2deg(np.sqrt(np.mean((apart - theirs["joint_angle"].sel(coordinate=free).values) ** 2)))
    figure = (
        f"{speed:,.0f} against {reference:.1f} frames/s, {speed / reference:.0f}x, load {os.getloadavg()[0]:.1f}; "
        f"marker rms {errors_mm[0]:.1f} against {errors_mm[1]:.1f} mm, angles {apart_deg:.1f} degrees apart (rms)"
    )
    what = f"inverse kinematics against OpenSim, rbds {trial.attrs['subject']} {trial.attrs['trial']}"
    yield Line(what, figure, ">= 30x", speed >= 30 * reference)


def residuals_of_runners() -> Iterator[Line]:
    """The same on five seconds of each runner, whose markers show no trunk and no arms."""
    from gaitbook.mechanics.loads import required_force, smooth_motion
    from gaitbook.mechanics.motion import solve_motion

    first = {trial.attrs["subject"]: (trial, model) for trial, model in reversed(_runners())}
    moving = [
        (solve_motion(trial.isel(time=slice(0, RUNNER_FRAMES)), model), model)
        for trial, model in first.values()
    ]
    for cutoff_hz in RUNNING_CUTOFFS_HZ:
        squares, ratios = [], []
        for trial, model in moving:
            inner = slice(15, -15)
            needed = required_force(smooth_motion(trial, cutoff_hz), model)["required_force"].isel(time=inner)
            given = trial["ground_reaction_force"].astype(float).fillna(0.0).sum("foot").isel(time=inner)
            error = 100 * (given - needed) / (model.mass_kg * 9.81)
            squares.append(float((error**2).sum("axis").mean()))
            ratios.append(float(given.sel(axis="y").mean() / needed.sel(axis="y").mean()))
        each = np.sqrt(squares)
        text = f"median {np.median(each):.1f} %BW ({each.min():.1f} to {each.max():.1f}), {len(each)} runners"
        what = f"force against motion, rbds at 2.5 m/s, {cutoff_hz:g} Hz"
        yield Line(what, text, "<= 25 %BW", np.median(each) <= 25)
    text = f"median {np.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    yield Line("mean vertical ratio, rbds", text, "within 3 % of 1", abs(np.median(ratios) - 1) <= 0.03)


def coverage() -> Iterator[Line]:
    """90 % intervals on simulated noise, as markers are hidden: how many hold the truth."""
    import torch

    from gaitbook.mechanics.body import compile_body
    from gaitbook.mechanics.inverse_kinematics import solve_coordinates
    from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
    from gaitbook.mechanics.motion import body_coordinates, solve_motion

    trial, model = _runners()[0]
    body = compile_body(model)
    solved = solve_motion(trial.isel(time=slice(0, 600, 3)), model)
    truth = body_coordinates(solved, body)
    exact = marker_positions(body, forward_kinematics(body, truth))
    rng = np.random.default_rng(0)
    for hidden in (0, 1, 2, 4):
        seen = exact + 0.01 * torch.as_tensor(rng.normal(size=exact.shape))
        for frame in range(len(seen)):
            seen[frame, rng.choice(seen.shape[1], hidden, replace=False)] = torch.nan
        found = solve_coordinates(body, seen, noise_m=0.01)
        observed = found.observability.mean(dim=0) > 0.5
        inside = (found.coordinates - truth).abs() <= NORMAL_90 * found.deviation
        share = 100 * inside[:, observed].double().mean().item()
        figure = f"{share:.1f} % of {len(seen)} frames x {int(observed.sum())} coordinates"
        yield Line(f"90 % intervals, {hidden} markers hidden", figure, "85 to 95 %", 85 <= share <= 95)


def files_for_opensim() -> Iterator[Line]:
    """Files written here load in OpenSim and give there the moments that the trial itself gives here."""
    from gaitbook.cohort.opensim_files import write_external_loads, write_force, write_motion
    from gaitbook.mechanics.loads import joint_moments
    from gaitbook.mechanics.opensim_tools import opensim_inverse_dynamics

    for each in recorded()[:1] + recorded()[-1:]:
        trial = _even(each.trial)
        motion = write_motion(trial, SCRATCH / "motion.mot")
        force = write_force(trial, SCRATCH / "force.mot")
        loads = write_external_loads(SCRATCH / "loads.xml", force_file=force)
        theirs = opensim_inverse_dynamics(each.model_file, motion, external_loads=loads)
        ours = joint_moments(trial, each.model)
        rotations = theirs["coordinate"].values[theirs["unit"].values == "N m"]
        shared = [name for name in rotations if name in ours["coordinate"].values and name[:6] != "pelvis"]
        error = (ours.sel(coordinate=shared) - theirs.sel(coordinate=shared).values).isel(time=slice(3, -3))
        rms = float(np.sqrt((error**2).mean()))
        figure = f"rms {rms:.4f} N m, {len(shared)} joint coordinates"
        yield Line(f"files written for OpenSim, {each.name}", figure, "<= 0.1 N m", rms <= 0.1)


def closed_forms() -> Iterator[Line]:
    """Closed forms, symmetry, gradients, conservation, round trips and messages."""
    for what, tests in (
        ("closed forms, symmetry, gradients", ["tests/mechanics", "tests/test_body_model.py"]),
        ("model files, read and written", ["tests/readers", "tests/cohort/test_opensim_files.py"]),
    ):
        command = [sys.executable, "-m", "pytest", "-q", *tests]
        finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        last = (finished.stdout.strip().splitlines() or [finished.stderr[-200:]])[-1]
        yield Line(what, last, "all pass", finished.returncode == 0)


if __name__ == "__main__":
    chosen = re.split(r"[ ,]+", os.environ.get("ONLY", "")) if os.environ.get("ONLY") else []
    everything = (
        closed_forms,
        kinematics_against_opensim,
        dynamics_against_mujoco,
        dynamics_against_opensim,
        knee_against_opensim,
        published_formula,
        residuals,
        double_support,
        throughput,
        files_for_opensim,
        inverse_kinematics_against_opensim,
        coverage,
        residuals_of_runners,
        inverse_kinematics,
    )
    show(measure for measure in everything if not chosen or measure.__name__ in chosen)
