import numpy as np
import pytest

from gaitbook.synthesis.periodic import SeriesLayout, fourier_matrix, resize, shift_phase, spectral_derivative

PHASE = np.linspace(-0.7, 1.9, 53)


def series(harmonics, *shape, seed=0):
    return np.random.default_rng(seed).normal(size=(*shape, 1 + 2 * harmonics))


@pytest.fixture
def layout():
    return SeriesLayout(("one", "two", "three"), (3, 0, 5))


def test_a_series_is_the_sum_of_its_waves():
    a0, a1, b1, a2, b2 = 0.4, -1.0, 0.3, 0.2, 2.0
    known = (
        a0
        + a1 * np.cos(2 * np.pi * PHASE)
        + b1 * np.sin(2 * np.pi * PHASE)
        + a2 * np.cos(4 * np.pi * PHASE)
        + b2 * np.sin(4 * np.pi * PHASE)
    )
    np.testing.assert_allclose(fourier_matrix(PHASE, 2) @ [a0, a1, b1, a2, b2], known, atol=1e-14)


def test_a_series_repeats_every_stride():
    np.testing.assert_allclose(fourier_matrix(PHASE, 6), fourier_matrix(PHASE + 3.0, 6), atol=1e-12)


@pytest.mark.parametrize("derivative", [1, 2])
def test_derivatives_are_those_of_differences(derivative):
    step = 1e-5
    ahead, behind = (fourier_matrix(PHASE + sign * step, 4, derivative - 1) for sign in (1.0, -1.0))
    slope = (ahead - behind) / (2.0 * step)
    np.testing.assert_allclose(fourier_matrix(PHASE, 4, derivative), slope, atol=1e-5)


def test_the_second_derivative_of_a_wave_is_its_negative():
    order = 2.0 * np.pi * np.repeat([0, 1, 2, 3], [1, 2, 2, 2])
    np.testing.assert_allclose(
        fourier_matrix(PHASE, 3, 2), -(order**2) * fourier_matrix(PHASE, 3), rtol=1e-10, atol=1e-9
    )


@pytest.mark.parametrize("shift", [0.0, 0.13, 0.5, -0.4, 1.0])
def test_shifted_series_are_later(shift):
    coefficients = series(7)
    later = fourier_matrix(PHASE, 7) @ shift_phase(coefficients, shift)
    np.testing.assert_allclose(later, fourier_matrix(PHASE - shift, 7) @ coefficients, atol=1e-12)


def test_shifts_add_up_and_undo_one_another():
    coefficients = series(5, 3)
    twice = shift_phase(shift_phase(coefficients, 0.2), 0.3)
    np.testing.assert_allclose(twice, shift_phase(coefficients, 0.5), atol=1e-14)
    np.testing.assert_allclose(shift_phase(twice, -0.5), coefficients, atol=1e-14)


def test_half_a_stride_keeps_even_and_reverses_odd_harmonics():
    coefficients = series(4)
    sign = np.array([1, -1, -1, 1, 1, -1, -1, 1, 1])
    np.testing.assert_allclose(shift_phase(coefficients, 0.5), sign * coefficients, atol=1e-14)


def test_resizing_cuts_or_fills_up():
    coefficients = series(4, 2)
    longer, shorter = resize(coefficients, 6), resize(coefficients, 2)
    np.testing.assert_array_equal(longer[:, :9], coefficients)
    assert longer.shape == (2, 13)
    assert not longer[:, 9:].any()
    np.testing.assert_array_equal(shorter, coefficients[:, :5])


@pytest.mark.parametrize("count", [15, 16, 64])
@pytest.mark.parametrize("derivative", [1, 2])
def test_spectral_derivatives_are_exact_below_nyquist(count, derivative):
    harmonics = (count - 1) // 2
    grid, coefficients = np.arange(count) / count, series(harmonics)
    found = spectral_derivative(count, derivative) @ (fourier_matrix(grid, harmonics) @ coefficients)
    known = fourier_matrix(grid, harmonics, derivative) @ coefficients
    np.testing.assert_allclose(found, known, rtol=0, atol=1e-10 * np.abs(known).max())


def test_spectral_derivatives_have_no_mean():
    assert np.abs(spectral_derivative(64, 2).sum(axis=0)).max() < 1e-9


def test_a_layout_gives_every_coordinate_its_place(layout):
    assert layout.edges == (0, 7, 8, 19)
    assert layout.size == 19
    assert layout.part("two") == slice(7, 8)
    assert layout.order.tolist() == [0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert layout.owner.tolist() == [0] * 7 + [1] + [2] * 11


def test_gathering_and_splitting_undo_one_another(layout):
    vector = np.random.default_rng(1).normal(size=layout.size)
    np.testing.assert_array_equal(layout.gather(layout.split(vector)), vector)


def test_gathering_cuts_and_fills_up(layout):
    vector = layout.gather({"one": series(9), "three": np.array([2.0])})
    np.testing.assert_array_equal(vector[:7], series(9)[:7])
    assert vector[8] == 2.0
    assert not vector[9:].any()
    assert vector[7] == 0.0


@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_a_layout_evaluates_each_coordinate_by_itself(layout, derivative):
    vector = np.random.default_rng(2).normal(size=layout.size)
    values = layout.evaluate(vector, PHASE, derivative)
    assert values.shape == (len(PHASE), 3)
    for number, (name, harmonics) in enumerate(zip(layout.names, layout.harmonics, strict=True)):
        known = fourier_matrix(PHASE, harmonics, derivative) @ vector[layout.part(name)]
        np.testing.assert_allclose(values[:, number], known, atol=1e-10)
