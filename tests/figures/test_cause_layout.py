"""Layout of a causal graph: arrows lead onwards, nothing shares a place, few arrows cross."""

from itertools import combinations, pairwise

import pytest

from gaitbook.figures.cause_layout import find_layers, lay_out_causes

CHAIN = [("age", "style"), ("style", "gait"), ("age", "gait")]


def crossings(layout):
    steps = [pair for route in layout.routes.values() for pair in pairwise(route)]
    return sum(
        one[0][0] == other[0][0] and (one[0][1] - other[0][1]) * (one[1][1] - other[1][1]) < 0
        for one, other in combinations(steps, 2)
    )


def test_every_arrow_leads_to_a_later_layer():
    layer = find_layers([*CHAIN, ("gait", "phenotype"), ("age", "phenotype")])
    assert layer == {"age": 0, "style": 1, "gait": 2, "phenotype": 3}


def test_nodes_without_arrows_stand_in_the_first_layer():
    assert find_layers(CHAIN, ["height"])["height"] == 0
    assert lay_out_causes([], ["height"]).nodes == {"height": (0, 0.5)}


def test_an_arrow_that_skips_a_layer_has_a_place_of_its_own_there():
    layout = lay_out_causes(CHAIN)
    between = layout.routes["age", "gait"][1]
    assert between[0] == layout.nodes["style"][0]
    assert between[1] != layout.nodes["style"][1]


def test_routes_begin_and_end_at_their_nodes_and_pass_every_layer():
    layout = lay_out_causes([*CHAIN, ("gait", "phenotype"), ("age", "phenotype")])
    for (cause, effect), route in layout.routes.items():
        assert (route[0], route[-1]) == (layout.nodes[cause], layout.nodes[effect])
        assert [layer for layer, _ in route] == list(range(route[0][0], route[-1][0] + 1))


def test_no_two_nodes_share_a_place():
    pairs = [(f"cause {one}", f"effect {other}") for one in range(4) for other in range(3)]
    places = list(lay_out_causes(pairs).nodes.values())
    assert len(set(places)) == len(places) == 7


def test_arrows_that_need_not_cross_do_not():
    pairs = [("a", "z"), ("b", "y"), ("c", "x"), ("z", "p"), ("y", "q"), ("x", "r")]
    assert crossings(lay_out_causes(pairs)) == 0


@pytest.mark.parametrize("pairs", [[("a", "a")], [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]])
def test_a_circle_is_refused(pairs):
    with pytest.raises(ValueError, match=r"run in a circle through .*a.*: a graph of causes has none"):
        lay_out_causes(pairs)
