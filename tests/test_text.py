"""Messages have no invisible characters and no overlong names."""

import pickle
import sys
import unicodedata

import pytest

import autograd_core as ac
import nn
import viz
from autograd_core import AutogradError, Graph, Value, compile
from autograd_core.base.text import visible, width
from autograd_core.errors import without_endless_words

KEPT = {0x200C, 0x200D}
FILLERS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xE0100, 0xFE00}
LONG = "n" * 20_000
"""An overlong name that is not the error, and must not hide it."""


def test_no_character_that_shows_nothing_is_left():
    hidden = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") or code & 0xFFFE == 0xFFFE
    }
    left = [hex(code) for code in sorted(hidden | FILLERS) if visible(chr(code)) == chr(code)]
    assert left == [hex(code) for code in sorted(KEPT)]


def test_letters_marks_and_emoji_stay():
    for text in ("x\u0304₁ θ ŷ ∂ ×", "नमस्ते", "क्\u200dष", "👩\u200d🔬", "❤\ufe0f", "\u00a0", "한글"):
        assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("x", 1), ("", 0), ("損失", 4), ("한", 2), ("Ａ１", 4), ("ｱ", 1), ("e\u0301", 1), ("×", 1),
        ("a\u200db", 2), ("a\u20ddb", 2),
    ],
)  # fmt: skip
def test_letters_take_as_many_columns_as_in_a_terminal(text, columns):
    assert width(text) == columns


def long(data=0.0):
    return Value(data, LONG)


FAULTS = {
    "a pole": lambda: ac.log(long()),
    "a division": lambda: 1 / long(),
    "a label for a number": lambda: Value(LONG, 2.0),
    "a node by name": lambda: Graph(long(1.0) * 2).explain(LONG + "q"),
    "replay": lambda: Graph(long(1.0) * 2).replay(**{LONG: "q"}),
    "replay of an unknown leaf": lambda: Graph(long(1.0) * 2).replay(**{LONG + "b": 1.0}),
    "a scope": lambda: ac.name_scope(LONG),
    "an input": lambda: compile(long(1.0) * 2)(**{LONG + "q": 1.0}),
    "a missing input": lambda: compile(long(1.0) * 2)(),
    "an input twice": lambda: compile(long(1.0) * 2)(1.0, **{LONG: 1.0}),
    "a weight": lambda: compile(long(1.0) * 2).to_torch({LONG + "q": 1.0}),
    "an argument": lambda: ac.sin(2.0, **{LONG: 1}),
    "a gradient": lambda: (long() ** 0.5 * 0.0).backward(),
    "errstate": lambda: ac.errstate(all=LONG),
    "JSON": lambda: Graph.from_json(LONG),
    "an entry": lambda: Graph.from_dict({LONG: 1}),
    "a version": lambda: Graph.from_dict(Graph(long() * 2).to_dict() | {"version": LONG}),
    "a version of many digits": lambda: Graph.from_dict(Graph(long() * 2).to_dict() | {"version": 10**5000}),
    "a format": lambda: Graph.from_dict(Graph(long() * 2).to_dict() | {"format": LONG}),
    "an activation": lambda: nn.Layer(2, 2, activation=LONG),
    "an initialization": lambda: nn.Layer(2, 2, init=LONG),
    "an option": lambda: nn.Layer(1, 1).fit([[1.0]], [[1.0]], **{LONG: 2}),
    "a metric": lambda: nn.Layer(1, 1).fit([[1.0]], [[1.0]], metrics=[LONG]),
    "a state": lambda: nn.Layer(1, 1).load_state_dict({LONG: [1.0]}),
    "a direction": lambda: viz.draw_dot(long(), rankdir=LONG),
    "a format of a picture": lambda: viz.render(long() * 2, "graph." + LONG),
    "a file": lambda: nn.save(nn.Layer(1, 1), LONG),
    "a file to read": lambda: nn.load(LONG),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_name_of_many_letters_does_not_hide_what_is_wrong(name):
    with pytest.raises((AutogradError, OSError)) as caught:
        FAULTS[name]()
    assert len(str(caught.value)) < 700
    assert len(str(pickle.loads(pickle.dumps(caught.value)))) < 700


def test_messages_of_usual_length_stay_as_they_are():
    usual = f"log: a pole: argument 1 = 0.0 (node '{'x' * 200}'); expected x > 0. It's the model's."
    assert without_endless_words(usual) == usual
    spaced = f"no node '{'a b ' * 5000}'; expected one."
    assert without_endless_words(spaced) == f"no node '{'a b ' * 9}a b…'; expected one."
