"""Write operations, numbers, names and comments in the target languages of the compiler.

The forms of the operations are in `operations/foreign_forms.py`. Functions that C and JavaScript lack are in
`library.c` and `library.js` in this folder.
"""

from __future__ import annotations

import keyword
import linecache
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import resources
from itertools import count
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary, finalize

from ...base import float_functions as floats
from ...base.importing import np
from ...errors import OperationError
from ...operations.foreign_forms import filled
from ...operations.operation import TABLE, Operation
from ..front.nan_checks import refuse_undefined

METHODS = {"c": "to_c", "javascript": "to_js", "jax": "to_jax", "torch": "to_torch"}

_symbols: WeakKeyDictionary[Operation, str] = WeakKeyDictionary()
_rows: WeakValueDictionary[str, Operation] = WeakValueDictionary()
_serial = count(1).__next__


def symbol_of(row: Operation) -> str:
    """Return the row's name in generated programs, made unique if the row is user-defined."""
    if row.built_in:
        return row.name
    if row not in _symbols:
        _symbols[row] = f"_{row.name}_{_serial()}"
        _rows[_symbols[row]] = row
    return _symbols[row]


def rows_by_symbol() -> dict[str, Operation]:
    """Return all rows by their names in generated programs."""
    return {row.name: row for row in TABLE.values() if row.built_in} | dict(_rows)


def form_of(row: Operation, language: str) -> str:
    """Return the row's form in that language, or a call by name.

    Raises `OperationError` if there is none.
    """
    form = row.forms.get(language, "")
    if language == "numpy" and row.outside is not None:  # The row's own function checks that.
        form = ""
    elif language == "numpy" and not form and row.ufunc is not None:
        form = f"np.{row.ufunc}({{list}})"
    if form:
        return form
    in_library = language in ("c", "javascript") and row.built_in and row.name in library(language)
    if not in_library and language not in ("python", "numpy"):
        raise OperationError(
            f"{METHODS[language]}: {row.name} has no form in that language; expected a row that has one. "
            f"Give it one, as in primitive(..., forms={{{language!r}: 'f({{0}})'}})."
        )
    return "{row}({list})" if row.arity is not None or language == "javascript" else "{row}(({list},))"


def is_in_c(row: Operation) -> bool:
    """Whether the package says how a row of its own is written in C."""
    return row.built_in and ("c" in row.forms or row.name in library("c"))


def written(row: Operation, language: str, args: list[str]) -> str:
    """Return the operation on these arguments as an expression in that language."""
    return filled(form_of(row, language), args, row=symbol_of(row))


def written_for_all(row: Operation, language: str, args: list[str]) -> str:
    """Return all results of a row such as softmax at these arguments as an expression in that language."""
    listed = ", ".join(args)
    if language in ("jax", "torch"):  # There the form picks the first result.
        return form_of(row, language).removesuffix("[0]").format(list=listed)
    return f"{symbol_of(row)}_of_all({listed if language == 'javascript' else f'({listed},)'})"


def number_in_python(x: float) -> str:
    """Return a literal that reads back as the same float."""
    if x != x:
        return "nan"
    if x in (float("inf"), float("-inf")):
        return "inf" if x > 0 else "(-inf)"
    return repr(x) if str(x)[0] != "-" else f"({x!r})"


CONSTANTS = {
    **{name: x for name, x in vars(floats).items() if name.isupper() and isinstance(x, float)},
    "ROOT_PI": math.sqrt(math.pi),
    "ROOT_2PI": math.sqrt(2.0 * math.pi),
}
"""The constants that the helpers share with `float_functions`, by name."""

_ENDINGS = {"c": "c", "javascript": "js"}
_BEGINS = re.compile(r"^(?:const|function|static (?:double|int|void)) (\w+)", re.MULTILINE)
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@cache
def library(language: str) -> dict[str, str]:
    """Return the constants and functions of a language's library by name, in a valid order of definition."""
    name = f"library.{_ENDINGS[language]}"
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    define = "#define {} ({!r})" if language == "c" else "const {} = {!r};"
    pieces = {constant: define.format(constant, x) for constant, x in CONSTANTS.items()}
    for paragraph in re.split(r"\n\n+|(?<=;)\n(?=const )", text.strip()):
        begin = _BEGINS.search(paragraph)
        if begin is not None:
            pieces[begin[1]] = paragraph
    return pieces


def helpers(language: str, lines: Iterable[str]) -> str:
    """Return the parts of a library that those lines need, in order."""
    pieces = library(language)
    wanted: set[str] = set()
    texts = list(lines)
    while texts:
        code = _COMMENTS.sub("", texts.pop())
        called = set(re.findall(r"(?<![.\w])\w+\b", code)) & set(pieces)
        texts += [pieces[name] for name in called - wanted]
        wanted |= called
    return "".join(f"{piece}\n" for name, piece in pieces.items() if name in wanted)


