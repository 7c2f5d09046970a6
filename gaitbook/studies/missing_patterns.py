"""Targets that nearly the same people have: each group is factorized once, for all who have any target of it.

Columns lack values by appointment, which many share, and here and there at random, which makes nearly every column a
pattern of its own. Patterns that differ in few people are put together; who lacks a target of the group is taken out
of it afterwards, which is cheap for few.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
LARGEST_SHARES: Final = (1 / 8, 1 / 16, 1 / 32, 1 / 64)
"""Of the people of a group, at most this share lacks a target of it; the one that costs least is taken."""
AXES_COST: Final = 12.0
"""Operations that the eigenvectors of a matrix take, by the cube of its size, against those of products."""


class Pattern(NamedTuple):
    """People who have some targets (person,), and the numbers of these targets."""

    known: Mask
    targets: NDArray[np.intp]


class PatternGroup(NamedTuple):
    """People who have any target of the patterns (person,), and the patterns."""

    known: Mask
    patterns: list[Pattern]


def find_patterns(known: Mask) -> list[Pattern]:
    """Distinct columns of a table (person, target) of who has which value, and the targets of each."""
    numbers: dict[bytes, list[int]] = {}
    for target, packed in enumerate(np.packbits(known.T, axis=1)):
        numbers.setdefault(packed.tobytes(), []).append(target)
    return [Pattern(known[:, each[0]], np.array(each)) for each in numbers.values()]


def cheapest_groups(known: Mask, *, features: int, penalties: int) -> list[PatternGroup]:
    """Groups of the patterns of a table (person, target) that take the fewest operations.

    Parameters
    ----------
    known
        (person, target) whether there is a value.
    features, penalties
        How many there are; they decide between more factorizations and more people taken out.
    """
    best: list[PatternGroup] = []
    least = np.inf
    for share in LARGEST_SHARES:
        groups = group_patterns(known, largest_share=share)
        cost = sum(_cost(group, features, penalties) for group in groups)
        if cost > least:
            break
        best, least = groups, cost
    return best


def group_patterns(known: Mask, *, largest_share: float) -> list[PatternGroup]:
    """Patterns of a table (person, target) in groups of which each target lacks few people.

    The fullest pattern opens a group; each further one joins the group that it lacks least of, where it and those who
    are there still lack no more than the share, and else opens its own.

    Parameters
    ----------
    known
        (person, target) whether there is a value.
    largest_share
        Of the people of a group, the most that one of its targets may lack.
    """
    members: list[list[Pattern]] = []
    together = np.zeros((0, len(known)), dtype=np.float32)
    fewest = np.zeros(0, dtype=np.intp)
    for pattern in sorted(find_patterns(known), key=lambda each: -int(each.known.sum())):
        count = int(pattern.known.sum())
        union = together.sum(axis=1) + count - together @ pattern.known.astype(np.float32)
        near = np.flatnonzero(union - np.minimum(fewest, count) <= largest_share * union)
        if len(near):
            place = near[np.argmin(union[near])]
            members[place].append(pattern)
            together[place, pattern.known] = 1.0
            fewest[place] = min(fewest[place], count)
        else:
            members.append([pattern])
            together = np.vstack([together, pattern.known])
            fewest = np.append(fewest, count)
    return [PatternGroup(mask > 0, patterns) for mask, patterns in zip(together, members, strict=True)]


def _cost(group: PatternGroup, features: int, penalties: int) -> float:
    people = float(group.known.sum())
    size = min(people, features)
    absent = people - np.array([each.known.sum() for each in group.patterns], dtype=float)
    taken_out = penalties * (4.0 * absent**2 * size + 2.0 * absent**3)
    return 2.0 * people * size * features + AXES_COST * size**3 + float(taken_out.sum())
