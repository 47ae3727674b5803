"""Write operations as plain text, for people and for programs.

A writer combines a row's `notation` with the text of its arguments and does not depend on single operations.
`latex_and_mathml` adds the other two notations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from unicodedata import normalize

from ..base.text import literal, shorten, visible
from ..operations import TABLE, Operation

SUM, PRODUCT, SIGN, POWER, CALL, ATOM = 1, 2, 3, 4, 5, 6

MOST_TERMS = 4
"""The most products of a `dot` that are written out."""

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a formula, with the information needed to insert it into a larger one."""

    text: str
    precedence: int = ATOM
    loose: str = ""
    """A form without brackets, such as sin x for sin(x), for positions where nothing follows."""
    signed: bool = False
    """Whether it begins with a sign."""
    kind: str = ""
    """"number", "name", "power" (of a name), the symbol of an infix operation, or nothing."""
    value: float | None = None
    test: str = ""
    """For an indicator, the comparison alone."""
    function: str = ""
    """For a call, the function's name, with which the text begins."""

    @property
    def free(self) -> str:
        """The form for positions where it is alone or in brackets."""
        return self.loose or self.text


class Text:
    """Writes formulas in usual text notation: x², −sin u, 3·t."""

    signs = {"*": "·", "-": "−", "==": "="}  # noqa: RUF012
    roots = {"": "√", "3": "∛", "4": "∜"}  # noqa: RUF012
    # The operations whose right argument needs no brackets: x·(y·z), x + (y − z).
    regrouped: Mapping[str, Sequence[str]] = {"*": ("*",), "+": ("+", "-")}
    ellipsis = Fragment("…")

    def write(self, row: Operation, args: Sequence[Fragment]) -> Fragment:
        """Write an operation applied to its arguments."""
        kinds = (
            "infix",
            "prefix",
            "postfix",
            "power",
            "fraction",
            "root",
            "fence",
            "step",
            "cases",
            "products",
        )
        kind = row.notation.kind if row.notation.kind in kinds else "call"
        fragment: Fragment = getattr(self, kind)(row, *args)
        return fragment

    def number(self, x: float, digits: int = 6) -> Fragment:
        """Write a number; with fewer than `digits` significant digits only if these are all."""
        text = literal(x, digits)
        signed = text.startswith("-")
        plain = text.lstrip("-").replace(".", "").isdigit()
        return Fragment(
            self.numeral(text), SIGN if signed else ATOM, "", signed, "number" if plain else "", value=x
        )

    def numeral(self, text: str) -> str:
        return text.replace("-", "−").replace("inf", "∞")

    def symbol(self, x: float, name: str) -> Fragment:
        """Write a number as a symbol, such as π or ln 10."""
        return Fragment(name, kind="name")

    def name(self, name: str) -> Fragment:
        """Write the name of a node, in brackets inside a formula if it is not an identifier."""
        if weight := parameter(name):
            letter, layer, index = weight
            layer = layer and f"⁽{layer.translate(_SUPERSCRIPT)}⁾"
            return Fragment(f"{letter}{layer}{index.translate(_SUBSCRIPT)}", kind="name")
        found = parts(name)
        if found is None:
            whole = IDENTIFIER.fullmatch(name)
            return Fragment(shorten(name), kind="name") if whole else self.nameless(name)
        base = normalize("NFC", GREEK.get(found.letters, found.letters) + ACCENTS.get(found.accent, ""))
        if found.index.isdigit():
            index = found.index.translate(_SUBSCRIPT)
        else:
            index = found.index and f"_{GREEK.get(found.index, found.index)}"
        return Fragment(base + index, kind="name")

    def nameless(self, label: str) -> Fragment:
        """Write a label that is not a name."""
        return Fragment(visible(shorten(label)), ATOM if is_place(label) else 0)

    def brackets(self, text: str) -> str:
        return f"({text})"

    def operand(self, x: Fragment, precedence: int, first: bool = True) -> str:
        """Write the fragment, in brackets if it binds less tightly, or has a sign and follows something."""
        if x.precedence < precedence or (x.signed and not first):
            return self.brackets(x.free)
        return x.text

    def infix(self, row: Operation, a: Fragment, b: Fragment) -> Fragment:
        p = row.notation.precedence
        if p < SUM:
            return self.comparison(a, self.sign(row), b)
        if p == PRODUCT and a.kind == "number" and self.touches(b):
            return Fragment(self.product(a.text, b.text), p, "", a.signed, "*")
        symbol = row.notation.symbol
        left = self.operand(a, p)
        right = self.operand(b, p if b.kind in self.regrouped.get(symbol, ()) else p + 1, False)
        if p > SUM:
            return Fragment(self.joined(row, left, right), p, "", a.signed, symbol)
        ends = [x.free if text == x.text else text for x, text in ((a, left), (b, right))]
        return Fragment(self.joined(row, left, right), p, self.joined(row, *ends), a.signed, symbol)

    def joined(self, row: Operation, left: str, right: str) -> str:
        sign = self.sign(row)
        return f"{left} {sign} {right}" if row.notation.precedence <= SUM else left + sign + right

    def sign(self, row: Operation) -> str:
        return self.signs.get(row.notation.symbol, row.notation.symbol)

    def touches(self, x: Fragment) -> bool:
        """Whether a number before this needs no multiplication sign: 2x, 3x²; but 2·e5, 2·rate."""
        single = x.text[0] not in "eEjJ_" and not x.text[1:2].isalpha()
        return single and x.kind in ("name", "power")

    def product(self, a: str, b: str) -> str:
        return a + b

    def prefix(self, row: Operation, x: Fragment) -> Fragment:
        inner = self.operand(x, PRODUCT, False)
        free = x.free if inner == x.text else inner
        sign = self.sign(row)
        return Fragment(sign + inner, min(SIGN, x.precedence) if inner == x.text else SIGN, sign + free, True)

    def postfix(self, row: Operation, x: Fragment) -> Fragment:
        symbol = row.notation.symbol
        if symbol.startswith("**"):
            return self.raised(x, Fragment(symbol[2:], kind="number", value=float(symbol[2:])), symbol)
        return Fragment(self.operand(x, CALL) + symbol, row.notation.precedence)

    def power(self, row: Operation, a: Fragment, b: Fragment) -> Fragment:
        return self.raised(a, b, row.notation.symbol + self.operand(b, POWER, False))

    def raised(self, base: Fragment, exponent: Fragment, sign: str) -> Fragment:
        n = exponent.value
        if n is not None and n == n and abs(n) < 1000 and n == int(n):
            sign = str(int(n)).translate(_SUPERSCRIPT)
        return Fragment(self.operand(base, CALL) + sign, POWER, kind=kind_of_power(base))

    def fraction(self, row: Operation, *args: Fragment) -> Fragment:
        a, b = args if len(args) == 2 else (self.number(1.0), *args)
        text = self.operand(a, PRODUCT) + "/" + self.operand(b, SIGN, False)
        return Fragment(text, PRODUCT, "", a.signed)

    def root(self, row: Operation, x: Fragment) -> Fragment:
        sign = self.roots.get(row.notation.symbol)
        if sign is None:
            return self.call(row, x)
        plain = x.kind in ("name", "number") and not x.signed
        return Fragment(sign + (x.text if plain else self.brackets(x.free)), CALL)

    def fence(self, row: Operation, x: Fragment) -> Fragment:
        return Fragment(row.notation.symbol + x.free + row.notation.symbol, CALL)

    def call(self, row: Operation, *args: Fragment) -> Fragment:
        name = self.function(row)
        loose = self.applied(name, args[0].text) if len(args) == 1 and args[0].kind == "name" else ""
        whole = name + self.brackets(", ".join(self.listed(row, args)))
        return Fragment(self.first_of(whole) if row.vector else whole, CALL, loose)

    def first_of(self, vector: str) -> str:
        """Write the first number of a vector, such as a softmax."""
        return vector + "₁"

    def comparison(self, a: Fragment, sign: str, b: Fragment) -> Fragment:
        """Write the number that is 1 if the comparison holds and 0 otherwise."""
        test = f"{self.operand(a, SUM)} {sign} {self.operand(b, SUM)}"
        return Fragment(self.indicator(test), test=test)

    def indicator(self, test: str) -> str:
        return f"[{test}]"

    def step(self, row: Operation, x: Fragment, at_zero: Fragment) -> Fragment:
        """Write the step from 0 to 1; at 0 it is 0 unless another value is given."""
        usual = at_zero.value == 0.0
        return self.comparison(x, ">", self.number(0.0)) if usual else self.call(row, x, at_zero)

    def cases(self, row: Operation, condition: Fragment, a: Fragment, b: Fragment) -> Fragment:
        """Write one of two alternatives, by a condition that is a number: 0 is false."""
        if condition.value is not None:
            return self.call(row, condition, a, b)
        found = condition if condition.test else self.comparison(condition, "≠", self.number(0.0))
        return found if (a.value, b.value) == (1.0, 0.0) else self.choice(a, found.test, b)

    def choice(self, a: Fragment, test: str, b: Fragment) -> Fragment:
        return Fragment(f"{self.operand(a, SUM)} if {test} else {self.operand(b, SUM)}", 0)

    def products(self, row: Operation, *args: Fragment) -> Fragment:
        """Write a sum of products, as w₁·x₁ + w₂·x₂; one of many terms as a call."""
        half = len(args) // 2
        if not 0 < half <= MOST_TERMS or len(args) % 2 or self.ellipsis in args:
            return self.call(row, *args)
        terms = [self.term(a, b) for a, b in zip(args[:half], args[half:], strict=True)]
        return reduce(partial(self.infix, _infix("+")), terms)

    def term(self, a: Fragment, b: Fragment) -> Fragment:
        """Write a product in a sum of products."""
        return self.infix(_infix("*"), a, b)

    def listed(self, row: Operation, args: Sequence[Fragment]) -> list[str]:
        """Write the arguments; those of an operation on several sequences, such as dot, in brackets."""
        texts = [x.free for x in args]
        if row.sequences == 1 or len(args) % row.sequences:
            return texts
        each = len(args) // row.sequences
        return [self.bracketed(texts[i : i + each]) for i in range(0, len(args), each)]

    def bracketed(self, texts: Sequence[str]) -> str:
        return f"[{', '.join(texts)}]"

    def applied(self, name: str, x: str) -> str:
        """Write a function of one name without brackets, or "" if that is not usual."""
        return f"{name} {x}"

    def function(self, row: Operation) -> str:
        return row.notation.symbol or row.name

    def whole(self, fragment: Fragment) -> str:
        """Write a fragment on its own."""
        return fragment.free

    def slope(self, output: str, name: str) -> str:
        """Write ∂output/∂name."""
        return f"∂{self.operand(self.name(output), ATOM)}/∂{self.operand(self.name(name), ATOM)}"


