import numpy as np

from gaitbook.studies.missing_patterns import cheapest_groups, find_patterns, group_patterns


def draw(people=160, targets=40, *, random=0.02, seed=0):
    """Two appointments, the second of half the people, and some values missing at random."""
    rng = np.random.default_rng(seed)
    known = np.ones((people, targets), dtype=bool)
    known[: people // 2, targets // 2 :] = False
    return known & (rng.random(known.shape) >= random)


def targets_of(groups):
    return sorted(int(target) for group in groups for pattern in group.patterns for target in pattern.targets)


def test_targets_that_the_same_people_have_are_one_pattern():
    known = draw(random=0.0)
    patterns = find_patterns(known)
    assert [len(pattern.targets) for pattern in patterns] == [20, 20]
    for pattern in patterns:
        assert (known[:, pattern.targets] == pattern.known[:, None]).all()


def test_every_target_is_in_one_group_that_holds_all_who_have_it():
    known = draw()
    groups = group_patterns(known, largest_share=1 / 8)
    assert targets_of(groups) == list(range(40))
    for group in groups:
        for pattern in group.patterns:
            assert not (pattern.known & ~group.known).any()
            assert (known[:, pattern.targets] == pattern.known[:, None]).all()


def test_appointments_are_groups_whoever_skipped_a_question():
    known = draw()
    assert len(find_patterns(known)) > 30
    assert len(group_patterns(known, largest_share=1 / 8)) == 2


def test_no_target_lacks_more_than_the_share_of_its_group():
    known = draw(random=0.2)
    for share in (1 / 4, 1 / 16):
        for group in group_patterns(known, largest_share=share):
            fewest = min(int(pattern.known.sum()) for pattern in group.patterns)
            assert group.known.sum() - fewest <= share * group.known.sum()


def test_groups_are_split_where_taking_people_out_costs_more():
    base = np.ones((800, 300), dtype=bool)
    base[:80, 2:] = False
    base[100 + np.arange(300), np.arange(300)] = False
    many = cheapest_groups(base, features=400, penalties=10)
    few = cheapest_groups(base[:, :5], features=400, penalties=10)
    assert len(many) == 2
    assert len(few) == 1


def test_a_table_without_targets_has_no_groups():
    assert cheapest_groups(np.ones((10, 0), dtype=bool), features=3, penalties=2) == []
