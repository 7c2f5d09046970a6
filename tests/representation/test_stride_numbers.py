import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.conventions import FEET
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.stride import mean_stride
from gaitbook.representation.stride_numbers import (
    HARMONICS,
    NAMES,
    NUMBERS,
    SMALL,
    SMALL_TIMING,
    WAVES,
    decode_strides,
    encode_stride,
)
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people

LOST = {"joint_angle": 5e-4, "pelvis_offset": 5e-5}
"""rad, m: what is beyond the harmonics of a walk."""


@pytest.fixture(scope="module")
def walk():
    """Stride of one person who walks."""
    person = draw_people(5, seed=0).iloc[0]
    trial = simulate_gait(person, speed_mps=1.3, gait="walk", styles={}, duration_s=3.5, variability=0.0)
    return mean_stride(trial, person_body(trial.attrs))


@pytest.fixture(scope="module")
def row(walk):
    return encode_stride(walk)


def number(row, name):
    return float(row[..., NAMES.index(name)])


def with_wave(walk, coordinate, values):
    angle = walk["joint_angle"].copy(deep=True)
    angle.loc[{"coordinate": coordinate}] = values
    return walk.assign(joint_angle=angle)


def test_every_number_has_a_name_of_its_own(row):
    assert row.shape == (NUMBERS,) == (len(set(NAMES)),)
    assert row.dtype == torch.float32
    assert torch.isfinite(row).all()


def test_a_decoded_stride_is_the_stride(walk, row):
    decoded = decode_strides(row[None], walk).isel(draw=0)
    for name, array in walk.data_vars.items():
        assert decoded[name].dims == array.dims
        assert decoded[name].attrs.get("units") == array.attrs.get("units")
        np.testing.assert_allclose(
            decoded[name].values, array.values, rtol=1e-6, atol=LOST.get(name, 1e-4), err_msg=name
        )
    assert float(decoded["period_s"]) == pytest.approx(walk.attrs["period_s"])


def test_decoded_numbers_are_encoded_again_as_they_were(walk, row):
    changed = torch.stack([row, row + torch.linspace(-1.0, 1.0, NUMBERS)])
    changed[1, NAMES.index("log_speed")] = row[NAMES.index("log_speed")]
    decoded = decode_strides(changed, walk)
    for draw, wanted in enumerate(changed):
        again = encode_stride(decoded.isel(draw=draw))
        assert again.numpy() == pytest.approx(wanted.numpy(), abs=1e-3, rel=1e-5)


def test_every_draw_is_decoded_as_if_alone(walk, row):
    rows = row + torch.randn((4, NUMBERS), generator=torch.Generator().manual_seed(0))
    together = decode_strides(rows, walk)
    for draw in range(4):
        alone = decode_strides(rows[draw : draw + 1], walk).isel(draw=0, drop=True)
        xr.testing.assert_allclose(together.isel(draw=draw, drop=True), alone, rtol=1e-12)


@pytest.mark.parametrize("harmonic", [0, 1, HARMONICS])
def test_a_single_wave_is_a_single_number(walk, harmonic):
    knee = "knee_angle_r"
    wave = np.cos(2.0 * np.pi * harmonic * walk["phase"].values)
    own = encode_stride(with_wave(walk, knee, SMALL["angle"] * wave))
    own = own[[NAMES.index(f"angle/{knee}/{place}") for place in range(WAVES)]]
    expected = np.zeros(WAVES)
    expected[max(2 * harmonic - 1, 0)] = np.sqrt(0.5) if harmonic else 1.0
    assert own.numpy() == pytest.approx(expected, abs=1e-6)


def test_what_is_faster_than_the_harmonics_is_left_out(walk):
    fast = np.sin(2.0 * np.pi * (HARMONICS + 1) * walk["phase"].values)
    own = encode_stride(with_wave(walk, "knee_angle_r", fast))
    assert number(own, "angle/knee_angle_r/32") == pytest.approx(0.0, abs=1e-5)
    assert decode_strides(own[None], walk)["joint_angle"].sel(
        coordinate="knee_angle_r"
    ).values == pytest.approx(0.0, abs=1e-6)