class Ascii(Text):
    """Writes formulas as programs and the command line read them: x**2, -sin(u), 3*t."""

    signs = {}  # noqa: RUF012
    roots = {}  # noqa: RUF012
    regrouped = {}  # noqa: RUF012, what is read again gives the same bits
    ellipsis = Fragment("...")

    def numeral(self, text: str) -> str:
        return text

    def name(self, name: str) -> Fragment:
        if not IDENTIFIER.fullmatch(name) and (found := parts(name)):
            name = found.letters + found.accent + (found.index and f"_{found.index}")
        name = "".join([SPELLED.get(c, c) for c in shorten(name).replace("…", "...")])
        text = name.encode("unicode_escape").decode()
        return Fragment(text, kind="name") if IDENTIFIER.fullmatch(text) else Fragment(text, 0)

    def symbol(self, x: float, name: str) -> Fragment:
        return self.name(name) if name in SPELLED else self.number(x, 17)

    def comparison(self, a: Fragment, sign: str, b: Fragment) -> Fragment:
        return Fragment(f"{self.operand(a, SUM)} {sign} {self.operand(b, SUM)}", 0)

    def step(self, row: Operation, x: Fragment, at_zero: Fragment) -> Fragment:
        return self.call(row, x, at_zero)

    def cases(self, row: Operation, condition: Fragment, a: Fragment, b: Fragment) -> Fragment:
        return self.call(row, condition, a, b)

    def touches(self, x: Fragment) -> bool:
        return False

    def raised(self, base: Fragment, exponent: Fragment, sign: str) -> Fragment:
        return Fragment(self.operand(base, CALL) + sign, POWER)

    def fraction(self, row: Operation, *args: Fragment) -> Fragment:
        kind = row.notation.kind, row.notation.symbol
        read = next(x for x in TABLE.values() if (x.notation.kind, x.notation.symbol) == kind)
        return super().fraction(row, *args) if read is row else self.call(row, *args)

    def fence(self, row: Operation, x: Fragment) -> Fragment:
        return self.call(row, x)

    def products(self, row: Operation, *args: Fragment) -> Fragment:
        return self.call(row, *args)

    def call(self, row: Operation, *args: Fragment) -> Fragment:
        return Fragment(row.name + self.brackets(", ".join(self.listed(row, args))), CALL)

    def slope(self, output: str, name: str) -> str:
        return f"d{self.operand(self.name(output), ATOM)}/d{self.operand(self.name(name), ATOM)}"


