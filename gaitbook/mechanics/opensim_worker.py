"""One job for OpenSim, in a process of its own: ``python -m gaitbook.mechanics.opensim_worker JOB.json``.

OpenSim may end the process that runs it without a word, and leaves files where it runs. So it runs here, in a folder
of its own, and hands its results back as files. `gaitbook.mechanics.opensim_tools` writes the jobs and reads the
results. Every intermediate object stays in a variable: OpenSim's Python objects die with the one they came from.
"""

import json
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from gaitbook.readers.opensim import STATE_PATH
from gaitbook.readers.storage import read_table

RESULT = "result.npz"
COMPLETE_MOTION = "complete.sto"
SPLINE_DEGREE = 5
"""Degree of the splines through the coordinates; OpenSim's tool for inverse dynamics uses the same."""

Job = Mapping[str, Any]
Arrays = dict[str, np.ndarray]
OpenSim = Any
"""What comes from opensim has no types."""


def main(job_file: str) -> None:
    """Do the job of a file and write ``result.npz`` in the present folder."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    osim = import_module("opensim")
    osim.Logger.setLevelString("off")
    began_s = time.perf_counter()
    arrays = TASKS[job["task"]](osim, job)
    arrays["duration_s"] = np.array(time.perf_counter() - began_s)
    np.savez(RESULT, allow_pickle=False, **arrays)


def solve_kinematics(osim: OpenSim, job: Job) -> Arrays:
    """Inverse kinematics of a marker file; writes ``ik.mot`` and ``solve_ik_marker_errors.sto``."""
    model = _load(osim, job)
    tool = osim.InverseKinematicsTool()
    tool.setName("solve")
    tool.setModel(model)
    tool.setMarkerDataFileName(job["marker_file"])
    tool.setOutputMotionFileName("ik.mot")
    tool.setResultsDir(".")
    tool.set_report_errors(True)
    tool.set_accuracy(job["accuracy"])
    tasks = tool.getIKTaskSet()
    for name, weight in job["weights"].items():
        task = osim.IKMarkerTask()
        task.setName(name)
        task.setWeight(weight)
        tasks.cloneAndAppend(task)
    tool.setStartTime(job["span_s"][0])
    tool.setEndTime(job["span_s"][1])
    if not tool.run():
        raise RuntimeError("OpenSim's inverse kinematics failed")
    return {}


def solve_dynamics(osim: OpenSim, job: Job) -> Arrays:
    """Inverse dynamics of a motion file; writes ``id.sto``."""
    model = _bare_model(osim, job)
    names, time_s, _ = _complete_motion(osim, job, model)
    tool = osim.InverseDynamicsTool()
    tool.setName("solve")
    tool.setModel(model)
    tool.setCoordinatesFileName(COMPLETE_MOTION)
    tool.setLowpassCutoffFrequency(job["cutoff_hz"])
    if job["loads_file"]:
        tool.setExternalLoadsFileName(job["loads_file"])
    tool.setResultsDir(".")
    tool.setOutputGenForceFileName("id.sto")
    tool.setStartTime(float(time_s[0]))
    tool.setEndTime(float(time_s[-1]))
    if not tool.run():
        raise RuntimeError("OpenSim's inverse dynamics failed")
    return {"names": np.array(names)}


def find_reactions(osim: OpenSim, job: Job) -> Arrays:
    """Load that joints put on their child about the joint center, in the child's frame, at each frame.

    Ideal actuators on all coordinates carry the solution of inverse dynamics, so that the model moves as given.
    """
    model = _bare_model(osim, job)
    names, time_s, coordinates = _complete_motion(osim, job, model)
    model.updConstraintSet().clearAndDestroy()
    actuators = [_add_actuator(osim, model, name) for name in names]
    if job["loads_file"]:
        loads = osim.ExternalLoads(job["loads_file"], True)
        model.addModelComponent(loads)
    state = model.initSystem()
    for actuator in actuators:
        actuator.overrideActuation(state, True)
    storage = osim.Storage(COMPLETE_MOTION)
    splines = osim.GCVSplineSet(SPLINE_DEGREE, storage)
    solver = osim.InverseDynamicsSolver(model)
    joints = [model.getCoordinateSet().get(name).getJoint() for name in job["coordinates"]]
    vectors = np.empty((len(time_s), len(joints), 3, 3))
    generalized = np.empty(coordinates.shape)
    for at, instant_s in enumerate(time_s.tolist()):
        generalized[at] = _drive(osim, model, state, solver, splines, actuators, instant_s)
        for number, joint in enumerate(joints):
            vectors[at, number] = _reaction(model, state, joint)
    found = {name: vectors[:, :, i] for i, name in enumerate(("moment", "force", "center"))}
    return {"names": np.array(names), "time_s": time_s, "generalized": generalized, **found}


def _load(osim: OpenSim, job: Job) -> OpenSim:
    model = osim.Model(job["model_file"])
    coordinates = model.getCoordinateSet()
    for name in job["unlock"]:
        coordinate = coordinates.get(name)
        coordinate.set_locked(False)
    model.finalizeConnections()
    return model


def _bare_model(osim: OpenSim, job: Job) -> OpenSim:
    """Model without muscles, limits and locks, so that each coordinate's moment is the net one."""
    model = osim.Model(job["model_file"])
    model.updForceSet().clearAndDestroy()
    model.updControllerSet().clearAndDestroy()
    coordinates = model.updCoordinateSet()
    for i in range(coordinates.getSize()):
        coordinate = coordinates.get(i)
        coordinate.set_locked(False)
        coordinate.set_clamped(False)
    model.finalizeConnections()
    return model


