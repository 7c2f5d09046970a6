"""Figures of part C, measured now: `make show TOPIC=cohort`. Takes about half an hour on two cores.

Real recordings are looked for in GAITBOOK_DATA (or ../shared/data) and RUNNERS; what needs them, or MuJoCo, is reported
short without. ONLY=name,name chooses measurements; PEOPLE=number takes so many people instead of each one's own number.
"""

import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from report import Line, show

if TYPE_CHECKING:
    import xarray as xr

    from gaitbook.body_model import BodyModel

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
DATA = Path(os.environ.setdefault("GAITBOOK_DATA", str(ROOT.parent / "shared" / "data")))
SCRATCH = Path(tempfile.mkdtemp(prefix="gaitbook_cohort_"))
RUNNERS = Path(os.environ.get("RUNNERS", str(ROOT / "_build" / "cohorts")))
"""Folder of cohorts with the imported `rbds`."""
WALKS_MPS = (0.7, 1.0, 1.3, 1.7, 2.0)
RUNS_MPS = (2.5, 3.0, 3.5, 4.5, 6.0)
MOST_MISSED = 3
LARGE, USUAL = 3414, 200


def hard_physics() -> Iterator[Line]:
    """Criteria of mechanics on random people, walking and running."""
    from gaitbook.studies.physics_check import check_all, worst_of

    for gait, speeds_mps, rate_hz in (("walk", (0.7, 1.3, 2.0), 200.0), ("run", (2.5, 3.5, 6.0), 200.0)):
        table = worst_of(check_all(_pairs(_count(6), speeds_mps, gait, rate_hz=rate_hz)))
        for row in table.itertuples():
            bound = f">= {row.least:g}" if pd.isna(row.greatest) else f"<= {row.greatest:g}"
            figure = f"worst {row.worst:.3g}, median {row.median:.3g} {row.unit}, {row.trials} trials"
            if row.shown > 0:
                figure += f" (samples show no less than {row.shown:.1g})"
            if row.limited:
                bound += ", or what the samples can show"
            what = f"criterion {row.criterion}, {gait}, {row.quantity.replace('_', ' ')}"
            yield Line(what, figure, bound, row.kept == row.trials)


def physics_tests() -> Iterator[Line]:
    """Tests of the same on random people, and MuJoCo as a witness."""
    for what, tests in (
        ("tests of synthesis and realism", ["tests/synthesis", "tests/studies"]),
        ("MuJoCo agrees", ["tests/synthesis", "tests/mechanics/test_against_mujoco.py", "-k", "mujoco"]),
    ):
        command = [sys.executable, "-m", "pytest", "-q", *tests]
        finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        last = (finished.stdout.strip().splitlines() or [finished.stderr[-200:]])[-1]
        yield Line(what, last, "all pass", finished.returncode == 0)


def published_targets() -> Iterator[Line]:
    """Every target with its tolerance, on people of the default cohort."""
    from gaitbook.studies.published_targets import judge

    table = judge(_measured())
    for row in table.itertuples():
        what = f"{row.gait} {row.speed_mps} m/s, {row.quantity.replace('_', ' ')}, {row.statistic}"
        interval = f" ({row.value_low:.3g} to {row.value_high:.3g})" if row.n > 1 else ""
        figure = f"{row.value:.3g}{interval} {row.unit}, n {row.n}"
        yield Line(what, figure, f"{_range(row.low, row.high)}; {row.source}", row.met)
    missed = int((~table["met"]).sum())
    yield Line(
        "published targets missed", f"{missed} of {len(table)}", f"<= {MOST_MISSED}", missed <= MOST_MISSED
    )


def joint_curves() -> Iterator[Line]:
    """Mean joint curves against their reference, walking at 1.3 m/s."""
    for row in _shares().itertuples():
        figure = (
            f"{row.value:.0f} % of the cycle, largest {row.largest:.2f} SD, mean {row.offset:+.1f} degrees"
        )
        target = f">= 95 % within {row.allowed:g} SD"
        yield Line(f"{row.coordinate} against its reference", figure, target, row.value >= 95)


