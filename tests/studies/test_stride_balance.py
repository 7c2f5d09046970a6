import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.representation.stride_numbers import decode_strides, encode_stride
from gaitbook.studies.stride_balance import FORCE, INSTANTS, imbalance
from tests.studies.stride_people import answer

TURN = 4
"""Moment about the vertical: more upward force under the same moments moves the pressure, not in proportion."""


def pushed(stride, percent):
    """A stride with some more upward force, percent of body weight, in the middle of every stance."""
    weight_n = float(stride.attrs["mass_kg"]) * GRAVITY_MPS2
    force = stride["stance_force"].copy(deep=True)
    force.loc[{"axis": "y"}] += percent / 100.0 * weight_n * bump(stride)
    return stride.assign(stance_force=force)


def bump(stride):
    share = np.linspace(0.0, 1.0, stride.sizes["stance"])
    return xr.DataArray(np.sin(np.pi * share) ** 2, dims="stance")


@pytest.fixture(scope="module")
def own():
    known = answer()
    return known.true_own, known.body


@pytest.fixture(scope="module")
def lacking(own):
    return imbalance(*own)


def test_a_balanced_stride_lacks_nothing_but_what_smooth_curves_lose_at_landing(lacking):
    assert lacking.shape == (1, 6 * INSTANTS)
    assert np.sqrt(np.mean(lacking**2)) < 0.3
    assert np.median(np.abs(lacking)) < 0.1


def test_what_is_added_to_the_force_is_lacking_then_in_proportion(own, lacking):
    stride, body = own
    once, twice = (imbalance(pushed(stride, percent), body) - lacking for percent in (1.0, 2.0))
    linear = np.arange(6 * INSTANTS) // INSTANTS != TURN
    np.testing.assert_allclose(twice[:, linear], 2.0 * once[:, linear], atol=1e-6)
    np.testing.assert_allclose(twice[:, ~linear], 2.0 * once[:, ~linear], atol=0.001)
    upward = once.reshape(6, INSTANTS)[1]
    assert upward.min() < -0.9 * 0.01 / FORCE
    assert np.abs(once.reshape(6, INSTANTS)[[0, 2]]).max() < 1e-9


def test_force_that_does_not_balance_turns_about_the_origin_too(own, lacking):
    stride, body = own
    more = (imbalance(pushed(stride, 1.0), body) - lacking).reshape(6, INSTANTS)
    assert np.abs(more[[3, 5]]).max() > 0.01
    assert np.abs(more[TURN]).max() < 0.05 * np.abs(more[[3, 5]]).max()


def test_draws_together_lack_what_each_lacks_alone(own):
    stride, body = own
    row = encode_stride(stride)
    rows = row.repeat(3, 1)
    rows[1, :40] += 0.5
    rows[2, 200:240] -= 0.5
    together = imbalance(decode_strides(rows, stride), body)
    alone = [imbalance(decode_strides(rows[place : place + 1], stride), body)[0] for place in range(3)]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert np.abs(together[1] - together[0]).max() > 0.1
