"""Tokenize an expression, check the order of its tokens, and suggest a correction of a malformed one.

Everything is checked here, in time linear in the text, before Python's own parser sees it.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ..base.text import visible, width
from ..errors import ExpressionError
from ..operations.operation import TABLE

MOST_CHARACTERS = 20_000
MOST_TOKENS = 2_000
MOST_LEVELS = 50
"""The deepest nesting of brackets and of consecutive signs."""

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_Α-Ωα-ω][A-Za-z_Α-Ωα-ω0-9]*)"
    r"|(?P<sign>\*\*|//|==|<=|>=|!=|<<|>>|:=|->|[-+*/()\[\],=;])"
    r"|(?P<space>[ \t\r]+)"
    r"|(?P<newline>\n)"
    r"|(?P<other>.)",
    re.ASCII | re.DOTALL,
)
_OPERATORS = {"+", "-", "*", "/", "**", "=="}
_CLOSING = {"(": ")", "[": "]"}

_MEANT = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*",
    "÷": "/", "∕": "/", "⁄": "/", "√": "sqrt ", "∛": "cbrt ", "^": "**",
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "А": "A", "В": "B", "Е": "E",
    "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "Х": "X",
}  # fmt: skip
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
CURES = {
    "lambda": "Call a variable lam or λ.",
    "if": "Write where(condition, a, b).",
    "else": "Write where(condition, a, b).",
    "and": "Write a product of conditions.",
    "True": "Write 1.",
    "False": "Write 0.",
    "None": "Write a number.",
}
"""What to write in place of keywords."""
_SAID = {
    "^": "a power is written **, as in x**2",
    ".": "attributes are not supported",
    "//": "write floor(a/b)",
    "%": "write remainder(a, b)",
    "'": "text is not allowed in an expression",
    '"': "text is not allowed in an expression",
    "<=": "write heaviside(a - b) or where(condition, a, b)",
    ">=": "write heaviside(a - b) or where(condition, a, b)",
    ":=": "an assignment is a separate statement with =",
    "|": "write abs(x)",
    "#": "comments are not supported",
    "{": "use ( and ) as brackets",
    "}": "use ( and ) as brackets",
    "<": "write heaviside(a - b) or where(condition, a, b)",
    ">": "write heaviside(a - b) or where(condition, a, b)",
    "!": "write out the product",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a name or a sign, and its position in the text."""

    kind: str
    text: str
    column: int

    @property
    def end(self) -> int:
        return self.column + len(self.text)


def fault(text: str, column: int, what: str, cure: str = "") -> ExpressionError:
    """Return an `ExpressionError` that shows the position."""
    start = text.rfind("\n", 0, column) + 1
    stop = text.find("\n", column)
    line = text[start : stop if stop >= 0 else len(text)].rstrip("\r")
    number = text.count("\n", 0, start)
    place = column - start
    first = max(0, place - 40)
    shown = line[first : place + 30]
    before = ("…" if first else "") + visible(shown[: place - first])
    after = visible(shown[place - first :]) + ("…" if place + 30 < len(line) else "")
    where = f"line {number + 1}, " if "\n" in text.strip() else ""
    message = f"expression: {what} ({where}column {place + 1}). {cure}".rstrip()
    return ExpressionError(f"{message}\n  {before}{after}\n  {' ' * width(before)}^", text, column)


def statements(text: str) -> list[list[Token]]:
    """Return the tokens of each statement, after checking their spelling and order."""
    if len(text) > MOST_CHARACTERS:
        what = f"too long: {len(text)} characters; expected at most {MOST_CHARACTERS}"
        raise fault(text, MOST_CHARACTERS, what)
    tokens = tokenized(text)
    if len(tokens) > MOST_TOKENS:
        what = f"too long: more than {MOST_TOKENS} numbers, names and signs"
        raise fault(text, tokens[MOST_TOKENS].column, what)
    found: list[list[Token]] = [[]]
    level = 0
    for token in tokens:
        level += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.kind == "end" and level <= 0:
            found.append([])
        elif token.kind != "end" or token.text == ";":
            found[-1].append(token)
    found = [statement for statement in found if statement]
    for statement in found:
        _check_order(text, statement)
    return found