@cache
def _infix(symbol: str) -> Operation:
    return next(
        row for row in TABLE.values() if (row.notation.kind, row.notation.symbol) == ("infix", symbol)
    )


def kind_of_power(base: Fragment) -> str:
    return "power" if base.kind == "name" else ""


GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SPELLED = {letter: name for name, letter in GREEK.items()}
# A name that formulas can use unchanged: letters, then an optional index.
_NAME = re.compile(r"([^\W\d_]+)(?:_\{([^\W_]+)\}|_([^\W_]+)|(\d+))?")
_ACCENTED = re.compile(r"^\\(hat|bar|tilde) ?\{?\\?([^\W\d_]+)\}?")
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_WORDS = ("that", "what", "chat")
IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PARAMETER = re.compile(
    r"(?:(?:layers\.)?(?P<layer>\d{1,3})\.(?=weight|bias|[sza]\[)|(?=weight|bias))"
    r"(?P<letter>weight|bias|[sza])\[(?P<index>\d{1,5}(?:, \d{1,5}){0,3})\]"
)
PLACE = re.compile(r"[^\W\d]\w*(?:\.\w+|\[\w+(?:, \w+)*\])*")


def is_place(name: str) -> bool:
    """Whether a name that is not an identifier is a unit, such as w[0] and layers.0.weight[2, 1]."""
    return len(name) <= 40 and PLACE.fullmatch(name) is not None


