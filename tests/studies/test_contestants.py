import pytest
import torch

from gaitbook.models.peer_models import DiffusionPeer, RegressorPeer
from gaitbook.studies.contestants import DIRECT, MIDDLE, REFINED, learned_contestants
from tests.models.test_peer_models import PERSON, diffusion, noise, regressor, windows

EVERYBODY = {"GaitDynamics diffusion": diffusion(), "refinement": regressor(), "CNN": regressor()}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (tuple(EVERYBODY), {"CNN", MIDDLE, REFINED, DIRECT}),
        (("CNN",), {"CNN"}),
        (("refinement",), {MIDDLE}),
        (("GaitDynamics diffusion", "CNN"), {"CNN", DIRECT}),
        ((), set()),
    ],
)
def test_what_needs_a_network_that_is_not_there_is_left_out(there, expected):
    found = learned_contestants({name: EVERYBODY[name] for name in there})
    assert {one.name for one in found} == expected


def test_peers_complete_once_in_the_published_passes_and_are_told_nothing_of_mechanics():
    for one in learned_contestants(EVERYBODY):
        assert (one.plan.draws, one.plan.steps, one.plan.physics, one.plan.correct) == (1, 50, False, False)


def test_the_diffusion_is_asked_once_for_the_same_windows_by_both_who_use_it(monkeypatch):
    asked, complete = [], DiffusionPeer.complete

    def counted(self, *told, **how):
        asked.append(how["steps"])
        return complete(self, *told, **how)

    monkeypatch.setattr(DiffusionPeer, "complete", counted)
    found = {one.name: one.model for one in learned_contestants(EVERYBODY)}
    values = windows(hidden=(1,))
    drawn = found[DIRECT].complete(values, PERSON, noise(), steps=3)
    again = found[DIRECT].complete(values, PERSON, noise(), steps=3)
    assert isinstance(found[REFINED], RegressorPeer)
    found[REFINED].complete(values, PERSON, noise(), steps=3)
    assert torch.equal(drawn, again)
    assert asked == [3]