def tokenized(text: str) -> list[Token]:
    """Return the tokens of the text. Raises `ExpressionError` at the first invalid character."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind, found, column = str(match.lastgroup), match[0], match.start()
        if kind == "other":
            raise _strange(text, column)
        if kind == "sign" and found not in _OPERATORS | set("()[],=;"):
            raise fault(text, column, f"{found!r} is not an operator here", _cure(text, _SAID.get(found, "")))
        if kind != "space":
            tokens.append(Token("end" if found in ("\n", ";") else kind, found, column))
    return tokens


def _strange(text: str, column: int) -> ExpressionError:
    character = text[column]
    code = f"U+{ord(character):04X}"
    if " " < character <= "~":
        said = _SAID.get(character, "")
        return fault(text, column, f"{character!r} is not allowed in an expression", _cure(text, said))
    name = unicodedata.name(character, "")
    described = f"{visible(character)} ({code}{' ' + name if name else ''})"
    return fault(text, column, f"the character {described} is not allowed in an expression", _cure(text, ""))


def _cure(text: str, said: str) -> str:
    meant = repaired(text)
    hint = f"Did you mean {meant} ?" if meant and len(meant) <= 200 and "\n" not in meant else ""
    return " ".join([part for part in (said and said[0].upper() + said[1:] + ".", hint) if part])


def _check_order(text: str, tokens: list[Token]) -> None:
    """Check that operands and operators alternate and brackets match; Python's parser does the rest."""
    opened: list[tuple[Token, bool]] = []
    signs = 0
    previous: Token | None = None
    operand_next = True
    for token in tokens:
        calls = previous is not None and previous.kind == "name"
        if token.kind == "name" and keyword.iskeyword(token.text):
            raise fault(
                text,
                token.column,
                f"{token.text!r} is not allowed in an expression: it is a keyword of Python",
                CURES.get(token.text, f"Give a variable another name, such as {token.text}_."),
            )
        if operand_next:
            signs = signs + 1 if token.text in ("+", "-") else 0
            if signs > MOST_LEVELS:
                raise fault(text, token.column, f"too deep: more than {MOST_LEVELS} signs in a row")
            operand_next = _begins(text, token, previous, opened)
        elif token.text in ("(", "[") and (calls or token.text == "["):
            if token.text == "[":
                raise fault(text, token.column, "indexing is not supported")
            opened.append((token, True))
            operand_next = True
        elif token.kind in ("name", "number") or token.text == "(":
            raise _neighbors(text, previous, token)
        elif token.text in (")", "]"):
            _close(text, token, opened)
        else:
            operand_next = True
            if token.text == "," and not opened:
                raise fault(text, token.column, "a comma is not allowed here", _cure(text, ""))
            if token.text == "=" and not _assigns(tokens, token, opened):
                raise fault(text, token.column, "this = is not allowed here", _cure(text, ""))
        if len(opened) > MOST_LEVELS:
            raise fault(text, token.column, f"too deep: more than {MOST_LEVELS} brackets inside one another")
        previous = token
    if opened:
        raise fault(text, opened[-1][0].column, f"this {opened[-1][0].text} is never closed")
    if operand_next and previous is not None:
        raise fault(text, previous.end, "the expression ends where a number, a name or a bracket is expected")


def _begins(text: str, token: Token, previous: Token | None, opened: list[tuple[Token, bool]]) -> bool:
    """Handle a token where an operand is expected; return whether one is still expected."""
    if token.kind in ("name", "number"):
        return False
    if token.text in ("+", "-"):
        return True
    if token.text in ("(", "["):
        opened.append((token, False))
        return True
    if token.text in (")", "]") and previous is not None and opened and previous is opened[-1][0]:
        if opened[-1][1] or token.text == "]":
            _close(text, token, opened)
            return False
        raise fault(text, token.column, "there is nothing between these brackets")
    raise fault(text, token.column, f"{token.text!r} stands where a number, a name or a bracket is expected")


def _close(text: str, token: Token, opened: list[tuple[Token, bool]]) -> None:
    if not opened or _CLOSING[opened[-1][0].text] != token.text:
        raise fault(text, token.column, f"this {token.text} closes nothing")
    opened.pop()


def _assigns(tokens: list[Token], token: Token, opened: list[tuple[Token, bool]]) -> bool:
    """Whether this = follows the name at the start of a statement, or the name of a call's argument."""
    place = tokens.index(token)
    if not opened:
        return place == 1 and tokens[0].kind == "name"
    return opened[-1][1] and tokens[place - 1].kind == "name" and tokens[place - 2].text in ("(", ",")


def _neighbors(text: str, previous: Token | None, token: Token) -> ExpressionError:
    first = previous.text if previous is not None else ""
    if first.isdigit() and token.text[0] in ("_xXoObB" if first == "0" else "_"):
        return fault(text, token.column, "a number is written in decimal digits, without _ and 0x")
    if first in TABLE:
        return fault(text, token.column, f"{first} needs brackets around its argument", _cure(text, ""))
    return fault(text, token.column, "an operator is missing here", _cure(text, ""))


