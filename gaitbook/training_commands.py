"""Commands that make and judge a model of motion: ``train``, ``calibrate`` and ``conditions``."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gaitbook.command_options import (
    Subparsers,
    given_options,
    require_draws,
    say,
    say_exclusions,
    trained_model,
)

if TYPE_CHECKING:
    from gaitbook.cohort.exclusions import Exclusion
    from gaitbook.models.fitting import FittingPlan
    from gaitbook.models.window_sampling import Sequences
    from gaitbook.studies.measured_motion import MeasuredMotion

TRAIN_EXAMPLE: Final = "Example: gaitbook train default-large rbds --output motion.safetensors"
CALIBRATE_EXAMPLE: Final = "Example: gaitbook calibrate default-large rbds --weights motion.safetensors"
CONDITIONS_EXAMPLE: Final = "Example: gaitbook conditions default rbds --output conditions.csv"
CHECKPOINT: Final = ".checkpoint"
OWN_SIZE: Final = ("width", "blocks", "patch")
"""Of the motion model's network; a peer's is as it was published."""


def add_train(subparsers: Subparsers) -> None:
    """Add ``train``."""
    train = subparsers.add_parser(
        "train", help="train a motion model, or a peer, on cohorts", epilog=TRAIN_EXAMPLE
    )
    train.add_argument(
        "cohorts",
        nargs="+",
        metavar="COHORT",
        help="name or folder of a cohort, or AddBiomechanics file (.b3d) or folder of such files",
    )
    train.add_argument("--output", required=True, help="file to write the weights to (.safetensors)")
    train.add_argument("--peer", metavar="NAME", help="train a model of the literature instead, such as CNN")
    train.add_argument("--family", help="how the model draws (default: that of the package's own)")
    train.add_argument("--steps", type=int, help="steps of the optimizer (default: 10000)")
    train.add_argument("--minutes", type=float, help="end after so many minutes even if there are steps left")
    train.add_argument("--batch", type=int, help="windows in a step (default: 64)")
    train.add_argument("--learning-rate", type=float, help="the highest (default: the model's own)")
    train.add_argument("--width", type=int, help="width of the network")
    train.add_argument("--blocks", type=int, help="number of its blocks")
    train.add_argument("--patch", type=int, help="frames that it sees as one")
    train.add_argument("--seed", type=int, help="another seed, other weights (default: 0)")
    train.add_argument("--precision", choices=("no", "bf16"), help="mixed precision (default: no)")
    train.set_defaults(handler=run_train)


def add_conditions(subparsers: Subparsers) -> None:
    """Add ``conditions``."""
    conditions = subparsers.add_parser(
        "conditions",
        help="measure what a model loses under each of the 33 conditions, on people held out",
        epilog=CONDITIONS_EXAMPLE,
    )
    conditions.add_argument("cohorts", nargs="+", metavar="COHORT", help="name or folder of a cohort")
    conditions.add_argument("--output", required=True, help="table to write (.csv)")
    conditions.add_argument("--weights", help="file of a trained model (default: the one of the package)")
    _add_sizes(conditions, people=4)
    conditions.set_defaults(handler=run_conditions)


def add_calibrate(subparsers: Subparsers) -> None:
    """Add ``calibrate``."""
    calibrate = subparsers.add_parser(
        "calibrate",
        help="widen the intervals of a trained model until they hold on people kept for it",
        epilog=CALIBRATE_EXAMPLE,
    )
    calibrate.add_argument("cohorts", nargs="+", metavar="COHORT", help="name or folder of a cohort")
    calibrate.add_argument("--weights", required=True, help="file of the model, which is written anew")
    _add_sizes(calibrate, people=12)
    calibrate.set_defaults(handler=run_calibrate)


def run_calibrate(arguments: argparse.Namespace) -> int:
    """Put into the card of a model how far it trusts Newton, and how wide its intervals have to be."""
    from gaitbook.models.motion_model import load_model, save_model
    from gaitbook.studies.completion import CompletionPlan
    from gaitbook.studies.model_calibration import calibrate_model

    require_draws(arguments)
    model = load_model(Path(arguments.weights))
    exclusions: list[Exclusion] = []
    motions = [
        motion
        for name in arguments.cohorts
        for motion in _held_out(name, arguments, exclusions=exclusions, role="calibrate")
    ]
    plan = CompletionPlan(draws=arguments.draws)
    save_model(
        calibrate_model(model, motions, plan=plan, processes=arguments.processes), Path(arguments.weights)
    )
    say_exclusions(exclusions)
    say(f"Calibrated on {len(motions)} trials: {arguments.weights}")
    return 0


def _add_sizes(parser: argparse.ArgumentParser, *, people: int) -> None:
    """Add how many people, trials and draws are looked at."""
    for name, kind, usual, what in (
        ("people", int, people, "at most so many of each cohort"),
        ("trials", int, 2, "at most so many of each person"),
        ("seconds", float, 3.0, "middle of each trial"),
        ("draws", int, 20, "how many times to draw"),
    ):
        parser.add_argument(f"--{name}", type=kind, default=usual, help=f"{what} (default: %(default)s)")
    parser.add_argument(
        "--processes", type=int, help="how many to use (default: one for each core, at most 8)"
    )


def run_train(arguments: argparse.Namespace) -> int:
    """Train a model on cohorts, or go on where an earlier run stopped; every process of several does its share."""
    from gaitbook.models.fitting import FittingPlan, load_accelerate
    from gaitbook.studies.familiarity import STATISTICS
    from gaitbook.studies.training_sources import encode_training

    output = Path(arguments.output)
    if output.suffix == CHECKPOINT or not output.suffix:
        raise ValueError(f"{output} cannot be the file of the weights: let it end in .safetensors.")
    _require_kind(arguments)
    names = ("family", "steps", "minutes", "batch", "learning_rate", "seed", "precision")
    plan = FittingPlan(**given_options(arguments, *names))
    process = load_accelerate().PartialState()
    with process.main_process_first():
        sequences, exclusions = encode_training(arguments.cohorts)
    train = _train_peer if arguments.peer else _train_own
    card = train(arguments, sequences, plan, output if process.is_main_process else None)
    if process.is_main_process:
        say_exclusions(exclusions)
        say("\n".join(f"{name}: {value}" for name, value in card.items() if name != STATISTICS))
        say(f"Weights: {output}")
    return 0


def run_conditions(arguments: argparse.Namespace) -> int:
    """Measure a model under the 33 conditions and write the table."""
    from gaitbook.cohort.checksums import write_atomically
    from gaitbook.studies.completion import CompletionPlan
    from gaitbook.studies.condition_table import condition_table

    require_draws(arguments)
    model = trained_model(arguments)
    output = Path(arguments.output)
    exclusions: list[Exclusion] = []
    motions = [
        motion for name in arguments.cohorts for motion in _held_out(name, arguments, exclusions=exclusions)
    ]
    table = condition_table(
        model, motions, plan=CompletionPlan(draws=arguments.draws), processes=arguments.processes
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(output, table.to_csv(index=False, float_format="%.5g"))
    say_exclusions(exclusions)
    people = len({motion.trial.attrs["subject"] for motion in motions})
    say(f"{table['condition'].nunique()} conditions, {len(motions)} trials of {people} people: {output}")
    return 0


def _train_own(
    arguments: argparse.Namespace, sequences: "Sequences", plan: "FittingPlan", output: Path | None
) -> Mapping[str, Any]:
    from dataclasses import replace

    from gaitbook.models.motion_model import save_model
    from gaitbook.studies.motion_training import train_force, train_motion

    checkpoint = Path(arguments.output).with_suffix(CHECKPOINT)
    model = train_motion(sequences, plan, **given_options(arguments, *OWN_SIZE), checkpoint=checkpoint)
    force, card = train_force(sequences, plan, checkpoint=checkpoint.with_stem(checkpoint.stem + "-force"))
    model = replace(model, force=force, card={**model.card, **card})
    if output:
        save_model(model, output)
    return model.card


def _train_peer(
    arguments: argparse.Namespace, sequences: "Sequences", plan: "FittingPlan", output: Path | None
) -> Mapping[str, Any]:
    from gaitbook.models.peers import save_peer, train_peer
    from gaitbook.studies.motion_training import of_role, window_sampler

    peer = train_peer(
        arguments.peer,
        window_sampler(of_role(sequences, "train")),
        plan,
        **given_options(arguments, "learning_rate"),
        checkpoint=Path(arguments.output).with_suffix(CHECKPOINT),
    )
    if output:
        save_peer(peer, output)
    return peer.card


def _held_out(
    name: str, arguments: argparse.Namespace, *, exclusions: "list[Exclusion]", role: str = "test"
) -> "list[MeasuredMotion]":
    from gaitbook.library import find_cohort
    from gaitbook.studies.held_out_motion import held_out_motions

    return held_out_motions(
        find_cohort(name),
        people=arguments.people,
        trials=arguments.trials,
        seconds=arguments.seconds,
        processes=arguments.processes,
        exclusions=exclusions,
        role_=role,
    )


def _require_kind(arguments: argparse.Namespace) -> None:
    """Refuse a family or a peer that does not exist, and options that are not for a peer."""
    from gaitbook.models.families import FAMILIES
    from gaitbook.models.peers import PEERS

    if arguments.family not in (*FAMILIES, None):
        raise ValueError(f"There is no family {arguments.family!r}: choose one of {', '.join(FAMILIES)}.")
    if arguments.peer not in (*PEERS, None):
        raise ValueError(f"There is no peer {arguments.peer!r}: choose one of {', '.join(PEERS)}.")
    own = [f"--{name}" for name in given_options(arguments, "family", *OWN_SIZE)]
    if arguments.peer and own:
        raise ValueError(f"A peer is as it was published: leave out {', '.join(own)}.")
