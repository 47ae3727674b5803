"""How each operation is written in each target language: one row an operation, one column a language.

`{0}`, `{1}` stand for the arguments, which are names or parenthesized numbers; `{list}` for all of them,
separated by commas. Where a cell is empty, the language calls a function of the operation's own name: in
Python the row's `forward`, in NumPy its `array`, in C and JavaScript a helper of `library.c` and `library.js`.
JAX and PyTorch need a form. A user-defined operation brings its own forms. The Python forms may raise where
the row's `forward` returns an infinity or a NaN; the program then falls back to the careful path.
"""
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass

from ...base.floats import GATE_A, GATE_B, SQRT_HALF
from ...errors import OperationError
from ...kernel.operation import Operation
from .library import library
from .symbols import is_built_in, symbol_of


@dataclass(frozen=True, slots=True)
class Forms:
    """The spellings of one operation."""

    python: str = ""
    numpy: str = ""
    c: str = ""
    javascript: str = ""
    jax: str = ""
    torch: str = ""


def _infix(symbol: str) -> Forms:
    return Forms(*[f"{{0}} {symbol} {{1}}"] * 6)


def _named(python: str, numpy: str, c: str, torch: str = "") -> Forms:
    """A function of one or two arguments that every language has."""
    call = "({list})"
    return Forms(
        python + call, f"np.{numpy}{call}", c + call, f"Math.{python}{call}", f"jnp.{numpy}{call}",
        torch or f"torch.{numpy}{call}",
    )  # fmt: skip


# PyTorch's own ndtr is 0 below -8.
TAIL = f"0.5 * torch.special.erfc(-{SQRT_HALF!r} * {{0}})"
# The hypotenuse, or the norm, may be 0.
JAX_HYPOT = "jnp.hypot({list})"
JAX_NORM = "jnp.linalg.norm(jnp.stack(jnp.broadcast_arrays({list})), axis=0)"
JAX_QUOTIENT = "jnp.where({r} == 0.0, 0.0, {a} / jnp.where({r} == 0.0, 1.0, {r}))"
GATE = f"{{0}} * ({GATE_A!r} + {GATE_B!r} * {{0}} * {{0}})"

