"""Figures of part E, measured now: `make show TOPIC=knee-and-speed`. Takes about half an hour on two cores.

The stride models are those that come with the package; STRIDES and FREE name files of others. Runners are those of the
cohort `rbds` in the folder of cohorts; the runner of Hamner is looked for in GAITBOOK_DATA (or ../shared/data).
ONLY=name,name chooses measurements; PEOPLE=number takes so many simulated people instead of each one's own number.
Tables go to _build/knee-and-speed.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from knee_cost import cost  # noqa: E402 - the package is found first
from report import Line, show  # noqa: E402
from speed_runners import hamner_runner  # noqa: E402

from gaitbook.library import open_cohort  # noqa: E402
from gaitbook.models.stride_model import StrideModel, load_stride_model  # noqa: E402
from gaitbook.models.weights import stride_weights  # noqa: E402
from gaitbook.representation.gait_change import GaitChange  # noqa: E402
from gaitbook.studies.change_effects import change_effects  # noqa: E402
from gaitbook.studies.change_scores import (  # noqa: E402
    KNEE_QUANTITIES,
    recipe_errors,
    score_changes,
    simulated_errors,
    with_coverage,
)
from gaitbook.studies.known_changes import (  # noqa: E402
    KnownAnswer,
    can_run,
    modifications,
    simulated_answers,
)
from gaitbook.studies.recorded_speeds import recorded_at_speeds  # noqa: E402
from gaitbook.studies.speed_baselines import scaling_laws  # noqa: E402
from gaitbook.studies.speed_changes import (  # noqa: E402
    COMPARED,
    RISING,
    foretell_speeds,
    own_numbers,
    rises,
    simulated_at_speeds,
    speed_errors,
    spreads,
    true_numbers,
)
from gaitbook.studies.speed_mixed_model import fit_speed_models  # noqa: E402

TABLES = ROOT / "_build" / "knee-and-speed"
PEOPLE, RECIPE_PEOPLE, TAUGHT = 110, 20, 40
FIRST_TAUGHT = 400
NAMES = {
    "knee_adduction_first_peak": "KAM peak 1",
    "knee_adduction_second_peak": "KAM peak 2",
    "knee_adduction_impulse": "KAM impulse",
    "knee_flexion_peak": "KFM",
}
BEYOND = {
    "trunk lean of 40 degrees": GaitChange(trunk_lean_rad=float(np.deg2rad(40.0))),
    "12 m/s": GaitChange(speed_mps=12.0),
    "step width + 0.6 m": GaitChange(step_width_m=0.6),
}
SPEED_RANGE = {"walk": (0.9, 1.1), "run": (0.9, 1.1), "recorded": (0.8, 1.2)}


def setup() -> Iterator[Line]:
    """What is measured with."""
    for name, model in (("stride model", changing()), ("free stride model, for the recipe", free())):
        told = model.card
        figure = (
            f"{told['parameters'] / 1e6:.1f} M parameters, {told['minutes']:g} minutes, {told['pairs'] / 1e6:.2f} M "
            f"{'pairs' if told['draws'] == 'changes' else 'strides'}, people {told['people']}"
        )
        yield Line(f"the {name}", figure, "same network, data and minutes", met=True)


def knee() -> Iterator[Line]:
    """Predicted against true change of the knee's moments, per request, in people held out."""
    errors = _errors()
    scores = score_changes(errors[errors["quantity"].isin(KNEE_QUANTITIES)])
    _write(scores, "knee")
    for row in scores.itertuples():
        yield _score_line(row, f"{row.change}, {NAMES[row.quantity]}")
    pooled = score_changes(errors[errors["quantity"].isin(KNEE_QUANTITIES)], by=("quantity",))
    _write(pooled, "knee-pooled")
    for row in pooled.itertuples():
        yield _score_line(row, f"all requests together, {NAMES[row.quantity]}")
    inside = scores["coverage"].between(0.86, 0.94).mean()
    yield Line(
        "requests and numbers whose coverage is 86 to 94 %", f"{100 * inside:.0f} %", "100 %", inside == 1.0
    )


def recipe() -> Iterator[Line]:
    """Error of ours over that of GaitDynamics' guided recipe, same people and requests."""
    chosen = modifications()[1::2]
    theirs = recipe_errors(range(_count(RECIPE_PEOPLE)), chosen, free())
    ours = simulated_errors(range(_count(RECIPE_PEOPLE)), chosen, changing())
    _write(theirs, "recipe")
    keys = ["subject", "change", "quantity"]
    both = ours.merge(theirs, on=keys, suffixes=("", "_recipe"))
    for quantity in KNEE_QUANTITIES:
        own = both[both["quantity"] == quantity]
        one = (own["predicted"] - own["true"]).abs().groupby(own["subject"]).mean()
        other = (own["predicted_recipe"] - own["true_recipe"]).abs().groupby(own["subject"]).mean()
        ratio, low, high = _ratio(one.to_numpy(), other.to_numpy())
        figure = f"{ratio:.2f} ({low:.2f} to {high:.2f}), {one.mean():.3f} against {other.mean():.3f}, n {len(one)}"
        yield Line(f"error over that of the recipe, {NAMES[quantity]}", figure, "<= 0.6", ratio <= 0.6)
        still = own["true"].abs().groupby(own["subject"]).mean()
        ratio, low, high = _ratio(one.to_numpy(), still.to_numpy())
        figure = f"{ratio:.2f} ({low:.2f} to {high:.2f}), which is {still.mean():.3f}"
        yield Line(
            f"error over that of foretelling no change, {NAMES[quantity]}", figure, "reported", met=True
        )


