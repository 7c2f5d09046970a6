"""What part F costs: thousands of targets at once against one by one, and both encoders, each in a process of its own.

Ratios are of processor seconds, which other work on the machine does not change; peak memory is that of the process.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from phenotype_walkers import OURS, PAPER, people, phenotypes  # noqa: E402 - the package is found first
from report import Line  # noqa: E402

from gaitbook.conventions import SEXES  # noqa: E402
from gaitbook.representation.skeleton import GROUPS, JOINTS, REGIONS, WINDOW, group_of, region_groups  # noqa: E402
from gaitbook.studies.covariate_design import COLUMNS, covariate_design  # noqa: E402
from gaitbook.studies.person_folds import deal_people  # noqa: E402
from gaitbook.studies.shared_ridge import PENALTIES, SharedRidge  # noqa: E402
from gaitbook.studies.walker_features import AXES  # noqa: E402

FEATURES = 1024
"""Numbers of an embedding of the gait foundation model; the table of features holds `AXES`."""
CORES, GIGABYTE = 2, 1e9
ALONE = {"grid": 3, "scikit": 10, "statsmodels": 10}
"""Targets that are fitted one by one, of which the time of all follows."""
BATCHES = {OURS: 8, PAPER: 1}
"""Windows at a time, as each reads the most of in a second."""
ROUNDS, LEARNED_FRAMES, STEPS = 2, 120, 2
MOST_S, MOST_BYTES, LEAST_RATIO, LEAST_FASTER = 30.0, 3e9, 300.0, 8.0
Sex = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def targets_at_once() -> Iterator[Line]:
    """All targets of women and men, five folds, ten penalties: at once, and one by one."""
    for count in (FEATURES, AXES):
        ours = _measure("shared", count)
        what = (
            f"{ours['targets']} targets, 5 folds, {len(PENALTIES)} penalties, women and men, {count} features"
        )
        figure = (
            f"{ours['wall_s']:.1f} s on {ours['cores']} cores ({ours['processor_s']:.1f} processor seconds)"
        )
        yield Line(what, figure, f"<= {MOST_S:g} s", ours["wall_s"] <= MOST_S)
        memory = ours["peak_bytes"]
        figure = (
            f"{memory / GIGABYTE:.2f} GB, of which {ours['held_bytes'] / GIGABYTE:.2f} GB before it begins"
        )
        yield Line(f"peak memory, {count} features", figure, "<= 3 GB", memory <= MOST_BYTES)
        for name, words in (
            ("grid", "scikit-learn's grid search, target by target, fold by fold, five folds inside"),
            ("scikit", "scikit-learn's RidgeCV, its quickest, target by target, fold by fold"),
            ("statsmodels", "statsmodels' F test of the features, target by target"),
        ):
            alone = _measure(name, count)
            whole_s = alone["processor_s"] * ours["targets"] / alone["targets"]
            ratio = whole_s / ours["processor_s"]
            figure = f"{ratio:.0f} times ({whole_s / 60:.0f} minutes, from {alone['targets']} targets)"
            yield Line(f"{words}, over ours, {count} features", figure, ">= 300", ratio >= LEAST_RATIO)


def encoders() -> Iterator[Line]:
    """Windows per second of both encoders, reading and learning, and their memory, on one core."""
    found = {name: _measure("encoder", f"{name} {batch}") for name, batch in BATCHES.items()}
    for what, words in (
        ("read", f"reading, windows of {WINDOW} frames"),
        ("learned", f"learning, windows of {LEARNED_FRAMES} frames"),
    ):
        ours, paper = (found[name][f"{what}_per_s"] for name in (OURS, PAPER))
        figure = f"{ours / paper:.1f} times ({ours:.2f} against {paper:.3f} windows per processor second)"
        yield Line(f"{words}, {OURS} over {PAPER}", figure, ">= 8", ours / paper >= LEAST_FASTER)
    for name, told in {OURS: _measure("encoder", f"{OURS} 1"), PAPER: found[PAPER]}.items():
        reading, learning = (told[which] / GIGABYTE for which in ("read_peak_bytes", "peak_bytes"))
        figure = f"{reading:.2f} GB reading, {learning:.2f} GB learning, {told['held_bytes'] / GIGABYTE:.2f} GB before"
        figure += f"; one window at a time, {told['parameters'] / 1e6:.2f} M parameters"
        yield Line(f"peak memory, {name}", figure, "reported", met=True)


def _measure(part: str, how: str | int) -> dict[str, float]:
    """What a process of its own measures; all its threads are on as many cores as are asked for."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__)), part, str(how)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **threads})
    if done.returncode:
        raise RuntimeError(f"{part} {how}: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _by_sex(count: int) -> list[Sex]:
    """Features, covariates, values (NaN where missing) and folds of each sex: numbers of the shape of real ones."""
    everyone, rng = people(), np.random.default_rng(0)
    values = phenotypes()["value"].transpose("subject", "phenotype").values
    values = values[:, : int(os.environ.get("TARGETS") or values.shape[1])]
    shared = rng.standard_normal((AXES, count))
    found = []
    for sex in SEXES:
        own = (everyone["sex"] == sex).to_numpy()
        chosen = everyone[own]
        features = rng.standard_normal((len(chosen), AXES)) @ shared + rng.standard_normal(
            (len(chosen), count)
        )
        design = covariate_design(chosen[list(COLUMNS)])
        fold = deal_people(chosen).to_numpy(dtype=np.intp)
        found.append((features.astype(np.float32), design, values[own], fold))
    return found


def _shared(count: int) -> dict[str, float]:
    cores = _keep_to(CORES)
    sexes = _by_sex(count)
    held = _peak_bytes()
    wall_s, processor_s = time.perf_counter(), time.process_time()
    for features, design, values, fold in sexes:
        SharedRidge(features, design, fold, single=True).predict(values)
    told = {
        "wall_s": time.perf_counter() - wall_s,
        "processor_s": time.process_time() - processor_s,
        "cores": cores,
        "targets": sexes[0][2].shape[1],
    }
    return {**told, "held_bytes": held, "peak_bytes": _peak_bytes()}


def _one_by_one(count: int, fit: Callable[[Sex, int], None], targets: int) -> dict[str, float]:
    sexes = _by_sex(count)
    chosen = np.linspace(0, sexes[0][2].shape[1] - 1, targets).astype(int)
    # what has to be loaded first is not counted
    fit(sexes[0], int(chosen[0]))
    begun_s = time.process_time()
    for sex in sexes:
        for target in chosen:
            fit(sex, int(target))
    return {"processor_s": time.process_time() - begun_s, "targets": targets}


def _fit_grid(sex: Sex, target: int) -> None:
    """Ridge with each penalty on the teachers of each fold, the best of them by folds within these."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, design, values, fold = sex
    table = np.column_stack([design, features])
    known = np.isfinite(values[:, target])
    for each in np.unique(fold):
        taught = known & (fold != each)
        alphas = {"ridge__alpha": np.array(PENALTIES) * taught.sum()}
        model = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), alphas, cv=5)
        model.fit(table[taught], values[taught, target]).predict(table[fold == each])


def _fit_scikit(sex: Sex, target: int) -> None:
    """Ridge with each penalty on the teachers of each fold, the best of them by generalized cross-validation."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, design, values, fold = sex
    table = np.column_stack([design, features])
    known = np.isfinite(values[:, target])
    for each in np.unique(fold):
        taught = known & (fold != each)
        alphas = np.array(PENALTIES) * taught.sum()
        model = make_pipeline(StandardScaler(), RidgeCV(alphas)).fit(table[taught], values[taught, target])
        model.predict(table[fold == each])


def _fit_statsmodels(sex: Sex, target: int) -> None:
    """Ordinary least squares by covariates, and by covariates with features; the F test of what these add."""
    from statsmodels.api import OLS

    features, design, values, _ = sex
    known = np.isfinite(values[:, target])
    covariates = design[known]
    # more features than people leave nothing to test with; the axes that fit are taken
    most = max(int(known.sum()) - covariates.shape[1] - 10, 1)
    both = np.column_stack([covariates, features[known][:, :most]])
    truth = values[known, target].astype(float)
    OLS(truth, both).fit().compare_f_test(OLS(truth, covariates).fit())


def _encoder(how: str) -> dict[str, float]:
    import torch

    from gaitbook.models.encoder_training import EncoderRecipe, train_encoder
    from gaitbook.models.fitting import FittingPlan
    from gaitbook.models.gait_embedding import TrainedEncoder, embed_windows
    from gaitbook.studies.gait_embedding import SCALE_OF

    name, count = how.split()
    batch = int(count)
    torch.set_num_threads(1)
    groups = tuple(GROUPS.index(group_of(joint)) for joint in JOINTS)
    regions = {each: tuple(GROUPS.index(group) for group in region_groups(each)) for each in REGIONS}
    recipe = EncoderRecipe(name, frames=LEARNED_FRAMES)
    network = recipe.make(groups)
    encoder = TrainedEncoder(network, recipe, groups, regions, SCALE_OF[name], {})
    windows = torch.randn(batch, WINDOW, len(JOINTS), 4)
    held = _peak_bytes()
    read_s = _best_s(lambda: embed_windows(encoder, windows, batch=batch))
    read_peak = _peak_bytes()

    def learn(steps: int) -> float:
        plan = FittingPlan(steps=steps, batch=batch, precision="bf16")
        return _best_s(
            lambda: train_encoder(windows, torch.tensor(groups), recipe, plan, progress=False), rounds=1
        )

    learn(1)
    learned_s = (learn(1 + STEPS) - learn(1)) / STEPS
    return {
        "read_per_s": batch / read_s,
        "learned_per_s": batch / learned_s,
        "held_bytes": held,
        "read_peak_bytes": read_peak,
        "peak_bytes": _peak_bytes(),
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }


def _best_s(call: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    spent = []
    for _ in range(rounds):
        begun_s = time.process_time()
        call()
        spent.append(time.process_time() - begun_s)
    return min(spent)


def _peak_bytes() -> float:
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _keep_to(cores: int) -> int:
    """Stay on so many cores, where the system lets one choose."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or cores
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, chosen)
    return len(chosen)


PARTS: dict[str, Callable[[str], dict[str, float]]] = {
    "shared": lambda how: _shared(int(how)),
    "grid": lambda how: _one_by_one(int(how), _fit_grid, ALONE["grid"]),
    "scikit": lambda how: _one_by_one(int(how), _fit_scikit, ALONE["scikit"]),
    "statsmodels": lambda how: _one_by_one(int(how), _fit_statsmodels, ALONE["statsmodels"]),
    "encoder": _encoder,
}

if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](sys.argv[2])))