def _complete_motion(osim: OpenSim, job: Job, model: OpenSim) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names of all coordinates in the order of the tree, times, and values; written to a file, too.

    A coordinate that the motion lacks follows the one it is coupled to, else stays at its default.
    """
    model.initSystem()
    table = read_table(job["motion_file"])
    in_degrees = table.attrs["header"].get("indegrees", "no").lower() in ("yes", "true", "1")
    given = {_coordinate(label): table[label].to_numpy(dtype=float) for label in table.columns[1:]}
    ordered = model.getCoordinateNamesInMultibodyTreeOrder()
    names = [str(ordered.getElt(i)) for i in range(ordered.size())]
    coordinates = model.getCoordinateSet()
    values: Arrays = {}
    for name in names:
        coordinate = coordinates.get(name)
        turns = coordinate.getMotionType() == osim.Coordinate.Rotational
        default = np.full(len(table), coordinate.getDefaultValue())
        values[name] = (
            np.deg2rad(given[name]) if name in given and turns and in_degrees else given.get(name, default)
        )
    for follower, leader, function in _couplings(osim, model):
        if follower not in given:
            values[follower] = np.array(
                [function.calcValue(osim.Vector(1, x)) for x in values[leader].tolist()]
            )
    time_s = table["time"].to_numpy(dtype=float)
    stacked = np.column_stack([values[name] for name in names])
    _write_table(names, time_s, stacked)
    return names, time_s, stacked


def _coordinate(label: str) -> str:
    """Coordinate of a column, which newer files write as ``/jointset/knee_r/knee_angle_r/value``; none for speeds."""
    path = STATE_PATH.match(label)
    return label if path is None else path["coordinate"] * (path["state"] == "value")


def _couplings(osim: OpenSim, model: OpenSim) -> list[tuple[str, str, OpenSim]]:
    constraints = model.getConstraintSet()
    found = []
    for i in range(constraints.getSize()):
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraints.get(i))
        if coupler is not None:
            leaders = coupler.getIndependentCoordinateNames()
            found.append((coupler.getDependentCoordinateName(), leaders.get(0), coupler.getFunction()))
    return found


def _write_table(names: list[str], time_s: np.ndarray, values: np.ndarray) -> None:
    rows = np.column_stack([time_s, values]).tolist()
    header = ["Coordinates", "version=1", f"nRows={len(rows)}", f"nColumns={len(names) + 1}", "inDegrees=no"]
    lines = [*header, "endheader", "\t".join(["time", *names])]
    lines += ["\t".join(f"{value:.15g}" for value in row) for row in rows]
    Path(COMPLETE_MOTION).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _add_actuator(osim: OpenSim, model: OpenSim, name: str) -> OpenSim:
    actuator = osim.CoordinateActuator(name)
    actuator.setName(f"drives_{name}")
    actuator.setOptimalForce(1.0)
    model.addForce(actuator)
    return actuator


def _drive(
    osim: OpenSim,
    model: OpenSim,
    state: OpenSim,
    solver: OpenSim,
    splines: OpenSim,
    actuators: list[OpenSim],
    instant_s: float,
) -> np.ndarray:
    """Move the model as the splines say, driven by the forces that this takes; returns them (coordinate,)."""
    state.setTime(instant_s)
    position, speed, acceleration = (
        osim.Vector.createFromMat(
            np.array([splines.evaluate(i, order, instant_s) for i in range(len(actuators))])
        )
        for order in range(3)
    )
    state.setQ(position)
    state.setU(speed)
    for actuator in actuators:
        actuator.setOverrideActuation(state, 0.0)
    found = solver.solve(state, acceleration)
    generalized = found.to_numpy()
    for actuator, value in zip(actuators, generalized.tolist(), strict=True):
        actuator.setOverrideActuation(state, value)
    model.realizeAcceleration(state)
    return generalized


def _reaction(model: OpenSim, state: OpenSim, joint: OpenSim) -> np.ndarray:
    """Moment about the joint center and force of a joint on its child, in the child's body frame; center in ground."""
    load = joint.calcReactionOnChildExpressedInGround(state)
    frame = joint.getChildFrame()
    body = frame.findBaseFrame()
    ground = model.getGround()
    turned = [ground.expressVectorInAnotherFrame(state, load.get(i), body) for i in range(2)]
    center = frame.getPositionInGround(state)
    return np.stack([vector.to_numpy() for vector in (*turned, center)])


TASKS = {
    "inverse_kinematics": solve_kinematics,
    "inverse_dynamics": solve_dynamics,
    "joint_reaction": find_reactions,
}

if __name__ == "__main__":
    main(sys.argv[1])
