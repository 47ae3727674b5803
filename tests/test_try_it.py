"""*Try it* on the pages of the documentation: what its links hold."""

import sys
from types import SimpleNamespace

import pytest

from docs.playground.links import decoded, of_code, of_expression

from .test_house import ROOT

nodes = pytest.importorskip("docutils.nodes", reason="needs the extra `docs`")
sys.path.append(str(ROOT / "docs"))
import tryit  # noqa: E402

ABOVE = ["from autograd_core import Value\nx = Value(2.0, 'x')\nJ = x * x", "unrelated = 1", "J.backward()"]

COMPLETE = {
    "x + 1": [ABOVE[0], ABOVE[2], "x + 1"],
    "J.data": [ABOVE[0], ABOVE[2], "J.data"],
    "unrelated += 1": [ABOVE[1], "unrelated += 1"],
    "x = 3\nx + 1": ["x = 3\nx + 1"],
    "sin(1.0)": ["from autograd_core import sin", "sin(1.0)"],
    "render(J, 'a.svg')": ["from viz import render", ABOVE[0], ABOVE[2], "render(J, 'a.svg')"],
    "nn.MLP(2, [1])": ["import nn", "nn.MLP(2, [1])"],
    "for i in range(3):\n    print(i)": ["for i in range(3):\n    print(i)"],
    "[k for k in range(3)]": ["[k for k in range(3)]"],
    "def f(n):\n    return f(n - 1) * tanh(n)": [
        "from autograd_core import tanh",
        "def f(n):\n    return f(n - 1) * tanh(n)",
    ],
}


@pytest.mark.parametrize("code", COMPLETE)
def test_code_brings_the_blocks_and_imports_that_it_needs(code):
    assert tryit.complete(code, ABOVE) == "\n\n".join(COMPLETE[code])
    compile(tryit.complete(code, ABOVE), "", "exec")


def test_prompts_and_results_of_a_session_are_left_out():
    session = ">>> def f(x):\n...     return x\n...\n>>> f(2)\n2\n>>>\n"
    assert tryit.without_prompts(session) == "def f(x):\n    return x\n\nf(2)\n"
    assert tryit.without_prompts("f(2)") == "f(2)"


def document(*blocks):
    found = nodes.document("", None)
    for language, text in blocks:
        found += nodes.literal_block(text, text, language=language)
    return found


def linked(address, page, *blocks, format="html"):
    """Return the addresses that the links of a page have."""
    app = SimpleNamespace(config=SimpleNamespace(playground=address), builder=SimpleNamespace(format=format))
    doctree = document(*blocks)
    tryit.add_links(app, doctree, page)
    return [node.astext().split('"')[3] for node in doctree.findall(nodes.raw)]


COMMANDS = 'pip install . && autograd-core step "w*x" w=0.5 x=-2 --no-graph\nautograd-core --version'


def test_links_lead_from_each_page_to_the_playground():
    code, command = ("python", "print(1)"), ("sh", COMMANDS)
    expected = [of_code("print(1)"), of_expression("w*x", [("w", "0.5"), ("x", "-2")])]
    for address, page, start in [
        ("playground/", "index", "playground/"),
        ("playground/", "howto/step", "../playground/"),
        ("https://example.org/p/", "howto/step", "https://example.org/p/"),
    ]:
        assert linked(address, page, code, command) == [f"{start}#{fragment}" for fragment in expected]


def test_there_are_no_links_without_a_playground_or_where_there_is_nothing_to_try():
    assert linked("", "index", ("python", "print(1)")) == []
    assert linked("playground/", "index", ("python", "print(1)"), format="latex") == []
    others = [
        ("text", "x"),
        ("python", "render(output, path=...) -> None"),
        ("sh", "autograd-core step EXPR"),
    ]
    assert linked("playground/", "index", *others) == []


def test_a_link_holds_what_was_given():
    assert decoded(of_code("print('é')")) == {"tab": "code", "code": "print('é')"}