def parameter(name: str) -> tuple[str, str, str] | None:
    """Return the letter, layer and index of a name in a network, counted from 1 as in lectures, or None.

    >>> parameter("layers.0.weight[2, 1]"), parameter("layers.1.z[10]"), parameter("bias[0]")
    (('w', '1', '32'), ('z', '2', '11'), ('b', '', '1'))
    >>> parameter("w[0]")
    """
    match = _PARAMETER.fullmatch(name)
    if match is None:
        return None
    index = [int(i) + 1 for i in match["index"].split(", ")]
    layer = str(int(match["layer"]) + 1) if match["layer"] else ""
    return match["letter"][0], layer, ("" if max(index) < 10 else ",").join(map(str, index))


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a name: ŷ₁ has the letters y, the accent hat and the index 1."""

    letters: str
    accent: str
    index: str


def parts(name: str) -> Name | None:
    r"""Split a name, which may be in LaTeX spelling, into parts; None unless it is letters with an index.

    >>> parts(r"\theta_{12}")
    Name(letters='theta', accent='', index='12')
    >>> parts("yhat")
    Name(letters='y', accent='hat', index='')
    """
    plain = _ACCENTED.sub(r"\2\1", name).removeprefix("\\") if len(name) <= 40 else ""
    match = _NAME.fullmatch(plain)
    if match is None:
        return None
    letters, index = match[1], match[2] or match[3] or match[4] or ""
    accent = next((word for word in ACCENTS if letters.endswith(word) and letters not in _WORDS), "")
    base = letters.removesuffix(accent)
    if not accent and index in ACCENTS:  # y_hat
        accent, index = index, ""
    if accent and not (len(base) == 1 or base in GREEK):
        return Name(letters, "", index if base != letters else accent)
    unknown = name.startswith("\\") and not accent and letters not in GREEK
    return None if unknown else Name(base, accent, index)
