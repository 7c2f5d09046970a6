r"""Why people walk the way they do: a structural causal model with known effects.

The score of style :math:`k` is

.. math:: s_k = f_k(\text{age, sex, BMI, visceral fat, vigor})
          + \sigma_k \Bigl(\sum_s M_{ks}^{\text{sex}} L_s + \varepsilon_k\Bigr),

where :math:`f_k` is linear, :math:`L_s` are independent standard normal scores of 18 body systems, :math:`M` moves
four styles per system and :math:`\sigma_k` makes the variance of :math:`s_k` about one. The graph is fixed; people
are drawn. It is invented: it tests methods against a known truth and says nothing about biology.
"""

from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import xarray as xr
import yaml

from gaitbook.conventions import SEXES
from gaitbook.synthesis.covariates import covariance_of, load_causes, standardize_covariates, weighted_sum
from gaitbook.synthesis.person_noise import draw_noise

SYSTEM_STREAM = 4101
STYLE_STREAM = 4102

STYLE_CAUSES = ("age", "sex", "bmi", "visceral_fat", "vigor")

LEAST_OWN_VARIANCE = 0.2
"""Share of a style's variance that no covariate may take, whatever the gains."""


@dataclass(frozen=True)
class CauseGains:
    """Factors on the effects upon styles, for calibration; one is the effect as written in the table.

    Attributes
    ----------
    age_gain, sex_gain, body_gain, vigor_gain
        On the direct effects of age, of sex, of body mass index and visceral fat, and of vigor (which falls with age).
    system_gain
        On the loadings of the body systems.
    """

    age_gain: float = 1.0
    sex_gain: float = 1.0
    body_gain: float = 1.0
    vigor_gain: float = 1.0
    system_gain: float = 1.0

    def __post_init__(self) -> None:
        """Check that every gain is a number from zero up."""
        wrong = [
            f"{each.name} is {getattr(self, each.name)}"
            for each in fields(self)
            if not 0 <= getattr(self, each.name) < np.inf
        ]
        if wrong:
            message = f"Gains are factors from zero up, but {', '.join(wrong)}."
            raise ValueError(message)


@dataclass(frozen=True)
class Causes:
    """Scores behind the gait of each person.

    Attributes
    ----------
    systems
        Hidden scores of the body systems (subject, system), independent standard normal.
    styles
        Style scores (subject, style), mean about zero and variance about one over all adults.
    gains
        The gains they were drawn with.
    """

    systems: pd.DataFrame
    styles: pd.DataFrame
    gains: CauseGains = field(default_factory=CauseGains)


def draw_causes(people: pd.DataFrame, *, seed: int = 0, gains: CauseGains | None = None) -> Causes:
    """System scores and style scores of each person.

    Parameters
    ----------
    people
        One row per person, as `gaitbook.synthesis.population.draw_people` returns it.
    seed
        Of the cohort. A person's row depends on this and on the person's ``number`` and covariates only.
    gains
        Factors on the effects; by default those of the table.

    Raises
    ------
    ValueError
        If the people table lacks columns or holds values that cannot be used.
    """
    gains = gains or CauseGains()
    covariates = standardize_covariates(people)
    numbers = people["number"].tolist()
    systems, styles = list(load_causes()["systems"]), list(load_styles())
    scores = pd.DataFrame(
        draw_noise(numbers, len(systems), seed=seed, stream=SYSTEM_STREAM).astype(float),
        index=covariates.index,
        columns=pd.Index(systems, name="system"),
    )
    own = draw_noise(numbers, len(styles), seed=seed, stream=STYLE_STREAM).astype(float)
    total = weighted_sum(covariates, style_effects(gains))
    for sex in SEXES:
        chosen = (people["sex"] == sex).to_numpy()
        loading = pd.DataFrame(system_loadings(gains).sel(sex=sex).to_numpy(), columns=systems)
        own_sd = own_spread(gains).sel(sex=sex).to_numpy()
        total[chosen] += weighted_sum(scores[chosen], loading) + own[chosen] * own_sd
    return Causes(
        scores, pd.DataFrame(total, index=covariates.index, columns=pd.Index(styles, name="style")), gains
    )


@cache
def load_styles() -> dict[str, str]:
    """Part of the body that shows each style, by style, in the order of ``styles.yml``."""
    text = files("gaitbook.synthesis").joinpath("styles.yml").read_text(encoding="utf-8")
    return {name: entry["part"] for name, entry in yaml.safe_load(text)["styles"].items()}


def style_effects(gains: CauseGains | None = None) -> pd.DataFrame:
    """Direct effects (style, cause) on the style scores per standard deviation of a covariate.

    For ``sex`` it is the difference of women from men.
    """
    gains = gains or CauseGains()
    factor = {
        "age": gains.age_gain,
        "sex": gains.sex_gain,
        "bmi": gains.body_gain,
        "visceral_fat": gains.body_gain,
        "vigor": gains.vigor_gain,
    }
    written = load_causes()["style_effects"]
    rows = [
        [written.get(style, {}).get(name, 0.0) * factor[name] for name in STYLE_CAUSES]
        for style in load_styles()
    ]
    return pd.DataFrame(
        rows,
        index=pd.Index(load_styles(), name="style"),
        columns=pd.Index(STYLE_CAUSES, name="cause"),
        dtype=float,
    )


def system_loadings(gains: CauseGains | None = None) -> xr.DataArray:
    """Effects (style, system, sex) of one unit of a system score on the style scores."""
    gains = gains or CauseGains()
    return (_relative_loadings() * gains.system_gain * own_spread(gains)).rename("loading")


def own_spread(gains: CauseGains | None = None) -> xr.DataArray:
    """Standard deviation (style, sex) of what only the person's own chance adds to a style score."""
    gains = gains or CauseGains()
    effects = style_effects(gains)
    explained = np.einsum("kc,cd,kd->k", effects, covariance_of(STYLE_CAUSES), effects)
    left = xr.DataArray(np.maximum(1 - explained, LEAST_OWN_VARIANCE), {"style": list(effects.index)})
    return (left / (1 + ((_relative_loadings() * gains.system_gain) ** 2).sum("system"))) ** 0.5


@cache
def _relative_loadings() -> xr.DataArray:
    """Loadings (style, system, sex) in units of the spread of what else makes a style.

    Each system's loadings are scaled to the same root mean square, so that none is silent by bad luck.
    """
    described, styles = load_causes(), load_styles()
    rules = described["loadings"]
    rng = np.random.default_rng(described["graph_seed"])
    shape = {"style": list(styles), "system": list(described["systems"]), "sex": list(SEXES)}
    loading = xr.DataArray(np.zeros([len(names) for names in shape.values()]), shape)
    used = dict.fromkeys(styles, 0)
    for system, parts in described["systems"].items():
        pool = [name for name, part in styles.items() if part in parts and name not in rules["never_loaded"]]
        # The styles moved least so far come first, so that every style tells of some system.
        chosen = sorted(rng.permutation(pool), key=lambda name: used[name])[: rules["styles_per_system"]]
        used.update({name: used[name] + 1 for name in chosen})
        shared = rules["shared_between_sexes"]
        drawn = np.sqrt(shared) * rng.standard_normal((len(chosen), 1))
        drawn = drawn + np.sqrt(1 - shared) * rng.standard_normal((len(chosen), len(SEXES)))
        drawn *= rules["size"] / np.sqrt((drawn**2).mean(axis=0))
        loading.loc[{"style": chosen, "system": system}] = drawn
    for sex, silent in rules["without_effect"].items():
        loading.loc[{"system": silent, "sex": sex}] = 0.0
    return loading
