"""The drawing of a run, read back as XML."""

import math
from xml.etree import ElementTree

from train import curve

SVG = "{http://www.w3.org/2000/svg}"


def test_lines_stand_where_the_log_says(tmp_path):
    (tmp_path / "train.csv").write_text("step,loss,dice_loss,cross_entropy\n1,2.0,1.0,3.0\n2,1.0,0.5,1.5\n")
    (tmp_path / "validation.csv").write_text("step,seconds,lung,infection\n1,9,0.25,nan\n2,9,0.75,0.5\n")
    curve.write(tmp_path)
    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    points = [line.get("points") for line in root.iter(f"{SVG}polyline")]
    half, whole, top = curve.WIDTH / 2, curve.WIDTH, curve.HEIGHT
    at = {share: f"{top * (1 - share):.1f}" for share in (0.25, 0.5, 0.75)}
    assert points[0] == f"{half:.1f},{top * (1 - 2 / 3):.1f} {whole:.1f},{top * (1 - 1 / 3):.1f}", "loss, of at most 3"
    assert points[3] == f"{half:.1f},{at[0.25]} {whole:.1f},{at[0.75]}", "lung, of at most 1"
    assert points[4] == f"{whole:.1f},{at[0.5]}", "infection, undefined at first"
    labels = [text.text for text in root.iter(f"{SVG}text")]
    assert {"loss", "Dice loss", "cross-entropy", "lung", "infection"} <= set(labels)


def test_long_runs_are_drawn_as_means(tmp_path):
    rows = "\n".join(f"{n},{n % 2},0,0" for n in range(1, 2001))
    (tmp_path / "train.csv").write_text(f"step,loss,dice_loss,cross_entropy\n{rows}\n")
    curve.write(tmp_path)
    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    points = next(root.iter(f"{SVG}polyline")).get("points").split()
    assert len(points) == curve.POINTS
    heights = {p.split(",")[1] for p in points}
    assert heights == {f"{curve.HEIGHT * (1 - 0.5 / 0.5):.1f}"}, "each is the mean of 5 zeros and 5 ones, the largest"
    assert not any(math.isnan(float(h)) for h in heights)