def conditions() -> Iterator[Line]:
    """Change of knee moments per condition and dose, same people."""
    from gaitbook.studies.condition_effects import condition_table, monotone_table, paired_changes
    from gaitbook.studies.gait_measures import measure_all
    from gaitbook.synthesis.conditions import Condition

    asked = [None]
    asked += [Condition(trunk_lean_rad=np.deg2rad(dose)) for dose in (5, 10, 15)]
    asked += [Condition(toe_out_rad=np.deg2rad(dose)) for dose in (-10, -5, 5, 10)]
    asked += [Condition(medial_thrust_rad=np.deg2rad(dose)) for dose in (6, 12)]
    asked += [Condition(step_width_m=dose) for dose in (-0.05, 0.05, 0.10)]
    asked += [Condition(stride_length=dose) for dose in (-0.1, 0.1)]
    changes = paired_changes(measure_all(_pairs(_count(24), (1.3,), "walk", asked=tuple(asked))))
    for row in condition_table(changes).itertuples():
        what = f"{row.condition} {row.dose:g}, {row.quantity.replace('_', ' ')}"
        target = _range(row.published_low, row.published_high) if row.source else "reported"
        target += f"; {row.source}" if row.source else ""
        figure = f"{row.value:+.1f} % ({row.low:+.1f} to {row.high:+.1f}), n {row.n}"
        yield Line(
            what,
            figure,
            target if row.required or not row.source else f"{target}; not required",
            row.met or not row.required,
        )
    for row in monotone_table(changes).itertuples():
        what = f"{row.condition} from {row.doses}, {row.quantity.replace('_', ' ')}"
        yield Line(what, f"{row.value:+.1f} points ({row.low:+.1f} to {row.high:+.1f})", "falls", row.met)


def real_walks() -> Iterator[Line]:
    """Vertical force of recorded walks against simulated people of that size and speed."""
    yield from _against(_recorded("opencap"), "walk")
    yield from _against(_recorded("arnold2013"), "walk")


def real_runs() -> Iterator[Line]:
    """Vertical force of recorded runs against simulated people of that size and speed."""
    yield from _against(_recorded("hamner"), "run")


def held_out_runners() -> Iterator[Line]:
    """Runners that the references have not seen, at each speed: mean of all, and each beside."""
    from gaitbook.studies.real_people import compare_stances, simulate_likenesses
    from gaitbook.synthesis.gait import simulate_gait

    real = _runner_curves()
    real = real[real["subject"].isin(_held_out())]
    simulated = simulate_likenesses(real, simulate_gait, people=_count(3))
    each = compare_stances(real, simulated)
    for speed_mps, part in each.groupby("speed_mps"):
        near = (part["peak_ratio"] - 1.0).abs() <= 0.08
        mean_real, mean_simulated = (
            table[table["trial"].isin(part["trial"])].groupby("phase_percent")["value"].mean()
            for table in (real[real["speed_mps"] == speed_mps], simulated)
        )
        r = float(np.corrcoef(mean_real, mean_simulated)[0, 1])
        ratio = float(mean_simulated.max() / mean_real.max())
        figure = f"r {r:.3f}, peak ratio {ratio:.3f}, {len(part)} runners"
        met = r >= 0.97 and abs(ratio - 1.0) <= 0.08
        yield Line(
            f"held-out runners at {speed_mps:g} m/s, mean curve", figure, "r >= 0.97, peak within 8 %", met
        )
        alike, spread = part["r"] >= 0.97, part["peak_ratio"]
        figure = (
            f"r {part['r'].min():.3f} to {part['r'].max():.3f}, {alike.sum()} of {len(part)} reach 0.97; "
            f"peak ratio {spread.min():.3f} to {spread.max():.3f}, {near.sum()} within 8 %"
        )
        what = f"held-out runners at {speed_mps:g} m/s, one by one"
        yield Line(
            what, figure, "all (more than real runners reach for each other)", bool((alike & near).all())
        )


