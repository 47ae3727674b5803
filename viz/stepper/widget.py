"""The stepper as a notebook widget (the extra `widget`), whose sliders set the inputs in Python."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any

from autograd_core import Value, errstate
from autograd_core.base import extra, shorten
from autograd_core.errors import DataError, DataValueError

from ..pages import text_of
from .page_data import Record


class StepperWidget:
    """The stepper's page, linked to the inputs of its function; created by `Stepper.widget`.

    `inputs` has the number of each input by name. Moving a slider sets it, and setting it moves the slider:
    `widget.inputs = {"x": 3.0}`; other inputs are unchanged. Either way the data of the function's leaves is
    set, and their `.grad` is that of one `backward()` there. Where the function is undefined, numbers are
    nan, as on the page. It is an anywidget, with `observe` and the rest.
    """

    _record: Record
    page: str
    title: str
    inputs: Mapping[str, float]
    output: Value
    """The function at these inputs, as a new graph: `widget.output.data`."""

    @property
    def _leaves(self) -> dict[str, Value]:
        return {self._record.names[leaf]: leaf for leaf in self._record.inputs}

    def refresh(self) -> None:
        """Move the sliders to the data of the leaves, as after `x.data = 3.0`; no `.grad` changes.

        IPython calls it after each cell.
        """
        self.inputs = {}

    def _completed(self, proposal: Mapping[str, Any]) -> dict[str, float]:
        """Return all inputs, including the numbers that were set. Raises `DataError`, `DataValueError`."""
        given, leaves = proposal["value"], self._leaves
        for name, x in given.items():
            if name not in leaves:
                known = ", ".join([repr(each) for each in leaves])
                raise DataValueError(
                    f"widget.inputs: not an input: {shorten(repr(name))}; expected one of {known}."
                )
            if not isinstance(x, int | float) or not isfinite(x):
                raise DataError(
                    f"widget.inputs: not a finite number: {name} = {shorten(repr(x))}; expected one."
                )
        numbers = {name: float(given.get(name, leaf.data)) for name, leaf in leaves.items()}
        return {name: x for name, x in numbers.items() if isfinite(x)}

    def _moved(self, change: Mapping[str, Any]) -> None:
        """Set the leaves, evaluate the graph again, and set the leaves' gradients."""
        leaves, graph = self._leaves, self._record.graph
        new = {leaves[name]: x for name, x in change["new"].items()}
        is_told = all([leaf.data == x for leaf, x in new.items()])
        for leaf, x in new.items():
            leaf.data = x
        with errstate(all="ignore"):
            replayed = graph.replay()
            (self.output,) = replayed.outputs
            self.output.backward()
        # If the program itself set a number, its gradients are left alone.
        if not is_told:
            for leaf in leaves.values():
                leaf.grad = replayed.nodes[graph.places[leaf]].grad


@cache
def _kind() -> Any:
    """Return the widget class, which needs anywidget."""
    anywidget = extra("widget", "anywidget", "stepper.widget")
    traitlets = extra("widget", "traitlets", "stepper.widget")
    members = {
        "__doc__": StepperWidget.__doc__,
        "__module__": __name__,
        "_esm": text_of(__package__, "widget.js"),
        "page": traitlets.Unicode().tag(sync=True),
        "title": traitlets.Unicode().tag(sync=True),
        "inputs": traitlets.Dict().tag(sync=True),
        "_completed": traitlets.validate("inputs")(StepperWidget._completed),
        "_moved": traitlets.observe("inputs")(StepperWidget._moved),
    }
    return type("StepperWidget", (StepperWidget, anywidget.AnyWidget), members)


def widget(record: Record, page: str, title: str) -> StepperWidget:
    """Return the widget of a stepper's page, and let a running IPython refresh it after each cell."""
    made: StepperWidget = _kind()()
    made._record, made.output = record, record.output
    made.page, made.title = page, title
    made.refresh()
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        shell.events.register("post_run_cell", lambda *told: made.refresh())
    return made
