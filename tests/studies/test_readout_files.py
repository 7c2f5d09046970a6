import numpy as np
import pytest

from gaitbook.studies.gait_predictions import read_out
from gaitbook.studies.gait_readout import fit_readout
from gaitbook.studies.readout_files import load_readout, save_readout
from tests.studies.embedded_people import draw_embedded


def test_a_readout_is_the_same_when_it_is_read_again(tmp_path):
    learned = fit_readout(*draw_embedded(240), card={"encoder": "abc"})
    path = save_readout(learned, tmp_path / "new" / "readout.npz")
    again = load_readout(path)
    features, people = draw_embedded(20, seed=3)
    values = features["walk"].to_numpy()
    for model in ("female", "male", "pooled"):
        first, second = (each.tasks["walk"].tell(values, model) for each in (learned, again))
        np.testing.assert_allclose(first, second, atol=0.2)
    np.testing.assert_allclose(
        learned.tasks["walk"].place(values), again.tasks["walk"].place(values), atol=0.02
    )
    np.testing.assert_allclose(learned.errors, again.errors, atol=0.1)
    first, second = (read_out(each, features, people) for each in (learned, again))
    np.testing.assert_allclose(first[["low", "high"]], second[["low", "high"]], atol=0.3)
    assert list(first["note"]) == list(second["note"])
    assert again.card == learned.card == {"people": 240, "passed_over": 0, "encoder": "abc"}
    assert list(again.people["sex"]) == list(learned.people["sex"])
    assert [each.name for each in path.parent.iterdir()] == ["readout.npz"]


def test_a_file_of_something_else_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no readout .*none\.npz: fit one"):
        load_readout(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", numbers=np.arange(3))
    (tmp_path / "text.npz").write_text("no array")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(ValueError, match=f"{name} is no readout of this version of gaitbook: fit one"):
            load_readout(tmp_path / name)
