"""Functions of OpenSim models: constant, linear, polynomial, cubic spline, and multiples of them.

A scaled model wraps its splines in ``MultiplierFunction``; polynomials and splines are linear in their coefficients
and values, so the factor is folded into these and no wrapper remains.
"""

from collections.abc import Callable
from itertools import pairwise
from xml.etree.ElementTree import Element

from gaitbook.body_model import ZERO, Function, Polynomial, Spline
from gaitbook.readers.osim_xml import inner_object, number, numbers

FEWEST_KNOTS = 2
LINEAR_COEFFICIENTS = 2


def read_function(element: Element, place: str, faults: list[str], factor: float = 1.0) -> Function:
    """Function that an element describes, times ``factor``.

    Parameters
    ----------
    element
        ``<Constant>``, ``<LinearFunction>``, ``<PolynomialFunction>``, ``<SimmSpline>`` (also under its former
        names ``natCubicSpline`` and ``NaturalCubicSpline``) or ``<MultiplierFunction>``.
    place
        Where the function stands, in the user's words, for messages.
    faults
        Takes a line for everything that cannot be read; the function is then zero.
    factor
        What the values are multiplied by.
    """
    if element.tag == "MultiplierFunction":
        inner = inner_object(element, "function")
        if inner is None:
            faults.append(f"{place}: the MultiplierFunction holds no function")
            return ZERO
        return read_function(inner, place, faults, factor * number(element, "scale", 1.0, faults))
    if element.tag not in READERS:
        faults.append(f"{place}: functions of type {element.tag} are not supported")
        return ZERO
    return READERS[element.tag](element, place, faults, factor)


def is_constant(function: Function) -> bool:
    """Whether the function has the same value everywhere."""
    if isinstance(function, Spline):
        return len(set(function.values)) == 1
    return not any(function.coefficients[1:])


def _constant(element: Element, _: str, faults: list[str], factor: float) -> Function:
    return Polynomial((factor * number(element, "value", 0.0, faults),))


def _linear(element: Element, place: str, faults: list[str], factor: float) -> Function:
    coefficients = numbers(element, "coefficients", faults) or (1.0, 0.0)
    if len(coefficients) != LINEAR_COEFFICIENTS:
        faults.append(
            f"{place}: the LinearFunction has {len(coefficients)} coefficients, not slope and offset"
        )
        return ZERO
    slope, offset = coefficients
    return Polynomial((factor * offset, factor * slope))


def _polynomial(element: Element, place: str, faults: list[str], factor: float) -> Function:
    highest_first = numbers(element, "coefficients", faults)
    if not highest_first:
        faults.append(f"{place}: the PolynomialFunction has no coefficients")
        return ZERO
    return Polynomial(tuple(factor * value for value in reversed(highest_first)))


def _spline(element: Element, place: str, faults: list[str], factor: float) -> Function:
    arguments, values = numbers(element, "x", faults), numbers(element, "y", faults)
    if len(arguments) != len(values) or len(arguments) < FEWEST_KNOTS:
        faults.append(
            f"{place}: the {element.tag} has {len(arguments)} x and {len(values)} y, not two or more of each"
        )
        return ZERO
    if any(after <= before for before, after in pairwise(arguments)):
        faults.append(f"{place}: the x of the {element.tag} do not increase")
        return ZERO
    return Spline(arguments, tuple(factor * value for value in values))


READERS: dict[str, Callable[[Element, str, list[str], float], Function]] = {
    "Constant": _constant,
    "LinearFunction": _linear,
    "PolynomialFunction": _polynomial,
    "SimmSpline": _spline,
    "NaturalCubicSpline": _spline,
    "natCubicSpline": _spline,
}
