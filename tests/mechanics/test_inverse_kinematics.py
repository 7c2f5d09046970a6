"""Coordinates from markers: recovery, uncertainty, limits, invariances."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from gaitbook.body_model import Marker
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.inverse_kinematics import expected_coordinates, solve_coordinates
from gaitbook.mechanics.jacobian import marker_jacobian
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.marker_fit import Prior, evaluate, make_task
from gaitbook.readers.osim_model import read_body
from gaitbook.readers.storage import read_table
from gaitbook.readers.trc import read_markers
from tests.mechanics import bodies

FINE_M, USUAL_M = 1e-6, 0.01


@pytest.fixture(scope="module")
def person():
    return compile_body(generic_body(height_m=1.75, mass_kg=70.0, markers="rbds"))


def marked(model, seed=0):
    """Model with four markers on every segment but the patella."""
    rng = np.random.default_rng(seed)
    markers = tuple(
        Marker(f"{segment.name}{number}", segment.name, tuple(map(float, rng.normal(size=3) * 0.1)))
        for segment in model.segments
        for number in range(4)
        if "patella" not in segment.name
    )
    return replace(model, markers=markers)


def gait(body, frames=150, share=0.7, seed=0):
    """Plausible motion: every coordinate swings by its spread, inside its limits; (frame, coordinate)."""
    generator = torch.Generator().manual_seed(seed)
    prior = expected_coordinates(body)
    spread = torch.where(torch.isfinite(prior.spread), prior.spread, 0.3).clamp_max(1.0)
    time = torch.linspace(0, 2.5 * 2 * math.pi, frames, dtype=torch.float64)[:, None]
    phase = 2 * math.pi * torch.rand(len(spread), generator=generator, dtype=torch.float64)
    motion = prior.mean + share * math.sqrt(2) * spread * torch.sin(time + phase)
    low = torch.tensor([c.low for c in body.model.coordinates], dtype=torch.float64)
    high = torch.tensor([c.high for c in body.model.coordinates], dtype=torch.float64)
    return motion.clamp(low + 1e-3, high - 1e-3)


def seen(body, coordinates, noise_m=0.0, seed=0):
    exact = marker_positions(body, forward_kinematics(body, coordinates))
    generator = torch.Generator().manual_seed(seed)
    return exact + noise_m * torch.randn(exact.shape, generator=generator, dtype=exact.dtype)


def observed(solution):
    return solution.observability.mean(dim=0) > 0.01


@pytest.mark.parametrize("knee", ["hinge", "spline"])
def test_exact_markers_give_the_coordinates_back(knee):
    body = compile_body(marked(bodies.walker(knee)))
    coordinates = bodies.swinging(body, frames=40)[0]
    followed = coordinates.clone()
    followed[:, body.follower] = body.couplings(coordinates[:, body.leader])[0]
    found = solve_coordinates(body, seen(body, coordinates), noise_m=FINE_M)
    torch.testing.assert_close(found.coordinates, followed, rtol=0, atol=1e-8)
    assert found.converged.all()
    assert float(found.marker_error.max()) < 1e-8


def test_generic_body_moves_back_into_its_pose(person):
    coordinates = gait(person)
    found = solve_coordinates(person, seen(person, coordinates), noise_m=FINE_M)
    which = observed(found)
    assert int(which.sum()) == 18
    torch.testing.assert_close(found.coordinates[:, which], coordinates[:, which], rtol=0, atol=1e-8)


def test_missing_markers_change_nothing_if_the_rest_is_exact(person):
    coordinates = gait(person, frames=60)
    markers = seen(person, coordinates)
    hidden = torch.rand(markers.shape[:2], generator=torch.Generator().manual_seed(1)) < 0.15
    markers[hidden] = torch.nan
    found = solve_coordinates(person, markers, noise_m=FINE_M)
    which = observed(found)
    torch.testing.assert_close(found.coordinates[:, which], coordinates[:, which], rtol=0, atol=1e-6)
    assert torch.equal(torch.isnan(found.marker_error), hidden)
    assert torch.equal(found.used, ~hidden)


def test_what_no_marker_informs_stays_at_its_default(person):
    found = solve_coordinates(person, seen(person, gait(person, frames=5)))
    arm = person.coordinate("arm_flex_r")
    expected = expected_coordinates(person)
    assert (found.coordinates[:, arm] == expected.mean[arm]).all()
    assert (found.deviation[:, arm] == expected.spread[arm]).all()
    assert (found.observability[:, arm] == 0).all()


def test_frames_with_fewer_than_three_markers_are_not_solved(person):
    markers = seen(person, gait(person, frames=8))
    markers[3, 2:] = torch.nan
    found = solve_coordinates(person, markers)
    assert torch.isnan(found.coordinates[3]).all()
    assert not found.converged[3]
    assert torch.isfinite(found.coordinates[[0, 1, 2, 4, 5, 6, 7]]).all()
    assert torch.isnan(solve_coordinates(person, markers * torch.nan).coordinates).all()


def test_limits_hold_and_the_rest_gives_way():
    model = marked(bodies.walker())
    free = compile_body(model)
    knee = free.coordinate("knee_angle_r")
    coordinates = bodies.swinging(free, frames=30)[0]
    coordinates[:, knee] = torch.linspace(-0.4, 0.4, 30, dtype=torch.float64)
    limited = tuple(
        replace(each, low=0.0) if each.name == "knee_angle_r" else each for each in model.coordinates
    )
    body = compile_body(replace(model, coordinates=limited))
    found = solve_coordinates(body, seen(free, coordinates), noise_m=1e-4)
    beyond = coordinates[:, knee] < 0
    assert (found.coordinates[beyond, knee] == 0).all()
    assert found.converged.all()
    torch.testing.assert_close(found.coordinates[~beyond], coordinates[~beyond], rtol=0, atol=1e-4)
    locked = tuple(
        replace(each, locked=True) if each.name == "knee_angle_r" else each for each in model.coordinates
    )
    held = solve_coordinates(
        compile_body(replace(model, coordinates=locked)), seen(free, coordinates), noise_m=1e-4
    )
    torch.testing.assert_close(held.coordinates[beyond], found.coordinates[beyond], rtol=0, atol=1e-5)
    assert (held.deviation[:, knee] == 0).all()


def test_curvature_is_that_of_the_jacobian():
    body = compile_body(bodies.tangle(5, joints=8))
    coordinates = bodies.swinging(body, frames=3)[0]
    free = tuple(n for n in range(len(body.coordinate_names)) if n not in body.follower.tolist())
    weight = torch.rand(3, len(body.marker_names), dtype=torch.float64)
    target = torch.zeros(3, len(body.marker_names), 3, dtype=torch.float64)
    task = make_task(body, target, weight, free, expected_coordinates(body), USUAL_M)
    fit = evaluate(task, coordinates[:, free])
    pose = forward_kinematics(body, coordinates)
    jacobian = marker_jacobian(body, coordinates, pose)[..., free]
    curvature = torch.einsum("fmac,fm,fmad->fcd", jacobian, weight, jacobian) + torch.diag(task.stiffness)
    missed = target - marker_positions(body, pose)
    gradient = -torch.einsum("fmac,fm,fma->fc", jacobian, weight, missed)
    gradient = gradient + task.stiffness * (coordinates[:, free] - task.expected)
    torch.testing.assert_close(fit.curvature, curvature, rtol=0, atol=1e-12)
    torch.testing.assert_close(fit.gradient, gradient, rtol=0, atol=1e-12)


def test_a_hidden_thigh_makes_the_hip_uncertain(person):
    markers = seen(person, torch.zeros(4, len(person.coordinate_names), dtype=torch.float64))
    thigh = [
        number
        for number, marker in enumerate(person.model.markers)
        if marker.segment == "femur_r" or marker.name.startswith("R.Knee")
    ]
    markers[:, thigh] = torch.nan
    found = solve_coordinates(person, markers)
    right, left = person.coordinate("hip_rotation_r"), person.coordinate("hip_rotation_l")
    assert (found.deviation[:, right] > 1.1 * found.deviation[:, left]).all()
    assert (found.observability[:, right] < found.observability[:, left] - 0.01).all()
    assert ((found.observability >= 0) & (found.observability <= 1)).all()


@pytest.mark.parametrize("hidden", [0, 1, 2, 4])
def test_intervals_cover_the_truth(person, hidden):
    coordinates = gait(person, frames=250, seed=hidden)
    markers = seen(person, coordinates, USUAL_M, seed=hidden)
    order = torch.rand(markers.shape[:2], generator=torch.Generator().manual_seed(hidden)).argsort(dim=1)
    markers[order < hidden] = torch.nan
    found = solve_coordinates(person, markers, noise_m=USUAL_M)
    which = observed(found)
    error = (found.coordinates - coordinates)[:, which].abs()
    inside = (error < 1.645 * found.deviation[:, which]).double().mean()
    assert 0.85 < float(inside) < 0.95


def test_deviation_shrinks_with_weight_and_grows_with_noise(person):
    markers = seen(person, gait(person, frames=6), 0.002)
    usual = solve_coordinates(person, markers, noise_m=0.01)
    noisy = solve_coordinates(person, markers, noise_m=0.02)
    heavy = solve_coordinates(
        person, markers, noise_m=0.02, weights=torch.full((len(person.marker_names),), 4.0)
    )
    which = observed(usual)
    assert (noisy.deviation > usual.deviation)[:, which].all()
    torch.testing.assert_close(heavy.deviation, usual.deviation)
    torch.testing.assert_close(heavy.coordinates, usual.coordinates, rtol=0, atol=1e-6)


def test_a_strong_prior_outweighs_the_markers():
    body = compile_body(marked(bodies.walker()))
    coordinates = bodies.swinging(body, frames=5)[0]
    knee = body.coordinate("knee_angle_r")
    prior = expected_coordinates(body)
    spread = prior.spread.clone()
    spread[knee] = 1e-6
    found = solve_coordinates(body, seen(body, coordinates), prior=Prior(prior.mean, spread))
    torch.testing.assert_close(found.coordinates[:, knee], prior.mean[knee].expand(5), rtol=0, atol=1e-6)
    assert (found.observability[:, knee] < 1e-6).all()


def test_units_do_not_matter():
    model = marked(bodies.walker())
    body = compile_body(model)
    coordinates = bodies.swinging(body, frames=20)[0]
    markers = seen(body, coordinates, 0.005)
    larger = compile_body(_larger(model, 3.0))
    ours = solve_coordinates(body, markers, noise_m=0.01)
    theirs = solve_coordinates(larger, 3.0 * markers, noise_m=0.03)
    factor = torch.tensor([1.0 if c.is_rotation else 3.0 for c in model.coordinates], dtype=torch.float64)
    torch.testing.assert_close(theirs.coordinates, factor * ours.coordinates, rtol=0, atol=1e-5)
    torch.testing.assert_close(theirs.deviation, factor * ours.deviation, rtol=1e-4, atol=0)


def _larger(model, factor):
    def scale(vector):
        return tuple(factor * each for each in vector)

    return replace(
        model,
        joints=tuple(
            replace(
                joint,
                parent_position=scale(joint.parent_position),
                child_position=scale(joint.child_position),
            )
            for joint in model.joints
        ),
        markers=tuple(replace(marker, position_m=scale(marker.position_m)) for marker in model.markers),
    )


@pytest.mark.parametrize("heading_rad", [0.5, 2.0, -3.0])
def test_it_does_not_matter_which_way_the_person_walks(person, heading_rad):
    coordinates = gait(person, frames=30)
    coordinates[:, person.coordinate("pelvis_rotation")] = heading_rad
    found = solve_coordinates(person, seen(person, coordinates), noise_m=FINE_M)
    which = observed(found)
    torch.testing.assert_close(found.coordinates[:, which], coordinates[:, which], rtol=0, atol=1e-8)


def test_a_ghost_is_not_believed(person):
    markers = seen(person, gait(person, frames=40), 0.003)
    clean = solve_coordinates(person, markers)
    haunted = markers.clone()
    haunted[17, 10] += 0.4
    found = solve_coordinates(person, haunted)
    assert not found.used[17, 10]
    assert int((~found.used).sum()) == 1
    assert float(found.marker_error[17, 10]) > 0.5
    torch.testing.assert_close(found.coordinates, clean.coordinates, rtol=0, atol=0.02)


def test_frames_need_not_follow_one_another(person):
    coordinates = gait(person, frames=60)[torch.randperm(60, generator=torch.Generator().manual_seed(3))]
    found = solve_coordinates(person, seen(person, coordinates), noise_m=FINE_M)
    which = observed(found)
    torch.testing.assert_close(found.coordinates[:, which], coordinates[:, which], rtol=0, atol=1e-7)


def test_neither_chunks_nor_the_start_decide(person):
    coordinates = gait(person, frames=50)
    markers = seen(person, coordinates, 0.005)
    usual = solve_coordinates(person, markers)
    torch.testing.assert_close(
        solve_coordinates(person, markers, chunk=7).coordinates, usual.coordinates, rtol=0, atol=1e-6
    )
    begun = solve_coordinates(person, markers, start=coordinates)
    torch.testing.assert_close(begun.coordinates, usual.coordinates, rtol=0, atol=1e-6)


def test_single_precision_is_good_to_a_hundredth_of_a_degree():
    model = generic_body(markers="rbds")
    coordinates = gait(compile_body(model), frames=30)
    markers = seen(compile_body(model), coordinates, 0.005)
    exact = solve_coordinates(compile_body(model), markers)
    single = solve_coordinates(compile_body(model).to(torch.float32), markers.float())
    assert single.coordinates.dtype == torch.float32
    torch.testing.assert_close(single.coordinates.double(), exact.coordinates, rtol=0, atol=2e-4)


def test_faults_are_told_together(person):
    with pytest.raises(ValueError, match=r"shape \(4, 2, 3\).*float32.*noise_m is 0"):
        solve_coordinates(person, torch.zeros(4, 2, 3), noise_m=0.0)


@pytest.mark.real_data
def test_equals_opensim_on_a_recorded_run(real_data, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        opensim = pytest.importorskip("opensim", reason="opensim is not installed")
    model_file, markers_file = real_data / "hamner/final.osim", real_data / "hamner/run200.trc"
    if not model_file.exists():
        pytest.skip("the running recording of Hamner & Delp is absent")
    recording = read_markers(markers_file).isel(time=slice(0, 12))
    body = compile_body(read_body(model_file))
    markers = np.full((12, len(body.marker_names), 3), np.nan)
    common = [name for name in body.marker_names if name in recording["marker"]]
    places = [body.marker_names.index(name) for name in common]
    markers[:, places] = recording["marker_position"].sel(marker=common).transpose("time", "marker", "axis")
    nothing = expected_coordinates(body)
    nothing = Prior(nothing.mean, torch.full_like(nothing.spread, torch.inf))
    found = solve_coordinates(body, torch.as_tensor(markers), prior=nothing)
    theirs = _solved_by_opensim(opensim, model_file, markers_file, tmp_path, common, recording["time"].values)
    which = found.observability.mean(dim=0) > 0.5
    for number in which.nonzero()[:, 0].tolist():
        name, turns = body.coordinate_names[number], body.model.coordinates[number].is_rotation
        expected = np.radians(theirs[name].values) if turns else theirs[name].values
        np.testing.assert_allclose(found.coordinates[:, number].numpy(), expected, atol=1e-4)


def _solved_by_opensim(opensim, model_file, markers_file, folder, markers, time_s):
    opensim.Logger.setLevelString("off")
    opensim.Logger.removeFileSink()
    tool = opensim.InverseKinematicsTool()
    model = opensim.Model(str(model_file))  # must outlive the tool
    tool.setModel(model)
    tool.setMarkerDataFileName(str(markers_file))
    tool.setResultsDir(str(folder))
    tool.setOutputMotionFileName(str(folder / "out.mot"))
    tool.setStartTime(float(time_s[0]))
    tool.setEndTime(float(time_s[-1]))
    tool.set_accuracy(1e-8)
    tool.set_report_errors(False)
    for name in markers:
        task = opensim.IKMarkerTask()
        task.setName(name)
        task.setApply(True)
        task.setWeight(1.0)
        tool.getIKTaskSet().cloneAndAppend(task)
    tool.run()
    return read_table(folder / "out.mot")
