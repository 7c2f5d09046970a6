"""With and without mechanics: each use is asked for as it is named."""

from gaitbook.studies import physics_uses
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.physics_uses import USES, judge_physics
from tests.studies.stub_completers import Scaled, walker


class Told(Scaled):
    """Errs less for every use of mechanics that it is allowed."""

    def complete_trial(self, motion, *, hidden=(), plan=None):
        better = Scaled(1.0 - 0.1 * (2 - plan.physics - plan.correct))
        return better.complete_trial(motion, hidden=hidden, plan=plan)


def test_every_use_is_judged_with_its_residual():
    one = Contestant("gaitbook", Told(1.0), CompletionPlan(draws=3))
    judged = judge_physics([walker()], one, conditions=("nothing",), processes=1, progress=False)
    assert list(dict.fromkeys(judged["use"])) == list(USES)
    residual = judged.query("measure == 'residual'").set_index("use")["value"]
    assert residual["told and corrected"] < residual["told"] < residual["neither"]
    assert set(physics_uses.SHOWN["residual"]) == {"", "residual"}