def test_the_distance_of_two_rows_is_that_of_their_angles_in_small_differences(walk, row):
    step = 0.1 * np.sin(2.0 * np.pi * 3 * walk["phase"].values + 0.4)
    other = with_wave(walk, "hip_flexion_l", walk["joint_angle"].sel(coordinate="hip_flexion_l") + step)
    apart = float(torch.linalg.vector_norm(encode_stride(other) - row))
    assert apart == pytest.approx(np.sqrt(np.mean(step**2)) / SMALL["angle"], rel=1e-4)


def test_unknown_coordinates_are_nan_and_nothing_else_is(walk, row):
    seen = walk.drop_sel(coordinate=["elbow_flex_l", "subtalar_angle_r"])
    unknown = torch.isnan(encode_stride(seen))
    names = {name.rsplit("/", 1)[0] for name, absent in zip(NAMES, unknown, strict=True) if absent}
    assert names == {"angle/elbow_flex_l", "angle/subtalar_angle_r"}
    assert int(unknown.sum()) == 2 * WAVES
    torch.testing.assert_close(encode_stride(seen)[~unknown], row[~unknown])
    decoded = decode_strides(encode_stride(seen)[None], walk)["joint_angle"]
    absent = decoded["coordinate"][decoded.isnull().all(("draw", "phase"))]
    assert set(absent.values) == {"elbow_flex_l", "subtalar_angle_r"}


def test_the_order_of_coordinates_axes_and_feet_does_not_matter(walk, row):
    turned = walk.isel(coordinate=slice(None, None, -1), axis=[2, 0, 1], foot=[1, 0])
    torch.testing.assert_close(encode_stride(turned), row)
    assert decode_strides(row[None], turned)["coordinate"].values.tolist() == list(ANGLES)


def test_a_heavier_person_who_moves_alike_has_the_same_numbers(walk, row):
    loads = {name: 1.5 * walk[name] for name in ("stance_force", "stance_lever", "stance_free_moment")}
    heavy = walk.assign(loads).assign_attrs(mass_kg=1.5 * walk.attrs["mass_kg"])
    torch.testing.assert_close(encode_stride(heavy), row)


def test_a_taller_person_who_moves_alike_has_the_same_numbers(walk, row):
    lengths = {name: 1.2 * walk[name] for name in ("pelvis_offset", "stance_lever", "stance_free_moment")}
    tall = walk.assign(lengths).assign_attrs(height_m=1.2 * walk.attrs["height_m"])
    torch.testing.assert_close(encode_stride(tall), row)


def test_the_size_of_who_is_told_is_given_to_the_stride(walk, row):
    tall = walk.assign_attrs(height_m=1.2 * walk.attrs["height_m"], mass_kg=1.5 * walk.attrs["mass_kg"])
    own, other = (decode_strides(row[None], person) for person in (walk, tall))
    ratios = {
        "joint_angle": 1.0,
        "pelvis_offset": 1.2,
        "stance_force": 1.5,
        "stance_lever": 1.8,
        "stance_free_moment": 1.8,
        "strike": 1.0,
        "period_s": 1.0,
    }
    for name, ratio in ratios.items():
        np.testing.assert_allclose(other[name], ratio * own[name], rtol=1e-9, atol=1e-12, err_msg=name)


def test_timing_period_and_speed_are_counted_in_hundredths(walk, row):
    assert number(row, "left_strike") * SMALL_TIMING == pytest.approx(float(walk["strike"][1]))
    for foot in FEET:
        share = float(walk["stance_share"].sel(foot=foot))
        assert number(row, f"stance_{foot}") * SMALL_TIMING == pytest.approx(share)
    for name in ("period_s", "speed_mps"):
        told = number(row, f"log_{name.split('_')[0]}") * SMALL_TIMING
        assert np.exp(told) == pytest.approx(walk.attrs[name])


def test_the_right_foot_lands_at_the_beginning_of_every_draw(walk, row):
    assert not decode_strides(row.repeat(3, 1), walk)["strike"].sel(foot="right").any()
