"""TikZ: every picture compiles, and has the boxes, edges and texts of its SVG."""

import pytest

from autograd_core import Value, name_scope
from nn import MLP
from tests.latex import compiled
from viz import draw_network, render
from viz.render.tikz import tikz

from .pictures import SVG, Picture, swept
from .test_dot import HOSTILE


@pytest.mark.parametrize("name", ["lecture", "2-3-1", "2-16-16-1"])
def test_a_picture_compiles_with_everything_that_its_svg_has(name, tmp_path):
    root = swept(name)
    text = render(root, tmp_path / "j.tex").read_text(encoding="utf-8")
    picture = Picture(render(root, tmp_path / "j.svg").read_bytes())
    assert text.count("-stealth") == len(picture.edges)
    assert text.count("\\node[") == len(picture.texts)
    assert text.count(" rectangle ") == len(list(picture.root.iter(f"{SVG}rect")))
    assert compiled(r"\input{j.tex}", tmp_path, "tikz").stat().st_size > 1000


def test_names_are_formulas(tmp_path):
    text = render(swept("2-3-1"), tmp_path / "j.tex").read_text(encoding="utf-8")
    for words in (r"w\(^{(1)}\)\(_{32}\)", r"\(\hat{y}\)", r"\(-\)0.8406"):
        assert words in text
    assert text.isascii()


def test_a_dark_picture_with_partials_and_a_network_compile(tmp_path):
    render(
        swept("lecture"), tmp_path / "dark.tex", dark=True, show=("data", "grad", "partials"), label="C1 50 %"
    )
    network = draw_network(MLP(2, [12, 1], rng=0)).pipe("svg").decode()
    (tmp_path / "net.tex").write_text(tikz(network), encoding="utf-8")
    assert compiled(r"\input{dark.tex} \input{net.tex}", tmp_path, "tikz").exists()


def test_hostile_labels_compile(tmp_path):
    total = Value(0.0)
    for label in HOSTILE:
        total = total + Value(1.0, label)
    with name_scope("50 % of #1 {_"):
        total = total.sin() * total
    render(total, tmp_path / "j.tex")
    assert compiled(r"\resizebox{\textwidth}{!}{\input{j.tex}}", tmp_path, "tikz").exists()
