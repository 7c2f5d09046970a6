"""Figures of part D, measured now: `make show TOPIC=motion`. Takes about an hour on two cores.

One frozen configuration: the weights and the peers that come with the package; what is missing is reported short.
Instead of them, MODEL names the file of another model and PEERS a folder of other peers. The cohort `rbds` is that in
the folder of cohorts; recordings of walking are looked for in GAITBOOK_DATA (or ../shared/data). ONLY=name,name chooses
measurements; PEOPLE=number takes so many people instead of each one's own number. Tables go to _build/motion.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from motion_contest import (  # noqa: E402 - the package is found first
    CONDITIONS,
    DEFAULT,
    LEARNED,
    RUNNERS,
    Kept,
    calibrated,
    judge_all,
    learned_peers,
    missing_peer,
    model,
    ours,
    peers,
    simple_peers,
    tested,
)
from motion_cost import cost, resume  # noqa: E402
from motion_walks import gaps, real_walking  # noqa: E402
from report import Line, show  # noqa: E402

from gaitbook.conventions import AXES  # noqa: E402
from gaitbook.models.weights import default_conditions  # noqa: E402
from gaitbook.representation.hiding import FULL  # noqa: E402
from gaitbook.studies.completion import CompletionPlan  # noqa: E402
from gaitbook.studies.completion_errors import ranked_probability_score  # noqa: E402
from gaitbook.studies.condition_table import KEYS, OURS  # noqa: E402
from gaitbook.studies.contestants import GAITDYNAMICS, REPLACING  # noqa: E402
from gaitbook.studies.hidden_parts import Contestant  # noqa: E402
from gaitbook.studies.motion_training import CALIBRATION_RUNNERS  # noqa: E402
from gaitbook.studies.residual_draws import ResidualPools  # noqa: E402
from gaitbook.studies.uncertainty import Estimate, mean_over_subjects  # noqa: E402
from gaitbook.synthesis.reference_curves import load_reference  # noqa: E402

TABLES = ROOT / "_build" / "motion"
SOURCES = (DEFAULT, RUNNERS)
ASKED = {"profile": 0.75, "peak": 0.75}
"""Most of the best learned peer's error along y."""
REPLACED = {"hips": 0.7, "pelvis": 0.7}
"""Most of the error of the peer that completes motion by diffusion and replacement."""
SCORED = (FULL, "hips", "pelvis")
RESAMPLES = 2000
CLOSE = 0.05
"""A table is reproduced where its means are within this share of it, or of one unit."""


def setup() -> Iterator[Line]:
    """What is compared: weights, training budgets, and who was trained on."""
    card = model().card
    minutes = float(card.get("minutes", np.nan))
    figure = f"{card.get('parameters', 0) / 1e6:.1f} M parameters, {card.get('family')}, {minutes:g} minutes"
    figure += f", {card.get('windows', 0) / 1e6:.2f} M windows; for force {card.get('force_parameters', 0) / 1e6:.1f}"
    figure += (
        f" M, {card.get('force_minutes', 0):g} minutes, {card.get('force_windows', 0) / 1e6:.2f} M windows"
    )
    yield Line(
        "the model",
        figure,
        "one frozen configuration",
        True,
    )
    ours_min = minutes + float(card.get("force_minutes", 0))
    for system in (("CNN",), ("LSTM",), GAITDYNAMICS):
        yield _budget_line(system, ours_min)
    held_out = load_reference("running")["held_out"]
    figure = f"{', '.join(held_out)}; for calibration {', '.join(CALIBRATION_RUNNERS)}; one fold"
    yield Line("real runners never trained on", figure, ">= 5 of 20", len(held_out) >= 5)
    sizes = [
        f"{source}: {len(trials)} trials of {_people(trials)} people" for source, trials in tested().items()
    ]
    yield Line("tested on", "; ".join(sizes), "nobody of them trained on", met=True)


def _budget_line(system: Sequence[str], ours_min: float) -> Line:
    """Size and training of the networks of a peer, all of which it needs, as ours needs both of its own."""
    what = f"the peer {' with '.join(system)}"
    missing = [reason for name in system if (reason := missing_peer(name))]
    if missing:
        return Line(what, "; ".join(missing), "it is shipped", met=False)
    cards = [peers()[name].card for name in system]
    figure = "; ".join(
        f"{card['parameters'] / 1e6:.1f} M parameters, {card['minutes']:g} minutes, "
        f"{card['windows'] / 1e6:.2f} M windows"
        for card in cards
    )
    spent_min = sum(float(card["minutes"]) for card in cards)
    target = f"as many minutes as ours, in all {ours_min:g}"
    return Line(what, figure, target, spent_min >= 0.99 * ours_min)


