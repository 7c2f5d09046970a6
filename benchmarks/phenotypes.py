"""Figures of part F, measured now: `make show TOPIC=phenotypes`. Takes about an hour on two cores, once.

Walkers are those of the table of features that comes with the package; WALKERS and SAME_INPUT name other tables. Most
of the hour goes to cohorts drawn anew, which are kept in _build/phenotypes and not judged again
(`benchmarks/realized_cohorts.py` judges some of them beforehand). ONLY=name,name chooses measurements, PEOPLE takes so
many walkers, TARGETS so many targets, COHORTS so many cohorts. Recordings are looked for in GAITBOOK_DATA (or
../shared/data). Tables go to _build/phenotypes.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from phenotype_cases import awkward, formats, recordings  # noqa: E402 - the package is found first
from phenotype_cost import encoders, targets_at_once  # noqa: E402
from phenotype_uses import controls, diagnoses, known_people, tasks, together  # noqa: E402
from phenotype_views import another_day, shape_and_motion  # noqa: E402
from phenotype_walkers import (  # noqa: E402
    KEYPOINTS,
    OURS,
    PAPER,
    causes,
    features_file,
    people,
    phenotypes,
    same_input,
    taught,
    true_values,
    walkers,
    write_table,
)
from realized_cohorts import FIRST, LAST, judge_cohorts  # noqa: E402
from report import Line, show  # noqa: E402

from gaitbook.representation.skeleton import REGIONS  # noqa: E402
from gaitbook.studies.feature_scores import (  # noqa: E402
    SHOWN_TARGETS,
    compare_features,
    planted_sets,
    predict_targets,
    score_features,
)
from gaitbook.studies.known_causes import TARGETS  # noqa: E402
from gaitbook.studies.person_folds import deal_people  # noqa: E402
from gaitbook.studies.person_intervals import EVERYONE, coverage_of_intervals  # noqa: E402
from gaitbook.studies.realized_discoveries import TRUE_STYLES, summarize_realized  # noqa: E402
from gaitbook.studies.region_ablation import (  # noqa: E402
    RegionFeatures,
    ablate_regions,
    compare_with_planted,
    leading_regions,
    planted_regions,
    visible_regions,
)
from gaitbook.studies.room_audit import compare_without_room, find_rooms, state_rooms  # noqa: E402
from gaitbook.studies.studied_walkers import SET_APART  # noqa: E402
from gaitbook.studies.unseen_ridge import UnseenRidge  # noqa: E402
from gaitbook.studies.unseen_rooms import leave_one_room_out  # noqa: E402
from gaitbook.synthesis.causes import load_styles  # noqa: E402
from gaitbook.synthesis.default_cohort import room_of  # noqa: E402

MARGIN, TOLERANCE = 0.06, 0.01
FALSE_MOST, NOMINAL = 0.06, 0.05
FEWEST_COHORTS = 20
FOUND_LEAST = 0.9
PROCEDURES = {
    "permutation": "ours",
    "published": "the published procedure",
    TRUE_STYLES: "ours by true styles",
}


def setup() -> Iterator[Line]:
    """What is measured with."""
    sets = ", ".join(f"{name} {table.shape[1]}" for name, table in walkers().sets.items())
    told = f"{len(walkers().subjects)} synthetic people; numbers of each set: {sets}"
    yield Line(f"features {features_file().name}", told, "reported", met=True)


def scores() -> Iterator[Line]:
    """Age, body mass index and visceral fat told of unseen people, by sex and set of features."""
    shown = {name: table for name, table in walkers().sets.items() if not name.startswith(SET_APART)}
    table = score_features(shown, people())
    write_table(table, "scores")
    for row in table.itertuples():
        yield Line(f"{row.target}, {row.sex}, {row.features}", _estimate(row.r, row), "reported", met=True)
    for row in compare_features(walkers().sets, people(), OURS, KEYPOINTS).itertuples():
        yield Line(
            f"age, {row.sex}, {OURS} over {KEYPOINTS}",
            _estimate(row.gain, row),
            f">= {MARGIN}",
            row.gain >= MARGIN,
        )


def against_paper() -> Iterator[Line]:
    """Both encoders on the same recordings of the same people."""
    shared = same_input()
    if shared is None or not {OURS, PAPER} <= set(shared.sets):
        yield Line(
            "fast against paper, same input", "there is no table with both", "a measurement", met=False
        )
        return
    for row in score_features(shared.sets, people()).itertuples():
        what = f"same input, {row.target}, {row.sex}, {row.features}"
        yield Line(what, _estimate(row.r, row), "reported", met=True)
    gains = compare_features(shared.sets, people(), OURS, PAPER, targets=SHOWN_TARGETS)
    write_table(gains, "against-paper")
    for row in gains.itertuples():
        what = f"same input, {row.target}, {row.sex}, {OURS} over {PAPER}"
        yield Line(what, _estimate(row.gain, row), f">= -{TOLERANCE}", row.gain >= -TOLERANCE)


def planted() -> Iterator[Line]:
    """How much of age is there to be told: by true style scores, of shape and of motion, and by a taught reader."""
    styles = causes().styles.loc[walkers().subjects]
    table = score_features(planted_sets(styles), people())
    write_table(table, "planted")
    for row in table.itertuples():
        what = f"{row.target}, {row.sex}, true scores: {row.features}"
        yield Line(what, _estimate(row.r, row), "reported: a ceiling", met=True)
    seen = {KEYPOINTS: walkers().sets[KEYPOINTS], "true scores": styles, **taught().sets}
    for name in ("true scores", "taught"):
        for row in compare_features(seen, people(), name, KEYPOINTS).itertuples():
            words = name if name == "true scores" else "a reader taught the true scores of 4,000 others"
            yield Line(
                f"age, {row.sex}, {words}, over {KEYPOINTS}", _estimate(row.gain, row), "reported", met=True
            )


def realized() -> Iterator[Line]:
    """False discoveries and power over cohorts whose truth is known."""
    count = int(os.environ.get("COHORTS") or LAST - FIRST + 1)
    table = judge_cohorts(FIRST, FIRST + count - 1)
    summary = summarize_realized(table)
    write_table(summary, "realized")
    cohorts = table["cohort"].nunique()
    yield Line(
        "cohorts drawn anew",
        f"{cohorts} of {table['people'].iloc[0]} people",
        f">= {FEWEST_COHORTS}",
        cohorts >= FEWEST_COHORTS,
    )
    for (procedure, sex), own in summary.groupby(["procedure", "sex"], sort=False):
        value = own.set_index("quantity")
        yield from _realized_lines(f"{PROCEDURES[procedure]}, {sex}", value, ours=procedure != "published")
    judged = table[table["procedure"] != "published"]
    for (procedure, sex), own in judged.groupby(["procedure", "sex"], sort=False):
        yield from _system_lines(f"{sex}, {PROCEDURES[procedure]}", own)


def _realized_lines(who: str, value: pd.DataFrame, *, ours: bool) -> Iterator[Line]:
    false, power, first = (value.loc[name] for name in ("false_proportion", "power", "type_one"))
    asked = f"<= {100 * FALSE_MOST:g} %" if ours else f"well above {100 * NOMINAL:g} %"
    met = false["value"] <= FALSE_MOST if ours else false["low"] > 2 * NOMINAL
    yield Line(f"false discovery proportion at 5 %, {who}", _percent(false), asked, bool(met))
    yield Line(f"power, {who}", _percent(power), "reported", met=True)
    inside = 0.04 <= first["value"] <= FALSE_MOST
    asked = "4 to 6 %" if ours else "reported"
    yield Line(f"type I error at 5 %, {who}", _percent(first), asked, bool(inside) or not ours)


def _system_lines(who: str, own: pd.DataFrame) -> Iterator[Line]:
    planted_count = int(own["systems_planted"].median())
    all_found = int((own["systems_recovered"] == own["systems_planted"]).sum())
    figure = (
        f"{own['systems_recovered'].mean():.2f} of {planted_count} on average, at least "
        f"{own['systems_recovered'].min()}; all in {all_found} of {len(own)} cohorts"
    )
    most = own["systems_recovered"].median() == planted_count
    yield Line(f"systems recovered, {who}", figure, f"all {planted_count} in most cohorts", bool(most))
    wrong = int((own["systems_false"] > 0).sum())
    figure = f"{wrong} of {len(own)} cohorts"
    share = wrong <= NOMINAL * len(own)
    yield Line(f"cohorts with a system found that has no effect, {who}", figure, "<= 5 %", bool(share))


def conformal() -> Iterator[Line]:
    """How often intervals of 90 % told of one person hold, overall and by sex and age band."""
    predicted, fold = predict_targets(walkers().sets[OURS], people())
    parts = []
    for target in SHOWN_TARGETS:
        truth = people()[TARGETS[target]]
        table = coverage_of_intervals(predicted[target], truth, people(), fold).assign(target=target)
        parts.append(table)
        whole = table[(table["band"] == EVERYONE) & (table["sex"] == EVERYONE)].iloc[0]
        figure = f"{100 * whole['share']:.1f} % of {whole['n']}"
        yield Line(f"coverage, {target}", figure, "88 to 92 %", bool(whole["valid"]))
        for row in table[table["band"] != EVERYONE].itertuples():
            figure = (
                f"{100 * row.share:.1f} ({100 * row.low:.1f} to {100 * row.high:.1f}) % of {row.n}, "
                f"width {row.width:.3g}"
            )
            yield Line(f"coverage, {target}, {row.sex}, {row.band}", figure, "86 to 94 %", bool(row.valid))
    write_table(pd.concat(parts), "coverage")


def ablation() -> Iterator[Line]:
    """Whether the region of the body where effects were planted is found, system by system."""
    sets, names = walkers().sets, walkers().subjects
    features = RegionFeatures(
        sets[OURS],
        {region: sets[f"without {region}"] for region in REGIONS},
        {region: sets[f"only {region}"] for region in REGIONS},
    )
    values, systems = true_values()
    values = values.iloc[:, :: max(values.shape[1] // _targets(values.shape[1]), 1)]
    fold = deal_people(people().loc[names])
    table = ablate_regions(features, values, people(), fold, systems=systems)
    write_table(table, "regions")
    lead = leading_regions(table)
    styles = ablate_regions(features, causes().styles.loc[names], people(), fold)
    loading = phenotypes()["loading"]
    truths = {
        "planted in styles": planted_regions(loading, load_styles()),
        "visible in joints": visible_regions(loading, styles),
    }
    for what, truth in truths.items():
        found = compare_with_planted(lead, truth)
        write_table(found, f"regions-{what.replace(' ', '-')}")
        share = found["is_most"].mean()
        figure = f"{100 * share:.0f} % of {len(found)} systems of women and men; {_misses(found)}"
        yield Line(f"region with most of what is {what} leads", figure, ">= 90 %", bool(share >= FOUND_LEAST))
        if what.startswith("planted"):
            figure = f"{100 * found['is_planted'].mean():.0f} % of {len(found)} systems"
            yield Line(f"a region with some of what is {what} leads", figure, "reported", met=True)


def rooms() -> Iterator[Line]:
    """Whether features tell the room, what that spoils, and what holds in a room that was never seen."""
    names = walkers().subjects
    own = people().loc[names]
    room = pd.Series([room_of(int(number)) for number in own["number"]], names, name="room")
    fold = deal_people(own)
    values, _ = true_values()
    values = values.iloc[:, :: max(values.shape[1] // _targets(150), 1)]
    for name in (KEYPOINTS, OURS):
        features = walkers().sets[name]
        signal = find_rooms(features, room, own, fold)
        figure = (
            f"area under the curve {signal.area:.3f}, chance up to {signal.chance:.3f}, p = {signal.p:.2g}"
        )
        yield Line(f"the planted room, by {name}", figure, "found", signal.p <= NOMINAL)
        without = compare_without_room(features, room, values, own, fold)
        elsewhere = leave_one_room_out(features, room, values, own)
        yield Line(f"rooms, by {name}", state_rooms(signal, without, elsewhere), "reported", met=True)
        for sex in own["sex"].unique():
            new, mixed = _in_new_room(features, room, own, sex)
            figure = f"r {new:.3f}, in rooms that were seen {mixed:.3f} from as many people"
            yield Line(f"age in a room never seen, {sex}, by {name}", figure, "reported", met=True)


def _in_new_room(features: pd.DataFrame, room: pd.Series, own: pd.DataFrame, sex: str) -> tuple[float, float]:
    """Correlation of age of one room told from the other, mean of rooms; and the same with rooms mixed."""
    names = own.index[own["sex"] == sex]
    code = np.unique(room.loc[names].to_numpy(dtype=str), return_inverse=True)[1]
    age = own.loc[names, "age_year"].to_numpy(dtype=float)
    values = features.loc[names].to_numpy(dtype=float)

    def score(dealt: np.ndarray) -> float:
        told = UnseenRidge(values, dealt).predict(age[:, None])[:, 0]
        return float(
            np.mean([np.corrcoef(told[dealt == k], age[dealt == k])[0, 1] for k in np.unique(dealt)])
        )

    rng = np.random.default_rng(0)
    return score(code), float(np.mean([score(rng.permutation(code)) for _ in range(5)]))


def _misses(found: pd.DataFrame) -> str:
    missed = [
        f"{row.system} ({row.sex}): {row.region}, not {row.most}"
        for row in found[~found["is_most"]].itertuples()
    ]
    return f"missed {', '.join(missed)}" if missed else "none missed"


def _estimate(value: float, row: object) -> str:
    told = pd.Series(row._asdict())  # type: ignore[attr-defined]
    return f"{value:.3f} ({told['low']:.3f} to {told['high']:.3f}), n {told['n']}"


def _percent(row: "pd.Series[float]") -> str:
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['value']:.1f} ({low:.1f} to {high:.1f}) %, {int(row['cohorts'])} cohorts"


def _targets(usual: int) -> int:
    return min(int(os.environ.get("TARGETS") or usual), usual)


MEASUREMENTS = (
    setup,
    scores,
    against_paper,
    planted,
    conformal,
    ablation,
    rooms,
    shape_and_motion,
    another_day,
    known_people,
    tasks,
    diagnoses,
    together,
    controls,
    targets_at_once,
    encoders,
    formats,
    recordings,
    awkward,
    realized,
)

if __name__ == "__main__":
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    show([each for each in MEASUREMENTS if not only or each.__name__ in only])
