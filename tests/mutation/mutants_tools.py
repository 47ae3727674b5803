"""Mutants of the compiler, of `viz`, and of the stepper's page."""

from __future__ import annotations

from .mutant import Mutant, mutants

RUNNERS = "tests/compile/test_runners.py -k 'softmax or every_row'"
STRUCTURE = "tests/compile/test_structure.py"
SCRIPT = "tests/browser/test_script.py"
QUIZ = "tests/browser/test_quiz.py"
STEPPER = "tests/browser/test_stepper.py"

TOOLS = [
    *mutants(
        "autograd_core/compile/front/gradient.py",
        RUNNERS,
        ("amounts = [x * (a * b - w) for", "amounts = [x * (a * b + w) for"),
        ("amounts = [a * b - x * s for", "amounts = [a * b - x for"),
        ("before.append(x if len(before) == 1 else before[-1] + x)", "before.append(x)"),
        ("and len({*args}) == len(args):", "and True:"),
        ("if all(args[0] in call.results for call in alike):", "if not alike:"),
    ),
    *mutants(
        "autograd_core/compile/arrays/structure.py",
        STRUCTURE,
        (
            "np.minimum.at(first, np.maximum(one, other), np.minimum(one, other))",
            "np.minimum.at(first, one, other)",
        ),
        ("one, other = first[r], first[rows + c]", "one, other = first[r], first[c]"),
        (
            "if len(rows) * len(columns) == len(first) == len(np.unique(r * len(columns) + c)):",
            "if len(rows) * len(columns) == len(first):",
        ),
    ),
    *mutants(
        "autograd_core/compile/emit/expressions.py",
        STRUCTURE + " tests/compile/test_poles.py",
        ("finalize((functions or [code])[-1], linecache.cache.pop, name, None).atexit = False", "pass"),
        ("finalize((functions or [code])[-1],", "finalize(code,"),
    ),
    *mutants(
        "autograd_core/compile/runners/interpreter.py",
        "tests/compile/test_poles.py tests/compile/test_runners.py",
        ("v[i] = v[a] - v[b]", "v[i] = v[b] - v[a]"),
        ("                adjoint[b] -= g\n", "                adjoint[b] += g\n"),
        (
            "if not isfinite(v[i]) and (isnan(v[i]) or all([isfinite(v[j]) for j in args])):",
            "if isnan(v[i]):",
        ),
    ),
    *mutants(
        "autograd_core/compile/front/gradient.py",
        "tests/compile/test_runners.py tests/compile/test_selects.py",
        ("else ops.mul(g, float(slope))", "else ops.mul(g, 1.0)"),
        ("if node != min(results):", "if node != max(results):"),
    ),
    *mutants(
        "autograd_core/compile/arrays/groups.py",
        RUNNERS,
        (
            'f"np.divide({y}, np.add.reduce({y}, axis=0, out={m}), out={y})"',
            'f"np.add.reduce({y}, axis=0, out={m})"',
        ),
        ('f"np.subtract({g}, {s}, out={wide})"', 'f"np.add({g}, {s}, out={wide})"'),
    ),
    *mutants(
        "autograd_core/compile/program.py",
        "tests/compile/test_faults.py tests/compile/test_calls.py",
        (
            "if x.shape != v.shape or x.shape != (self._count,):",
            "if x.shape != v.shape:",
        ),
    ),
    *mutants(
        "autograd_core/compile/emit/library.c",
        "tests/compile/test_exports.py -k 'awkward or softmax'",
        ("y[i] /= s;", "y[i] /= m;"),
        ("s += i == largest ? 0.0 : exp_difference(x[i], m);", "s += exp_difference(x[i], m);"),
    ),
    *mutants(
        "autograd_core/operations/foreign_forms.py",
        "tests/compile/test_runners.py tests/compile/test_exports.py",
        ('"(1.0 if {0} == {1} else 0.0)"', '"(0.0 if {0} == {1} else 1.0)"'),
        ('python="fabs({0})"', 'python="{0}"'),
        ('"({1} if {0} else {2})"', '"({2} if {0} else {1})"'),
    ),
    *mutants(
        "viz/drawing/folding.py",
        "tests/viz/test_folding.py",
        ("if now[a] != now[b]:", "if True:"),
        ("levels[b] = max(levels[b], levels[i] + 1)", "levels[b] = levels[i]"),
        ("return len(self.nodes) == 1 and not self.name", "return len(self.nodes) == 1"),
    ),
    *mutants(
        "viz/stepper/page/quiz.js",
        QUIZ,
        ("0.005 * Math.abs(answer)", "0.05 * Math.abs(answer)"),
        ("answer === 0 ? 5e-5", "answer === 0 ? 5e-2"),
        ('take("/")) x /= signed();', 'take("/")) x *= signed();'),
        ('return take("^") ? x ** signed() : x;', 'return take("^") ? x ** atom() : x;'),
        ('.replace(/(\\d),(\\d)/g, "$1.$2")', ""),
        ("r.tries += 1;", "r.tries += 2;"),
        ('result().closed = true;\n  refresh();\n  say(inWords("Shown', 'refresh();\n  say(inWords("Shown'),
    ),
    *mutants(
        "viz/stepper/page/numbers.js",
        SCRIPT + " -k 'numbers or nan'",
        ("whole && size < 1e6", "whole && size < 1e9"),
        ("size >= 1e-4 && size < 1e4", "size >= 1e-4 && size < 1e6"),
        ("x.toExponential(3)", "x.toExponential(4)"),
        ('if (Number.isNaN(x)) return "nan";', ""),
    ),
    *mutants(
        "viz/stepper/page/inputs.js",
        SCRIPT + " -k branch",
        ("else if (changed && otherBranch(S.now))", "else if (false)"),
        ('$("reset").hidden = !changed;', '$("reset").hidden = true;', SCRIPT + " -k slider"),
    ),
    *mutants(
        "autograd_core/compile/runners/choice.py",
        "tests/compile/test_poles.py tests/compile/test_runners.py tests/compile/test_faults.py",
        (
            "return values if all(map(isfinite, values)) else careful_value",
            "return values if True else careful_value",
        ),
        ("if not isfinite(value) or not finite(slopes):", "if not isfinite(value):"),
    ),
    *mutants(
        "autograd_core/compile/runners/interpreter.py",
        "tests/compile/test_poles.py",
        (
            'again(nodes, i, row, args, tape.labels.get(i, ""))',
            'again(nodes, i, row, args, "")',
            "tests/compile/test_poles.py -k label",
        ),
    ),
    *mutants(
        "autograd_core/compile/runners/array_program.py",
        "tests/compile/test_faults.py tests/compile/test_structure.py",
        (
            'return "seed * V1.shape[1]" if many',
            'return "seed" if many',
            "tests/compile/test_faults.py -k once_an",
        ),
    ),
    *mutants(
        "autograd_core/compile/arrays/reverse_pass.py",
        STRUCTURE,
        ("scale = 1.0 if access.shape[axis] == count else float(count)", "scale = 1.0"),
        (
            'turned = g if is_left else f"{g}.swapaxes(-1, -2)"',
            "turned = g",
            "tests/compile/test_faults.py -k both_factors",
        ),
    ),
    *mutants(
        "autograd_core/compile/arrays/structure.py",
        STRUCTURE + " tests/compile/test_faults.py",
        ("product, absorbed = product & ~apart, absorbed & ~apart", "pass"),
        ("inner = (uses == 1) & adds[consumer]", "inner = (uses >= 1) & adds[consumer]"),
    ),
    *mutants(
        "autograd_core/compile/training.py",
        "tests/compile/test_descent.py",
        ("self.update, w.copy(), g.copy(), self.state)", "self.update, w, g, self.state)"),
        (
            'self.state["step"] += 1',
            "pass",
            "tests/compile/test_descent.py --doctest-modules autograd_core/compile/training.py",
        ),
    ),
    *mutants(
        "viz/drawing/boxes.py",
        "tests/viz/test_dot.py tests/viz/test_folding.py",
        (
            "if not self.reached or not gradients or min(gradients) < 0 < max(gradients):",
            "if not self.reached or not gradients:",
        ),
        (
            "(share > FAINT) + (share >= STRONG)",
            "(share > FAINT)",
            "tests/viz/test_golden.py tests/viz/test_folding.py -k 'tint or kept'",
        ),
        ("""' STYLE="DASHED"' if dashed""", """' STYLE="DASHED"' if False"""),
    ),
    *mutants(
        "viz/drawing/network.py",
        "tests/viz/test_network.py",
        ('"dashed" if weight < 0 else "solid"', '"solid" if weight < 0 else "dashed"'),
        ("{i - before - 1:,} more", "{i - before:,} more"),
        ("+ activated\n", "\n"),
    ),
    *mutants(
        "viz/plots.py",
        "tests/viz/test_plots.py",
        ("np.where(np.isnan(outputs).any(axis=1), np.nan, outputs.argmax(axis=1))", "outputs.argmax(axis=1)"),
        (
            "heights = [outputs.reshape(len(upwards), len(across)) - threshold]",
            "heights = [outputs.reshape(len(upwards), len(across))]",
        ),
    ),
    *mutants(
        "viz/cli/terminal_stepper.py",
        "tests/viz/test_terminal.py --doctest-modules viz/cli/terminal_stepper.py",
        ('"g": -self.at', '"g": -1'),
        ("while ahead < len(self.steps) and", "while False and"),
    ),
    *mutants(
        "viz/render/placement.py",
        "tests/viz/test_placement.py",
        (
            "shift += (above.height + item.height) / 2 + min(above.gap, item.gap)",
            "shift += min(above.gap, item.gap)",
        ),
    ),
    *mutants(
        "viz/render/columns.py",
        "tests/viz/test_placement.py tests/viz/test_stepper.py",
        ("levels[b] = max(levels[b], levels[a] + 1)", "levels[b] = levels[a] + 1"),
        ("found[i] -= k % parts", "pass"),
    ),
    Mutant(
        "autograd_core/compile/arrays/structure.py",
        "while not np.array_equal(first, onward := first[first]):\n            first = onward",
        "first = first[first]",
        STRUCTURE,
        equivalent="the numbers of the parts settle all the same, in more rounds",
    ),
    Mutant(
        "autograd_core/compile/front/gradient.py",
        "return ops.where(slope, ops.mul(g, slope), 0.0)",
        "return ops.mul(g, slope)",
        "tests/compile/test_runners.py tests/compile/test_selects.py",
        equivalent="a gradient that is not finite is computed again by the eager engine",
    ),
    Mutant(
        "autograd_core/compile/arrays/reverse_pass.py",
        "np.where({slopes}, {g} * {slopes}, 0.0)",
        "np.add({g} * {slopes}, 0.0)",
        "tests/compile/test_selects.py tests/compile/test_poles.py",
        equivalent="a gradient that is not finite is computed again by the eager engine",
    ),
]