# Words that a program may not use as variables: the keywords of C, JavaScript and Python, and names that
# generated programs use.
_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
asm main bool true false NULL INFINITY NAN double_t float_t errno signgam
abstract arguments await boolean byte catch class debugger delete eval export extends final finally function
implements import in instanceof interface let native new null package private protected public super
synchronized this throw throws transient try typeof undefined var with yield of get set async
math Math np jnp jax torch inf nan Infinity NaN y0 y1 yn j0 j1 jn gamma lgamma tgamma fabs fmin fmax fmod
value value_and_grad gradient careful again float type tuple list len range object print ValueError
ArithmeticError TypeError P G V args self out n xs ys lib numbers
"""
RESERVED = {
    *keyword.kwlist, *keyword.softkwlist, *_WORDS.split(), *TABLE, *library("javascript"),
    *dir(__import__("math")),
}  # fmt: skip


def identifiers(places: Iterable[int], labels: Mapping[int, str], prefix: str = "v") -> dict[int, str]:
    """Return a unique identifier for each node: its label if valid, or the prefix and a number.

    >>> identifiers([0, 1, 2, 3], {0: "x", 1: "x", 2: "lambda", 3: "u 1"})
    {0: 'x', 1: 'x_2', 2: 'lambda_', 3: 'u_1'}
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for place in places:
        label = labels.get(place)
        name = (_cleaned(label) if label else "") or f"{prefix}{place}"
        candidate, count = name, 1
        while candidate in taken or candidate in RESERVED:
            count += 1
            candidate = f"{name}_" if candidate == name and name in RESERVED else f"{name}_{count}"
        taken.add(candidate)
        names[place] = candidate
    return names


def _cleaned(label: str) -> str:
    # Only ASCII: C compilers and minifiers disagree about the rest. A leading underscore is the system's.
    name = re.sub(r"[^A-Za-z0-9]+", "_", label[:40]).strip("_")
    return f"v_{name}" if name[:1].isdigit() else name


def comment(text: str) -> str:
    """Return any text as one harmless line of comment."""
    return ascii(text)[1:-1].replace("*/", "* /").replace("/*", "/ *").replace("\\", "")


SLOPES, OF_ALL = "slopes_of_", "_of_all"


def registered(source: str, what: str) -> CodeType:
    """Compile source; `linecache` knows it under a unique name for as long as its function lives."""
    name = f"<autograd_core {what} {_serial()}>"
    code = compile(source, name, "exec")
    functions = [part for part in code.co_consts if isinstance(part, CodeType)]
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    finalize((functions or [code])[-1], linecache.cache.pop, name, None).atexit = False
    return code


_MATH = """
sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp expm1 exp2 log log1p log2 log10 sqrt
cbrt hypot pow erf erfc fabs
""".split()  # noqa: SIM905


def float_functions() -> dict[str, Any]:
    """Return the meanings of the names in a Python program.

    These are functions of `math` if the templates use them, which raise where a row's function does not, and
    otherwise the rows' functions.
    """
    known_rows = rows_by_symbol()
    rows: dict[str, Any] = {symbol: row.forward for symbol, row in known_rows.items()}
    known = {name: getattr(math, name) for name in _MATH}
    quiet = {
        symbol: _checked(row)
        for symbol, row in known_rows.items()
        if row.outside is not None or (row.pole and symbol not in known)
    }
    rows |= {f"{symbol}{OF_ALL}": row.vector for symbol, row in known_rows.items() if row.vector is not None}
    return rows | known | quiet | {"inf": math.inf, "nan": math.nan}


def _checked(row: Operation) -> Callable[..., float]:
    """Return a row's forward function, made to raise if the result is infinite, or finite but undefined."""

    def checked(*xs: float) -> float:
        y = row.forward(*xs)
        if not math.isfinite(y) or (row.outside is not None and row.outside(*xs)):
            raise ValueError(row.name)
        return y

    return checked


def array_functions(*codes: CodeType) -> dict[str, Any]:
    """Return the meanings of the names in a NumPy program: rows on arrays, variadic ones on sequences.

    `slopes_of_sin` are the local derivatives of `sin` on arrays. Only names that the program uses are
    included.
    """
    names = {name for code in codes for name in _names(code)}
    rows = rows_by_symbol()
    found: dict[str, Any] = {name: _node(rows[name]) for name in names & rows.keys()}
    whole = [name for name in names if name.endswith(OF_ALL)]
    found |= {name: rows[name.removesuffix(OF_ALL)].array for name in whole}
    slopes = [name for name in names if name.startswith(SLOPES)]
    found |= {name: rows[name.removeprefix(SLOPES)].array_slopes for name in slopes}
    return found | {
        "np": np, "inf": np.inf, "nan": np.nan, "over_examples": _over_examples,
        "refuse_undefined": refuse_undefined,
    }  # fmt: skip


def _over_examples(a: Any, b: Any, out: Any) -> None:
    """Compute the matrix product over the examples; for a single example by `multiply`, which is faster."""
    (np.multiply if a.shape[1] == 1 else np.matmul)(a, b, out=out)


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a piece of code and the functions in it look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _node(row: Operation) -> Any:
    """Return the function of a row on arrays; for a row such as softmax, that of the first result."""
    if row.outside is not None or row.pole is not None:
        return partial(on_arrays, row)
    return row.array if row.vector is None else lambda xs: row.array(xs)[0]


def on_arrays(row: Operation, *xs: Any) -> Any:
    """Compute a row that has poles or can be finite but undefined; raise `FloatingPointError` in those cases.

    An infinite result might otherwise disappear: exp(-inf) is 0.
    """
    if row.outside is not None and np.any(np.frompyfunc(row.outside, len(xs), 1)(*xs)):
        raise FloatingPointError(row.name)
    y = row.array(*xs)
    if row.pole is not None and np.isinf(y).any() and np.any(np.isinf(y) & _all_finite(xs)):
        raise FloatingPointError(row.name)
    return y


def _all_finite(xs: Sequence[Any]) -> Any:
    return np.logical_and.reduce([np.isfinite(x) for x in np.broadcast_arrays(*xs)])
