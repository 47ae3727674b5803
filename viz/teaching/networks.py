"""Problems about networks: a neuron with its loss, and the error signals and an update of a 2-2-1 network."""

from __future__ import annotations

from collections.abc import Iterator

from .mistakes import LEFT_OUT, VALUE, contributions_of, nodes_of, wrong_gradients, wrong_values
from .problem import Blank, CellTable, Problem, Wrong, numeric
from .sampling import Dice, Drawn, Row, draw, fits_a_pencil
from .text_parts import Math, Say, factor, join, listed, name, number, slope

NEURONS: tuple[Row, ...] = (
    (1, "s = w*x + b; y = relu(s); L = 0.5*(y - t)**2"),
    (1, "s = w*x + b; y = 2*s; L = 0.5*(y - t)**2"),
    (2, "s = w1*x1 + w2*x2 + b; y = relu(s); L = 0.5*(y - t)**2"),
    (2, "s = w1*x1 + w2*x2 + b; y = sigmoid(s); L = 0.5*(y - t)**2"),
    (2, "s = w1*x1 + w2*x2 + b; y = s**2; L = 0.5*(y - t)**2"),
    (3, "s = w1*x1 + w2*x2 + b; y = sigmoid(s); L = 0.5*(y - t)**2"),
    (3, "s = w1*x1 + w2*x2 + b; y = tanh(s); L = 0.5*(y - t)**2"),
)
_WITHOUT_BIAS = (
    "a1 = w11*x1 + w12*x2; h1 = relu(a1); a2 = w21*x1 + w22*x2; h2 = relu(a2); "
    "y = v1*h1 + v2*h2; L = 0.5*(y - t)**2"
)
_WITH_BIAS = (
    "a1 = w11*x1 + w12*x2 + b1; h1 = relu(a1); a2 = w21*x1 + w22*x2 + b2; h2 = relu(a2); "
    "y = v1*h1 + v2*h2 + c; L = 0.5*(y - t)**2"
)
NETWORKS: tuple[Row, ...] = (
    (1, _WITHOUT_BIAS),
    (2, _WITH_BIAS),
    (3, _WITH_BIAS.replace("relu", "sigmoid")),
    (3, _WITH_BIAS.replace("relu", "tanh")),
)
DATA = ("x", "x1", "x2", "t")
"""What is given to a network, and is not differentiated by."""

TARGET_FIRST = Say("The error is the output minus the target, not the target minus the output.")
OTHER_INPUT = Say("That takes the other input: the gradient of a weight has the input that it multiplies.")
WEIGHT_ITSELF = Say("That multiplies by the weight; the derivative by the weight is its input.")


def neuron(random: Dice, level: int) -> Problem:
    """A neuron with its loss: values, the error signal, the gradients of weights and bias."""
    drawn = draw(random, level, NEURONS, lambda found: _has_signal(found, ("s",)), DATA)
    table = drawn.steps
    weights = [x for x in drawn.values if x.startswith("w")]
    values = ("s", "y", "L")
    derivatives = ("s", *weights, "b")
    nodes = nodes_of(table)
    questions = [
        numeric(name(of), nodes[of].value, ("value", of), wrong_values(table, of, drawn.targets))
        for of in values
    ]
    questions += [
        numeric(_signal(of), table.gradients[of], ("gradient", "L", of), _wrong(drawn, of))
        for of in derivatives
    ]
    shown = [name(of) for of in values] + [_signal(of) for of in derivatives]
    return Problem(
        "neuron",
        Say("A neuron"),
        (
            Say("A neuron has the inputs, parameters and target {point}. It computes", point=drawn.point),
            drawn.listed(),
            Say("Compute its values, the error signal {signal}, and the gradients of its parameters.",
                signal=_signal("s")),
            CellTable((), tuple([(join(math, "="), Blank(i)) for i, math in enumerate(shown)])),
        ),
        tuple(questions),
        (CellTable((), tuple([(line,) for line in _worked_neuron(drawn, weights)])),),
        drawn.program,
        drawn.values,
    )  # fmt: skip


