"""The command ``embed``: numbers that an encoder makes of walkers, and what a readout tells of them.

`gaitbook.encoder_training_commands` makes the encoders.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gaitbook.command_options import Subparsers, say, say_exclusions
from gaitbook.embedding_inputs import is_stored_or_known, read_people, read_trials
from gaitbook.encoder_training_commands import list_subjects, say_left_out

if TYPE_CHECKING:
    import pandas as pd

    from gaitbook.cohort.exclusions import Exclusion
    from gaitbook.models.gait_embedding import TrainedEncoder
    from gaitbook.studies.gait_readout import GaitReadout

EXAMPLE: Final = "Example: gaitbook embed walk.csv --task self_selected_gait_speed --output embedding.csv"


def add_embed(subparsers: Subparsers) -> None:
    """Add ``embed``."""
    embed = subparsers.add_parser(
        "embed", help="embed walkers, and tell their age, BMI and visceral fat", epilog=EXAMPLE
    )
    embed.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files of skeletons or markers, folders of them, or name or folder of a cohort",
    )
    embed.add_argument("--output", help="table to write (.csv); predictions go beside it")
    embed.add_argument("--weights", help="file of an encoder (default: the one of the package)")
    embed.add_argument("--readout", help="file of a readout (default: the one of the package)")
    embed.add_argument("--layout", help="layout of the joints in files (default: told by names or number)")
    embed.add_argument("--unit", choices=("mm", "cm", "m"), help="unit of files (default: told by the size)")
    embed.add_argument("--rate", type=float, metavar="HZ", help="frames per second of files without time")
    embed.add_argument("--task", help="task that all files are nearest to (default: as their names tell)")
    embed.add_argument("--participants", help="table of subjects with sex and age_year (.csv)")
    embed.add_argument(
        "--table", help="file to write all sets of features of a cohort to (.npz), instead or besides"
    )
    embed.set_defaults(handler=run_embed)


def run_embed(arguments: argparse.Namespace) -> int:
    """Embed walkers, tell what can be told of them, and write tables."""
    from gaitbook.models.gait_embedding import load_encoder
    from gaitbook.models.weights import encoder_weights

    _require_files(arguments)
    weights = Path(arguments.weights) if arguments.weights else encoder_weights("fast")
    encoder = load_encoder(weights)
    if arguments.table:
        _write_table(arguments, encoder)
    if arguments.output:
        _write_embedding(arguments, encoder, weights)
    return 0


def _write_embedding(arguments: argparse.Namespace, encoder: "TrainedEncoder", weights: Path) -> None:
    from gaitbook.cohort.checksums import write_atomically
    from gaitbook.studies.gait_embedding import embed
    from gaitbook.studies.gait_predictions import LABEL, read_out
    from gaitbook.studies.walking_windows import cut_trials

    people = read_people(arguments)
    readout = _find_readout(arguments, weights)
    exclusions: list[Exclusion] = []
    trials, total = read_trials(arguments, exclusions)
    windows = cut_trials(trials, scale=encoder.scale, total=total)
    if readout:
        _require_known_task(readout, windows.tasks)
    embedding = embed(encoder, windows)
    output = Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(output, _numbered(embedding).to_csv(index=False, float_format="%.5g"))
    say_exclusions(exclusions)
    say_left_out(windows.excluded)
    say(f"{len(embedding)} people, {', '.join(windows.tasks)}: {output}")
    if readout:
        told = read_out(readout, embedding, people)
        place = output.with_suffix(".predictions.csv")
        write_atomically(place, told.to_csv(index=False, float_format="%.5g"))
        say(f"Predictions, {told['predicted'].isna().sum()} of {len(told)} left out: {place}\n{LABEL}")


def _write_table(arguments: argparse.Namespace, encoder: "TrainedEncoder") -> None:
    from gaitbook.cohort.streaming import iterate_stored
    from gaitbook.library import find_cohort
    from gaitbook.representation.skeleton import REGIONS
    from gaitbook.studies.engineered_gait import collect_engineered
    from gaitbook.studies.walker_features import STUDY_PEOPLE, cut_both, read_features, write_features

    path = find_cohort(arguments.inputs[0])
    subjects = list_subjects(path)[:STUDY_PEOPLE]
    engineered = collect_engineered(iterate_stored(path, subjects=subjects))
    features = read_features(
        cut_both(lambda: iterate_stored(path, subjects=subjects)),
        {encoder.recipe.configuration: encoder},
        others={"engineered": engineered},
        regions=REGIONS,
    )
    say_left_out(features.excluded)
    told = {name: count for name, count in engineered.attrs["excluded"].items() if count}
    for reason, count in told.items():
        say(f"Not measured by engineered features: {count} because {reason}")
    written = write_features(Path(arguments.table), features)
    say(f"{len(features.sets)} sets of {len(features.subjects)} people: {written}")


def _numbered(embedding: "pd.DataFrame") -> "pd.DataFrame":
    """One row per subject and task, numbers as columns."""
    long = embedding.stack(level=0, future_stack=True)
    long = long.dropna(how="all")
    return long.rename_axis(index=["subject", "task"]).reset_index()


def _find_readout(arguments: argparse.Namespace, weights: Path) -> "GaitReadout | None":
    """Readout that belongs to the encoder; that of the package may be absent or belong to another one."""
    from gaitbook.cohort.checksums import hash_file
    from gaitbook.studies.readout_files import load_readout

    try:
        readout = load_readout(Path(arguments.readout) if arguments.readout else None)
    except FileNotFoundError as error:
        if arguments.readout:
            raise
        say(f"Nothing is told of age, BMI and visceral fat. {error}")
        return None
    if readout.card.get("encoder") in (None, hash_file(weights)):
        return readout
    message = f"The readout was learned with another encoder than {weights}"
    if arguments.readout:
        raise ValueError(f"{message}: name that encoder with --weights, or fit a readout to this one.")
    say(f"Nothing is told of age, BMI and visceral fat: {message[0].lower()}{message[1:]}.")
    return None


def _require_known_task(readout: "GaitReadout", tasks: Sequence[str]) -> None:
    if not set(tasks) & set(readout.tasks):
        raise ValueError(
            f"There are recordings of {', '.join(tasks)}, but the readout knows {', '.join(readout.tasks)}: say with "
            "--task which of these is nearest to what was recorded."
        )
    others = [name for name in tasks if name not in readout.tasks]
    if others:
        say(f"Embedded, but nothing is told by them: {', '.join(others)}.")


def _require_files(arguments: argparse.Namespace) -> None:
    faults = []
    if not arguments.output and not arguments.table:
        faults.append("there is nothing to write: name --output FILE.csv")
    if arguments.output and Path(arguments.output).suffix != ".csv":
        faults.append(f"{arguments.output} cannot be the table of the embedding: let it end in .csv")
    if arguments.table and Path(arguments.table).suffix != ".npz":
        faults.append(f"{arguments.table} cannot be the table of features: let it end in .npz")
    if arguments.table and (len(arguments.inputs) > 1 or not is_stored_or_known(arguments.inputs[0])):
        faults.append("--table is for one cohort: name one, such as default-large")
    if faults:
        raise ValueError("; ".join(faults) + ".")