def runners() -> Iterator[Line]:
    """Runners on whom nothing was trained: rise from 2.5 to 4.5 m/s, foretold from 3.5 m/s."""
    cohort = "rbds"
    recordings = open_cohort(cohort)
    answers, taught = (
        recorded_at_speeds(cohort, recordings, changing(), own_mps=3.5, learned=learned)
        for learned in (False, True)
    )
    yield from _speeds("held-out runners", answers, taught, (2.5, 4.5), SPEED_RANGE["recorded"])


def simulated_runs() -> Iterator[Line]:
    """Simulated people held out: rise from 3 to 5 m/s, foretold from 4 m/s."""
    fit = [number for number in range(200) if can_run(number)][: _count(PEOPLE)]
    yield from _simulated("run", fit, 4.0, (3.0, 5.0))


def simulated_walks() -> Iterator[Line]:
    """Simulated people held out: rise from 0.8 to 1.8 m/s, foretold from 1.3 m/s."""
    yield from _simulated("walk", list(range(_count(PEOPLE))), 1.3, (0.8, 1.8))


def hamner() -> Iterator[Line]:
    """One recorded runner of another laboratory: 3 m/s foretold from 2 m/s, and 2 from 3."""
    answers = hamner_runner()
    if not answers:
        yield Line("the runner of Hamner", "absent", "measured", met=False)
        return
    foretold = foretell_speeds(answers, changing(), processes=1)
    for row in foretold[foretold["quantity"].isin(COMPARED)].itertuples():
        figure = (
            f"{row.value:.3g} ({row.low:.3g} to {row.high:.3g}), measured {row.true:.3g}, own {row.own:.3g}"
        )
        outside = "" if row.low <= row.true <= row.high else " (outside)"
        what = f"Hamner, {row.quantity.replace('_', ' ')} at {row.speed_mps:.2g} m/s{outside}"
        yield Line(what, figure, "reported", met=True)


def beyond() -> Iterator[Line]:
    """Requests outside the data: a warning and a wider interval."""
    walk, run = simulated_answers(0, []), simulated_answers(_runner(), [], gait="run", speed_mps=3.5)
    usual = GaitChange(trunk_lean_rad=float(np.deg2rad(10.0)))
    for what, change in BEYOND.items():
        answer = run if change.speed_mps else walk
        near = GaitChange(speed_mps=4.5) if change.speed_mps else usual
        table = change_effects(answer.stride, answer.body, [near, change], changing())
        own = table[table["quantity"] == KNEE_QUANTITIES[0]]
        width = (own["high"] - own["low"]).to_numpy()
        words = str(own["warning"].iloc[1])
        figure = f"interval {width[1] / width[0]:.1f} times that of {near.label}; says: {words}"
        yield Line(what, figure, "a warning and a wider interval", bool(words) and width[1] > width[0])


def _simulated(
    gait: str, numbers: Sequence[int], own_mps: float, ends: tuple[float, float]
) -> Iterator[Line]:
    answers = simulated_at_speeds(numbers, gait=gait, own_mps=own_mps, speeds_mps=ends)
    others = [
        number
        for number in range(FIRST_TAUGHT, FIRST_TAUGHT + 3 * TAUGHT)
        if gait == "walk" or can_run(number)
    ]
    taught = simulated_at_speeds(others[:TAUGHT], gait=gait, own_mps=own_mps, speeds_mps=ends)
    yield from _speeds(f"simulated {gait}s", answers, taught, ends, SPEED_RANGE[gait])


