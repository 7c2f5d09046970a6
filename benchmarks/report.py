"""One line per measured figure: what, figure, target, met or short."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A measured figure against its target."""

    what: str
    figure: str
    target: str
    met: bool

    def __str__(self) -> str:
        return f"{'met  ' if self.met else 'SHORT'}  {self.what}: {self.figure}  (target: {self.target})"


def show(measurements: Iterable[Callable[[], Iterable[Line]]]) -> None:
    """Measure one after the other, print each line as it comes, and exit 1 if any falls short."""
    short = 0
    for measure in measurements:
        start_s = time.perf_counter()
        try:
            lines = list(measure())
        except Exception as error:
            lines = [Line(measure.__name__, f"{type(error).__name__}: {error}", "a measurement", met=False)]
        for line in lines:
            print(line, flush=True)
        print(f"       [{measure.__name__}: {time.perf_counter() - start_s:.0f} s]", flush=True)
        short += sum(not line.met for line in lines)
    print("all met" if not short else f"{short} short")
    sys.exit(1 if short else 0)
