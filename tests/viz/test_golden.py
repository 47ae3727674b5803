"""Each option of `draw_dot` gives the stored source, byte for byte, in every process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from viz.render.graphviz_drawing import layout

from .golden_drawings import DRAWINGS, GOLDEN, sources


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_the_one_that_is_kept(name):
    kept = (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")
    assert DRAWINGS[name]().source == kept, "if so meant, python -m tests.viz.golden_drawings write"


def test_every_kept_drawing_is_of_an_option():
    assert sorted(path.stem for path in GOLDEN.glob("*.dot")) == sorted(DRAWINGS)


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_sources_are_the_same_in_every_process(seed):
    answer = subprocess.run(
        [sys.executable, "-m", "tests.viz.golden_drawings"],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        cwd=Path(__file__).parents[2], capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(answer.stdout) == sources()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_kept_drawing_can_be_laid_out(name):
    source = (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")
    picture = json.loads(layout(source, "json"))
    nodes = [thing for thing in picture["objects"] if "pos" in thing]
    frames = [thing for thing in picture["objects"] if thing["name"].startswith("cluster_")]
    assert len(nodes) == len(re.findall(r"^\s+(?!graph)\w+ \[label=", source, re.MULTILINE)), "each box once"
    assert len(frames) == source.count("subgraph cluster_")
    assert len(picture["edges"]) == source.count(" -> ")
