"""The command ``gaitbook``: every subcommand is a thin wrapper around one public function.

Errors that a user can mend are printed in one message, without a traceback, and end with exit code 2.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from gaitbook.cohort.importing import ImportReport

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

USER_ERROR = 2
NOTHING_DONE = 1
INTERRUPTED = 130
IMPORT_EXAMPLE = "Example: gaitbook import recordings/ --name my-lab --participants people.csv"
COHORTS_EXAMPLE = "Example: gaitbook cohorts"
FETCH_EXAMPLE = "Example: gaitbook fetch rbds"
SIMULATE_EXAMPLE = "Example: gaitbook simulate my-people --people 50 --seed 3"
CHECK_EXAMPLE = "Example: gaitbook check my-lab"
MASS_HINT = (
    "To give the body mass, put a participants.csv with the columns subject and mass_kg (and, if known, sex, age_year, "
    "height_m) into the folder, or name it with --participants; then run the same command again."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0 if it was done, 1 if not, 2 if the user has something to mend."""
    arguments = make_parser().parse_args(argv)
    verbose = getattr(arguments, "verbose", False)
    _log(verbose=verbose)
    try:
        return int(arguments.handler(arguments))
    except KeyboardInterrupt:
        print("\nInterrupted. What was done is kept; the same command continues it.", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, KeyError, OSError, ImportError, RuntimeError) as error:
        if verbose:
            raise
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"gaitbook {arguments.command}: {text}", file=sys.stderr)
        return USER_ERROR


def make_parser() -> argparse.ArgumentParser:
    """Parser of all commands, those of the edition and of the motion model included."""
    from importlib.metadata import version

    from gaitbook.edition.commands import add_commands
    from gaitbook.motion_commands import add_motion_commands

    parser = argparse.ArgumentParser(
        prog="gaitbook",
        description="A reproducible, interactive analysis book of human gait.",
        epilog="Example: gaitbook import recordings/ --name my-lab && gaitbook build my-lab",
    )
    parser.add_argument("--version", action="version", version=f"gaitbook {version('gaitbook')}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        add_import,
        add_cohorts,
        add_fetch,
        add_simulate,
        add_check,
        add_commands,
        add_motion_commands,
    ):
        add(subparsers)
    for each in (parser, *subparsers.choices.values()):
        each.add_argument(
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="more messages, and full tracebacks",
        )
    return parser


def add_import(subparsers: Subparsers) -> None:
    """Add ``import``."""
    parser = subparsers.add_parser(
        "import", help="bring a folder of recordings into a cohort", epilog=IMPORT_EXAMPLE
    )
    parser.add_argument("source", help="folder with .c3d, .trc, .mot and .sto files, at any depth")
    parser.add_argument("--name", required=True, help="name of the cohort, made if there is none")
    parser.add_argument(
        "--participants", help="table of participants (default: participants.csv in the folder)"
    )
    parser.add_argument("--license", default="not stated", help="terms of use of the recordings")
    parser.add_argument("--citation", default="", help="what to cite when the recordings are used")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be imported")
    parser.add_argument("--yes", action="store_true", help="do not ask before importing")
    parser.set_defaults(handler=run_import)


def add_cohorts(subparsers: Subparsers) -> None:
    """Add ``cohorts``."""
    parser = subparsers.add_parser(
        "cohorts", help="list the cohorts that can be opened", epilog=COHORTS_EXAMPLE
    )
    parser.set_defaults(handler=run_cohorts)


def add_fetch(subparsers: Subparsers) -> None:
    """Add ``fetch``."""
    parser = subparsers.add_parser(
        "fetch", help="download a public dataset and make its cohort", epilog=FETCH_EXAMPLE
    )
    parser.add_argument("name", help="name of a public dataset; `gaitbook cohorts` lists them")
    parser.set_defaults(handler=run_fetch)


def add_simulate(subparsers: Subparsers) -> None:
    """Add ``simulate``."""
    parser = subparsers.add_parser(
        "simulate", help="make a cohort of simulated people", epilog=SIMULATE_EXAMPLE
    )
    parser.add_argument("name", help="default (200 people), default-large (3414), or a name of your own")
    parser.add_argument("--people", type=int, help="how many people (default: 200)")
    parser.add_argument("--seed", type=int, help="another seed, other people (default: 0)")
    parser.add_argument(
        "--processes", type=int, help="how many to use (default: one for each core, at most 8)"
    )
    parser.add_argument("--output", help="folder to put the cohort into (default: that of all cohorts)")
    parser.set_defaults(handler=run_simulate)