def errors() -> Iterator[Line]:
    """Errors of force by everybody on the default cohort and on held-out runners, with all motion and without parts."""
    for source in SOURCES:
        for condition in CONDITIONS:
            table = _measures(source=source, condition=condition)
            for name in table["model"].unique():
                own = table[table["model"] == name]
                shown = ", ".join(
                    f"{what} {_mean(own, measure, axis)}"
                    for what, measure, axis in (
                        ("vertical", "profile", "y"),
                        ("AP", "profile", "x"),
                        ("ML", "profile", "z"),
                        ("peak", "peak", "y"),
                    )
                )
                people = own["subject"].nunique()
                yield Line(
                    f"{source}, {_hidden(condition)}, {name}",
                    f"{shown} %BW, n {people}",
                    "reported",
                    met=True,
                )
            yield from _ratio_lines(source, condition)


def _ratio_lines(source: str, condition: str) -> Iterator[Line]:
    """Our error over that of the best learned peer, and of the best that replaces by diffusion."""
    rivals = [("learned peer", LEARNED, ASKED)]
    if condition in REPLACED:
        most = dict.fromkeys(ASKED, REPLACED[condition])
        rivals.append(("diffusion-replacement peer", REPLACING, most))
    for what, names, limits in rivals:
        for measure, most in limits.items():
            means = {
                name: float(_by_person(source, condition, name, measure, "y").mean())
                for name in names
                if not _by_person(source, condition, name, measure, "y").empty
            }
            label = f"{source}, {_hidden(condition)}, vertical {measure}: ours over the best {what}"
            if not means:
                yield Line(label, "there is no such peer", f"<= {most}", met=False)
                continue
            best = min(means, key=means.__getitem__)
            ratio = _ratio(
                _by_person(source, condition, OURS, measure, "y"),
                _by_person(source, condition, best, measure, "y"),
            )
            yield Line(label, f"{ratio} ({best}), n {ratio.n}", f"<= {most}", ratio.value <= most)


def coverage() -> Iterator[Line]:
    """How often intervals of 90 % hold, overall and in each condition; and how wide they are."""
    for source in SOURCES:
        table = _measures(source=source, model=OURS, measure="coverage")
        for what, part, low, high in [
            ("overall", table, 88, 92),
            *(
                (_hidden(condition), table[table["condition"] == condition], 85, 95)
                for condition in CONDITIONS
            ),
        ]:
            share = mean_over_subjects(100.0 * part.groupby("subject")["value"].mean())
            axes = ", ".join(
                f"{axis} {100 * part[part['axis'] == axis]['value'].mean():.0f}" for axis in AXES
            )
            figure = f"{share.value:.1f} ({share.low:.1f} to {share.high:.1f}) %, {axes} %, n {share.n}"
            yield Line(
                f"coverage, {source}, {what}", figure, f"{low} to {high} %", low <= share.value <= high
            )
        for measure in ("peak", "impulse", "loading_rate"):
            shares = 100.0 * _by_person(source, FULL, OURS, f"{measure}_coverage", "y")
            share = mean_over_subjects(shares)
            figure = f"{share.value:.1f} ({share.low:.1f} to {share.high:.1f}) %, n {share.n}"
            what = f"coverage of the {measure.replace('_', ' ')} of stances, {source}"
            yield Line(what, figure, "85 to 95 %", 85 <= share.value <= 95)
        width = _mean(_measures(source=source, model=OURS, condition=FULL), "width", "y")
        yield Line(f"width of the vertical intervals, {source}", f"{width} %BW", "reported", met=True)


def crps() -> Iterator[Line]:
    """Ranked probability score against peers whose errors on other people are their intervals."""
    ours_, theirs = _contest(), judge_all(calibrated(), learned_peers(), SCORED, "calibrating peers")
    rows = []
    for name, condition, source in ((n, c, s) for n in _names(theirs) for c in SCORED for s in SOURCES):
        own = _by_person(source, condition, OURS, "crps", "y")
        other = _bootstrap_scores(ours_, theirs, name, condition, source)
        apart = mean_over_subjects((own - other).dropna())
        rows.append(
            {
                "model": name,
                "condition": condition,
                "source": source,
                "crps": other.mean(),
                "ours": own.mean(),
            }
        )
        figure = f"{own.mean():.2f} against {other.mean():.2f}, difference {apart}, n {apart.n}"
        what = (
            f"CRPS of vertical force, {source}, {_hidden(condition)}, ours against {name} with its residuals"
        )
        yield Line(what, f"{figure} %BW", "below 0", apart.high < 0)
    _write(pd.DataFrame(rows), "crps")