def other_real_people() -> Iterator[Line]:
    """How well real people stand for each other: what no simulator can be expected to exceed."""
    walks = pd.concat([_recorded("opencap"), _recorded("arnold2013")])
    runs = _runner_curves()
    for name, curves in [("walkers", walks)] + [
        (f"runners at {speed:g} m/s", part) for speed, part in runs.groupby("speed_mps")
    ]:
        table = curves.pivot_table(
            index=["source", "subject"], columns="phase_percent", values="value"
        ).to_numpy()
        others = [np.delete(table, number, 0).mean(axis=0) for number in range(len(table))]
        r = [np.corrcoef(own, other)[0, 1] for own, other in zip(table, others, strict=True)]
        ratio = np.array([other.max() / own.max() for own, other in zip(table, others, strict=True)])
        figure = (
            f"r {min(r):.3f} to {max(r):.3f}, peak ratio {ratio.min():.2f} to {ratio.max():.2f}, "
            f"{np.sum(np.abs(ratio - 1) <= 0.08)} of {len(r)} within 8 %"
        )
        yield Line(f"each of the real {name} against the mean of the others", figure, "reported", met=True)


def one_leg() -> Iterator[Line]:
    """Force of the right foot from the right leg alone and from the whole body, by the same regression."""
    from gaitbook.studies.one_leg import collect_strides, leg_errors, leg_ratio

    for (gait, speeds_mps), alike in product(
        (("walk", (0.8, 1.3, 1.8)), ("run", (2.5, 3.5, 4.5))), (True, False)
    ):
        trials = (trial for trial, _ in _pairs(_count(200), speeds_mps, gait, alike=alike))
        errors = leg_errors(collect_strides(trials))
        ratio, mean = leg_ratio(errors), errors.groupby("seen")["value"].mean()
        figure = (
            f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f}), n {ratio.n}; right leg "
            f"{mean['right leg']:.2f}, whole body {mean['whole body']:.2f} %BW"
        )
        what = f"error from one leg over error from the whole body, {gait}, variation {'not ' * alike}added"
        yield Line(what, figure, "reported" if alike else "above 1.2", alike or ratio.low > 1.2)


def body_signs() -> Iterator[Line]:
    """Health phenotypes from simple features of the skeletons that the depth camera sees."""
    from gaitbook.studies.known_causes import feature_correlations, null_share
    from gaitbook.synthesis.causes import draw_causes
    from gaitbook.synthesis.phenotypes import draw_phenotypes
    from gaitbook.synthesis.population import draw_people

    people, features = draw_people(_count(LARGE), seed=0), _camera_features(_count(LARGE))
    limits = {"age": (0.60, 0.74), "bmi": (0.85, 0.93), "visceral_fat": (0.75, 0.86)}
    for name, r in feature_correlations(features, people).items():
        low, high = limits[name]
        figure = f"{r.value:.3f} ({r.low:.3f} to {r.high:.3f}), n {r.n}"
        what = f"r of {name.replace('_', ' ')}, ridge on {features.shape[1]} features"
        yield Line(what, figure, f"{low} to {high}", low <= r.value <= high)
    causes = draw_causes(people, seed=0)
    # the cohort's own null targets, and others drawn for the same people: neighbors resemble each other, so that the
    # share of one draw strays by more than half a percent
    tests = [null_share(features, draw_phenotypes(people, causes, seed=seed), people) for seed in range(5)]
    shares = 100 * np.array([test.share for test in tests])
    own = tests[0]
    strayed = 100 * np.array(own.permuted_shares)
    figure = (
        f"{shares.mean():.1f} % in {len(shares)} draws, {shares[0]:.1f} % in the cohort's own (permutations "
        f"{strayed.min():.1f} to {strayed.max():.1f} %), p of uniformity {own.uniformity:.2f}"
    )
    yield Line("null targets with p < 0.05, permutation", figure, "4 to 6 %", 4 <= shares.mean() <= 6)
    figure = (
        f"{100 * own.naive_share:.1f} %, r sqrt(n) {own.null_mean:+.2f} with spread {own.null_spread:.2f}"
    )
    yield Line("the same by Student's t, which takes them for 0 and 1", figure, "reported", met=True)


