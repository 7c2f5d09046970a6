import pytest
import torch
from torch import nn

from gaitbook.models.weight_files import load_into, read_weights, write_weights


def test_weights_come_back_in_half_precision_and_the_rest_as_it_was(tmp_path):
    network, other = nn.Linear(3, 2), nn.Linear(3, 2)
    file = write_weights(
        tmp_path / "a" / "net.safetensors", "net", network, {"middle": torch.ones(4) / 3}, {"n": 1}
    )
    told, tensors = read_weights(file, "net", remedy="make one")
    assert told["n"] == 1
    assert torch.equal(tensors["middle"], torch.ones(4) / 3)
    assert torch.equal(load_into(other, tensors).weight, network.weight.half().float())
    assert not list(tmp_path.rglob("*.partial"))


def test_a_file_that_is_not_there_or_of_another_kind_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no net .*: make one"):
        read_weights(tmp_path / "none", "net", remedy="make one")
    file = write_weights(tmp_path / "net.safetensors", "net", nn.Linear(1, 1), {}, {})
    with pytest.raises(ValueError, match="is no model of this version of gaitbook: make one"):
        read_weights(file, "model", remedy="make one")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"table\.csv is no net of this version of gaitbook: make one"):
        read_weights(tmp_path / "table.csv", "net", remedy="make one")
