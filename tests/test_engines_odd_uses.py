"""Both engines behave alike where nodes are used oddly: the Python engine is the specification.

One program runs under each of them, in a process of its own, and prints what happens.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autograd_core import engine

PROGRAM = r'''
import itertools, math, operator
import autograd_core as ac
from autograd_core import TABLE, Value

def said(f):
    try:
        return repr(f())
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def state(v):
    return (v.data, v.grad, v.label, v.requires_grad, v.op, v.parents, v.partials, v.is_leaf, v.reached)

for again in ((5.0,), (5.0, "q"), ("a",), (1.0, 2), (), (1.0, "a", 3), (True,), (10**400,)):
    x = Value(2.0, "x")
    y, z = x * x, ac.sum([x, 2.0, x])
    (y + z).backward()
    for node in (x, y, z, ac.where(1.0, x, y), x * 3.0):
        print("again", again, said(lambda: node.__init__(*again)), state(node))

WRONG = [None, "a", object, math.nan, True, 10**400, 1j, [], Value(1.0), 5.0, b"x"]
NAMES = "data grad label requires_grad op parents partials index is_leaf reached _prev _op new".split()
for name in NAMES:
    x = Value(2.0, "x")
    for node in (x, x * 3.0):
        print("delete", name, said(lambda: delattr(node, name)))
        for wrong in WRONG:
            print("set", name, type(wrong), said(lambda: setattr(node, name, wrong)), state(node))

USES = {
    "v + w": operator.add,
    "v + 1": lambda v, w: v + 1,
    "1 + v": lambda v, w: 1 + v,
    "v - w": operator.sub,
    "1 - v": lambda v, w: 1 - v,
    "v * w": operator.mul,
    "2 * v": lambda v, w: 2 * v,
    "v / w": operator.truediv,
    "1 / v": lambda v, w: 1 / v,
    "v ** w": operator.pow,
    "v ** 2": lambda v, w: v**2,
    "2 ** v": lambda v, w: 2**v,
    "-v": lambda v, w: -v,
    "+v": lambda v, w: +v,
    "abs(v)": lambda v, w: abs(v),
    "v < w": operator.lt,
    "1 < v": lambda v, w: 1 < v,
    "v != v": lambda v, w: v != v,
    "bool(v)": lambda v, w: bool(v),
    "neg(v)": lambda v, w: TABLE["neg"](v),
    "ac.abs(v)": lambda v, w: ac.abs(v),
    "add": lambda v, w: TABLE["add"](v, w),
    "sin(v)": lambda v, w: ac.sin(v),
    "v.sin()": lambda v, w: v.sin(),
    "v.neg()": lambda v, w: v.neg(),
    "v.abs()": lambda v, w: v.abs(),
    "sum": lambda v, w: ac.sum([v, w]),
    "backward": lambda v, w: (v * w).backward(),
    "max": lambda v, w: ac.max([v, w]),
    "where": lambda v, w: ac.where(v, w, 1.0),
    "square": lambda v, w: ac.square(v),
    "gradients": lambda v, w: ac.gradients(ac.sin(v), [v]),
}
OVERRIDDEN = """
__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __pow__ __rpow__ __neg__
__pos__ __abs__ __lt__ __le__ __gt__ __ge__ __ne__ __bool__ __repr__ neg abs mul add sin backward
data grad label op parents partials
""".split()

def overriding(name, log):
    def method(self, *args):
        log.append(name)
        return "over" if name == "__repr__" else NotImplemented if len(log) % 3 == 0 else "another"
    is_method = name.startswith("__") or callable(getattr(Value, name))
    made = method if is_method else property(lambda self: log.append(name) or 5.0)
    return type("Own", (Value,), {name: made})

for name in OVERRIDDEN:
    for which in ((0,), (1,), (0, 1)):
        for use, f in USES.items():
            log = []
            own = overriding(name, log)
            v, w = [(own if i in which else Value)(2.0 + i) for i in range(2)]
            print("override", name, which, use, said(lambda: type(f(v, w)).__name__), log)

class Plain(Value):
    pass

p = Plain(2.0, "p")
p.momentum = 3.0
print([type(x).__name__ for x in (p * 2, p + p, ac.sin(p), -p, abs(p))], p.momentum)

POINTS = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 1e308, -1e308, 1e-308, 5e-324, math.inf, -math.inf, math.nan]
FEW = [0.0, -0.0, 1.0, -2.5, math.inf, math.nan, 1e308]
for name, row in TABLE.items():
    count = row.arity or 2
    for xs in itertools.product(POINTS if count < 3 else FEW, repeat=count):
        with ac.errstate(all="ignore"):
            print(name, xs, said(lambda: row(*xs) if row.arity else row(list(xs))))
            vs = [Value(x) for x in xs]
            print(said(lambda: (lambda y: (y.data, y.partials))(row(*vs) if row.arity else row(vs))))
'''


def transcript(pure: str) -> list[str]:
    environment = {**os.environ, "AUTOGRAD_CORE_PURE": pure}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=True
    )
    return run.stdout.splitlines()


@pytest.mark.skipif(not engine().startswith("native"), reason="There is one engine only.")
def test_odd_uses_have_the_same_outcome_on_both_engines() -> None:
    native, python = transcript(""), transcript("1")
    assert [pair for pair in zip(native, python, strict=True) if pair[0] != pair[1]] == []
    assert len(native) > 10_000
