"""Tables I and II are made of what the reports say."""

import hashlib
import json

import onnx
import pytest

from train.tables import main

HEADER = "cohort,split,label,metric,model_sha256,patients,n,failed,mean,sd,ci95_low,ci95_high\n"
PAIRS = "cohort,split,label,metric,model_sha256,other_sha256,median_difference,p_holm\n"
CARD = {
    "steps": 1500,
    "training_patches": 99,
    "patients": 8,
    "settings": {"batch_size": 2, "patch_size": [64, 64, 48], "spacing_mm": [3.0, 3.0, 3.0]},
}


def model(path, network, width, parameters, **card):
    """Writes a model without layers; returns its digest."""
    proto = onnx.helper.make_model(onnx.helper.make_graph([], network, [], []))
    facts = {"network": network, "width": width, "parameters": parameters, "card": json.dumps(CARD | card)}
    onnx.helper.set_model_props(proto, {f"ctcohort.{key}": str(value) for key, value in facts.items()})
    path.write_bytes(proto.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def report(root, means, pairs):
    """Writes a report whose measures of a model are its mean."""
    lines = [
        f"china,{split},{label},{metric},{sha},24,24,1,{mean},0.1,{mean - 0.05},{mean + 0.05}\n"
        for sha, tested in means.items()
        for split, mean in (("test", tested), ("train", 0.99))
        for label in ("lung", "infection")
        for metric in ("dice", "sensitivity", "precision", "iou")
    ]
    (root / "report").mkdir(parents=True)
    (root / "report" / "cohorts.csv").write_text(HEADER + "".join(lines))
    (root / "report" / "comparisons.csv").write_text(
        PAIRS + "".join(f"china,test,{label},dice,{pair}\n" for pair in pairs for label in ("lung", "infection"))
    )


@pytest.fixture
def arguments(tmp_path):
    whole = model(tmp_path / "whole.onnx", "covid_segnet", 8, 578198)
    fcn = model(tmp_path / "fcn.onnx", "fcn", 8, 602961)
    base = model(tmp_path / "base.onnx", "unet4", 4, 89511, steps=1000)
    fv = model(tmp_path / "fv.onnx", "unet4_fv", 4, 135406, steps=1000)
    report(tmp_path / "one", {whole: 0.85, fcn: 0.7}, [f"{whole},{fcn},0.125,0.0004"])
    report(tmp_path / "two", {base: 0.6, fv: 0.65}, [f"{fv},{base},0.03,0.21"])
    given = "--one one whole.onnx fcn.onnx --two two base.onnx fv.onnx --out tables.md"
    return [word if word.startswith("--") else str(tmp_path / word) for word in given.split()]


def test_rows_hold_measures_and_tests(tmp_path, arguments):
    assert main(arguments) == 0
    text = (tmp_path / "tables.md").read_text()
    assert "1,500 steps of 2 crops of 64x64x48 voxels at 3x3x3 mm, from 99 patches of 8 phantoms." in text
    assert "### china, 24 patients" in text
    best, other = "**0.850 ± 0.100**", "0.700 ± 0.100"
    assert f"| COVID-SegNet | 8 | 578,198 | {' | '.join([best] * 6)} | 1 of 24 |" in text
    assert f"| FCN | 8 | 602,961 | {' | '.join([other] * 6)} | 1 of 24 |" in text
    assert "| COVID-SegNet | 0.800 to 0.900 |  |  | 0.800 to 0.900 |  |  |" in text
    assert "| FCN | 0.650 to 0.750 | -0.125 | < 0.001 | 0.650 to 0.750 | -0.125 | < 0.001 |" in text
    assert "| UNet4 + FV | 0.600 to 0.700 | +0.030 | 0.210 | 0.600 to 0.700 | +0.030 | 0.210 |" in text


def test_a_mean_that_does_not_exist_is_a_dash(tmp_path, arguments):
    cohorts = tmp_path / "one" / "report" / "cohorts.csv"
    first = (tmp_path / "whole.onnx").read_bytes()
    lines = [
        line.replace(",0.85,0.1,", ",,,") if hashlib.sha256(first).hexdigest() in line and "precision" in line else line
        for line in cohorts.read_text().splitlines(keepends=True)
    ]
    cohorts.write_text("".join(lines))
    assert main(arguments) == 0
    text = (tmp_path / "tables.md").read_text()
    best, none, other = "**0.850 ± 0.100**", "-", "0.700 ± 0.100"
    assert f"| COVID-SegNet | 8 | 578,198 | {' | '.join([best, best, none] * 2)} | 1 of 24 |" in text
    assert f"| FCN | 8 | 602,961 | {' | '.join([other, other, f'**{other}**'] * 2)} | 1 of 24 |" in text


def test_a_model_that_the_run_was_not_given_is_told(tmp_path, arguments, capsys):
    model(tmp_path / "fcn.onnx", "fcn", 9, 1)
    assert main(arguments) == 1
    assert "the report has no dice of lung by FCN" in capsys.readouterr().err


def test_trainings_that_differ_are_told(tmp_path, arguments, capsys):
    model(tmp_path / "fcn.onnx", "fcn", 8, 602961, steps=3)
    assert main(arguments) == 1
    assert "trained in several ways" in capsys.readouterr().err


def test_a_missing_report_is_told(tmp_path, arguments, capsys):
    (tmp_path / "two" / "report" / "cohorts.csv").unlink()
    assert main(arguments) == 1
    assert "run `ctcohort report`" in capsys.readouterr().err


def test_a_model_without_metadata_is_told(tmp_path, arguments, capsys):
    (tmp_path / "fcn.onnx").write_bytes(
        onnx.helper.make_model(onnx.helper.make_graph([], "x", [], [])).SerializeToString()
    )
    assert main(arguments) == 1
    assert "export it again" in capsys.readouterr().err
