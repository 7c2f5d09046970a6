"""Where the parts of the book lie.

A project is a checkout of the repository: prose in ``book/``, studies in ``notebooks/``, frozen tables in
``expected/``. Everything that is generated goes under ``_build/``, which Sphinx never reads by itself.
"""

from dataclasses import dataclass
from pathlib import Path

MARKS = ("_config.yml", "_toc.yml", "notebooks")


@dataclass(frozen=True)
class Project:
    """Folder of the book's sources.

    Attributes
    ----------
    root
        Folder that holds ``_config.yml``, ``_toc.yml`` and ``notebooks/``.
    """

    root: Path

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """Studies in reading order, output-free."""
        return tuple(sorted((self.root / "notebooks").glob("*.ipynb")))

    @property
    def cache(self) -> Path:
        """Executed notebooks, one folder per content key."""
        return self.root / "_build" / "cache"

    def edition(self, cohort: str) -> Path:
        """Folder in which the edition of a cohort is staged and built."""
        return self.root / "_build" / "editions" / cohort

    def results(self, cohort: str) -> Path:
        """Tables and values behind the figures of the last run for a cohort."""
        return self.edition(cohort) / "results"

    def expected(self, cohort: str) -> Path:
        """Frozen tables and values of a cohort, with their tolerances."""
        return self.root / "expected" / cohort

    def parameter_file(self, cohort: str) -> Path:
        """Parameters of a cohort's edition; the file may be absent."""
        return self.root / "book" / "editions" / f"{cohort}.yml"

    def notebook(self, name: str) -> Path:
        """Study by its name, or by the beginning of it (``01``).

        Raises
        ------
        FileNotFoundError
            No study, or more than one, begins like this.
        """
        found = [path for path in self.notebooks if path.stem == Path(name).stem]
        found = found or [path for path in self.notebooks if path.stem.startswith(name)]
        if len(found) != 1:
            known = ", ".join(path.stem for path in self.notebooks) or "none"
            raise FileNotFoundError(
                f"No single study is called {name!r} in {self.root / 'notebooks'}; there are: {known}."
            )
        return found[0]


def find_project(start: Path | None = None) -> Project:
    """Project that holds a folder (by default the current one).

    Raises
    ------
    FileNotFoundError
        Neither the folder nor any above it is a checkout of the book.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if all((folder / mark).exists() for mark in MARKS):
            return Project(folder)
    raise FileNotFoundError(
        f"{start} is not inside a checkout of the book ({', '.join(MARKS)} not found): "
        "change into the cloned repository."
    )