def add_check(subparsers: Subparsers) -> None:
    """Add ``check``."""
    parser = subparsers.add_parser(
        "check", help="compare every byte of a cohort with its checksums", epilog=CHECK_EXAMPLE
    )
    parser.add_argument("cohort", help="name or folder of a cohort")
    parser.set_defaults(handler=run_check)


def run_import(arguments: argparse.Namespace) -> int:
    """Show what an import would bring, then import it and show what was left out."""
    from gaitbook.cohort.importing import import_cohort

    options = {
        "participants": arguments.participants,
        "license": arguments.license,
        "citation": arguments.citation,
    }
    plan = import_cohort(arguments.source, arguments.name, dry_run=True, **options)
    print("What would be imported:")
    _print_report(plan)
    if arguments.dry_run:
        return 0
    if not (plan.table["status"] != "left out").any():
        print("Nothing to import.")
        return NOTHING_DONE
    if not arguments.yes and sys.stdin.isatty() and not _agrees(f"Import into the cohort {arguments.name}?"):
        print("Nothing was imported.")
        return NOTHING_DONE
    report = import_cohort(arguments.source, arguments.name, **options)
    counts = report.table["status"].value_counts()
    print("\n" + ", ".join(f"{count} trial(s) {status}" for status, count in counts.items()) + ".")
    _print_exclusions(report)
    print(f"The cohort is in {report.path}\nNext: gaitbook build {report.path.name}")
    return 0


def run_cohorts(_: argparse.Namespace) -> int:
    """List the cohorts that can be opened by name."""
    from gaitbook.library import list_cohorts

    _print_table(list_cohorts())
    return 0


def run_fetch(arguments: argparse.Namespace) -> int:
    """Fetch a public dataset and import it."""
    from gaitbook.library import find_cohort, list_cohorts

    path = find_cohort(arguments.name)
    table = list_cohorts()
    _print_table(table[table["name"] == path.name])
    print(f"The cohort is in {path}")
    return 0


def run_simulate(arguments: argparse.Namespace) -> int:
    """Simulate a cohort and show what it holds."""
    import pandas as pd

    from gaitbook.cohort.store import cohort_hash
    from gaitbook.cohort.tables import list_tables
    from gaitbook.library import describe_cohort
    from gaitbook.synthesis.simulated_cohorts import simulate_cohort

    names = ("name", "people", "seed", "processes", "output")
    path = simulate_cohort(**{name: getattr(arguments, name) for name in names})
    _print_table(pd.DataFrame([describe_cohort(path, "simulated")]))
    place = path.name if arguments.output is None else str(path.resolve())
    print(
        f"Tables: {', '.join(list_tables(path))}\nHash: {cohort_hash(path)}\nThe cohort is in {path}\n"
        f'Next, in Python: cohort = gaitbook.open_cohort("{place}")\n'
        f'                 people = gaitbook.read_table(gaitbook.find_cohort("{place}"), "people")'
    )
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Check every byte of a cohort."""
    from gaitbook.cohort.store import check_cohort
    from gaitbook.library import locate_cohort

    path = locate_cohort(arguments.cohort)
    table = check_cohort(path, deep=True)
    print(f"{len(table)} trial(s), {table['bytes'].sum() / 1e6:.1f} MB in {path}: all as they were written.")
    return 0


def _log(*, verbose: bool) -> None:
    """Let the package tell what it does, but for what readers note about each file and mechanics about each pose."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    logging.getLogger("gaitbook").setLevel(logging.DEBUG if verbose else logging.INFO)
    for often in ("gaitbook.readers", "gaitbook.mechanics"):
        logging.getLogger(often).setLevel(logging.DEBUG if verbose else logging.WARNING)


def _print_report(report: "ImportReport") -> None:
    _print_table(report.table)
    _print_exclusions(report)


def _print_exclusions(report: "ImportReport") -> None:
    from gaitbook.cohort.exclusions import count_reasons

    counted = count_reasons(report.exclusions)
    if counted.empty:
        print("Nothing was left out.")
        return
    print("\nLeft out, and why:")
    for row in counted.itertuples():
        print(f"  {row.count:4d}  {row.reason}\n        {_shorten(str(row.items))}")
    if counted["reason"].str.contains("no body mass").any():
        print(MASS_HINT)


def _print_table(table: "pd.DataFrame") -> None:
    text = table.drop(columns="problem", errors="ignore").astype(object).where(table.notna(), "")
    print(text.to_string(index=False))


def _shorten(text: str, width: int = 160) -> str:
    return text if len(text) <= width else text[: width - 4].rsplit(",", 1)[0] + ", ..."


def _agrees(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
