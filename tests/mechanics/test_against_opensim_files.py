"""Hand-made bodies through an OpenSim file: read again here, and placed by OpenSim."""

import numpy as np
import pytest
import torch

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, joint_centers, marker_positions
from gaitbook.readers.osim_model import read_body
from tests.mechanics.bodies import tangle, walker
from tests.mechanics.body_file import write_body
from tests.mechanics.test_against_mujoco import random_states
from tests.readers.osim_oracle import Witness

BODIES = pytest.mark.parametrize(
    "model", [tangle(0), tangle(2, joints=9), walker(), walker("spline")], ids=lambda model: model.name
)


@BODIES
def test_a_body_comes_back_from_its_file(model, tmp_path):
    again = read_body(write_body(model, tmp_path / "body.osim"))
    assert {segment.name: segment for segment in again.segments} == {s.name: s for s in model.segments}
    bodies = [compile_body(each) for each in (model, again)]
    order = [bodies[0].coordinate(name) for name in bodies[1].coordinate_names]
    motion = torch.as_tensor(random_states(model, 5)[0])
    poses = [forward_kinematics(bodies[0], motion), forward_kinematics(bodies[1], motion[:, order])]
    assert bodies[0].segment_names == bodies[1].segment_names
    torch.testing.assert_close(poses[1].position, poses[0].position, rtol=0, atol=1e-14)
    torch.testing.assert_close(poses[1].rotation, poses[0].rotation, rtol=0, atol=1e-14)


@BODIES
def test_opensim_puts_every_segment_where_we_do(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # OpenSim leaves its log where it runs
    witness = Witness(write_body(model, tmp_path / "body.osim"))
    body = compile_body(model)
    for frame in random_states(model, 5)[0]:
        places = witness.place(dict(zip(body.coordinate_names, frame, strict=True)))
        pose = forward_kinematics(body, torch.as_tensor(frame))
        for names, ours, theirs in (
            (body.segment_names, pose.position, places.segments),
            (body.joint_names, joint_centers(body, pose), places.joints),
            (body.marker_names, marker_positions(body, pose), places.markers),
        ):
            np.testing.assert_allclose(ours, [theirs[name] for name in names], atol=1e-9)
