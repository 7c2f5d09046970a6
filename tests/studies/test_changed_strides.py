import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.representation.gait_change import UNIT_DOSES, GaitChange, encode_request
from gaitbook.representation.stride_numbers import NAMES, decode_strides, encode_stride
from gaitbook.studies.change_limits import UNUSUAL
from gaitbook.studies.changed_strides import (
    CARRIED,
    FARTHEST,
    LEAST_STANCE,
    MOST_BEYOND,
    NEAREST,
    change_stride,
    fill_stride,
    mean_of_draws,
    own_distance,
)
from tests.studies.stub_walkers import (
    ALONG,
    LIMITS,
    OWN_SPEED_MPS,
    SCORES,
    TOLD,
    card,
    linear_model,
    still_model,
    walker,
)

LEAN_RAD = LIMITS["trunk_lean_rad"][1]
LEAN = GaitChange(trunk_lean_rad=LEAN_RAD)


@pytest.fixture(scope="module")
def stride():
    return walker()[0]


def moved(drawn, stride, score):
    """How far a score of the only draw went from the own."""
    row = encode_stride(drawn.isel(draw=0)) - encode_stride(stride)
    return float(row[NAMES.index(ALONG[score])])


def test_the_own_gait_of_a_network_that_changes_nothing_is_the_own_stride(stride):
    drawn = change_stride(stride, GaitChange(), still_model(), draws=3)
    own = decode_strides(encode_stride(stride).repeat(3, 1), stride)
    xr.testing.assert_allclose(drawn.drop_attrs(), own.drop_attrs(), rtol=1e-6, atol=1e-6)


def test_draws_have_the_variables_of_a_stride_and_the_person(stride):
    drawn = change_stride(stride, GaitChange(), still_model(), draws=3)
    assert drawn.sizes["draw"] == 3
    assert set(drawn.data_vars) == {*stride.data_vars, "period_s"}
    for name in ("subject", "height_m", "mass_kg", "gait"):
        assert drawn.attrs[name] == stride.attrs[name]


def test_what_was_asked_is_told_in_the_attributes(stride):
    change = GaitChange(trunk_lean_rad=0.2, speed_mps=1.6)
    told = change_stride(stride, change, still_model(), draws=2).attrs
    assert told["speed_mps"] == 1.6
    assert (told["change"], told["kind"]) == (change.label, change.kind)
    assert (told["beyond"], told["warning"]) == (1.0, "")
    own = change_stride(stride, GaitChange(), still_model(), draws=2).attrs
    assert own["speed_mps"] == OWN_SPEED_MPS
    assert own["kind"] == "own gait"


def test_the_own_stride_is_left_as_it_was(stride):
    before = stride.copy(deep=True)
    change_stride(stride, GaitChange(trunk_lean_rad=0.2, speed_mps=1.6), linear_model(), draws=2)
    xr.testing.assert_identical(stride, before)


def test_a_dose_is_answered_as_the_network_says(stride):
    drawn = change_stride(
        stride, GaitChange(trunk_lean_rad=UNIT_DOSES["trunk_lean_rad"]), linear_model(), draws=1
    )
    assert moved(drawn, stride, 0) == pytest.approx(10.0, abs=1e-3)
    assert [moved(drawn, stride, score) for score in range(1, SCORES)] == pytest.approx([0.0] * 7, abs=1e-3)


def test_the_network_is_told_the_request_in_its_order(stride):
    change = GaitChange(toe_out_rad=0.1, speed_mps=1.5)
    drawn = change_stride(stride, change, linear_model(slope=torch.eye(TOLD)[-SCORES:]), draws=1)
    request = encode_request(change, OWN_SPEED_MPS).tolist()
    assert [moved(drawn, stride, score) for score in range(2, SCORES)] == pytest.approx(request, abs=1e-3)


def test_what_the_model_makes_of_the_person_alone_drops_out(stride):
    drawn = change_stride(stride, GaitChange(), linear_model(slope=torch.ones(SCORES, TOLD)), draws=1)
    assert [moved(drawn, stride, score) for score in range(SCORES)] == pytest.approx([0.0] * SCORES, abs=1e-3)
    noisy = change_stride(stride, GaitChange(), linear_model(deviation=1.0), draws=4)
    assert noisy["joint_angle"].std("draw").max() < 1e-6


@pytest.mark.parametrize(
    ("times", "carried"), [(0.5, 0.5), (1.0, 1.0), (1.3, 1.3), (1.5, 1.5), (3.0, FARTHEST)]
)
def test_the_trend_is_carried_on_to_one_and_a_half_times_what_was_seen(stride, times, carried):
    drawn = change_stride(stride, GaitChange(trunk_lean_rad=times * LEAN_RAD), linear_model(), draws=1)
    seen = 10.0 * LEAN_RAD / UNIT_DOSES["trunk_lean_rad"]
    assert moved(drawn, stride, 0) == pytest.approx(carried * seen, rel=1e-4)
    assert drawn.attrs["beyond"] == pytest.approx(max(1.0, times))


def test_draws_are_spread_wider_where_the_trend_is_carried_on(stride):
    place = NAMES.index(ALONG[1])

    def spread(times):
        change = GaitChange(trunk_lean_rad=times * LEAN_RAD)
        drawn = change_stride(stride, change, linear_model(deviation=1.0, growth=1.0), draws=6)
        return np.std([float(encode_stride(drawn.isel(draw=draw))[place]) for draw in range(6)])

    assert spread(1.0) > 0.1
    assert spread(1.4) == pytest.approx(1.4 * spread(1.0), rel=1e-3)