def _camera_features(count: int) -> pd.DataFrame:
    """Features of the people of the default cohorts, from the smallest that holds so many."""
    import gaitbook as gb
    from gaitbook.studies.skeleton_features import collect_features

    name = "default" if count <= USUAL else "default-large"
    # where the cost was measured, if it was
    os.environ["GAITBOOK_COHORTS"] = str(SCRATCH / f"cost-{name}")
    cohort = gb.open_cohort(name, progress=False)
    chosen = {f"person-{number + 1:04d}" for number in range(count)}
    return collect_features(gb.iterate_trials(cohort, subjects=chosen))


def cost() -> Iterator[Line]:
    """Time and memory of the two cohorts, each in a process of its own."""
    for name, count, most_s, most_gb in (("default", USUAL, 30, 4), ("default-large", LARGE, 300, 4)):
        code = f"import gaitbook as gb; gb.find_cohort({name!r}, progress=False)"
        folder = SCRATCH / f"cost-{name}"
        folder.mkdir()
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        start_s = time.perf_counter()
        environment = {**os.environ, "GAITBOOK_COHORTS": str(folder)}
        finished = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start_s
        gb = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024**2
        figure = f"{seconds:.0f} s, at most {gb:.1f} GB in a process, load {os.getloadavg()[0]:.1f}"
        if finished.returncode:
            figure += f": {finished.stderr.strip().splitlines()[-1]}"
        met = not finished.returncode and seconds <= most_s and gb <= most_gb
        yield Line(f"cohort {name}, {count} people", figure, f"<= {most_s} s, <= {most_gb} GB", met)


def same_bytes() -> Iterator[Line]:
    """The same people alone, together and in another order give the same bytes."""
    from gaitbook.synthesis.gait import simulate_gait
    from gaitbook.synthesis.population import draw_people

    together = draw_people(6, seed=0)
    alone = pd.concat([draw_people(1, seed=0, first=number) for number in range(6)])
    yield Line("people drawn alone and together", str(together.equals(alone)), "True", together.equals(alone))
    marks = []
    for people in (together, alone.iloc[::-1]):
        digests = {}
        for name, person in people.iterrows():
            trial = simulate_gait(person, speed_mps=1.3, duration_s=2.0)
            whole = b"".join(trial[each].values.tobytes() for each in sorted(trial.data_vars))
            digests[name] = hashlib.sha256(whole).hexdigest()
        marks.append(digests)
    equal = marks[0] == marks[1]
    yield Line("trials of people in another order", "same bytes" if equal else "others", "same bytes", equal)


