r"""What an association may say of causes, and what it may not.

Walking and health were seen at one time, so adjustment can remove what was measured and nothing else. How strong would
something unmeasured have to be? The robustness value is the share of what is left of both walking and target that it
would have to explain to bring the partial correlation to nought; the E-value is the same as a risk ratio with both.
Negative controls, targets of which walking cannot know, say whether the tests hold. In a synthetic cohort the true
graph is known and is set beside what was concluded.

References
----------
Cinelli and Hazlett (2020), doi:10.1111/rssb.12348. VanderWeele and Ding (2017), doi:10.7326/M16-2607. Chinn (2000),
doi:10.1002/1097-0258(20001130)19:22<3127::AID-SIM784>3.0.CO;2-M. Lipsitch (2010), Epidemiology 21(3):383-388.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gaitbook.studies.known_causes import TARGETS

ARROW_COLUMNS: Final = ("cause", "effect", "weight", "sex")
BOTH: Final = "both"
SIGNIFICANT: Final = 0.05
RISK_PER_DEVIATION: Final = 0.91
"""Logarithm of the risk ratio that a difference of one standard deviation stands for (VanderWeele and Ding 2017)."""


@dataclass(frozen=True)
class Sensitivity:
    """How strong something unmeasured would have to be.

    Parameters
    ----------
    r, n
        Partial correlation, and people.
    robustness
        Share of what is left of both that would bring it to nought.
    robustness_of_sign
        The same until the correlation is no longer significant at 5 %.
    e_value, e_value_of_limit
        As risk ratios, for the correlation and for the nearer end of its 95 % interval; 1 if that reaches nought.
    """

    r: float
    n: int
    robustness: float
    robustness_of_sign: float
    e_value: float
    e_value_of_limit: float


def judge_sensitivity(r: float, n: int, *, covariates: int) -> Sensitivity:
    """Sensitivity of a partial correlation to what was not measured.

    Parameters
    ----------
    r
        Partial correlation of the target with what walking tells of it.
    n
        People.
    covariates
        How many were adjusted for.

    Raises
    ------
    ValueError
        The correlation is not between -1 and 1, or there are too few people; all faults are named.
    """
    freedom = n - covariates - 2
    faults = [] if -1.0 < r < 1.0 else [f"r is {r:g}, not between -1 and 1"]
    if freedom < 2:  # noqa: PLR2004 - the limit is taken with one degree of freedom less
        faults.append(f"{n} people and {covariates} covariates leave {freedom} degrees of freedom")
    if faults:
        raise ValueError("Sensitivity cannot be judged: " + "; ".join(faults))
    t = r * np.sqrt(freedom / (1.0 - r**2))
    reach = np.arctanh(abs(r)) - 1.959964 / np.sqrt(max(freedom - 1, 1))
    values = (
        robustness_value(t, freedom),
        robustness_value(t, freedom, alpha=SIGNIFICANT),
        e_value(risk_ratio(r)),
        e_value(risk_ratio(float(np.tanh(max(reach, 0.0))))),
    )
    return Sensitivity(r, n, *values)


def robustness_value(t: float, freedom: int, *, share: float = 1.0, alpha: float | None = None) -> float:
    r"""Robustness value of a regression coefficient.

    .. math:: \tfrac{1}{2} (\sqrt{f^4 + 4 f^2} - f^2), \qquad f = q |t| / \sqrt{\nu}

    Parameters
    ----------
    t, freedom
        Student's t of the coefficient, and its degrees of freedom :math:`\nu`.
    share
        Share :math:`q` of the coefficient that is to be explained away.
    alpha
        If given, only until the coefficient is not significant at this level: :math:`f` is reduced by
        :math:`|t_\alpha| / \sqrt{\nu - 1}`.

    Examples
    --------
    The example of Cinelli and Hazlett (2020, table 1):

    >>> round(robustness_value(4.18445, 783), 3), round(robustness_value(4.18445, 783, alpha=0.05), 3)
    (0.139, 0.076)
    """
    from scipy.stats import t as student

    whole = share * abs(t) / np.sqrt(freedom)
    limit = 0.0 if alpha is None else float(student.isf(alpha / 2, freedom - 1) / np.sqrt(freedom - 1))
    left = whole - limit
    if left <= 0:
        return 0.0
    if limit > 0 and whole > 1.0 / limit:
        return float((whole**2 - limit**2) / (1.0 + whole**2))
    return float((np.sqrt(left**4 + 4.0 * left**2) - left**2) / 2.0)


def risk_ratio(r: float) -> float:
    r"""Risk ratio that a correlation stands for, :math:`\exp(0.91\, d)` with :math:`d = 2 r / \sqrt{1 - r^2}`."""
    return float(np.exp(RISK_PER_DEVIATION * 2.0 * r / np.sqrt(1.0 - r**2)))


def e_value(ratio: float) -> float:
    r"""E-value of a risk ratio, :math:`R + \sqrt{R (R - 1)}`, of its inverse if it is below one.

    Examples
    --------
    Smoking and lung cancer (VanderWeele and Ding 2017):

    >>> round(e_value(10.73), 2)
    20.95
    """
    above = max(ratio, 1.0 / ratio)
    return float(above + np.sqrt(above * (above - 1.0)))


def judge_controls(tests: pd.DataFrame, controls: list[str]) -> pd.DataFrame:
    """How often targets of which walking cannot know were found nevertheless, by sex.

    Parameters
    ----------
    tests
        One row per sex and phenotype: sex, phenotype, p.
    controls
        Phenotypes declared beforehand as negative controls.

    Returns
    -------
    pandas.DataFrame
        By sex: n, found (p below 0.05), share with low and high (Clopper and Pearson, 95 %, as if controls were
        independent), holds (whether the interval has 0.05 in it).

    Raises
    ------
    ValueError
        There is no control, or one was not tested.
    """
    from statsmodels.stats.proportion import proportion_confint

    judged = tests[tests["phenotype"].isin(controls)].dropna(subset=["p"])
    absent = sorted(set(controls) - set(judged["phenotype"]))
    if absent or not controls:
        raise ValueError(
            f"{len(absent)} negative controls were not tested: {', '.join(absent) or 'name some'}"
        )
    found = judged["p"] < SIGNIFICANT
    table = found.groupby(judged["sex"]).agg(n="size", found="sum").reset_index()
    low, high = proportion_confint(table["found"], table["n"], method="beta")
    table = table.assign(share=table["found"] / table["n"], low=low, high=high)
    return table.assign(holds=(table["low"] <= SIGNIFICANT) & (table["high"] >= SIGNIFICANT))


def arrows_of(graph: pd.DataFrame, target: str, sex: str, *, styles: list[str]) -> pd.DataFrame:
    """Arrows of the true graph that bear upon a target and walking: what a conclusion is to be held against.

    Parameters
    ----------
    graph
        As given by `gaitbook.synthesis.phenotype_graph.true_graph`: cause, effect, weight, sex.
    target
        A phenotype.
    sex
        ``"female"`` or ``"male"``.
    styles
        Names of the styles of walking.

    Returns
    -------
    pandas.DataFrame
        Columns cause, effect, weight, role: arrows to the target (``"to the target"``, first through what it repeats),
        and from the same causes to styles (``"to walking"``).

    Raises
    ------
    ValueError
        Columns are missing.
    """
    missing = [name for name in ARROW_COLUMNS if name not in graph]
    if missing:
        raise ValueError(f"The graph has no column {', '.join(missing)}: pass what true_graph returns")
    own = graph[graph["sex"].isin([sex, BOTH])]
    reached, found = [target], []
    for effect in reached:
        into = own[own["effect"] == effect]
        found.append(into.assign(role="to the target"))
        reached += [each for each in into["cause"] if each in set(own["effect"]) - set(styles) - set(reached)]
    upstream = pd.concat(found)
    walking = own[own["cause"].isin(upstream["cause"]) & own["effect"].isin(styles)].assign(role="to walking")
    listed = pd.concat([upstream, walking])[["cause", "effect", "weight", "role"]]
    return listed.reset_index(drop=True)


def state_cause(
    target: str,
    sensitivity: Sensitivity,
    arrows: pd.DataFrame | None = None,
    *,
    adjusted: Sequence[str] = tuple(TARGETS),
) -> str:
    """What may be concluded of a target, in words.

    Parameters
    ----------
    target
        Its name.
    sensitivity
        Of `judge_sensitivity`.
    arrows
        Of `arrows_of`, in a synthetic cohort.
    adjusted
        Causes, as the graph names them, that were adjusted for.
    """
    words = (
        f"Walking is associated with {target} beyond the covariates (partial r = {sensitivity.r:.2f}, "
        f"n = {sensitivity.n}). That is no cause: something unmeasured that explains "
        f"{sensitivity.robustness:.1%} of what is left of both would be enough to make it "
        f"({sensitivity.robustness_of_sign:.1%} to make it insignificant; E-value {sensitivity.e_value:.2f}, "
        f"of the limit {sensitivity.e_value_of_limit:.2f})."
    )
    return words if arrows is None else f"{words} {_state_truth(target, arrows, adjusted)}"


def _state_truth(target: str, arrows: pd.DataFrame, adjusted: Sequence[str]) -> str:
    shared = list(dict.fromkeys(arrows.loc[arrows["role"] == "to walking", "cause"]))
    left = [name for name in shared if name not in adjusted]
    if not shared:
        return f"In this synthetic cohort nothing causes both walking and {target}."
    if not left:
        return f"In this synthetic cohort all that causes both was adjusted for: {', '.join(shared)}."
    return (
        f"In this synthetic cohort walking does not act on {target}: beyond what was adjusted for, both come of "
        f"{', '.join(left)}."
    )