def _worked_neuron(drawn: Drawn, weights: list[str]) -> list[Math]:
    """Write the solution: each quantity with its formula and its number."""
    gradients, nodes = drawn.steps.gradients, nodes_of(drawn.steps)
    forward = [
        join(line, "=", number(nodes[of].value)) for line, of in zip(drawn.statements, "syL", strict=True)
    ]
    inner = next(c for c in contributions_of(drawn.steps) if c.source == "y")
    error = join(slope("L", "y"), "=", name("y"), "−", name("t"), "=", number(gradients["y"]))
    signal = join(DELTA["s"], "=", slope("L", "y"), "·", slope("y", "s"), "=", factor(gradients["y"]), "·",
                  factor(inner.local), "=", number(gradients["s"]))  # fmt: skip
    parameters = [_of_weight(drawn, w, DELTA["s"], gradients["s"], "x" + w[1:]) for w in weights]
    bias = join(slope("L", "b"), "=", DELTA["s"], "=", number(gradients["b"]))
    return [*forward, error, signal, *parameters, bias]


def _of_weight(drawn: Drawn, weight: str, signal: Math, g: float, factor_of: str) -> Math:
    """Write the gradient of a weight: the error signal times what the weight multiplies."""
    x = nodes_of(drawn.steps)[factor_of].value
    return join(slope("L", weight), "=", signal, "·", name(factor_of), "=", factor(g), "·", factor(x), "=",
                number(drawn.steps.gradients[weight]))  # fmt: skip


def _signal(of: str) -> Math:
    """Write a derivative of the loss, for a weighted sum also as its error signal δ."""
    return join(DELTA[of], "=", slope("L", of)) if of in DELTA else slope("L", of)


DELTA = {of: name(f"delta_{index}") for of, index in (("s", "s"), ("a1", "1"), ("a2", "2"), ("y", "y"))}
"""The error signals, by the sums that they belong to."""


def _has_signal(drawn: Drawn, sums: tuple[str, ...]) -> bool:
    """Tell whether some error arrives at every sum, and at every parameter."""
    gradients = drawn.steps.gradients
    inputs = [of for of in drawn.values if of[0] in "wvb"]
    return all(gradients[of] != 0 for of in (*sums, *inputs)) and abs(gradients["y"]) >= 0.2


def _wrong(drawn: Drawn, of: str) -> Iterator[Wrong]:
    table, values = drawn.steps, drawn.values
    gradients, nodes = table.gradients, nodes_of(table)
    yield Wrong(-gradients[of], TARGET_FIRST)
    if of.startswith("w"):
        others = [x for x in values if x.startswith("x") and x[1:] != of[-1:]]
        yield from [Wrong(gradients["s"] * values[other], OTHER_INPUT) for other in others]
        yield Wrong(gradients["s"] * values[of], WEIGHT_ITSELF)
        yield Wrong(gradients["y"] * values["x" + of[1:]], LEFT_OUT)
    else:
        yield Wrong(gradients["y"], LEFT_OUT)
        yield Wrong(gradients["y"] * nodes["y"].value, VALUE)
    yield from wrong_gradients(table, of)


UPDATED_FIRST = Say("That uses {weight} after the update; the gradients belong to the old weights.",
                    weight=name("v1"))  # fmt: skip
OTHER_PATH = Say("That is the path through the other hidden unit.")
UPHILL = Say("The step goes uphill: the gradient is subtracted.")
NO_RATE = Say("The learning rate is left out.")
ONLY_THE_STEP = Say("That is the step alone: subtract it from the old weight.")
GRADIENT = Say("That is the gradient, not the new weight.")


def network(random: Dice, level: int) -> Problem:
    """The error signals of a 2-2-1 network, and the update of two weights."""
    rates = (0.1, 0.5) if level > 1 else (0.5, 1.0)
    while True:
        drawn = draw(random, level, NETWORKS, lambda found: _has_signal(found, ("a1", "a2")), DATA)
        rate = random.choice(rates)
        new = [drawn.values[w] - rate * drawn.steps.gradients[w] for w in ("v1", "w11")]
        if level >= 3 or all(map(fits_a_pencil, new)):
            return _network(drawn, rate, dict(zip(("v1", "w11"), new, strict=True)))