def domain_reader() -> Iterator[Line]:
    """What a reader from the field would look at first, on people of the cohort at their own speed."""
    from gaitbook.studies.foot_check import foot_quantities

    rows = []
    for trial, model in _own_speed(_count(40)):
        knee = trial["joint_angle"].sel(coordinate=["knee_angle_r", "knee_angle_l"])
        rows.append(foot_quantities(trial, model) | {"hyperextension": float(np.rad2deg(-knee.min()))})
    table = pd.DataFrame(rows)
    for name, target, worst, met in (
        ("hyperextension", "<= 5 degrees", table["hyperextension"].max(), table["hyperextension"].max() <= 5),
        ("penetration", "<= 5 mm", table["penetration"].max(), table["penetration"].max() <= 5),
        ("swing_clearance", ">= 5 mm", table["swing_clearance"].min(), table["swing_clearance"].min() >= 5),
        (
            "pressure_inside_foot",
            ">= 99.5 %",
            table["pressure_inside_foot"].min(),
            table["pressure_inside_foot"].min() >= 99.5,
        ),
        ("friction_ratio", "< 0.5", table["friction_ratio"].max(), table["friction_ratio"].max() < 0.5),
    ):
        shown = ", ".join(f"{value:.3g}" for value in table[name].quantile([0.05, 0.5, 0.95]))
        figure = f"worst {worst:.3g} (5, 50, 95 %: {shown}), {len(table)} people"
        yield Line(name.replace("_", " "), figure, target, bool(met))


def _count(usual: int) -> int:
    return int(os.environ.get("PEOPLE", usual))


def _range(low: float, high: float) -> str:
    if pd.isna(low):
        return f"<= {high:g}"
    return f">= {low:g}" if pd.isna(high) else f"{low:g} to {high:g}"


def _pairs(
    count: int,
    speeds_mps: tuple[float, ...],
    gait: str,
    *,
    asked: tuple[object, ...] = (None,),
    alike: bool = False,
    rate_hz: float = 200.0,
) -> "Iterator[tuple[xr.Dataset, BodyModel]]":
    """Trials of people of the cohort; ``alike``, without the variation that makes parts of a body independent."""
    from gaitbook.studies.realism import move_people
    from gaitbook.synthesis.causes import draw_causes
    from gaitbook.synthesis.gait import simulate_gait
    from gaitbook.synthesis.population import draw_people

    people = draw_people(count, seed=0)
    styles = draw_causes(people, seed=0).styles
    if alike:
        # one signature for all, and only the styles that legs show
        people = people.assign(number=0)
        styles = styles.assign(**dict.fromkeys(styles.columns.difference(_leg_styles()), 0.0))
    yield from move_people(
        people,
        simulate_gait,
        speeds_mps=speeds_mps,
        gait=gait,
        conditions=asked,
        styles=styles,
        sampling_rate_hz=rate_hz,
    )


def _leg_styles() -> list[str]:
    from gaitbook.synthesis.manner import styles_table

    rows = styles_table()["styles"]
    return [name for name, row in rows.items() if row["part"] == "legs" and name != "asymmetry"]


def _own_speed(count: int) -> "Iterator[tuple[xr.Dataset, BodyModel]]":
    from gaitbook.studies.realism import move_people
    from gaitbook.synthesis.causes import draw_causes
    from gaitbook.synthesis.gait import simulate_gait
    from gaitbook.synthesis.population import draw_people

    people = draw_people(count, seed=0)
    styles = draw_causes(people, seed=0).styles
    for subject, speed_mps in people["comfortable_speed_mps"].items():
        yield from move_people(
            people.loc[[subject]], simulate_gait, speeds_mps=(float(speed_mps),), styles=styles
        )


@cache
def _walks() -> "tuple[tuple[xr.Dataset, BodyModel], ...]":
    return tuple(_pairs(_count(40), (1.3,), "walk"))


@cache
def _shares() -> pd.DataFrame:
    from gaitbook.studies.realism import joint_cycles, reference_bands, within_spread

    curves = joint_cycles(trial for trial, _ in _walks())
    return within_spread(curves, reference_bands(1.3, float(curves["height_m"].mean())))


@cache
def _measured() -> pd.DataFrame:
    from gaitbook.studies.gait_measures import measure_all
    from gaitbook.studies.realism import mean_stances, waveform_rows, with_derived

    others = tuple(speed for speed in WALKS_MPS if speed != 1.3)
    runs = list(_pairs(_count(16), RUNS_MPS, "run"))
    parts = [measure_all(_walks()), measure_all(_pairs(_count(16), others, "walk")), measure_all(runs)]
    stances = mean_stances(trial for trial, _ in runs)
    waves = waveform_rows(stances, _runner_stances()) if (RUNNERS / "rbds").is_dir() else None
    return pd.concat([with_derived(pd.concat(parts, ignore_index=True), _shares()), waves], ignore_index=True)