def _speeds(
    who: str,
    answers: list[KnownAnswer],
    taught: list[KnownAnswer],
    ends: tuple[float, float],
    allowed: tuple[float, float],
) -> Iterator[Line]:
    foretold = foretell_speeds(answers, changing())
    _write(foretold, who.replace(" ", "-"))
    low, high = allowed
    for row in rises(foretold, *ends).itertuples():
        if row.quantity in RISING:
            figure = (
                f"{row.ratio:.3f} ({row.low:.3f} to {row.high:.3f}), {row.foretold:.3g} of {row.true:.3g}"
            )
            figure += f", n {row.n}"
            what = f"{who}, rise {ends[0]:g} to {ends[1]:g} m/s, {row.quantity.replace('_', ' ')}"
            yield Line(what, figure, f"{low} to {high}", low <= row.ratio <= high)
    for row in spreads(foretold).itertuples():
        if row.quantity in RISING:
            what = f"{who}, spread between people, {row.quantity.replace('_', ' ')}"
            yield Line(what, f"{row.ratio:.2f} of the true, n {row.n}", "0.8 to 1.2", 0.8 <= row.ratio <= 1.2)
    known = foretold.dropna(subset=["true", "value"])
    inside = known["true"].between(known["low"], known["high"])
    for quantity in COMPARED:
        share = inside[known["quantity"] == quantity]
        error = (known["value"] - known["true"]).abs()[known["quantity"] == quantity].mean()
        figure = f"{100 * share.mean():.0f} % of {len(share)}; mean error {error:.3g}"
        yield Line(
            f"{who}, 90 % intervals, {quantity.replace('_', ' ')}", figure, "reported; 86 to 94 %", met=True
        )
    yield from _against_simple(who, foretold, taught)


def _against_simple(who: str, foretold: pd.DataFrame, taught: list[KnownAnswer]) -> Iterator[Line]:
    own = own_numbers(foretold)
    asked = foretold[["subject", "gait", "speed_mps"]].drop_duplicates()
    laws = scaling_laws(own, asked).assign(way="scaling laws")
    models = fit_speed_models(true_numbers(foretell_speeds(taught, changing(), draws=2)))
    mixed = models.predict(own, asked).assign(way="mixed model")
    table = speed_errors(foretold, pd.concat([laws, mixed]))
    _write(table, f"{who.replace(' ', '-')}-baselines")
    wide = table[table["quantity"].isin(COMPARED)].pivot_table(
        index="quantity", columns="way", values="error"
    )
    better = (wide["model"] < wide["scaling laws"]) & (wide["model"] < wide["mixed model"])
    for quantity, row in wide.iterrows():
        figure = (
            f"{row['model']:.3g} against laws {row['scaling laws']:.3g}, mixed model {row['mixed model']:.3g}"
        )
        yield Line(f"{who}, error, {str(quantity).replace('_', ' ')}", figure, "reported", met=True)
    simple = ", ".join(str(name).replace("_", " ") for name in wide.index[~better]) or "none"
    yield Line(
        f"{who}, numbers better than both simple ways",
        f"{better.sum()} of {len(wide)}; a simple way wins: {simple}",
        ">= 6 of 8",
        better.sum() >= 6,
    )


@cache
def changing() -> StrideModel:
    """The model that changes strides."""
    return load_stride_model(Path(os.environ.get("STRIDES") or stride_weights()))


@cache
def free() -> StrideModel:
    """The model that draws whole strides."""
    return load_stride_model(Path(os.environ.get("FREE") or stride_weights(free=True)))


@cache
def _errors() -> pd.DataFrame:
    errors = simulated_errors(range(_count(PEOPLE)), modifications(), changing())
    covered = with_coverage(errors, changing().card)
    _write(covered, "errors")
    return covered


def _score_line(row: object, what: str) -> Line:
    told = pd.Series(row._asdict())  # type: ignore[attr-defined]
    sign = f"{100 * told['sign_right']:.0f} % of {told['large']}" if told["large"] else "none large"
    figure = (
        f"slope {told['slope']:.2f}, r {told['r']:.3f}, coverage {100 * told['coverage']:.0f} %, sign right {sign}, "
        f"true {told['true']:+.3f}, error {told['error']:.3f}, n {told['n']}"
    )
    met = (
        0.85 <= told["slope"] <= 1.15
        and told["r"] >= 0.9
        and 0.86 <= told["coverage"] <= 0.94
        and (not told["large"] or told["sign_right"] >= 0.95)
    )
    return Line(what, figure, "slope 0.85-1.15, r >= 0.9, coverage 86-94 %, sign >= 95 %", bool(met))


def _ratio(one: np.ndarray, other: np.ndarray, *, resamples: int = 2000) -> tuple[float, float, float]:
    picks = np.random.default_rng(0).integers(len(one), size=(resamples, len(one)))
    drawn = one[picks].mean(axis=1) / other[picks].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(one.mean() / other.mean()), float(low), float(high)


def _runner() -> int:
    return next(number for number in range(200) if can_run(number))


def _count(usual: int) -> int:
    return int(os.environ.get("PEOPLE") or usual)


def _write(table: pd.DataFrame, name: str) -> None:
    TABLES.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLES / f"{name}.csv", index=False)


def priced() -> Iterator[Line]:
    """What a draw costs, ours and the recipe's, side by side."""
    yield from cost(changing(), free())


MEASUREMENTS = (setup, knee, recipe, runners, hamner, simulated_runs, simulated_walks, beyond, priced)

if __name__ == "__main__":
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    show([each for each in MEASUREMENTS if not only or each.__name__ in only])