# fmt: off
FORMS: dict[str, Forms] = {
    "add": _infix("+"),
    "sub": _infix("-"),
    "mul": _infix("*"),
    "div": _infix("/"),
    "neg":        Forms(*["-{0}"] * 6),
    "square":     Forms(*["{0} * {0}"] * 6),
    "reciprocal": Forms(*["1.0 / {0}"] * 6),
    "pow":        Forms("pow({list})", "np.power({list})", "pow({list})", "power({list})", "jnp.power({list})", "torch.pow({list})"),
    "sqrt":  _named("sqrt", "sqrt", "sqrt"),
    "cbrt":  Forms("cbrt({0})", "np.cbrt({0})", "cbrt({0})", "Math.cbrt({0})", "jnp.cbrt({0})", "torch.sign({0}) * torch.abs({0}) ** (1.0 / 3.0)"),
    "hypot": _named("hypot", "hypot", "hypot", torch="torch.hypot(*alike({list}))"),
    "direction": Forms("", "", "", "", JAX_QUOTIENT.replace("{r}", JAX_HYPOT).replace("{a}", "{0}"), "divide_no_nan({0}, torch.hypot(*alike({list})))"),
    "inversion": Forms("", "", "", "", JAX_QUOTIENT.replace("{r}", JAX_HYPOT).replace("{a}", f"{{0}} / {JAX_HYPOT}"), "inversion({list})"),
    "difference_of_squares": Forms(*["(({0} - {1}) * ({0} + {1}))"] * 6),
    "exp":   _named("exp", "exp", "exp"),
    "expm1": _named("expm1", "expm1", "expm1"),
    "exp2":  Forms("exp2({0})", "np.exp2({0})", "exp2({0})", "Math.pow(2.0, {0})", "jnp.exp2({0})", "torch.exp2({0})"),
    "log":   _named("log", "log", "log"),
    "log1p": _named("log1p", "log1p", "log1p"),
    "log2":  _named("log2", "log2", "log2"),
    "log10": _named("log10", "log10", "log10"),
    "logaddexp": Forms("", "np.logaddexp({list})", "", "", "jnp.logaddexp({list})", "torch.logaddexp(*alike({list}))"),
    "xlogy": Forms("", "", "", "", "jax.scipy.special.xlogy({list})", "torch.xlogy({list})"),
    "sin":   _named("sin", "sin", "sin"),
    "cos":   _named("cos", "cos", "cos"),
    "tan":   _named("tan", "tan", "tan"),
    "asin":  _named("asin", "arcsin", "asin"),
    "acos":  _named("acos", "arccos", "acos"),
    "atan":  _named("atan", "arctan", "atan"),
    "atan2": _named("atan2", "arctan2", "atan2", torch="torch.atan2(*alike({list}))"),
    "sinh":  _named("sinh", "sinh", "sinh"),
    "cosh":  _named("cosh", "cosh", "cosh"),
    "tanh":  _named("tanh", "tanh", "tanh"),
    "sech":  Forms("", "", "", "", "2.0 * jnp.exp(-jnp.abs({0})) / (1.0 + jnp.exp(-2.0 * jnp.abs({0})))", "2.0 * torch.exp(-torch.abs({0})) / (1.0 + torch.exp(-2.0 * torch.abs({0})))"),
    "asinh": _named("asinh", "arcsinh", "asinh"),
    "acosh": _named("acosh", "arccosh", "acosh"),
    "atanh": _named("atanh", "arctanh", "atanh"),
    "gaussian":   Forms("", "", "", "", "jnp.exp(-{1} * {0} * {0})", "torch.exp(-{1} * {0} * {0})"),
    "erf":        Forms("erf({0})", "", "erf({0})", "", "jax.scipy.special.erf({0})", "torch.special.erf({0})"),
    "erfc":       Forms("erfc({0})", "", "erfc({0})", "", "jax.scipy.special.erfc({0})", "torch.special.erfc({0})"),
    "ndtr":       Forms("", "", "", "", "jax.scipy.special.ndtr({0})", TAIL),
    "sigmoid":    Forms("", "", "", "", "jax.nn.sigmoid({0})", "torch.sigmoid({0})"),
    "logsigmoid": Forms("", "", "", "", "jax.nn.log_sigmoid({0})", "F.logsigmoid({0})"),
    "softplus":   Forms("", "", "", "", "jax.nn.softplus({0})", "torch.logaddexp({0}, torch.zeros_like({0}))"),
    "relu":       Forms("(0.0 if {0} <= 0.0 else {0})", "np.maximum({0}, 0.0)", "({0} <= 0.0 ? 0.0 : {0})", "({0} <= 0.0 ? 0.0 : {0})", "jax.nn.relu({0})", "torch.relu({0})"),
    "leaky_relu": Forms("({0} if {0} > 0.0 else {1} * {0})", "np.where({0} > 0.0, {0}, {1} * {0})", "({0} > 0.0 ? {0} : {1} * {0})", "({0} > 0.0 ? {0} : {1} * {0})", "jnp.where({0} > 0.0, {0}, {1} * {0})", "leaky_relu({list})"),
    "elu":        Forms("({0} if {0} > 0.0 else {1} * expm1({0}))", "", "({0} > 0.0 ? {0} : {1} * expm1({0}))", "({0} > 0.0 ? {0} : {1} * Math.expm1({0}))", "jnp.where({0} > 0.0, {0}, {1} * jnp.expm1(jnp.minimum({0}, 0.0)))", "elu({list})"),
    "selu":       Forms("", "", "", "", "jax.nn.selu({0})", "torch.selu({0})"),
    "gelu":       Forms("", "", "", "", "{0} * jax.scipy.special.ndtr({0})", f"{{0}} * ({TAIL})"),
    "gelu_gate":  Forms("", "", "", "", f"jax.nn.sigmoid({GATE})", f"torch.sigmoid({GATE})"),
    "gelu_bell":  Forms("", "", "", "", f"jax.nn.sigmoid({GATE}) * jax.nn.sigmoid(-({GATE}))", f"torch.sigmoid({GATE}) * torch.sigmoid(-({GATE}))"),
    "gelu_tanh":  Forms("", "", "", "", f"{{0}} * jax.nn.sigmoid({GATE})", f"{{0}} * torch.sigmoid({GATE})"),
    "silu":       Forms("", "", "", "", "jax.nn.silu({0})", "F.silu({0})"),
    "mish":       Forms("", "", "", "", "{0} * jnp.tanh(jax.nn.softplus({0}))", "F.mish({0})"),
    "softsign":   Forms("", "", "", "", "jax.nn.soft_sign({0})", "F.softsign({0})"),
    "huber":      Forms("(0.5 * {0} * {0} if fabs({0}) <= {1} else {1} * (fabs({0}) - 0.5 * {1}) if {1} >= 0.0 else nan)", "", "", "", "jnp.where(jnp.abs({0}) <= {1}, 0.5 * {0} * {0}, {1} * (jnp.abs({0}) - 0.5 * {1}))", "huber({list})"),
    "abs":        Forms("fabs({0})", "np.abs({0})", "fabs({0})", "Math.abs({0})", "jnp.abs({0})", "torch.abs({0})"),
    "sign":       Forms("", "np.sign({0})", "", "", "jnp.sign({0})", "torch.sign({0})"),
    "floor":      Forms("", "np.floor({0})", "floor({0})", "Math.floor({0})", "jnp.floor({0})", "torch.floor({0})"),
    "round":      Forms("", "np.rint({0})", "nearbyint({0})", "", "jnp.rint({0})", "torch.round({0})"),
    "maximum":    Forms("({0} if {0} > {1} else {1} if {1} >= {0} else nan)", "np.maximum({list})", "", "", "jnp.maximum({list})", "torch.maximum(*alike({list}))"),
    "minimum":    Forms("({0} if {0} < {1} else {1} if {1} <= {0} else nan)", "np.minimum({list})", "", "", "jnp.minimum({list})", "torch.minimum(*alike({list}))"),
    "clip":       Forms("", "", "", "", "jnp.clip({list})", "torch.clamp(*alike({list}))"),
    "where":      Forms("({1} if {0} else {2})", "np.where({list})", "({0} != 0.0 ? {1} : {2})", "({0} !== 0.0 ? {1} : {2})", "jnp.where({0} != 0.0, {1}, {2})", "where({list})"),
    "equal":      Forms("(1.0 if {0} == {1} else 0.0)", "", "({0} == {1} ? 1.0 : 0.0)", "({0} === {1} ? 1.0 : 0.0)", "jnp.where({0} == {1}, 1.0, 0.0)", "equal({list})"),
    "heaviside":  Forms("({1} if {0} == 0.0 else 1.0 if {0} > 0.0 else 0.0 if {0} < 0.0 else {0})", "np.heaviside({list})", "({0} == 0.0 ? {1} : {0} > 0.0 ? 1.0 : {0} < 0.0 ? 0.0 : {0})", "({0} === 0.0 ? {1} : {0} > 0.0 ? 1.0 : {0} < 0.0 ? 0.0 : {0})", "jnp.heaviside({list})", "heaviside({list})"),
    "divide_no_nan": Forms("(0.0 if {1} == 0.0 else {0} / {1})", "", "({1} == 0.0 ? 0.0 : {0} / {1})", "({1} === 0.0 ? 0.0 : {0} / {1})", "jnp.where({1} == 0.0, 0.0, {0} / jnp.where({1} == 0.0, 1.0, {1}))", "divide_no_nan({list})"),
    "sum":        Forms(python="sum(({list},))", jax="sum([{list}])", torch="sum([{list}])"),
    "mean":       Forms(python="mean(({list},))", jax="sum([{list}]) / {n}", torch="sum([{list}]) / {n}"),
    "prod":       Forms(python="prod(({list},))", jax="reduce(jnp.multiply, [{list}])", torch="reduce(torch.multiply, [{list}])"),
    "dot":        Forms(python="dot(({list},))", jax="sum(a * b for a, b in zip([{first}], [{second}]))", torch="sum(a * b for a, b in zip([{first}], [{second}]))"),
    "norm":       Forms(python="norm(({list},))", jax="jnp.linalg.norm(jnp.stack(jnp.broadcast_arrays({list})), axis=0)", torch="torch.linalg.vector_norm(stack({list}), dim=0)"),
    "unit":       Forms(python="unit(({list},))", jax=JAX_QUOTIENT.replace("{r}", JAX_NORM).replace("{a}", "{0}"), torch="divide_no_nan({0}, torch.linalg.vector_norm(stack({list}), dim=0))"),
    "max":        Forms(python="max(({list},))", jax="jnp.stack(jnp.broadcast_arrays({list})).max(axis=0)", torch="torch.amax(stack({list}), dim=0)"),
    "min":        Forms(python="min(({list},))", jax="jnp.stack(jnp.broadcast_arrays({list})).min(axis=0)", torch="torch.amin(stack({list}), dim=0)"),
    "logsumexp":  Forms(python="logsumexp(({list},))", jax="jax.nn.logsumexp(jnp.stack(jnp.broadcast_arrays({list})), axis=0)", torch="torch.logsumexp(stack({list}), dim=0)"),
    "softmax":    Forms(python="softmax(({list},))", jax="jax.nn.softmax(jnp.stack(jnp.broadcast_arrays({list})), axis=0)[0]", torch="torch.softmax(stack({list}), dim=0)[0]"),
    "log_softmax": Forms(python="log_softmax(({list},))", jax="jax.nn.log_softmax(jnp.stack(jnp.broadcast_arrays({list})), axis=0)[0]", torch="torch.log_softmax(stack({list}), dim=0)[0]"),
}
# fmt: on


