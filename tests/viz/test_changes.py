"""The drawing of the differences of two graphs, and the tint of rounding."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd_core import DataValueError, Graph, Value, cos, exp, rounding, sin
from autograd_core import sum as total
from autograd_core.graph import Changes
from viz import draw_dot, render
from viz.display import of_changes


def words(svg: str) -> list[str]:
    """Return the texts of a drawing, in order."""
    found = [element for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]
    return [" ".join((element.text or "").split()) for element in found]


def drawn(changes: Changes, **options: object) -> str:
    return draw_dot(changes, **options).picture("svg").decode()  # type: ignore[arg-type]


def two() -> Changes:
    """Two graphs that differ in values, gradients, operations and arguments."""
    graphs = []
    for x in (2.0, 2.5):
        a = Value(x, "x") * Value(1.0, "y")
        a.label = "a"
        other = sin(a) if x == 2.0 else exp(a)
        other.label = "b" if x == 2.0 else "c"
        output = other + a
        output.label = "J"
        output.backward()
        graphs.append(Graph(output))
    return graphs[0].diff(graphs[1])


def test_it_shows_what_the_table_lists() -> None:
    changes = two()
    shown = words(drawn(changes))
    assert {"+ new", "− gone", "2 → 2.5"} <= set(shown)
    for change in changes:
        if isinstance(change.before, float) and isinstance(change.after, float):
            pair = f"{float(f'{change.before:.4g}'):g} → {float(f'{change.after:.4g}'):g}".replace("-", "−")
            assert pair in shown, change
    assert shown[-1].startswith("a → b: differs")


def test_it_needs_no_color() -> None:
    """Without colors, what differs has words, what is new thick lines, and what is gone dashed ones."""
    gray = re.sub(r'(fill|stroke)="#[0-9a-f]{6}"', r'\1="#777777"', drawn(two()))
    assert "stroke-dasharray" in gray
    assert 'stroke-width="2.5"' in gray
    assert {"+ new", "− gone"} <= set(words(gray))


def test_equal_graphs_have_no_marks() -> None:
    x = Value(2.0, "x")
    graph = Graph(sin(x) * x)
    shown = words(drawn(graph.diff(graph)))
    assert shown[-1] == "no difference"
    assert not any("→" in word for word in shown)


def test_changes_of_no_graphs_are_refused() -> None:
    with pytest.raises(DataValueError, match="changes of no graphs"):
        draw_dot(Changes())


@pytest.mark.parametrize(
    "options", [{"show": ["data"]}, {"fold": 0}, {"fold": False}, {"highlight": Value(1.0)}], ids=str
)
def test_options_that_differences_do_not_have_are_refused(options: Any) -> None:
    x = Value(2.0, "x")
    graph = Graph(sin(x) * x)
    with pytest.raises(DataValueError, match=rf"not for differences: {next(iter(options))} = "):
        draw_dot(graph.diff(graph), **options)
    draw_dot(graph.diff(graph), show=("data", "grad"), fold="auto", highlight=(), label="same", dark=True)


def test_a_held_node_and_what_it_cuts_off() -> None:
    x = Value(2.0, "x")
    graph = Graph(cos(sin(x**2) + 3 * x))
    shown = words(drawn(graph.diff(graph.what_if(v2=0.5)), label="sin held at a half"))
    assert "sin → input" in shown
    assert "− gone" in shown
    assert "sin held at a half" in shown


@pytest.mark.parametrize("seed", range(20))
def test_random_pairs_have_a_box_for_each_node_of_either(seed: int) -> None:
    rng = random.Random(seed)
    graphs = []
    for _ in range(2):
        nodes = [Value(rng.uniform(0.5, 2.0), f"x{i}") for i in range(3)]
        for _ in range(rng.randint(1, 12)):
            a, b = rng.choice(nodes), rng.choice(nodes)
            nodes.append(rng.choice([a + b, a * b, a - 2.0, sin(a), 3.0 * b]))
        graphs.append(Graph(total(nodes[-3:])))
    changes = graphs[0].diff(graphs[1])
    drawing = draw_dot(changes)
    names = {*changes.before, *changes.after}
    titles = re.findall("<title>(.*?)</title>", drawing.picture("svg").decode())
    assert names <= set(titles)
    assert drawing.source.count("−&#160;gone") >= len({*changes.before} - {*changes.after})


def test_files_and_notebooks(tmp_path: Path) -> None:
    changes = two()
    for ending in ("svg", "dot", "tex"):
        assert render(changes, tmp_path / f"changes.{ending}").stat().st_size > 500
    bundle = of_changes(changes)
    assert bundle["text/plain"] == str(changes)
    assert "<svg" in bundle["image/svg+xml"]


def test_a_large_graph_shows_what_differs_and_what_is_next_to_it() -> None:
    x = [Value(1.0, f"x{i}") for i in range(400)]
    graph = Graph(total([total([sin(v) for v in x[:200]]), total([sin(v) for v in x[200:]])]))
    changes = graph.diff(graph.what_if(x0=2.0))
    assert drawn(changes).count('class="node"') == 204
    with pytest.raises(DataValueError, match="expected at most 300"):
        draw_dot(graph.diff(graph.what_if(dict.fromkeys(x, 2.0))))


def test_rounding_is_a_row_with_a_tint_by_its_size() -> None:
    x = Value(1e-4, "x")
    output = (1 - cos(x)) / x**2
    shown = words(draw_dot(output, show=("data", "rounding")).picture("svg").decode())
    worst = rounding(output).roundings[0]
    assert f"±{worst.effect:.0e}".replace("e-08", "e−8") in shown
    assert any("rounding of a step" in word for word in shown)
    source = draw_dot(output, show=("data", "rounding")).source
    assert source.count('BGCOLOR="#f5d07a"') == 2  # Both cells of one row, that of the cosine.
    assert "±" not in draw_dot(output).source


def test_a_folded_box_has_the_rounding_of_all_its_nodes() -> None:
    x = [Value(0.1 * i, f"x{i}") for i in range(200)]
    output = total([sin(v) * v for v in x])
    folded = draw_dot(output, show=("rounding",))
    assert "folded&#160;into" in folded.source
    assert "±" in folded.source
