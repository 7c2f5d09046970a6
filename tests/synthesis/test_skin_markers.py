import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.synthesis.laboratory_errors import NO_MARKER_ERRORS, MarkerErrors, load_laboratory
from gaitbook.synthesis.skin_markers import attach_markers, skin_markers

RATE_HZ = 100.0
SKIN_ONLY = MarkerErrors(noise=0.0, occlusion=0.0)
SWINGS = {  # amplitude, rad, and lead in the stride of the right side; a caricature of walking
    "hip_flexion": (0.40, 0.0),
    "knee_angle": (0.50, 0.3),
    "ankle_angle": (0.20, 0.6),
    "arm_flex": (0.35, 0.5),
    "elbow_flex": (0.20, 0.6),
}


def move(body, *, duration_s=6.0, range_of_motion=1.0, stride_hz=0.95, rate_hz=RATE_HZ):
    """Markers on the bones of somebody who swings arms and legs and bobs twice per stride."""
    time = np.arange(0, duration_s, 1 / rate_hz)
    compiled = compile_body(body)
    angle = np.repeat([[each.default for each in body.coordinates]], time.size, axis=0)
    for name, (size, lead) in SWINGS.items():
        for side, half in (("_r", 0.0), ("_l", 0.5)):
            wave = np.sin(2 * np.pi * (stride_hz * time + lead + half))
            angle[:, compiled.coordinate(name + side)] += range_of_motion * size * wave
    bob = 0.02 * range_of_motion * np.cos(4 * np.pi * stride_hz * time)
    angle[:, compiled.coordinate("pelvis_ty")] += bob
    position = marker_positions(compiled, forward_kinematics(compiled, torch.as_tensor(angle))).numpy()
    coords = {"time": time, "marker": list(compiled.marker_names), "axis": ["x", "y", "z"]}
    return xr.DataArray(position, dims=("time", "marker", "axis"), coords=coords)


@pytest.fixture(scope="module")
def body():
    return generic_body(markers="plug_in_gait")


@pytest.fixture(scope="module")
def walk(body):
    return move(body)


def person(body, number=0):
    return attach_markers(body.markers, rng=np.random.default_rng([number, 1]))


def size_m(truth, seen):
    """Root mean square distance of each marker from where it belongs."""
    return np.sqrt(((seen - truth) ** 2).sum("axis").mean("time"))


def skin(body, truth, number=0, trial=0):
    return skin_markers(truth, person(body, number), rng=np.random.default_rng(trial), errors=SKIN_ONLY)


def test_without_errors_the_markers_are_on_the_bones(body, walk):
    seen = skin_markers(walk, person(body), rng=np.random.default_rng(0), errors=NO_MARKER_ERRORS)
    np.testing.assert_array_equal(seen, walk)
    assert seen.name == "marker_position"
    assert seen.attrs["units"] == "m"


def test_skin_slides_most_at_the_thigh(body, walk):
    moved = xr.concat([size_m(walk, skin(body, walk, number)) for number in range(60)], "person")
    typical = np.sqrt((moved**2).mean("person"))
    by_segment = {
        segment: float(typical.sel(marker=[m.name for m in body.markers if m.segment == segment]).mean())
        for segment in ("pelvis", "torso", "femur_r", "femur_l", "tibia_r", "calcn_l", "hand_r")
    }
    assert 0.008 < by_segment["femur_r"] < 0.018
    assert by_segment["femur_r"] == pytest.approx(by_segment["femur_l"], rel=0.25)
    assert max(by_segment, key=by_segment.get).startswith("femur")
    assert all(0.001 < each < 0.018 for each in by_segment.values())


def test_skin_follows_the_motion(body, walk):
    """Every stride repeats the slide of the last, and none of it is faster than a few times the stride."""
    slide = (skin(body, walk) - walk).sel(marker=["RTHI", "LANK", "CLAV"]).values
    stride = round(RATE_HZ / 0.95)
    inner, later = slide[100:300], slide[100 + stride : 300 + stride]
    assert np.abs(later - inner).max() < 0.15 * np.abs(inner).max()
    assert np.abs(np.diff(slide, axis=0)).max() * RATE_HZ < 20 * np.abs(slide).max()


def test_skin_is_the_persons_not_the_trials(body, walk):
    np.testing.assert_allclose(skin(body, walk, trial=1), skin(body, walk, trial=2))
    assert not np.allclose(skin(body, walk, number=1), skin(body, walk, number=2), atol=1e-3)