def test_what_is_beyond_is_warned_of_and_counts_up_to_ten_times(stride):
    change = GaitChange(trunk_lean_rad=30.0 * LEAN_RAD, step_width_m=0.6)
    told = change_stride(stride, change, still_model(), draws=2).attrs
    assert told["beyond"] == MOST_BEYOND
    for words in ("trunk lean of 602°", "(up to 20°)", "step width by +60 cm", "(up to +15 cm)"):
        assert words in told["warning"]
    assert told["warning"].endswith("(up to +15 cm). " + CARRIED)


def test_a_dose_that_was_never_seen_gives_the_own_stride_with_the_widest_warning(stride):
    drawn = change_stride(stride, GaitChange(trunk_lean_rad=-0.2), linear_model(), draws=1)
    assert drawn.attrs["beyond"] == MOST_BEYOND
    assert moved(drawn, stride, 0) == pytest.approx(0.0, abs=1e-3)


def test_the_same_seed_draws_the_same_strides(stride):
    change, model = GaitChange(trunk_lean_rad=0.1), linear_model(deviation=1.0, growth=1.0)
    first, again, other = (change_stride(stride, change, model, draws=4, seed=seed) for seed in (1, 1, 2))
    xr.testing.assert_identical(first, again)
    assert not np.allclose(first["joint_angle"], other["joint_angle"])


def test_nobody_stands_for_less_than_the_shortest_stance(stride):
    slope = torch.zeros(SCORES, TOLD)
    slope[5:7, 6] = -1000.0
    share = change_stride(stride, GaitChange(trunk_lean_rad=0.2), linear_model(slope=slope), draws=2)
    assert share["stance_share"].values == pytest.approx(np.full((2, 2), LEAST_STANCE / 100.0))


@pytest.mark.parametrize(("asked_mps", "nearest_mps"), [(6.0, 2.0), (0.3, 0.6)])
def test_a_speed_beyond_is_answered_at_the_nearest_and_never_carried_on(stride, asked_mps, nearest_mps):
    drawn, at_limit = (
        change_stride(stride, GaitChange(speed_mps=speed_mps), linear_model(), draws=1)
        for speed_mps in (asked_mps, nearest_mps)
    )
    xr.testing.assert_equal(drawn, at_limit)
    assert drawn.attrs["speed_mps"] == nearest_mps
    assert drawn.attrs["warning"].endswith(NEAREST)
    assert drawn.attrs["beyond"] > at_limit.attrs["beyond"] == 1.0


def test_what_the_model_makes_of_the_person_stays_out_of_what_a_request_adds(stride):
    told = torch.ones(SCORES, TOLD)
    told[:, -6:] = linear_model().network.slope[:, -6:]
    change = GaitChange(trunk_lean_rad=UNIT_DOSES["trunk_lean_rad"])
    biased, plain = (
        change_stride(stride, change, model, draws=1) for model in (linear_model(slope=told), linear_model())
    )
    xr.testing.assert_allclose(biased.drop_attrs(), plain.drop_attrs(), atol=1e-4)


def test_a_gait_that_was_not_learned_is_refused(stride):
    with pytest.raises(ValueError, match="has learned no running, only walking"):
        change_stride(stride.assign_attrs(gait="run"), GaitChange(), still_model())


def test_an_unusual_person_is_warned_of_whatever_is_asked(stride):
    far = {"mean": [-4.0] * SCORES, "deviation": [1.0] * SCORES}
    model = still_model(own={"walk": far})
    assert UNUSUAL < own_distance(stride, model) == pytest.approx(4.0, rel=1e-3)
    told = change_stride(stride, GaitChange(), model, draws=2).attrs
    assert "own stride is 4.0 times as far" in told["warning"]
    assert told["beyond"] == 1.0


def test_the_distance_of_a_stride_is_counted_in_deviations_of_its_gait(stride):
    usual = {"mean": [-6.0] * SCORES, "deviation": [2.0] * SCORES}
    assert own_distance(stride, still_model(own={"walk": usual})) == pytest.approx(3.0, rel=1e-3)
    assert own_distance(stride, still_model(own={})) == 1.0
    assert own_distance(stride, still_model(own=card()["own"])) == pytest.approx(0.0, abs=1e-3)


def test_what_was_not_measured_of_a_stride_is_filled_by_the_usual(stride):
    seen = stride.drop_sel(coordinate=["lumbar_bending", "elbow_flex_l"])
    filled = fill_stride(seen, still_model())
    assert filled.sizes["draw"] == 1
    assert not filled["joint_angle"].isnull().any()
    own = decode_strides(encode_stride(stride)[None], stride)
    xr.testing.assert_allclose(filled["joint_angle"], own["joint_angle"], atol=1e-5)
    drawn = change_stride(seen, GaitChange(), still_model(), draws=1)
    xr.testing.assert_allclose(drawn["joint_angle"], filled["joint_angle"], atol=1e-5)


def test_the_mean_of_draws_is_one_stride(stride):
    drawn = change_stride(stride, LEAN, linear_model(deviation=1.0, growth=1.0), draws=5)
    mean = mean_of_draws(drawn)
    assert "draw" not in mean.dims
    assert "period_s" not in mean
    assert mean.attrs["period_s"] == pytest.approx(float(drawn["period_s"].mean()))
    assert mean.attrs["change"] == LEAN.label
    assert mean["joint_angle"].attrs["units"] == "rad"
    np.testing.assert_allclose(mean["joint_angle"], drawn["joint_angle"].mean("draw"))
