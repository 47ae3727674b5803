"""Split labels into Greek letters, accents, indices and module paths."""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SPELT = {letter: name for name, letter in GREEK.items()}
# A name that formulas can use unchanged: letters, then an optional index.
_NAME = re.compile(r"([^\W\d_]+)(?:_\{([^\W_]+)\}|_([^\W_]+)|(\d+))?")
_ACCENTED = re.compile(r"^\\(hat|bar|tilde) ?\{?\\?([^\W\d_]+)\}?")
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_WORDS = ("that", "what", "chat")
IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PARAMETER = re.compile(r"(?:layers\.)?(\d{1,3})\.(weight|bias)\[(\d{1,5}(?:, \d{1,5}){0,3})\]")
PLACE = re.compile(r"[^\W\d]\w*(?:\.\w+|\[\w+(?:, \w+)*\])*")


def is_place(name: str) -> bool:
    """Whether a name that is not an identifier is a unit, such as w[0] and layers.0.weight[2, 1]."""
    return len(name) <= 40 and PLACE.fullmatch(name) is not None


def parameter(name: str) -> tuple[str, str, str] | None:
    """Return the letter, layer and index of a parameter's name, counted from 1 as in lectures, or None.

    >>> parameter("layers.0.weight[2, 1]"), parameter("layers.1.bias[10]"), parameter("weight[0]")
    (('w', '1', '32'), ('b', '2', '11'), None)
    """
    match = _PARAMETER.fullmatch(name)
    if match is None:
        return None
    index = [int(i) + 1 for i in match[3].split(", ")]
    return match[2][0], str(int(match[1]) + 1), ("" if max(index) < 10 else ",").join(map(str, index))


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