def repaired(text: str) -> str:
    """Suggest an expression for text that is not one, or return "" if there is no suggestion.

    >>> repaired("2x^2"), repaired("sin x² + 3·t"), repaired("−√x"), repaired("x if x > 0 else 0")
    ('2*x**2', 'sin(x**2) + 3*t', '-sqrt(x)', 'where(heaviside(x, 0), x, 0)')
    """
    if len(text) > 1000:
        return ""
    original = text
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "**" + "".join([_RAISED[c] for c in m[0]]), text)
    text = re.sub(r"(?<=\w)(?=[√∛])", " ", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = _choices(_INDICATOR.sub(lambda m: f"({_condition(m[1])})", re.sub(r"\bln\b", "log", text)))
    characters = [_MEANT.get(c) or unicodedata.normalize("NFKC", c) for c in text]
    text = "".join([c for c in characters if unicodedata.category(c[0]) != "Cf"])
    try:
        meant = _joined([Token(str(m.lastgroup), m[0], m.start()) for m in _TOKEN.finditer(text)])
        if meant == original.strip():
            return ""
        statements(meant)
        return meant
    except ExpressionError:
        return ""


_INDICATOR = re.compile(r"\[([^\[\]]*?[=>≠][^\[\]]*)\]")
_COMPARISON = re.compile(r"(.*?)(==|=|≠|>)(.*)", re.DOTALL)


def _condition(text: str) -> str:
    """Rewrite a comparison, as shown in formulas, to a number that is 1 if it holds."""
    found = _COMPARISON.fullmatch(text)
    a, sign, b = [part.strip() for part in found.groups()] if found else (text, "", "")
    if sign == ">":
        return f"heaviside({a}, 0)" if b == "0" else f"heaviside({a} - ({b}), 0)"
    return {"": text, "≠": f"1 - ({a} == {b})"}.get(sign, f"{a} == {b}")


def _choices(text: str) -> str:
    """Rewrite `a if test else b` to where(test, a, b)."""
    while (place := text.rfind(" if ")) >= 0:
        start, end = _group(text, place)
        otherwise = text.find(" else ", place, end)
        if otherwise < 0:
            return text
        a, test, b = text[start:place], text[place + 4 : otherwise], text[otherwise + 6 : end]
        text = f"{text[:start]}where({_condition(test)}, {a.strip()}, {b.strip()}){text[end:]}"
    return text


def _group(text: str, place: int) -> tuple[int, int]:
    """Return the start and end of the group around a position: up to a bracket, a comma or an equals sign."""
    ends = []
    for step, opening, closing in ((-1, ")]", "([,=;\n"), (1, "([", ")],;\n")):
        at, level = place, 0
        while 0 <= at < len(text) and not (level == 0 and text[at] in closing):
            level += (text[at] in opening) - (text[at] in "()[]" and text[at] not in opening)
            at += step
        ends.append(at)
    return ends[0] + 1, ends[1]


def meant_by(name: str, names: Sequence[str], constants: Iterable[str] = ()) -> str:
    """Suggest another name, a call or a product for an unknown name, or return "".

    >>> meant_by("sinx", ["x"]), meant_by("xy", ["x", "y"]), meant_by("x", ["X"])
    ('sin(x)', 'x*y', 'X')
    """
    for other in names:
        if other != name and other.lower() == name.lower():
            return other
    for function in TABLE:
        rest = name.removeprefix(function)
        if rest != name and (rest in names or (len(rest) == 1 and rest.isalpha())):
            return f"{function}({rest})"
    letters = [letter for letter in name if letter in names]
    if len(letters) == len(name) and len(set(letters)) > 1:
        return "*".join(letters)
    return next(iter(get_close_matches(name, [*names, *constants], n=1)), "")


def _joined(tokens: list[Token]) -> str:
    """Return the text with missing operators and brackets inserted."""
    parts: list[str] = []
    previous: Token | None = None
    spaces, place = "", 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token.kind == "space":
            spaces = " "
            continue
        ends = previous is not None and (previous.kind in ("number", "name") or previous.text in (")", "]"))
        calls = previous is not None and previous.kind == "name"
        named = calls and previous.text in TABLE  # type: ignore[union-attr]
        if ends and token.kind in ("number", "name") and named:
            power = tokens[place : place + 2] if [t.text for t in tokens[place : place + 1]] == ["**"] else []
            parts.append(f"({token.text}{''.join([t.text for t in power])})")
            place += len(power)
        elif ends and (token.kind in ("number", "name") or (token.text == "(" and not calls)):
            parts.append("*" + token.text)
        else:
            parts.append((spaces if not named else "") + token.text)
        previous, spaces = (Token("sign", ")", 0) if parts[-1].endswith(")") else token), ""
    return re.sub(r"^(\d+) ?, ?(\d+)$", r"\1.\2", "".join(parts).strip())