METHODS = {"c": "to_c", "javascript": "to_js", "jax": "to_jax", "torch": "to_torch"}


def form_of(row: Operation, language: str) -> str:
    """How the row is written in that language: its own form, that of the table, or a call by its name.

    Raises `OperationError` if there is none.
    """
    built_in = is_built_in(row)
    form = row.forms.get(language) or (getattr(FORMS.get(row.name), language, "") if built_in else "")
    if form and not (language == "numpy" and row.outside is not None):  # The row's own function looks there.
        return form
    if language in ("c", "javascript"):
        has_function = built_in and row.name in library(language)
    else:
        has_function = language in ("python", "numpy")
    if not has_function:
        raise OperationError(
            f"{METHODS[language]}: {row.name} has no form in that language; expected a row that has one. "
            f"Give it one, as in primitive(..., forms={{{language!r}: 'f({{0}})'}})."
        )
    return "{row}({list})" if row.arity is not None or language == "javascript" else "{row}(({list},))"


def written(row: Operation, language: str, args: list[str]) -> str:
    """The operation on these arguments, as an expression of that language."""
    half = len(args) // 2
    return form_of(row, language).format(
        *args, row=symbol_of(row), list=", ".join(args), n=len(args),
        first=", ".join(args[:half]), second=", ".join(args[half:]),
    )  # fmt: skip


def written_for_all(row: Operation, language: str, args: list[str]) -> str:
    """All results of a row such as softmax at these arguments, as an expression of that language."""
    listed = ", ".join(args)
    if language in ("jax", "torch"):  # There the form picks the first of all.
        return form_of(row, language).removesuffix("[0]").format(list=listed)
    return f"{symbol_of(row)}_of_all({listed if language == 'javascript' else f'({listed},)'})"


def number_in_python(x: float) -> str:
    """A literal that reads back as the same float."""
    if x != x:
        return "nan"
    if x in (float("inf"), float("-inf")):
        return "inf" if x > 0 else "(-inf)"
    return repr(x) if str(x)[0] != "-" else f"({x!r})"
