"""The exported model: what Go relies on, and that it computes what PyTorch does."""

import hashlib
import json
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from train import card, parity
from train import train as training
from train.checkpoint import load, network_of
from train.export import main
from train.graph import OPSET, fold
from train.networks import CovidSegNet
from train.tests.shards import tiny_config, write_shards


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    write_shards(folder / "data")
    training.train(tiny_config(average_decay=0.5), folder / "data", folder / "run")
    assert main(["--checkpoint", f"{folder}/run/checkpoint.pt", "--out", f"{folder}/models/tiny.onnx"]) == 0
    return folder


def test_metadata_is_the_contract(exported):
    model = onnx.load(exported / "models" / "tiny.onnx")
    found = {p.key: p.value for p in model.metadata_props}
    facts = json.loads(found["ctcohort.card"])
    assert found == {
        "ctcohort.format": "1",
        "ctcohort.name": "tiny",
        "ctcohort.network": "covid_segnet",
        "ctcohort.width": "4",
        "ctcohort.spacing_mm": "3,3,3",
        "ctcohort.window_hu": "-1250,250",
        "ctcohort.size_multiple": "8",
        "ctcohort.patch_size": "16,16,8",
        "ctcohort.classes": "background,lung,infection",
        "ctcohort.precision": "fp32",
        "ctcohort.parameters": "145134",
        "ctcohort.card": json.dumps(facts, sort_keys=True),
    }
    assert (facts["licence"], facts["cohorts"], facts["patients"], facts["steps"]) == ("Apache-2.0", ["china"], 4, 6)
    assert facts["settings"]["optimizer"]["learning_rate"] == 3e-3
    listed = "".join(
        f"{hashlib.sha256(shard.read_bytes()).hexdigest()}  {shard.relative_to(exported / 'data').as_posix()}\n"
        for shard in sorted((exported / "data").rglob("*.parquet"))
    )
    assert facts["shards_sha256"] == hashlib.sha256(listed.encode()).hexdigest()


def test_metadata_keeps_fractions(exported):
    state = load(exported / "run" / "checkpoint.pt")
    state["config"]["spacing_mm"] = (0.75, 0.75, 1.25)
    assert card.metadata(state, "fp32")["ctcohort.spacing_mm"] == "0.75,0.75,1.25"


def test_fp16_has_half_the_bytes_and_the_same_contract(exported):
    out = exported / "half" / "tiny_fp16.onnx"
    assert main(["--checkpoint", f"{exported}/run/checkpoint.pt", "--out", str(out), "--precision", "fp16"]) == 0
    whole, half = exported / "models" / "tiny.onnx", out
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    model = onnx.load(half)
    assert {p.key: p.value for p in model.metadata_props}["ctcohort.name"] == "tiny_fp16"
    assert {i.data_type for i in model.graph.initializer if len(i.dims) == 5} == {onnx.TensorProto.FLOAT16}
    for value in (*model.graph.input, *model.graph.output):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    hu = np.random.default_rng(3).uniform(-1100, 400, (1, 1, 16, 16, 16)).astype(np.float32)
    got, want = (
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"hu": hu})[0]
        for path in (half, whole)
    )
    assert 0 < np.abs(got - want).max() < 0.05


def test_inputs_outputs_and_opset(exported):
    model = onnx.load(exported / "models" / "tiny.onnx")
    assert model.graph.name == "tiny"
    assert [(o.domain, o.version) for o in model.opset_import] == [("", OPSET)]
    for values, name, channels in ((model.graph.input, "hu", 1), (model.graph.output, "probabilities", 3)):
        (value,) = values
        tensor = value.type.tensor_type
        assert value.name == name
        assert tensor.elem_type == onnx.TensorProto.FLOAT
        shape = [d.dim_param or d.dim_value for d in tensor.shape.dim]
        assert shape == ["N", channels, "Z", "Y", "X"]


@pytest.mark.parametrize("size", [(1, 8, 8, 8), (3, 16, 8, 24)])
def test_agrees_with_pytorch_at_other_sizes(exported, size):
    n, *zyx = size
    hu = np.random.default_rng(3).uniform(-1100, 400, (n, 1, *zyx)).astype(np.float32)
    session = onnxruntime.InferenceSession(exported / "models" / "tiny.onnx", providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"hu": hu})
    network = network_of(load(exported / "run" / "checkpoint.pt"))
    with torch.no_grad():
        want = network(torch.from_numpy(hu)).softmax(1).numpy()
    assert np.abs(got - want).max() <= 1e-4
    np.testing.assert_allclose(got.sum(1), 1, rtol=1e-5)