@cache
def _runner_trials() -> "tuple[xr.Dataset, ...]":
    import gaitbook as gb

    os.environ["GAITBOOK_COHORTS"] = str(RUNNERS)
    names = ["ground_reaction_force", "in_contact"]
    trials = gb.iterate_trials(gb.open_cohort("rbds", progress=False))
    return tuple(trial[names].load().astype(float, keep_attrs=True) for trial in trials)


@cache
def _runner_curves() -> pd.DataFrame:
    from gaitbook.studies.real_people import stance_curves

    return stance_curves(_runner_trials())


def _runner_stances() -> pd.DataFrame:
    """Mean force of the runners that the references have seen, weighed by their plate."""
    from gaitbook.studies.plate_weight import plate_weight
    from gaitbook.studies.realism import mean_stances

    seen = [trial for trial in _runner_trials() if trial.attrs["subject"] not in _held_out()]
    return mean_stances(trial.assign_attrs(mass_kg=plate_weight(trial) / 9.81, gait="run") for trial in seen)


def _held_out() -> set[str]:
    import yaml

    text = (ROOT / "gaitbook" / "synthesis" / "running_reference.yml").read_text(encoding="utf-8")
    return set(yaml.safe_load(text)["held_out"])


@cache
def _recorded(folder: str) -> pd.DataFrame:
    """Stances of a folder of recordings, imported as a user would."""
    import gaitbook as gb
    from gaitbook.readers.osim_model import read_body
    from gaitbook.studies.real_people import stance_curves

    os.environ["GAITBOOK_COHORTS"] = str(SCRATCH / "cohorts")
    models = list((DATA / folder).rglob("*.osim"))
    people = None
    if len(models) == 1:
        people = SCRATCH / f"{folder}.csv"
        people.write_text(f"subject,mass_kg\n{folder},{read_body(models[0]).mass_kg}\n", encoding="utf-8")
    gb.import_cohort(DATA / folder, folder, participants=people, progress=False)
    trials = gb.iterate_trials(gb.open_cohort(SCRATCH / "cohorts" / folder, progress=False))
    return stance_curves(trial.load() for trial in trials if "ground_reaction_force" in trial)


def _against(real: pd.DataFrame, gait: str) -> Iterator[Line]:
    from gaitbook.studies.real_people import LIMITS, compare_stances, simulate_likenesses
    from gaitbook.synthesis.gait import simulate_gait

    least = LIMITS[gait]["r"]
    simulated = simulate_likenesses(real, simulate_gait, people=_count(6))
    for row in compare_stances(real, simulated).itertuples():
        figure = (
            f"r {row.r:.3f}, rmse {row.rmse:.1f} %BW, peaks {row.peak_simulated:.0f} against {row.peak_real:.0f} %BW "
            f"(ratio {row.peak_ratio:.3f}), {row.people} simulated people"
        )
        what = f"vertical force, {row.source}/{row.subject}/{row.trial} at {row.speed_mps:.2f} m/s"
        yield Line(what, figure, f"r >= {least}", row.met)


if __name__ == "__main__":
    chosen = re.split(r"[ ,]+", os.environ.get("ONLY", "")) if os.environ.get("ONLY") else []
    everything = (
        physics_tests,
        hard_physics,
        domain_reader,
        published_targets,
        joint_curves,
        conditions,
        real_walks,
        real_runs,
        held_out_runners,
        other_real_people,
        one_leg,
        cost,
        body_signs,
        same_bytes,
    )
    show(measure for measure in everything if not chosen or measure.__name__ in chosen)