def pressure() -> Iterator[Line]:
    """Center of pressure in loaded stance."""
    for source in SOURCES:
        for name in _measures(source=source)["model"].unique():
            table = _measures(source=source, model=name, condition=FULL)
            shown = ", ".join(
                f"{what} {_mean(table, 'pressure', axis)}"
                for what, axis in (("forward", "x"), ("sideways", "z"))
            )
            yield Line(f"center of pressure, {source}, {name}", f"{shown} mm", "reported", met=True)


def knee() -> Iterator[Line]:
    """Knee adduction moment that follows from predicted force, against that from measured force."""
    for source in SOURCES:
        for name in _measures(source=source)["model"].unique():
            table = _measures(source=source, model=name, condition=FULL)
            for measure in ("knee adduction moment", "first peak of it"):
                figure = f"{_mean(table, measure, '')} %BW·H"
                yield Line(f"{measure}, {source}, {name}", figure, "reported", met=True)


def physics() -> Iterator[Line]:
    """What each use of Newton's and Euler's laws buys: as a feature, as a correction."""
    variants = [
        Contestant(
            name, model(), CompletionPlan(draws=ours().plan.draws, physics=feature, correct=correction)
        )
        for name, feature, correction in (
            ("neither", False, False),
            ("as a feature", True, False),
            ("as a correction", False, True),
            ("both", True, True),
        )
    ]
    motions = [motion for source in SOURCES for motion in tested()[source][::2]]
    table = judge_all(motions, variants, (FULL, "hips"), "ablation").measures
    _write(_summary(table), "physics")
    residuals = {}
    for source, condition in ((s, c) for s in SOURCES for c in (FULL, "hips")):
        for one in variants:
            own = table[
                (table["model"] == one.name) & (table["source"] == source) & (table["condition"] == condition)
            ]
            shown = [f"residual {_mean(own, 'residual', '')}"]
            shown += [f"{axis} {_mean(own, 'profile', axis)}" for axis in "yxz"]
            shown += [f"peak {_mean(own, 'peak', 'y')}"]
            shown += [f"{each} {_mean(own, each, '')}" for each in _floor_measures(own)]
            residuals[source, condition, one.name] = own[own["measure"] == "residual"]["value"].mean()
            yield Line(
                f"{source}, {_hidden(condition)}, physics {one.name}", "; ".join(shown), "reported", met=True
            )
        with_, without = (residuals[source, condition, name] for name in ("both", "neither"))
        figure = f"{with_:.2f} with, {without:.2f} %BW without"
        yield Line(
            f"residual, {source}, {_hidden(condition)}", figure, "smaller with physics", with_ < without
        )


def conditions() -> Iterator[Line]:
    """The 33 conditions, measured again by the command and held against the table that is shipped."""
    TABLES.mkdir(parents=True, exist_ok=True)
    file = TABLES / "conditions.csv"
    command = [sys.executable, "-m", "gaitbook", "conditions", "default", "rbds", "--output", str(file)]
    command += ["--weights", os.environ["MODEL"]] if "MODEL" in os.environ else []
    command += ["--people", os.environ["PEOPLE"]] if "PEOPLE" in os.environ else []
    began = time.perf_counter()
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    minutes = (time.perf_counter() - began) / 60.0
    if finished.returncode:
        yield Line("table of conditions", finished.stderr.strip().splitlines()[-1], "a table", met=False)
        return
    table = pd.read_csv(file, keep_default_na=False)
    figure = (
        f"{minutes:.1f} minutes, load {os.getloadavg()[0]:.1f}; {table['condition'].nunique()} conditions"
    )
    yield Line("`gaitbook conditions default rbds`", figure, "33, <= 20 minutes on two cores", minutes <= 20)
    yield from _condition_coverage(table)
    try:
        shipped = pd.read_csv(default_conditions(), keep_default_na=False)
    except FileNotFoundError as reason:
        yield Line("the shipped table of conditions", str(reason), "the same", met=False)
        return
    yield _reproduced(table, shipped)


def _condition_coverage(table: pd.DataFrame) -> Iterator[Line]:
    for source, part in table[table["measure"] == "coverage"].groupby("source"):
        share = 100.0 * part.astype({"value": float}).groupby("condition")["value"].mean()
        inside = share.between(85, 95)
        figure = f"{share.min():.1f} to {share.max():.1f} %, {inside.sum()} of {len(share)} inside"
        yield Line(
            f"coverage in each of the conditions, {source}", figure, "85 to 95 % in all", bool(inside.all())
        )


