"""`Graph`, and all queries and conversions of a graph."""

from .graph import Edge, Graph, topological_order
from .names import names_of
from .neuron_names import unit_names
from .scopes import Origin, Scope, ScopeByNode, Sign, begin, end, name_parameter, own, scopes_of
from .what_if_and_diff import Change, Changes

__all__ = [
    "Change",
    "Changes",
    "Edge",
    "Graph",
    "Origin",
    "ScopeByNode",
    "Scope",
    "Sign",
    "begin",
    "end",
    "name_parameter",
    "names_of",
    "own",
    "scopes_of",
    "unit_names",
    "topological_order",
]
