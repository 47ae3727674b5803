"""The forms of each operation in other languages: one row per operation, one column per language.

`{0}`, `{1}` are the arguments, which are names or parenthesized numbers; `{list}` for all of them,
separated by commas, `{first}` and `{second}` for either half, `{n}` for their number. A function in a
form may be another row. If a cell is empty, the language calls a function with the operation's name:

| column | an empty cell |
|---|---|
| `python` | the row's `forward` |
| `numpy` | the row's `ufunc`; that name in `array_functions.py`; else `forward` at each element |
| `numpy_out` | the same, and a copy into the array `{out}` |
| `c`, `javascript` | a function of that name in `library.c`, `library.js` |
| `jax`, `torch`, `sympy` | not allowed: they need a form |

The Python forms may raise where the row's `forward` returns an infinity or a NaN; the program then falls back
to the careful path. A user-defined operation has its own forms.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..base.float_functions import DEGREE, GATE_A, GATE_B, RADIAN, SELU_ALPHA, SELU_SCALE, SQRT_HALF

LANGUAGES = ("python", "numpy", "numpy_out", "c", "javascript", "jax", "torch", "sympy")


def forms(**cells: str) -> dict[str, str]:
    """Return one row: its forms by language."""
    return cells


def everywhere(form: str, **others: str) -> dict[str, str]:
    """Return one form for all languages, except for `others`."""
    return dict.fromkeys((x for x in LANGUAGES if x != "numpy_out"), form) | others


def named(name: str, in_numpy: str = "", **others: str) -> dict[str, str]:
    """Return a function that every language has; NumPy, JAX and PyTorch may have other names."""
    here, there = f"{name}({{list}})", f"{in_numpy or name}({{list}})"
    libraries = {"c": here, "javascript": f"Math.{here}", "jax": f"jnp.{there}", "torch": f"torch.{there}"}
    return libraries | {"sympy": here} | others


def quotient_in_jax(a: str, r: str) -> str:
    """Write a/r, and 0 with a derivative of 0 where r is 0."""
    return f"jnp.where({r} == 0.0, 0.0, {a} / jnp.where({r} == 0.0, 1.0, {r}))"


JAX_HYPOT = "jnp.hypot({list})"
JAX_STACK = "jnp.stack(jnp.broadcast_arrays({list}))"
JAX_NORM = f"jnp.linalg.norm({JAX_STACK}, axis=0)"
# PyTorch's own ndtr is 0 below -8.
TORCH_NDTR = f"0.5 * torch.special.erfc(-{SQRT_HALF!r} * {{0}})"
GATE = f"{{0}} * ({GATE_A!r} + {GATE_B!r} * {{0}} * {{0}})"
LOGIT_IN_JAX = (
    "jnp.where(jnp.abs({0} - 0.5) <= 0.25, 2.0 * jnp.arctanh(2.0 * jnp.clip({0}, 0.25, 0.75) - 1.0), "
    "jnp.log({0} / (1.0 - {0})))"
)
LOGIT_IN_TORCH = (
    "torch.where(torch.abs({0} - 0.5) <= 0.25, "
    "2.0 * torch.atanh(2.0 * torch.clamp({0}, 0.25, 0.75) - 1.0), torch.log({0} / (1.0 - {0})))"
)
# The derivative of PyTorch's own hardsigmoid has 1/6 in single precision.
TORCH_HARDSIGMOID = "torch.clamp({0} + 3.0, 0.0, 6.0) / 6.0"
HUBER = "(0.5 * {0} * {0} if fabs({0}) <= {1} else {1} * (fabs({0}) - 0.5 * {1}) if {1} >= 0.0 else nan)"
HUBER_IN_JAX = "jnp.where(jnp.abs({0}) <= {1}, 0.5 * {0} * {0}, {1} * (jnp.abs({0}) - 0.5 * {1}))"
ONE_PLUS_EXP = "np.add(np.exp(np.negative({0}, out={out}), out={out}), 1.0, out={out})"
SELU_IN_JAVASCRIPT = f"{SELU_SCALE!r} * ({{0}} > 0.0 ? {{0}} : {SELU_ALPHA!r} * Math.expm1({{0}}))"

# fmt: off
FORMS: dict[str, dict[str, str]] = {
    "add":        everywhere("{0} + {1}"),
    "sub":        everywhere("{0} - {1}"),
    "mul":        everywhere("{0} * {1}"),
    "div":        everywhere("{0} / {1}"),
    "neg":        everywhere("-{0}"),
    "square":     everywhere("{0} * {0}"),
    "reciprocal": everywhere("1.0 / {0}", numpy_out="np.divide(1.0, {0}, out={out})", sympy="1 / {0}"),
    "pow":        forms(c="pow({list})",                           javascript="power({list})",
                        jax="jnp.power({list})",                   torch="torch.pow({list})",
                        sympy="{0}**{1}"),
    "sqrt":       named("sqrt"),
    "rsqrt":      everywhere("1.0 / sqrt({0})", numpy="1.0 / np.sqrt({0})", javascript="1.0 / Math.sqrt({0})",
                             jax="1.0 / jnp.sqrt({0})", torch="1.0 / torch.sqrt({0})"),
    "cbrt":       forms(c="cbrt({0})",                             javascript="Math.cbrt({0})",
                        jax="jnp.cbrt({0})",
                        torch="torch.sign({0}) * torch.abs({0}) ** (1.0 / 3.0)",
                        sympy="sign({0}) * abs({0})**Rational(1, 3)"),
    "hypot":      named("hypot", torch="torch.hypot(*alike({list}))", sympy="sqrt({0}**2 + {1}**2)"),
    "direction":  forms(jax=quotient_in_jax("{0}", JAX_HYPOT),
                        torch="divide_no_nan({0}, torch.hypot(*alike({list})))",
                        sympy="{0} / sqrt({0}**2 + {1}**2)"),
    "inversion":  forms(jax=quotient_in_jax(f"{{0}} / {JAX_HYPOT}", JAX_HYPOT),
                        torch="inversion({list})",                 sympy="{0} / ({0}**2 + {1}**2)"),
    "difference_of_squares": everywhere("(({0} - {1}) * ({0} + {1}))", sympy="{0}**2 - {1}**2"),
    "exp":        named("exp"),
    "expm1":      named("expm1", sympy="exp({0}) - 1"),
    "exp2":       forms(c="exp2({0})",                             javascript="Math.pow(2.0, {0})",
                        jax="jnp.exp2({0})",                       torch="torch.exp2({0})",
                        sympy="2**{0}"),
    "log":        named("log"),
    "log1p":      named("log1p", sympy="log(1 + {0})"),
    "log2":       named("log2", sympy="log({0}) / log(2)"),
    "log10":      named("log10", sympy="log({0}) / log(10)"),
    "logaddexp":  forms(jax="jnp.logaddexp({list})",               torch="torch.logaddexp(*alike({list}))",
                        sympy="logsumexp({0}, {1})"),
    "logaddexp2": forms(jax="jnp.logaddexp2({list})",              torch="torch.logaddexp2(*alike({list}))",
                        sympy="log(2**{0} + 2**{1}) / log(2)"),
    "xlogy":      forms(jax="jax.scipy.special.xlogy({list})",     torch="torch.xlogy({list})",
                        sympy="{0} * log({1})"),
    "sin":        named("sin"),
    "cos":        named("cos"),
    "tan":        named("tan"),
    "asin":       named("asin", "arcsin"),
    "acos":       named("acos", "arccos"),
    "atan":       named("atan", "arctan"),
    "atan2":      named("atan2", "arctan2", torch="torch.atan2(*alike({list}))"),
    "deg2rad":    everywhere(f"{DEGREE!r} * {{0}}", sympy="{0} * pi / 180"),
    "rad2deg":    everywhere(f"{RADIAN!r} * {{0}}", sympy="{0} * 180 / pi"),
    "sinh":       named("sinh"),
    "cosh":       named("cosh"),
    "tanh":       named("tanh"),
    "sech":       forms(jax="2.0 * jnp.exp(-jnp.abs({0})) / (1.0 + jnp.exp(-2.0 * jnp.abs({0})))",
                        torch="2.0 * torch.exp(-torch.abs({0})) / (1.0 + torch.exp(-2.0 * torch.abs({0})))",
                        sympy="sech({0})"),
    "asinh":      named("asinh", "arcsinh"),
    "acosh":      named("acosh", "arccosh"),
    "atanh":      named("atanh", "arctanh"),
    "gaussian":   forms(jax="jnp.exp(-{1} * {0} * {0})",           torch="torch.exp(-{1} * {0} * {0})",
                        sympy="exp(-{1} * {0}**2)"),
    "erf":        forms(c="erf({0})",                              jax="jax.scipy.special.erf({0})",
                        torch="torch.special.erf({0})",            sympy="erf({0})"),
    "erfc":       forms(c="erfc({0})",                             jax="jax.scipy.special.erfc({0})",
                        torch="torch.special.erfc({0})",           sympy="erfc({0})"),
    "ndtr":       forms(jax="jax.scipy.special.ndtr({0})",         torch=TORCH_NDTR,
                        sympy="(1 + erf({0} / sqrt(2))) / 2"),
    "sigmoid":    forms(numpy_out=f"np.divide(1.0, {ONE_PLUS_EXP}, out={{out}})",
                        jax="jax.nn.sigmoid({0})",                 torch="torch.sigmoid({0})",
                        sympy="1 / (1 + exp(-{0}))"),
    "logit":      forms(numpy="np.where(np.abs({0} - 0.5) <= 0.25, 2.0 * np.arctanh(2.0 * {0} - 1.0), "
                              "np.log({0} / (1.0 - {0})))",
                        jax=LOGIT_IN_JAX,                          torch=LOGIT_IN_TORCH,
                        sympy="log({0} / (1 - {0}))"),
    "logsigmoid": forms(numpy="-softplus(-{0})",                   c="(-softplus(-{0}))",
                        javascript="(-softplus(-{0}))",            jax="jax.nn.log_sigmoid({0})",
                        torch="F.logsigmoid({0})",                 sympy="-softplus(-{0})"),
    "softplus":   forms(jax="jax.nn.softplus({0})",
                        torch="torch.logaddexp({0}, torch.zeros_like({0}))",
                        sympy="log(1 + exp({0}))"),
    "relu":       forms(python="(0.0 if {0} <= 0.0 else {0})",     numpy="np.maximum({0}, 0.0)",
                        numpy_out="np.maximum({0}, 0.0, out={out})",
                        c="({0} <= 0.0 ? 0.0 : {0})",              javascript="({0} <= 0.0 ? 0.0 : {0})",
                        jax="jax.nn.relu({0})",                    torch="torch.relu({0})",
                        sympy="Max({0}, 0)"),
    "leaky_relu": forms(python="({0} if {0} > 0.0 else {1} * {0})",
                        numpy="np.where({0} > 0.0, {0}, {1} * {0})",
                        c="({0} > 0.0 ? {0} : {1} * {0})",         javascript="({0} > 0.0 ? {0} : {1} * {0})",
                        jax="jnp.where({0} > 0.0, {0}, {1} * {0})",
                        torch="leaky_relu({list})",
                        sympy="Piecewise(({0}, {0} > 0), ({1} * {0}, True))"),
    "relu6":      forms(numpy="np.clip({0}, 0.0, 6.0)",            c="clip({0}, 0.0, 6.0)",
                        javascript="clip({0}, 0.0, 6.0)",          jax="jax.nn.relu6({0})",
                        torch="F.relu6({0})",                      sympy="Min(Max({0}, 0), 6)"),
    "threshold":  forms(python="({2} if {0} <= {1} else {0})",     numpy="np.where({0} <= {1}, {2}, {0})",
                        c="({0} <= {1} ? {2} : {0})",              javascript="({0} <= {1} ? {2} : {0})",
                        jax="jnp.where({0} <= {1}, {2}, {0})",     torch="where({0} <= {1}, {2}, {0})",
                        sympy="Piecewise(({0}, {0} > {1}), ({2}, True))"),
    "elu":        forms(python="({0} if {0} > 0.0 else {1} * expm1({0}))",
                        numpy="np.where({0} > 0.0, {0}, {1} * np.expm1(np.minimum({0}, 0.0)))",
                        c="({0} > 0.0 ? {0} : {1} * expm1({0}))",
                        javascript="({0} > 0.0 ? {0} : {1} * Math.expm1({0}))",
                        jax="jnp.where({0} > 0.0, {0}, {1} * jnp.expm1(jnp.minimum({0}, 0.0)))",
                        torch="elu({list})",
                        sympy="Piecewise(({0}, {0} > 0), ({1} * (exp({0}) - 1), True))"),
    "celu":       forms(numpy="np.where({1} > 0.0, np.where({0} > 0.0, {0}, "
                              "{1} * np.expm1(np.minimum({0}, 0.0) / {1})), np.nan)",
                        c="({1} > 0.0 ? ({0} > 0.0 ? {0} : {1} * expm1({0} / {1})) : NAN)",
                        javascript="({1} > 0.0 ? ({0} > 0.0 ? {0} : {1} * Math.expm1({0} / {1})) : NaN)",
                        jax="jnp.where({0} > 0.0, {0}, {1} * jnp.expm1(jnp.minimum({0}, 0.0) / {1}))",
                        torch="where({0} > 0.0, {0}, {1} * elu({0} / {1}, 1.0))",
                        sympy="Piecewise(({0}, {0} > 0), ({1} * (exp({0} / {1}) - 1), True))"),
    "selu":       forms(numpy=f"{SELU_SCALE!r} * elu({{0}}, {SELU_ALPHA!r})",
                        c=f"{SELU_SCALE!r} * ({{0}} > 0.0 ? {{0}} : {SELU_ALPHA!r} * expm1({{0}}))",
                        javascript=SELU_IN_JAVASCRIPT,             jax="jax.nn.selu({0})",
                        torch="torch.selu({0})",
                        sympy=f"Float('{SELU_SCALE!r}') * elu({{0}}, Float('{SELU_ALPHA!r}'))"),
    "gelu":       forms(jax="{0} * jax.scipy.special.ndtr({0})",   torch=f"{{0}} * ({TORCH_NDTR})",
                        sympy="{0} * ndtr({0})"),
    "gelu_gate":  forms(jax=f"jax.nn.sigmoid({GATE})",             torch=f"torch.sigmoid({GATE})",
                        sympy="sigmoid(2 * sqrt(2 / pi) * ({0} + Rational(44715, 10**6) * {0}**3))"),
    "gelu_bell":  forms(jax=f"jax.nn.sigmoid({GATE}) * jax.nn.sigmoid(-({GATE}))",
                        torch=f"torch.sigmoid({GATE}) * torch.sigmoid(-({GATE}))",
                        sympy="gelu_gate({0}) * gelu_gate(-{0})"),
    "gelu_tanh":  forms(jax=f"{{0}} * jax.nn.sigmoid({GATE})",     torch=f"{{0}} * torch.sigmoid({GATE})",
                        sympy="{0} * gelu_gate({0})"),
    "silu":       forms(jax="jax.nn.silu({0})",                    torch="F.silu({0})",
                        sympy="{0} * sigmoid({0})"),
    "mish":       forms(numpy="np.where({0} < -40.0, silu({0}), {0} * np.tanh(softplus({0})))",
                        c="({0} < -40.0 ? silu({0}) : {0} * tanh(softplus({0})))",
                        javascript="({0} < -40.0 ? silu({0}) : {0} * Math.tanh(softplus({0})))",
                        jax="{0} * jnp.tanh(jax.nn.softplus({0}))",
                        torch="F.mish({0})",                       sympy="{0} * tanh(softplus({0}))"),
    "softsign":   forms(numpy="np.where(np.isinf({0}), np.sign({0}), {0} / (1.0 + np.abs({0})))",
                        jax="jax.nn.soft_sign({0})",               torch="F.softsign({0})",
                        sympy="{0} / (1 + abs({0}))"),
    "hardtanh":   forms(numpy="np.where({1} <= {2}, np.clip({0}, {1}, {2}), np.nan)",
                        c="({1} <= {2} ? clip({list}) : NAN)",
                        javascript="({1} <= {2} ? clip({list}) : NaN)",
                        jax="jnp.clip({list})",                    torch="torch.clamp(*alike({list}))",
                        sympy="Min(Max({0}, {1}), {2})"),
    "hardsigmoid": forms(numpy="np.clip({0} + 3.0, 0.0, 6.0) / 6.0", c="clip({0} + 3.0, 0.0, 6.0) / 6.0",
                        javascript="clip({0} + 3.0, 0.0, 6.0) / 6.0", jax="jax.nn.hard_sigmoid({0})",
                        torch=TORCH_HARDSIGMOID,                   sympy="Min(Max({0} + 3, 0), 6) / 6"),
    "hardswish":  forms(numpy="np.where({0} <= -3.0, 0.0, {0} * hardsigmoid({0}))",
                        c="({0} <= -3.0 ? 0.0 : {0} * (clip({0} + 3.0, 0.0, 6.0) / 6.0))",
                        javascript="({0} <= -3.0 ? 0.0 : {0} * (clip({0} + 3.0, 0.0, 6.0) / 6.0))",
                        jax="{0} * jax.nn.hard_sigmoid({0})",      torch=f"{{0}} * ({TORCH_HARDSIGMOID})",
                        sympy="{0} * hardsigmoid({0})"),
    "hardshrink": forms(python="(0.0 if fabs({0}) <= {1} else {0})",
                        numpy="np.where(np.abs({0}) <= {1}, 0.0, {0})",
                        c="(fabs({0}) <= {1} ? 0.0 : {0})",
                        javascript="(Math.abs({0}) <= {1} ? 0.0 : {0})",
                        jax="jnp.where(jnp.abs({0}) <= {1}, 0.0, {0})",
                        torch="where(torch.abs({0}) <= {1}, 0.0, {0})",
                        sympy="Piecewise(({0}, abs({0}) > {1}), (0, True))"),
    "softshrink": forms(numpy="np.where({1} >= 0.0, {0} - np.clip({0}, -{1}, {1}), np.nan)",
                        c="({1} >= 0.0 ? {0} - clip({0}, -{1}, {1}) : NAN)",
                        javascript="({1} >= 0.0 ? {0} - clip({0}, -{1}, {1}) : NaN)",
                        jax="{0} - jnp.clip({0}, -{1}, {1})",
                        torch="{0} - torch.clamp(*alike({0}, -{1}, {1}))",
                        sympy="{0} - Min(Max({0}, -{1}), {1})"),
    "huber":      forms(python=HUBER,
                        jax=HUBER_IN_JAX,
                        torch="huber({list})",
                        sympy="Piecewise(({0}**2 / 2, abs({0}) <= {1}), ({1} * (abs({0}) - {1} / 2), True))"),
    "abs":        forms(python="fabs({0})",                        c="fabs({0})",
                        javascript="Math.abs({0})",                jax="jnp.abs({0})",
                        torch="torch.abs({0})",                    sympy="abs({0})"),
    "sign":       forms(jax="jnp.sign({0})",                       torch="torch.sign({0})",
                        sympy="sign({0})"),
    "copysign":   forms(c="copysign({list})",
                        javascript="(Object.is({1}, -0) || {1} < 0.0 ? -Math.abs({0}) : Math.abs({0}))",
                        jax="jnp.copysign({list})",                torch="torch.copysign(*alike({list}))",
                        sympy="abs({0}) * Piecewise((1, {1} >= 0), (-1, True))"),
    "floor":      forms(c="(floor({0}) + 0.0)",                            javascript="Math.floor({0})",
                        jax="jnp.floor({0})",                      torch="torch.floor({0})",
                        sympy="floor({0})"),
    "round":      forms(c="(nearbyint({0}) + 0.0)",                        jax="jnp.rint({0})",
                        torch="torch.round({0})",                  sympy="round({0})"),
    "ceil":       forms(c="(ceil({0}) + 0.0)",                     javascript="(Math.ceil({0}) + 0.0)",
                        jax="jnp.ceil({0})",                       torch="torch.ceil({0})",
                        sympy="-floor(-{0})"),
    "trunc":      forms(c="(trunc({0}) + 0.0)",                    javascript="(Math.trunc({0}) + 0.0)",
                        jax="jnp.trunc({0})",                      torch="torch.trunc({0})",
                        sympy="sign({0}) * floor(abs({0}))"),
    "fmod":       forms(c="fmod({list})",                          javascript="{0} % {1}",
                        jax="jnp.fmod({list})",                    torch="torch.fmod(*alike({list}))",
                        sympy="{0} - {1} * sign({0} / {1}) * floor(abs({0} / {1}))"),
    "remainder":  forms(python="{0} % {1}",                        c="python_remainder({list})",
                        jax="jnp.remainder({list})",               torch="torch.remainder(*alike({list}))",
                        sympy="{0} - {1} * floor({0} / {1})"),
    "maximum":    forms(python="({0} if {0} > {1} else {1} if {1} >= {0} else nan)",
                        jax="jnp.maximum({list})",                 torch="torch.maximum(*alike({list}))",
                        sympy="Max({list})"),
    "minimum":    forms(python="({0} if {0} < {1} else {1} if {1} <= {0} else nan)",
                        jax="jnp.minimum({list})",                 torch="torch.minimum(*alike({list}))",
                        sympy="Min({list})"),
    "fmax":       forms(c="({0} > {1} || {1} != {1} ? {0} : {1})", jax="jnp.fmax({list})",
                        torch="torch.fmax(*alike({list}))",        sympy="Max({list})"),
    "fmin":       forms(c="({0} < {1} || {1} != {1} ? {0} : {1})", jax="jnp.fmin({list})",
                        torch="torch.fmin(*alike({list}))",        sympy="Min({list})"),
    "clip":       forms(jax="jnp.clip({list})",                    torch="torch.clamp(*alike({list}))",
                        sympy="Min(Max({0}, {1}), {2})"),
    "lerp":       everywhere("((1.0 - {2}) * {0} + {2} * {1})", sympy="(1 - {2}) * {0} + {2} * {1}"),
    "where":      forms(python="({1} if {0} else {2})",            numpy="np.where({list})",
                        c="({0} != 0.0 ? {1} : {2})",              javascript="({0} !== 0.0 ? {1} : {2})",
                        jax="jnp.where({0} != 0.0, {1}, {2})",     torch="where({list})",
                        sympy="Piecewise(({1}, Ne({0}, 0)), ({2}, True))"),
    "equal":      forms(python="(1.0 if {0} == {1} else 0.0)",     numpy="np.where({0} == {1}, 1.0, 0.0)",
                        numpy_out="np.equal({0}, {1}, out={out})", c="({0} == {1} ? 1.0 : 0.0)",
                        javascript="({0} === {1} ? 1.0 : 0.0)",    jax="jnp.where({0} == {1}, 1.0, 0.0)",
                        torch="equal({list})",
                        sympy="Piecewise((1, Eq({0}, {1})), (0, True))"),
    "heaviside":  forms(python="({1} if {0} == 0.0 else 1.0 if {0} > 0.0 else 0.0 if {0} < 0.0 else {0})",
                        c="({0} == 0.0 ? {1} : {0} > 0.0 ? 1.0 : {0} < 0.0 ? 0.0 : {0})",
                        javascript="({0} === 0.0 ? {1} : {0} > 0.0 ? 1.0 : {0} < 0.0 ? 0.0 : {0})",
                        jax="jnp.heaviside({list})",               torch="heaviside({list})",
                        sympy="Piecewise(({1}, Eq({0}, 0)), (1, {0} > 0), (0, True))"),
    "divide_no_nan": forms(python="(0.0 if {1} == 0.0 else {0} / {1})",
                        numpy="np.where({1} == 0.0, 0.0, {0} / np.where({1} == 0.0, 1.0, {1}))",
                        c="({1} == 0.0 ? 0.0 : {0} / {1})",
                        javascript="({1} === 0.0 ? 0.0 : {0} / {1})",
                        jax="jnp.where({1} == 0.0, 0.0, {0} / jnp.where({1} == 0.0, 1.0, {1}))",
                        torch="divide_no_nan({list})",
                        sympy="Piecewise((0, Eq({1}, 0)), ({0} / {1}, True))"),
    "sum":        forms(jax="sum([{list}])",                       torch="sum([{list}])",
                        sympy="Add({list})"),
    "mean":       forms(jax="sum([{list}]) / {n}",                 torch="sum([{list}]) / {n}",
                        sympy="Add({list}) / {n}"),
    "prod":       forms(jax="reduce(jnp.multiply, [{list}])",      torch="reduce(torch.multiply, [{list}])",
                        sympy="Mul({list})"),
    "dot":        forms(jax="sum(a * b for a, b in zip([{first}], [{second}]))",
                        torch="sum(a * b for a, b in zip([{first}], [{second}]))",
                        sympy="Add(*[a * b for a, b in zip([{first}], [{second}])])"),
    "norm":       forms(jax=JAX_NORM,
                        torch="torch.linalg.vector_norm(stack({list}), dim=0)",
                        sympy="sqrt(Add(*[x**2 for x in [{list}]]))"),
    "unit":       forms(jax=quotient_in_jax("{0}", JAX_NORM),
                        torch="divide_no_nan({0}, torch.linalg.vector_norm(stack({list}), dim=0))",
                        sympy="{0} / norm({list})"),
    "max":        forms(jax=f"{JAX_STACK}.max(axis=0)",            torch="torch.amax(stack({list}), dim=0)",
                        sympy="Max({list})"),
    "min":        forms(jax=f"{JAX_STACK}.min(axis=0)",            torch="torch.amin(stack({list}), dim=0)",
                        sympy="Min({list})"),
    "logsumexp":  forms(jax=f"jax.nn.logsumexp({JAX_STACK}, axis=0)",
                        torch="torch.logsumexp(stack({list}), dim=0)",
                        sympy="log(Add(*map(exp, [{list}])))"),
    "softmax":    forms(jax=f"jax.nn.softmax({JAX_STACK}, axis=0)[0]",
                        torch="torch.softmax(stack({list}), dim=0)[0]",
                        sympy="exp({0}) / Add(*map(exp, [{list}]))"),
    "log_softmax": forms(jax=f"jax.nn.log_softmax({JAX_STACK}, axis=0)[0]",
                        torch="torch.log_softmax(stack({list}), dim=0)[0]",
                        sympy="{0} - logsumexp({list})"),
    # Special functions, which C and JavaScript lack, and other libraries lack or have with fewer digits.
    "gamma":      forms(jax="jax.scipy.special.gamma({0})",        sympy="gamma({0})"),
    "lgamma":     forms(torch="torch.special.gammaln({0})",        sympy="log(abs(gamma({0})))"),
    "digamma":    forms(sympy="digamma({0})"),
    "polygamma":  forms(sympy="polygamma({0}, {1})"),
    "beta":       forms(sympy="gamma({0}) * gamma({1}) / gamma({0} + {1})"),
    "betaln":     forms(sympy="log(beta({list}))"),
    "erfinv":     forms(torch="torch.special.erfinv({0})",         sympy="erfinv({0})"),
    "ndtri":      forms(torch="torch.special.ndtri({0})",          sympy="sqrt(2) * erfinv(2 * {0} - 1)"),
    "log_ndtr":   forms(torch="torch.special.log_ndtr({0})",       sympy="log(ndtr({0}))"),
    "log_ndtr_derivative": forms(),
    "sinc":       forms(sympy="Piecewise((sin(pi * {0}) / (pi * {0}), Ne({0}, 0)), (1, True))"),
    "sinc_derivative": forms(),
    "expi":       forms(sympy="Ei({0})"),
    "zeta":       forms(sympy="zeta({0})"),
    "zeta_derivative": forms(),
    "j0":         forms(sympy="besselj(0, {0})"),
    "j1":         forms(sympy="besselj(1, {0})"),
    "j_ratio":    forms(sympy="besselj({0}, {1}) / {1}**{0}"),
    "y0":         forms(sympy="bessely(0, {0})"),
    "y1":         forms(sympy="bessely(1, {0})"),
    "i0":         forms(torch="torch.special.i0({0})",             sympy="besseli(0, {0})"),
    "i1":         forms(torch="torch.special.i1({0})",             sympy="besseli(1, {0})"),
    "i_ratio":    forms(sympy="besseli({0}, {1}) / {1}**{0}"),
    "i0e":        forms(torch="torch.special.i0e({0})",            sympy="exp(-abs({0})) * besseli(0, {0})"),
    "i1e":        forms(torch="torch.special.i1e({0})",            sympy="exp(-abs({0})) * besseli(1, {0})"),
    "i0e_derivative": forms(),
    "stop_gradient": everywhere("{0}", jax="jax.lax.stop_gradient({0})", torch="{0}.detach()"),
}
# fmt: on


def filled(form: str, args: Sequence[str], **more: str) -> str:
    """Insert arguments into a form."""
    half = len(args) // 2
    return form.format(
        *args, list=", ".join(args), n=len(args), first=", ".join(args[:half]), second=", ".join(args[half:]),
        **more,
    )  # fmt: skip
