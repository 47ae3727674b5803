"""Mutants of the engine: `Value`, the sweeps, modes, rules, graphs, steps, NumPy."""
# ruff: noqa: E501

from __future__ import annotations

from .mutant import mutants

ENGINE = "tests/test_faults_engine.py"
HIGHER = "tests/test_faults_higher_order.py tests/test_transforms.py"
NUMPY = "tests/test_conventions_numpy.py"
RULES = "tests/compile/test_rules.py"

CORE = [
    *mutants(
        "autograd_core/kernel/backward.py",
        ENGINE,
        (
            "            node._b._grad += g * node._db",
            "            node._b._grad += g * node._da",
        ),
        (
            "order.sort(key=_index, reverse=True)",
            "order.sort(key=_index)",
        ),
        (
            "for node, grad in before.items():\n                node._grad += grad",
            "for node, grad in before.items():\n                node._grad = grad",
        ),
        (
            "        if root._requires_grad:\n            root._grad = seed",
            "        root._grad = 1.0",
        ),
        (
            "return [float(x._grad) if x in found else 0.0 for x in targets]",
            "return [float(x._grad) for x in targets]",
            f"{ENGINE} tests/test_graph.py",
        ),
    ),
    *mutants(
        "autograd_core/kernel/apply.py",
        ENGINE + " tests/test_conventions_object.py",
        ("if len(slopes) != len(xs):", "if len(slopes) > len(xs):"),
        (
            "if op.arity is None and False in needs:",
            "if op.arity is None and True in needs:",
            "tests/test_graph.py tests/test_faults_engine.py tests/test_transforms.py",
        ),
        (
            'if any([x - x for x in xs]) or modes.current().invalid == "ignore":\n        return',
            "return",
            "tests/test_conventions.py",
        ),
    ),
    *mutants(
        "autograd_core/kernel/value.py",
        "tests/test_conventions_object.py " + ENGINE,
        ('return noted(self._number != 0.0, "bool", self, 0.0)', 'return noted(True, "bool", self, 0.0)'),
        ("return _compare(le, self, other)", "return _compare(lt, self, other)"),
        ("return _compare(ge, self, other)", "return _compare(gt, self, other)"),
        (
            "record(row, y, a, d, w, None) if place == 0 else record(row, y, x, None, b, d)",
            "record(row, y, a, d, w, None) if place == 0 else record(row, y, b, d, x, None)",
            "tests/test_operations.py -k operators",
        ),
        (
            "flows = [flow and d != 0.0 for flow, d in zip(flows, partials, strict=True)]",
            "flows = list(flows)",
            "tests/test_conventions.py tests/compile/test_selects.py",
        ),
    ),
    *mutants(
        "autograd_core/kernel/value.py",
        "tests/test_operations.py -k operators",
        (
            "result(sub, self._number - other._number, self, 1.0, other, -1.0)",
            "result(sub, self._number - other._number, self, 1.0, other, 1.0)",
        ),
        (
            "result(mul, self._number * other._number, self, other._number, other, self._number)",
            "result(mul, self._number * other._number, self, self._number, other, other._number)",
        ),
        ("d = row.slopes[place](x, w, y)", "d = row.slopes[0](x, w, y)"),
        ("return operate(power, other, self, 1)", "return operate(power, self, other, 0)"),
        (
            "if y - y or modes.unusual or not (a._requires_grad and b._requires_grad):",
            "if modes.unusual or not (a._requires_grad and b._requires_grad):",
            "tests/test_conventions.py tests/test_operations.py",
        ),
    ),
    *mutants(
        "autograd_core/base/modes.py",
        ENGINE,
        ("super().__init__(grad=False)", "super().__init__(grad=True)"),
        ('invalid: str = "raise"', 'invalid: str = "ignore"', "tests/test_conventions.py"),
        ('divide: str = "raise"', 'divide: str = "ignore"', "tests/test_operations.py -k pole"),
        ('over: str = "ignore"', 'over: str = "raise"', "tests/test_conventions.py"),
        (
            'or word not in ("raise", "ignore"):',
            'or word not in ("raise", "ignore", "warn"):',
            "tests/test_decorators.py",
        ),
    ),
    *mutants(
        "autograd_core/base/modes.py",
        "tests/test_conventions.py tests/test_operations.py -k 'pole or awkward or infinite or nan or conventions'",
        ('if mode.invalid == "raise" and not any(x != x for x in xs):', 'if mode.invalid == "raise":'),
        (
            "if any(x != x or isinf(x) for x in xs):\n            return",
            "if any(x != x for x in xs):\n            return",
        ),
    ),
    *mutants(
        "autograd_core/calculus/forward_mode.py",
        HIGHER,
        ("total = before + partial * tangent[parent]", "total = partial * tangent[parent]"),
        ("share = slope * tangent[parent]", "share = slope + tangent[parent]"),
        (
            "{x: t for x, t in seeds.items() if t != 0.0}",
            "dict(seeds)",
            "tests/test_transforms.py -k tangent",
        ),
    ),
    *mutants(
        "autograd_core/kernel/contributions.py",
        "tests/test_conventions.py tests/compile/test_selects.py tests/test_transforms.py",
        ("return partial != 0.0 or node._row is None or not node._row.selects", "return True"),
    ),
    *mutants(
        "autograd_core/calculus/reverse_mode.py",
        "tests/test_graph.py " + HIGHER,
        (
            "wanted = {target for target in targets if target._requires_grad}",
            "wanted = set(targets)",
            "tests/test_graph.py -k frozen",
        ),
        ("shares[parent] = [before, share]", "shares[parent] = [share, share]"),
        (
            "pairs = compress(pairs, [d != 0.0 for d in slopes] if both_branches else node.partials)",
            "pass",
            "tests/test_conventions.py tests/compile/test_selects.py tests/test_transforms.py tests/test_graph.py",
        ),
    ),
    *mutants(
        "autograd_core/operations/operation.py",
        "tests/test_exchange.py tests/test_operations.py -k 'bit_for_bit or lie or leaf or any_number'",
        ("else count > 0 == count % self.sequences", "else count > 0"),
        ("else count > 0 == count % self.sequences", "else count % self.sequences == 0"),
    ),
    *mutants(
        "autograd_core/calculus/taylor.py",
        "tests/test_taylor.py",
        ("x.data, 1.0], None, ())", "x.data, 0.5], None, ())"),
        ("result.append(y / factorial(k))", "result.append(y / k)"),
        ("self.coefficients.append(total / k)", "self.coefficients.append(total / (k + 1))"),
        ("self._scaled.append(total)", "self._scaled.append(total / k)"),
        ("return slope.coefficients[0] == 0.0 and fixed and", "return slope.coefficients[0] == 0.0 and"),
        ("[isnan(sum(row)) and not isnan(row[0]) for row in rows]", "[False for row in rows]"),
        ("if not isinstance(n, int) or isinstance(n, bool) or", "if not isinstance(n, int) or"),
    ),
    *mutants(
        "autograd_core/calculus/sparsity.py",
        "tests/test_sparsity.py --doctest-modules autograd_core/calculus/sparsity.py",
        ("reached[node] = frozenset([place[node]])", "reached[node] = frozenset([0])"),
        ("return largest if all([s <= largest for s in sets]) else", "return largest if True else"),
        (
            "taken = {color[k] for i in meets[j] for k in rows[i]}",
            "taken = {color[k] for i in meets[j][:1] for k in rows[i]}",
        ),
        ("if not waiting[parent] and parent not in kept:", "if not waiting[parent]:"),
        ("forward = len(set(by_column)) <= len(set(by_row))", "forward = True"),
    ),
    *mutants(
        "autograd_core/check/uncertainty_propagation.py",
        "tests/test_uncertainty.py --doctest-modules autograd_core/check/uncertainty_propagation.py",
        ("along[b] += rho * moves[a]", "along[b] += rho * moves[b]"),
        ("key=lambda share: -abs(share.fraction)", "key=lambda share: -share.fraction"),
        ("if not 0.0 <= sigmas[-1] < inf:", "if not 0.0 <= sigmas[-1]:"),
        ("or frozenset(pair) in met:", "or pair in met:"),
        ("if values != [leaf.data for leaf in leaves]:", "if False:"),
    ),
    *mutants(
        "autograd_core/calculus/rewriting.py",
        RULES,
        (
            'Rule("x - 0",           "x",            ops.sub,  _when(lambda a, b: _is(b, 0.0), lambda a, b: a)',
            'Rule("x - 0",           "x",            ops.sub,  _when(lambda a, b: _is(b, 0.0), lambda a, b: -a)',
        ),
        (
            "ops.div,  _when(lambda a, b: _is(b, 1.0), lambda a, b: a)",
            "ops.div,  _when(lambda a, b: _is(b, 1.0), lambda a, b: b)",
        ),
        (
            "_when(lambda a, b: _of(b, ops.neg), lambda a, b: a - _unsigned(b))",
            "_when(lambda a, b: _of(b, ops.neg), lambda a, b: _unsigned(b) - a)",
        ),
        ("_exponent(3.0, lambda x: ops.square(x) * x)", "_exponent(3.0, lambda x: ops.square(x))"),
        (
            "_exponent(4.0, lambda x: ops.square(ops.square(x)))",
            "_exponent(4.0, lambda x: ops.square(x) * x)",
        ),
        ("_exponent(-1.0, ops.reciprocal)", "_exponent(-1.0, ops.square)"),
        ("return ops.pow(x, c + d) if", "return ops.pow(x, c * d) if"),
        ("exact = is_number(c) and abs(math.frexp(c)[0]) == 0.5", "exact = is_number(c)"),
        ("return ops.where(condition.parents[0], b, a)", "return ops.where(condition.parents[0], a, b)"),
        (
            "return None if not is_number(condition) else a if condition else b",
            "return None if not is_number(condition) else b if condition else a",
        ),
    ),
    *mutants(
        "autograd_core/numpy_protocol.py",
        NUMPY,
        (
            '"less": operator.lt',
            '"less": operator.le',
            "tests/test_conventions_numpy.py tests/test_conventions_object.py",
        ),
        (
            '"greater_equal": operator.ge',
            '"greater_equal": operator.gt',
            "tests/test_conventions_numpy.py -k comparison",
        ),
        (
            "others = set(elementwise()) - {*rows, *BY_OPERATORS, *BY_COMPARISONS}",
            "others = set()",
        ),
        (
            'names = [name for name in [*rows, "clip", *LOGIC, *PREDICATES]',
            "names = [name for name in [*rows, *LOGIC, *PREDICATES]",
        ),
        (
            'if function is None or method != "__call__" or options:',
            'if function is None or method != "__call__":',
        ),
    ),
    *mutants(
        "autograd_core/numpy_protocol.py",
        NUMPY,
        (
            "place, size = (count, count + 1) if old is None else (old, count)",
            "place, size = (0, count) if old is None else (old, count)",
        ),
        (
            "if of_numbers is not None and all(isinstance(x, Real) for x in args):\n            return",
            "if False:\n            return",
        ),
        ("one + one  # Clears", "one  # This clears"),
    ),
    *mutants(
        "autograd_core/base/reals.py",
        ENGINE + " tests/test_conventions_numpy.py",
        ("if isinf(number) and x != number:", "if False:"),
        ('return x.ndim > 0 or getattr(x.dtype, "kind", "") == "O"', "return x.ndim > 0", NUMPY),
    ),
    *mutants(
        "autograd_core/graph/edges_and_paths.py",
        "tests/test_graph.py",
        (
            "counts[node] = sum([counts.get(p, 0) for p in node.parents])",
            "counts[node] = max([counts.get(p, 0) for p in node.parents], default=0)",
        ),
        (
            "for edge in reversed(self.edges):\n            g *= edge.partial",
            "for edge in reversed(self.edges):\n            g += edge.partial",
        ),
        ("return self.count > 0", "return self.count > 1"),
    ),
    *mutants(
        "autograd_core/graph/lint.py",
        "tests/test_lint.py",
        (
            "not row_of(node).slopes_at([p.data for p in node.parents], node.data)[0]",
            "node.parents[0].data < -1.0",
        ),
        ("FLAT = 1e-3", "FLAT = 1e-9"),
        (
            "cut_off = [x for x, gradient in adjoint.items() if x.requires_grad and not gradient]",
            "cut_off = [x for x, gradient in adjoint.items() if x.requires_grad and gradient]",
        ),
        (
            "if any([grad not in (0.0, 1.0) for grad in seeds.values()]):",
            "if any([grad not in (0.0, 1.0, 2.0) for grad in seeds.values()]):",
        ),
    ),
    *mutants(
        "autograd_core/graph/summary.py",
        "tests/test_graph.py",
        ("return len(reached), len(reached) - len(set(reached))", "return len(reached), len(set(reached))"),
    ),
    *mutants(
        "autograd_core/base/text.py",
        "tests/test_faults_engine.py --doctest-modules autograd_core/base/text.py",
        (
            'return text if len(text) <= limit else text[: limit - 1] + "…"',
            'return text if len(text) <= limit else text[:limit] + "…"',
        ),
        (
            'return f"{count} {word}" if count in (1, "1") else f"{count} {word}s"',
            'return f"{count} {word}s"',
        ),
        (
            'east_asian_width(character) in "WF"',
            'east_asian_width(character) in "W"',
            "tests/test_text.py",
        ),
        ('x == int(x):\n        return f"{x:.0f}"', 'x == int(x):\n        return f"{x:.1f}"'),
    ),
    *mutants(
        "autograd_core/check/differences.py",
        "tests/test_check.py",
        ("return 0.5 * self.left + 0.5 * self.right", "return self.left"),
        ("return self.right - self.left", "return self.right + self.left"),
    ),
    *mutants(
        "autograd_core/check/differences.py",
        "tests/test_check.py -k differences",
        ("value = fine + (fine - coarse)", "value = fine - (fine - coarse)"),
        (
            "left = (y - low) / (x - below) if below < x",
            "left = (low - y) / (x - below) if below < x",
        ),
        ("return low - slack <= analytic <= high + slack", "return True", "tests/test_check.py -k kink"),
        ("if min(rise) > 0.9 * RATIO:", "if False:"),
        (
            "return abs(analytic - numeric.value) <= allowed",
            "return abs(analytic) - abs(numeric.value) <= allowed",
            "tests/test_check.py -k wrong_rules",
        ),
    ),
    *mutants(
        "autograd_core/check/gradcheck.py",
        "tests/test_check.py -k 'c14 or named'",
        ("if repr(y.data) != repr(z.data):", "if False:"),
        (
            "shown = sorted(self.entries, key=lambda entry: entry.ok)",
            "shown = sorted(self.entries, key=lambda entry: not entry.ok)",
            "tests/test_check.py -k long_table",
        ),
        ("if zeros and all(zeros):", "if any(zeros):"),
        ("for name in [name for name in failing if name not in reached]:", "for name in failing:"),
    ),
    *mutants(
        "autograd_core/check/blame.py",
        "tests/test_check.py -k named",
        ("by argument {self.slot + 1} at", "by argument {self.slot} at"),
        ("if not agree(bend, numeric, SLIGHT, PRECISION):", "if False:"),
        (
            "way = [called[n] for n in [*reversed(below), *above]]",
            "way = [called[n] for n in [*below, *above]]",
        ),
    ),
    *mutants(
        "autograd_core/formulas/formula.py",
        "tests/test_formula.py",
        (
            "in_brackets = fragment.precedence < precedence",
            "in_brackets = False",
            "tests/test_formula.py -k factor",
        ),
        (
            "return round(1.0 / share) if 0.0 < share < 1.0 else 0",
            "return round(1.0 / share) if share else 0",
            "tests/test_formula.py -k 'tie or golden'",
        ),
        (
            "if len(nodes) + len(parents) > limit:",
            "if len(nodes) + len(parents) > 2 * limit:",
            "tests/test_formula.py -k 'deep or wide'",
        ),
    ),
    *mutants(
        "autograd_core/formulas/text_notation.py",
        "tests/test_formula.py -k 'names or labels' --doctest-modules autograd_core/formulas/text_notation.py",
        ('index = [int(i) + 1 for i in match["index"]', 'index = [int(i) for i in match["index"]'),
        ("if not accent and index in ACCENTS:  # y_hat", "if False:"),
        ('_WORDS = ("that", "what", "chat")', "_WORDS = ()"),
    ),
    *mutants(
        "autograd_core/formulas/latex_and_mathml.py",
        "tests/test_formula.py -k 'golden or brackets or names'",
        (
            r"""return Fragment(rf"\frac{{{a.free}}}{{{b.free}}}", POWER)""",
            r"""return Fragment(rf"\frac{{{b.free}}}{{{a.free}}}", POWER)""",
        ),
        (
            "if a.function and b.value is not None and b.value > 0.0:",
            "if a.function and b.value is not None:",
            "tests/test_formula.py -k reciprocal",
        ),
        (""" and c not in "×÷" and""", " and", "tests/test_latex.py -k spelled_out"),
    ),
    *mutants(
        "autograd_core/formulas/operation_help.py",
        "tests/test_explanations.py -k not_called",
        ('return "z" if "y" in _names(row) else "y"', 'return "y"'),
    ),
    *mutants(
        "autograd_core/graph/json_and_pickle.py",
        "tests/test_exchange.py -k 'bit_for_bit or float or lie or leaf'",
        ("if parent >= i:", "if parent > i:"),
        ('node._requires_grad = record["requires_grad"]', "pass"),
        ("if type(x) is int and abs(x) < 2**1000:", "if type(x) is int:"),
    ),
]
