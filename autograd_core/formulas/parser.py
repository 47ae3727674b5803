"""Parse text into a graph without `eval`: only numbers, names, operators and the table's functions.

>>> J = parse("t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", {"x": 2.0})
>>> J.label, J.data
('J', 0.24510036817001535)
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ..base.modes import errstate
from ..base.reals import brief, real, shown
from ..base.text import shorten, visible
from ..errors import AutogradError, DataError, ExpressionError
from ..graph.names import names_of
from ..kernel.topological_order import topological_order
from ..kernel.value import Value
from ..operations.operation import TABLE, Operation
from . import tokens_and_corrections
from .tokens_and_corrections import Token, fault, statements

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}
_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Eq: "=="}

Term = Value | float


def parse(text: str, values: Mapping[str, Value | float]) -> Value:
    """Build the graph of an expression, or of several assignments separated by `;` or newlines.

    The last one is the output. The functions are the rows of the table, the constants pi and e. Assigned
    names become labels; other nodes get short names, the output J. Equal subexpressions share one node. A
    number in `values` becomes a leaf with that name; a `Value` is used as is.

    Raises `ExpressionError`, which shows the position, for text that is not an expression, lacks a value
    or is undefined at the given values; `DataError` for values that are not numbers.

    >>> y = parse("a*b + sin(a*b)", {"a": 2.0, "b": 3.0})
    >>> y.parents[0] is y.parents[1].parents[0]
    True
    """
    if not isinstance(text, str):
        raise DataError(f"parse: not text: argument 1 = {brief(text)}; expected a str.")
    builder = _GraphBuilder(text, values)
    found = statements(text)
    if not found:
        raise fault(text, 0, "it is empty")
    for statement in found:
        result = builder.run(statement)
        if statement is not found[-1]:
            builder.refuse_nameless(statement)
    builder.refuse_unused(found)
    return builder.named(result)


def inputs_of(text: str) -> list[str]:
    """Return the names that `parse` needs values for, in the order of the text, which may be unfinished.

    >>> inputs_of("t = x**2; J = cos(w*t) + pi")
    ['x', 'w']
    """
    tokens = tokens_and_corrections.tokenized(text)
    known = {*CONSTANTS, *TABLE}
    found: dict[str, None] = {}
    following = [*[token.text for token in tokens], ""][1:]
    for token, after in zip(tokens, following, strict=True):
        if token.kind != "name" or after == "(":
            continue
        if after == "=" and token.text not in found:
            known.add(token.text)
        elif token.text not in known:
            found[token.text] = None
    return list(found)


def check_name(name: str) -> None:
    """Raise `ExpressionError` for names that cannot be variables: `sin`, `pi`, `lambda`, `2x`."""
    if not isinstance(name, str):
        raise DataError(f"parse: not a name: got {brief(name)}; expected a str.")
    if name in TABLE or name in CONSTANTS:
        what = "a function" if name in TABLE else "a constant"
        raise ExpressionError(f"expression: {name} is {what}, not a variable. Use another name.", name)
    tokens = statements(name)[0] if name.strip() else []
    if [token.kind for token in tokens] != ["name"] or tokens[0].text != name or name.startswith("__"):
        told = f"expression: {visible(shorten(name))!r} cannot name a variable; expected letters and digits."
        raise ExpressionError(told, name)


class _GraphBuilder:
    """Builds the nodes of one text."""

    def __init__(self, text: str, values: Mapping[str, Value | float]) -> None:
        self.text = text
        self.given: dict[str, Value] = {}
        if not isinstance(values, Mapping):
            raise DataError(f"parse: not a table: values = {shown(values)}; expected numbers by name.")
        for name, x in values.items():
            check_name(name)
            self.given[name] = x if isinstance(x, Value) else Value(real(x, f"parse: {name}"), name)
        self.assigned: dict[str, Term] = {}
        self.used: set[str] = set()
        self.known: dict[tuple[Any, ...], Value] = {}

    def run(self, tokens: list[Token]) -> Term:
        """Evaluate one statement."""
        assigns = len(tokens) > 1 and tokens[1].text == "="
        body = tokens[2:] if assigns else tokens
        start = body[0].column
        source = self.text[start : body[-1].end].replace("\n", " ").replace("\r", " ").replace(";", " ")
        try:
            tree = ast.parse(source, mode="eval").body
        except (RecursionError, MemoryError):
            raise fault(self.text, start, "too deep") from None
        except SyntaxError as error:
            raise fault(self.text, start + (error.offset or 1) - 1, "this is not an expression") from None
        result = self.evaluated(tree, _Places(source, start))
        if assigns:
            result = self.assign(tokens[0], result)
        return result

    def assign(self, name: Token, result: Term) -> Term:
        if name.text in self.given or name.text in self.assigned:
            raise fault(self.text, name.column, f"{name.text} already has a value", "Take another name.")
        try:
            check_name(name.text)
        except ExpressionError as error:
            what = str(error).partition(": ")[2].partition(". ")[0]
            raise fault(self.text, name.column, what, "Take another name.") from None
        if not isinstance(result, Value):
            result = Value(result, name.text, requires_grad=False)
        elif not result.label:
            result.label = name.text
        self.assigned[name.text] = result
        return result

    def evaluated(self, tree: ast.expr, places: _Places) -> Term:
        """Evaluate the tree from left to right, without recursion."""
        waiting, order = [tree], []
        while waiting:
            order.append(waiting.pop())
            waiting += self.branches(order[-1], places)
        values: dict[int, Any] = {}
        for node in reversed(order):
            values[id(node)] = self.value_of(node, values, places)
        result: Term = values[id(tree)]
        if isinstance(result, list):
            raise fault(self.text, places.of(tree), "a list is not allowed here")
        return result

    def branches(self, node: ast.expr, places: _Places) -> list[ast.expr]:
        match node:
            case ast.BinOp(left=a, right=b) if type(node.op) in _SYMBOLS:
                return [a, b]
            case ast.Compare(left=a, ops=[ast.Eq()], comparators=[b]):
                return [a, b]
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=x):
                return [x]
            case ast.Call(func=ast.Name(), args=args, keywords=named):
                return [*args, *[k.value for k in named]]
            case ast.List(elts=elements):
                return elements
            case ast.Name() | ast.Constant():
                return []
        kind = type(node).__name__
        raise fault(self.text, places.of(node), f"{kind} is not allowed in an expression")

    def value_of(self, node: ast.expr, values: dict[int, Any], places: _Places) -> Any:
        column = places.of(node)
        match node:
            case ast.Constant(value=x):
                return self.number(x, column)
            case ast.Name(id=name):
                return self.look_up(name, column)
            case ast.List(elts=elements):
                return [values[id(x)] for x in elements]
            case ast.UnaryOp(op=op, operand=x):
                argument = values[id(x)]
                return argument if isinstance(op, ast.UAdd) else self.apply(_row("-", 1), [argument], column)
            case ast.BinOp(left=a, op=op, right=b):
                return self.apply(_row(_SYMBOLS[type(op)], 2), [values[id(a)], values[id(b)]], column)
            case ast.Compare(left=a, comparators=[b]):
                return self.apply(_row("==", 2), [values[id(a)], values[id(b)]], column)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=named):
                pairs = {k.arg or "**": values[id(k.value)] for k in named}
                return self.apply(self.function(name, column), [values[id(x)] for x in args], column, pairs)
        what = type(node).__name__
        raise ExpressionError(f"expression: {what} is not allowed in an expression.", self.text)

    def number(self, x: Any, column: int) -> float:
        if type(x) not in (int, float):
            raise fault(self.text, column, f"{x!r} is not allowed in an expression")
        try:
            number = float(x)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise fault(self.text, column, "this number is too large for a float", "The largest is 1.8e308.")
        return number

    def look_up(self, name: str, column: int) -> Term:
        for names in (self.assigned, self.given):
            if name in names:
                self.used.add(name)
                return names[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in TABLE:
            raise fault(self.text, column, f"{name} is a function", f"Write {TABLE[name].signature}.")
        missing = self.missing()
        cure = f"Give {', '.join([f'{each}=NUMBER' for each in missing or [name]])}."
        meant = tokens_and_corrections.meant_by(name, [*self.given, *self.assigned, *missing[1:]], CONSTANTS)
        hint = f" Did you mean {meant} ?" if meant else ""
        raise fault(self.text, column, f"there is no value for {name}", cure + hint)

    def missing(self) -> list[str]:
        """Return the names in the text that have no value, in order."""
        tokens = [token for token in tokens_and_corrections.tokenized(self.text) if token.kind == "name"]
        known = {*self.given, *self.assigned, *CONSTANTS, *TABLE}
        return list(dict.fromkeys([token.text for token in tokens if token.text not in known]))[:6]

    def function(self, name: str, column: int) -> Operation:
        if name in TABLE:
            return TABLE[name]
        near = [row.name for row in TABLE.values() if name.lower() in (row.name, row.ufunc, *row.synonyms)]
        near += get_close_matches(name.lower(), TABLE, n=1)
        hint = f"Did you mean {near[0]} ?" if near else ""
        if name in self.given or name in self.assigned:
            raise fault(self.text, column, f"{name} is not a function", f"For a product write {name}*(...).")
        raise fault(self.text, column, f"there is no function {name}", hint)

    def apply(
        self, row: Operation, args: list[Any], column: int, named: Mapping[str, Term] | None = None
    ) -> Term:
        """Apply a row and return its value or node; equal arguments give the same node."""
        key = (row, *map(_key, args), *[(name, _key(x)) for name, x in (named or {}).items()])
        if key in self.known:
            return self.known[key]
        if row.arity is not None and any(isinstance(x, list) for x in args):
            raise fault(self.text, column, f"{row.name} does not take lists", f"Write {row.signature}.")
        is_node = any(isinstance(x, Value) for x in _flat([*args, *(named or {}).values()]))
        try:
            # A constant that overflows is a typo; in a node, infinity is a value like any other.
            with errstate(over="ignore" if is_node else "raise"):
                result = row(*args, **(named or {}))
        except AutogradError as error:
            what = str(error).partition("\n")[0].partition(" Inside errstate")[0]
            raise fault(self.text, column, what.rstrip(".")) from error
        # A row such as softmax returns a list, whose first element is the node of these arguments.
        first: Term = result[0] if isinstance(result, list) else result
        if isinstance(first, Value):
            self.known[key] = first
        return first

    def refuse_nameless(self, statement: list[Token]) -> None:
        """Raise an error for an earlier statement without a name, whose result would be lost."""
        if len(statement) < 2 or statement[1].text != "=":
            what = "the result of this statement has no name and is not used"
            raise fault(self.text, statement[0].column, what, "The last statement is the output.")

    def refuse_unused(self, found: list[list[Token]]) -> None:
        for first, *_ in found[:-1]:
            if first.text not in self.used:
                what = f"{first.text} is computed but not used"
                raise fault(self.text, first.column, what, "The last statement is the output.")
        for name in self.given:
            if name not in self.used:
                near = get_close_matches(name, self.used, n=1)
                hint = f" Did you mean {near[0]} ?" if near else ""
                what = f"{name} has a value but is not in the expression"
                raise ExpressionError(f"expression: {what}.{hint}", self.text)

    def named(self, output: Term) -> Value:
        """Return the output as a node, and label it and the unlabeled nodes on the way."""
        node = output if isinstance(output, Value) else Value(output, requires_grad=False)
        mine = {id(known) for known in self.known.values()} | {id(node)}
        for each, name in names_of(topological_order(node), node).items():
            if id(each) in mine and not each.label:
                each.label = name
        return node


class _Places:
    """The positions of a tree's nodes in the text."""

    def __init__(self, source: str, start: int) -> None:
        self._bytes, self._start = source.encode(), start

    def of(self, node: ast.expr) -> int:
        # Python counts bytes of UTF-8.
        return self._start + len(self._bytes[: node.col_offset].decode())


def _row(symbol: str, count: int) -> Operation:
    """Return the table's first operation with that sign and number of arguments."""
    signs = ("infix", "prefix", "fraction", "power")
    for row in TABLE.values():
        if row.notation.kind in signs and row.notation.symbol == symbol and row.arity == count:
            return row
    raise ExpressionError(f"expression: the table has no operator {symbol}.")


def _key(x: Any) -> Any:
    return tuple(map(_key, x)) if isinstance(x, list) else x.hex() if isinstance(x, float) else x


def _flat(args: list[Any]) -> list[Any]:
    return [x for arg in args for x in (arg if isinstance(arg, list) else [arg])]