def _network(drawn: Drawn, rate: float, new: dict[str, float]) -> Problem:
    table = drawn.steps
    y = nodes_of(table)["y"].value
    signals = ("y", "a1", "a2")
    shown = [name("y"), *[_signal(of) for of in signals], *[_update(weight) for weight in new]]
    questions = [
        numeric(shown[0], y, ("value", "y"), wrong_values(table, "y", drawn.targets)),
        *[
            numeric(_signal(of), table.gradients[of], ("gradient", "L", of), _wrong_signals(drawn, new, of))
            for of in signals
        ],
        *[
            numeric(_update(weight), updated, ("update", weight), _wrong_updates(drawn, rate, new, weight))
            for weight, updated in new.items()
        ],
    ]
    return Problem(
        "network",
        Say("A 2-2-1 network"),
        (
            Say("A network has the inputs, parameters and target {point}. It computes", point=drawn.point),
            drawn.listed(),
            Say(
                "Compute its output, the error signals {signals}, and one step of gradient descent with the "
                "learning rate {rate} for two of its weights.",
                signals=listed([DELTA[of] for of in signals]), rate=join("η", "=", number(rate)),
            ),
            CellTable((), tuple([(join(math, "="), Blank(i)) for i, math in enumerate(shown)])),
        ),
        tuple(questions),
        (CellTable((), tuple([(line,) for line in _worked_network(drawn, rate, new)])),),
        drawn.program,
        drawn.values,
        {"rate": rate},
    )  # fmt: skip


def _update(weight: str) -> Math:
    return join(name(weight), "←", name(weight), "−", "η", "·", slope("L", weight))


def _wrong_updates(drawn: Drawn, rate: float, new: dict[str, float], weight: str) -> Iterator[Wrong]:
    gradients, old = drawn.steps.gradients, drawn.values[weight]
    g = gradients[weight]
    if weight == "w11":
        after = gradients["a1"] / drawn.values["v1"] * new["v1"] * drawn.values["x1"]
        yield Wrong(old - rate * after, UPDATED_FIRST)
    yield Wrong(old + rate * g, UPHILL)
    yield Wrong(old - g, NO_RATE)
    yield Wrong(rate * g, ONLY_THE_STEP)
    yield Wrong(g, GRADIENT)


def _worked_network(drawn: Drawn, rate: float, new: dict[str, float]) -> list[Math]:
    """Write the solution: each quantity with its formula and its number."""
    gradients, nodes, values = drawn.steps.gradients, nodes_of(drawn.steps), drawn.values
    order = ("a1", "h1", "a2", "h2", "y", "L")
    lines = [
        join(line, "=", number(nodes[of].value)) for line, of in zip(drawn.statements, order, strict=True)
    ]
    lines.append(join(DELTA["y"], "=", name("y"), "−", name("t"), "=", number(gradients["y"])))
    for k in "12":
        local = next(c.local for c in contributions_of(drawn.steps) if c.target == f"a{k}")
        lines.append(
            join(DELTA[f"a{k}"], "=", DELTA["y"], "·", name(f"v{k}"), "·", slope(f"h{k}", f"a{k}"), "=",
                 factor(gradients["y"]), "·", factor(values[f"v{k}"]), "·", factor(local), "=",
                 number(gradients[f"a{k}"]))
        )  # fmt: skip
    lines.append(_of_weight(drawn, "v1", DELTA["y"], gradients["y"], "h1"))
    lines.append(_of_weight(drawn, "w11", DELTA["a1"], gradients["a1"], "x1"))
    for weight, updated in new.items():
        step = join(number(values[weight]), "−", number(rate), "·", factor(gradients[weight]))
        lines.append(join(_update(weight), "=", step, "=", number(updated)))
    return lines


def _wrong_signals(drawn: Drawn, new: dict[str, float], of: str) -> Iterator[Wrong]:
    gradients, values = drawn.steps.gradients, drawn.values
    yield Wrong(-gradients[of], TARGET_FIRST)
    if of != "y":
        own, other = ("v1", "v2") if of == "a1" else ("v2", "v1")
        yield Wrong(gradients[of] / values[own] * values[other], OTHER_PATH)
        if of == "a1":
            yield Wrong(gradients[of] / values["v1"] * new["v1"], UPDATED_FIRST)
        yield Wrong(gradients["y"] * values[own], LEFT_OUT)
        yield Wrong(gradients[of] / values[own], WITHOUT_WEIGHT)
    else:
        yield Wrong(2 * gradients[of], TWO)
    yield from wrong_gradients(drawn.steps, of)


WITHOUT_WEIGHT = Say("The weight on the way back is left out: the error is multiplied by it.")
TWO = Say("The factor ½ of the loss cancels the 2 of the square.")