def test_markers_of_a_segment_slide_alike(body, walk):
    together = []
    for number in range(30):
        slide = (skin(body, walk, number) - walk).sel(marker=["RANK", "RTIB", "LTHI"])
        ankle, shank, other = slide.transpose("marker", "time", "axis").values.reshape(3, -1)
        together.append([np.corrcoef(ankle, shank)[0, 1], np.corrcoef(ankle, other)[0, 1]])
    same, different = np.mean(together, axis=0)
    assert same > 0.35
    assert abs(different) < 0.3


def test_more_motion_more_slide_and_rest_none(body, walk):
    marker = "RTHI"
    sizes = [
        float(size_m(truth, skin(body, truth)).sel(marker=marker))
        for truth in (
            move(body, range_of_motion=0.0),
            move(body, range_of_motion=0.1),
            walk,
            move(body, range_of_motion=1.5, stride_hz=1.4),
        )
    ]
    assert sizes[0] == pytest.approx(0.0, abs=1e-7)
    assert (np.diff(sizes) > 0).all()


def test_noise_is_white_and_small(body, walk):
    errors = MarkerErrors(soft_tissue=0.0, occlusion=0.0)
    noise = (skin_markers(walk, person(body), rng=np.random.default_rng(3), errors=errors) - walk).values
    assert noise.std() == pytest.approx(0.0003, rel=0.02)
    assert (noise[1:] * noise[:-1]).mean() / noise.var() == pytest.approx(0.0, abs=0.02)


def test_markers_hide_in_bursts_and_the_inner_ones_more_often():
    body = generic_body(markers="rbds")
    truth = move(body, duration_s=300.0)
    seen = skin_markers(truth, person(body), rng=np.random.default_rng(4))
    gap = seen.isnull()
    assert (gap.any("axis") == gap.all("axis")).all()
    hidden = gap.any("axis")
    expected = load_laboratory()["occlusion"]
    inner = float(hidden.sel(marker=["R.Knee.Medial", "L.Knee.Medial", "R.Ankle.Medial"]).mean())
    outer = float(hidden.sel(marker=["R.Knee", "L.Knee", "R.Ankle", "L.Ankle", "R.PSIS"]).mean())
    assert inner == pytest.approx(expected["inside_share"], rel=0.35)
    assert outer == pytest.approx(expected["share"], rel=0.5)
    assert float(hidden.sel(marker=["R.ASIS", "L.ASIS"]).mean()) == pytest.approx(0.02, rel=0.4)
    values = hidden.transpose("marker", "time").values.astype(int)
    bursts = (np.diff(values, axis=1) == 1).sum()
    assert values.sum() / bursts == pytest.approx(0.12 * RATE_HZ, rel=0.2)


def test_a_marker_may_fall_off(body, walk):
    seen = skin_markers(
        walk, person(body), rng=np.random.default_rng(5), errors=MarkerErrors(occlusion=0.0, lost_share=0.2)
    )
    lost = seen.isnull().all(["time", "axis"])
    assert 0 < int(lost.sum()) < seen.sizes["marker"] / 2
    assert not seen.sel(marker=~lost).isnull().any()


def test_the_order_of_markers_does_not_matter(body, walk):
    some = walk.sel(marker=["LANK", "RANK", "RTIB", "LASI", "RASI"])
    one = skin_markers(some, person(body), rng=np.random.default_rng(1), errors=SKIN_ONLY)
    other = skin_markers(some[:, ::-1], person(body), rng=np.random.default_rng(2), errors=SKIN_ONLY)
    xr.testing.assert_allclose(one, other.sel(marker=one["marker"]))


def test_the_same_seed_gives_the_same_markers(body, walk):
    first, again, other = (
        skin_markers(walk, person(body), rng=np.random.default_rng(seed)) for seed in (6, 6, 7)
    )
    xr.testing.assert_identical(first, again)
    assert not first.equals(other)


def test_slow_cameras_need_no_filter(body):
    slow = move(body, rate_hz=12.0)
    assert np.isfinite(skin(body, slow)).all()


def test_everything_wrong_is_named(body, walk):
    with pytest.raises(ValueError, match="no markers to attach"):
        attach_markers((), rng=np.random.default_rng(0))
    few = walk[:3].assign_coords(marker=["X1", *walk["marker"].values[1:]])
    few = few.where(few["marker"] != "LTHI")
    with pytest.raises(
        ValueError,
        match=r"not attached to the person: X1; 3 frame\(s\), expected 10 or more; the truth has gaps",
    ):
        skin_markers(few, person(body), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"zero or more, but got noise -1"):
        MarkerErrors(noise=-1.0)
    with pytest.raises(ValueError, match=r"lost_share is a probability, but got 2"):
        MarkerErrors(lost_share=2.0)
