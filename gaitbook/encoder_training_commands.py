"""The command ``train-encoder``: a gait encoder that learns from the skeletons of cohorts."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gaitbook.command_options import Subparsers, given_options, say

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from gaitbook.studies.walking_windows import WalkingWindows

EXAMPLE: Final = "Example: gaitbook train-encoder default-large --output encoder.safetensors --minutes 30"
CHECKPOINT: Final = ".checkpoint"
STUDIED: Final = "default-large"
"""Of this cohort, the first people are kept for studies."""
TRANSDUCTIVE: Final = "transductive"
TOLD: Final = ("windows", "steps", "processor_minutes", "parameters", "loss")


def add_train_encoder(subparsers: Subparsers) -> None:
    """Add ``train-encoder``."""
    train = subparsers.add_parser(
        "train-encoder", help="train a gait encoder on the skeletons of cohorts", epilog=EXAMPLE
    )
    train.add_argument("cohorts", nargs="+", metavar="COHORT", help="name or folder of a cohort")
    train.add_argument("--output", required=True, help="file to write the weights to (.safetensors)")
    train.add_argument(
        "--configuration",
        default="fast",
        choices=("fast", "paper"),
        help="ours, or that of the gait foundation model (default: %(default)s)",
    )
    train.add_argument("--steps", type=int, help="steps of the optimizer (default: 10000)")
    train.add_argument("--minutes", type=float, help="end after so many minutes even if there are steps left")
    train.add_argument("--batch", type=int, help="windows in a step (default: 64)")
    train.add_argument("--learning-rate", type=float, help="the highest (default: 0.001)")
    train.add_argument("--seed", type=int, help="another seed, other weights (default: 0)")
    train.add_argument(
        "--precision", choices=("no", "bf16"), default="bf16", help="mixed precision (default: %(default)s)"
    )
    train.add_argument(
        "--first",
        type=int,
        metavar="N",
        help=f"number of the first person (default: of {STUDIED} 2415, else 1)",
    )
    train.add_argument("--last", type=int, metavar="N", help="number of the last person (default: of all)")
    train.add_argument(
        "--transductive", action="store_true", help="learn from all people, those who are studied included"
    )
    train.set_defaults(handler=run_train_encoder)


def run_train_encoder(arguments: argparse.Namespace) -> int:
    """Train an encoder, or go on where an earlier run stopped; every process of several does its share."""
    from gaitbook.models.fitting import FittingPlan, load_accelerate
    from gaitbook.models.gait_embedding import save_encoder
    from gaitbook.studies.gait_embedding import fit_encoder

    output = Path(arguments.output)
    _require_sensible(arguments, output)
    names = ("steps", "minutes", "batch", "learning_rate", "seed", "precision")
    plan = FittingPlan(family=arguments.configuration, **given_options(arguments, *names))
    process = load_accelerate().PartialState()
    with process.main_process_first():
        windows = _cut_windows(arguments)
    encoder = fit_encoder(
        windows,
        arguments.configuration,
        plan,
        card={
            "cohorts": [Path(name).name for name in arguments.cohorts],
            TRANSDUCTIVE: arguments.transductive,
        },
        checkpoint=output.with_suffix(CHECKPOINT),
    )
    if process.is_main_process:
        save_encoder(encoder, output)
        say_left_out(windows.excluded)
        _say_card(encoder.card)
        say(f"Weights: {output}")
    return 0


def list_subjects(path: Path) -> list[str]:
    """Subjects of a stored cohort, sorted: the number of a person is the place in this list, from 1."""
    from gaitbook.cohort.streaming import list_trials

    return sorted({place.split("/")[2] for place in list_trials(path)})


def say_left_out(excluded: "pd.DataFrame") -> None:
    """Say how many recordings were left out, and why."""
    for reason, count in excluded["reason"].value_counts().items():
        say(f"Left out: {count} because {reason}")


def _cut_windows(arguments: argparse.Namespace) -> "WalkingWindows":
    from gaitbook.library import find_cohort
    from gaitbook.studies.gait_embedding import SCALE_OF
    from gaitbook.studies.walking_windows import cut_trials

    chosen = {find_cohort(name): _people_of(name, arguments) for name in arguments.cohorts}
    if not any(chosen.values()):
        raise ValueError(
            "Nobody is left to learn from: of "
            + ", ".join(f"{path.name} there are {len(list_subjects(path))} people" for path in chosen)
            + "; choose others with --first and --last."
        )
    return cut_trials(_iterate(chosen), scale=SCALE_OF[arguments.configuration])


def _iterate(chosen: "Mapping[Path, list[str]]") -> "Iterator[xr.Dataset]":
    from gaitbook.cohort.streaming import iterate_stored

    for path, subjects in chosen.items():
        yield from iterate_stored(path, subjects=subjects)


def _people_of(name: str, arguments: argparse.Namespace) -> list[str]:
    """People of a cohort who are learned from."""
    from gaitbook.library import find_cohort
    from gaitbook.studies.walker_features import STUDY_PEOPLE

    path = find_cohort(name)
    kept = STUDY_PEOPLE if path.name == STUDIED and not arguments.transductive else 0
    first = kept + 1 if arguments.first is None else arguments.first
    return list_subjects(path)[first - 1 : arguments.last]


def _say_card(card: Mapping[str, Any]) -> None:
    say(f"people: {len(card['people'])}")
    for name in TOLD:
        say(f"{name}: {card[name]}")
    if card[TRANSDUCTIVE]:
        say("It has learned from everybody, those who are to be studied included: it is transductive.")


def _require_sensible(arguments: argparse.Namespace, output: Path) -> None:
    faults = []
    if output.suffix != ".safetensors":
        faults.append(f"{output} cannot be the file of the weights: let it end in .safetensors")
    chosen = given_options(arguments, "first", "last")
    faults += [
        f"--{name} is {value}: people are counted from 1" for name, value in chosen.items() if value < 1
    ]
    if len(chosen) > 1 and arguments.first > arguments.last:
        faults.append(f"--first {arguments.first} comes after --last {arguments.last}")
    if chosen and arguments.transductive:
        faults.append("--transductive learns from all people: leave out --first and --last")
    if faults:
        raise ValueError("; ".join(faults) + ".")