def test_the_averaged_weights_are_exported(exported):
    state = load(exported / "run" / "checkpoint.pt")
    network = network_of(state)
    assert torch.equal(network.head.weight, state["average"]["head.weight"])
    assert not torch.equal(network.head.weight, state["network"]["head.weight"])


def test_no_path_of_this_machine_in_the_model(exported):
    content = (exported / "models" / "tiny.onnx").read_bytes()
    for trace in (b".py", b"/train", b"site-packages", str(exported).encode()):
        assert trace not in content


def test_export_gives_the_same_bytes_again(exported):
    again = exported / "again" / "tiny.onnx"
    assert main(["--checkpoint", f"{exported}/run/checkpoint.pt", "--out", str(again)]) == 0
    assert again.read_bytes() == (exported / "models" / "tiny.onnx").read_bytes()


def test_card(exported):
    text = (exported / "models" / "tiny.md").read_text()
    model = (exported / "models" / "tiny.onnx").read_bytes()
    assert hashlib.sha256(model).hexdigest() in text
    for shard in sorted((exported / "data").rglob("*.parquet")):
        assert hashlib.sha256(shard.read_bytes()).hexdigest() in text
    assert "![training loss and Dice of held-out training patients](tiny.svg)" in text
    assert (exported / "models" / "tiny.svg").read_bytes() == (exported / "run" / "curve.svg").read_bytes()
    for phrase in ("Cohorts: china", "Not a medical device", "learning_rate", "| infection |", "9 patches trained on"):
        assert phrase in text
    assert "patient0" not in text


def test_folding_keeps_the_function():
    """Normalisations with statistics and shifts of their own go into the convolutions, transposed ones too."""
    network = CovidSegNet(4, (-1250, 250))
    for m in network.modules():
        if isinstance(m, nn.BatchNorm3d):
            for tensor in (m.weight.data, m.running_var):
                tensor.uniform_(0.5, 1.5)
            for tensor in (m.bias.data, m.running_mean):
                tensor.uniform_(-0.3, 0.3)
    network.eval()
    hu = torch.rand(1, 1, 8, 16, 8) * 1000 - 900
    with torch.no_grad():
        want = network(hu)
        got = fold(network)(hu)
    assert not any(isinstance(m, nn.BatchNorm3d) for m in network.modules())
    torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-4)


def test_int8_needs_its_data_and_its_tool(exported, capsys, monkeypatch):
    arguments = [
        "--checkpoint",
        f"{exported}/run/checkpoint.pt",
        "--out",
        f"{exported}/int8.onnx",
        "--precision",
        "int8",
    ]
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    monkeypatch.setitem(sys.modules, "nncf", None)
    assert main([*arguments, "--data", f"{exported}/data"]) == 1
    assert "requirements-int8.txt" in capsys.readouterr().err
    assert not (exported / "int8.onnx").exists()


def test_int8_loses_no_more_than_it_may(exported, capsys):
    pytest.importorskip("nncf", reason="needs train/requirements-int8.txt")
    out = exported / "int8.onnx"
    arguments = ["--checkpoint", f"{exported}/run/checkpoint.pt", "--out", str(out), "--precision", "int8"]
    assert main([*arguments, "--data", f"{exported}/data"]) == 0
    model = onnx.load(out)
    assert {p.key: p.value for p in model.metadata_props}["ctcohort.precision"] == "int8"
    assert "fp32 → int8" in out.with_suffix(".md").read_text()
    hu = np.full((1, 1, 8, 16, 8), -800, np.float32)
    got = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"]).run(None, {"hu": hu})[0]
    assert got.shape == (1, 3, 8, 16, 8)


def test_another_network_fails_parity(exported):
    torch.manual_seed(5)
    model = (exported / "models" / "tiny.onnx").read_bytes()
    with pytest.raises(parity.ParityError, match="differ by"):
        parity.check(CovidSegNet(4, (-1250, 250)).eval(), model, "fp32")
