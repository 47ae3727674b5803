"""What is used of the package graphviz, which has no types of its own."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, overload

FORMATS: set[str]

def escape(text: str) -> str: ...

class Digraph:
    """A drawing in DOT."""

    format: str
    engine: str
    body: list[str]

    def __init__(
        self,
        name: str | None = None,
        *,
        format: str | None = None,
        graph_attr: Mapping[str, str] = {},
        node_attr: Mapping[str, str] = {},
        edge_attr: Mapping[str, str] = {},
    ) -> None: ...
    @property
    def source(self) -> str: ...
    def attr(self, kw: str | None = None, **attributes: str) -> None: ...
    def node(self, name: str, label: str | None = None, **attributes: str) -> None: ...
    def edge(self, tail_name: str, head_name: str, label: str | None = None, **attributes: str) -> None: ...
    @overload
    def subgraph(self, graph: Digraph) -> None: ...
    @overload
    def subgraph(self, graph: None = None, name: str | None = None) -> AbstractContextManager[Digraph]: ...
    @overload
    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: None = None,
    ) -> bytes: ...
    @overload
    def pipe(
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str,
    ) -> str: ...
    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        raise_if_result_exists: bool = False,
        overwrite_source: bool = False,
    ) -> str: ...
    def save(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        *,
        skip_existing: bool | None = False,
    ) -> str: ...
    def view(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        cleanup: bool = False,
        quiet: bool = False,
        quiet_view: bool = False,
    ) -> str: ...
    def unflatten(
        self, stagger: int | None = None, fanout: bool = False, chain: int | None = None
    ) -> Digraph: ...
    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> dict[str, Any]: ...