def _reproduced(table: pd.DataFrame, shipped: pd.DataFrame) -> Line:
    both = table.merge(shipped, on=list(KEYS), how="outer", suffixes=("", "_shipped"))
    value, before = (pd.to_numeric(both[name], errors="coerce") for name in ("value", "value_shipped"))
    away = (value - before).abs() / before.abs().clip(lower=1.0)
    absent = int(value.isna().ne(before.isna()).sum())
    figure = f"largest difference {100 * away.max():.2g} %, {absent} of {len(both)} rows in one only"
    target = f"within {100 * CLOSE:g} %, the same rows"
    return Line("the table against the shipped one", figure, target, bool(away.max() <= CLOSE and not absent))


@cache
def _contest() -> Kept:
    """Everybody on every trial, under every condition; written to a table."""
    everybody = (ours(), *learned_peers(), *simple_peers())
    parts = [judge_all(tested()[source], everybody, CONDITIONS, source) for source in SOURCES]
    kept = Kept(
        pd.concat([part.measures for part in parts], ignore_index=True),
        {key: value for part in parts for key, value in part.answers.items()},
    )
    _write(_summary(kept.measures), "errors")
    return kept


def _measures(**labels: str) -> pd.DataFrame:
    table = _contest().measures
    return table[np.logical_and.reduce([table[name] == value for name, value in labels.items()])]


def _by_person(source: str, condition: str, name: str, measure: str, axis: str) -> "pd.Series[float]":
    table = _measures(source=source, condition=condition, model=name, measure=measure, axis=axis)
    return table.groupby("subject")["value"].mean()


def _mean(table: pd.DataFrame, measure: str, axis: str) -> str:
    chosen = table[(table["measure"] == measure) & (table["axis"] == axis)].dropna(subset="value")
    if chosen.empty:
        return "not known"
    return str(mean_over_subjects(chosen.groupby("subject")["value"].mean()))


def _ratio(own: "pd.Series[float]", other: "pd.Series[float]") -> Estimate:
    """Ratio of means over the same people, with a bootstrap interval over people."""
    both = pd.concat([own, other], axis=1, join="inner").to_numpy()
    random = np.random.default_rng(0)
    drawn = both[random.integers(len(both), size=(RESAMPLES, len(both)))].mean(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    mean = both.mean(axis=0)
    return Estimate(float(mean[0] / mean[1]), float(low), float(high), n=len(both))


def _bootstrap_scores(
    ours_: Kept, theirs: Kept, name: str, condition: str, source: str
) -> "pd.Series[float]":
    """Score by person of a peer whose draws are its answer plus its errors on people kept for calibration."""
    rows = []
    simulated = source == DEFAULT
    for key, answered in ours_.answers.items():
        if key[:3] != (name, condition, "y") or (key[3] == "simulated") != simulated:
            continue
        alike = [
            (other[-1], each)
            for other, each in theirs.answers.items()
            if other[:3] == key[:3] and (other[3] == "simulated") == simulated
        ]
        same_gait = [each for gait, each in alike if gait == key[-1]]
        pools = ResidualPools.fit(same_gait or [each for _, each in alike])
        drawn = pools.draw(answered.answer, answered.load, draws=100)
        rows.append({"subject": key[4], "value": ranked_probability_score(drawn, answered.truth).mean()})
    return pd.DataFrame(rows, columns=["subject", "value"]).groupby("subject")["value"].mean()


def _names(kept: Kept) -> list[str]:
    return list(dict.fromkeys(key[0] for key in kept.answers))


def _floor_measures(table: pd.DataFrame) -> list[str]:
    names = ("beyond friction", "off the sole", "vertical force in swing")
    return [name for name in names if (table["measure"] == name).any()]


def _summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean over people of everything, for each data set and gait."""
    by = ["source", "gait", "condition", "model", "axis", "measure", "unit"]
    rows: list[dict[str, Any]] = []
    for key, part in table.dropna(subset="value").groupby(by, sort=False):
        mean = mean_over_subjects(part.groupby("subject")["value"].mean())
        rows.append(
            dict(zip(by, key, strict=True))
            | {"value": mean.value, "low": mean.low, "high": mean.high, "n": mean.n}
        )
    return pd.DataFrame(rows)


def _write(table: pd.DataFrame, name: str) -> None:
    TABLES.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLES / f"{name}.csv", index=False, float_format="%.5g")


def _hidden(condition: str) -> str:
    if condition == FULL:
        return "all motion known"
    return condition if condition.startswith("only") else f"{condition} hidden"


def _people(motions: Sequence[Any]) -> int:
    return len({motion.trial.attrs["subject"] for motion in motions})


if __name__ == "__main__":
    chosen = re.split(r"[ ,]+", os.environ.get("ONLY", "")) if os.environ.get("ONLY") else []
    everything = (
        setup,
        errors,
        coverage,
        crps,
        pressure,
        knee,
        physics,
        real_walking,
        gaps,
        cost,
        resume,
        conditions,
    )
    show(measure for measure in everything if not chosen or measure.__name__ in chosen)
