# %% [markdown]
# # 4 · Computation graphs and network diagrams
#
# After this notebook you can
#
# * draw a computation graph, and read values and gradients from it,
# * write a drawing to a file in several formats,
# * explain how the two kinds of drawing of a model differ,
# * put frames around the parts of a program, and keep the drawing of a large graph readable by folding it.

# %%
from pathlib import Path

from autograd_core import Graph, Value, cos, formula, name_scope, sigmoid, sin, steps
from autograd_core.exercises import Exercise
from nn import MLP, squared_loss
from viz import draw_dot, draw_network, render

# %% [markdown]
# ## A computation graph
#
# Rectangles have the function inside and the variable's name outside; arrows have no labels and go from parents to
# children. Constants are nodes, too: dashed, and without a gradient. Before `backward()` the gradients are "–".

# %%
x = Value(2.0, "x")
t = x**2
u1, u2 = sin(t), 3 * t
u = u1 + u2
J = cos(u)
graph = Graph(J).name(t=t, u1=u1, u2=u2, u=u, J=J)
draw_dot(J)

# %%
J.backward()
draw_dot(J, rankdir="TB")

# %% [markdown]
# ## Write it to a file
#
# `render` takes the format from the file's name. It uses Graphviz if it is installed, and otherwise `graphviz-pure`,
# which comes with this package. The command line does the same:
#
#     autograd-core draw "cos(sin(x**2) + 3*x**2)" x=2 -o graph.svg

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    for name in ("graph.svg", "graph.png", "graph.dot"):
        path = render(J, Path(folder, name))
        print(path.name, path.stat().st_size > 500)

# %% [markdown]
# A drawing is a `graphviz.Digraph`, so its source is available, for a paper or for other tools. For a
# wiki or a README, `graph.to_mermaid()` gives Mermaid text.

# %%
print(draw_dot(x * x).source[:180], "…")

# %% [markdown]
# ## Formulas
#
# A formula is a printed graph, of a value or of a gradient, as text, LaTeX or MathML. Inside a formula, named nodes
# appear as their names.

# %%
print(formula(J))
print(formula(graph.gradient("x").outputs[0], "latex"))

# %%
from IPython.display import Markdown

Markdown(steps(J).to_markdown())

# %% [markdown]
# ## A path
#
# The nodes in `highlight` are drawn bold: here those of one path from x to J. `show` puts the local derivatives on
# the edges, dashed where negative; their product along the path is the path's contribution to the gradient.

# %%
path = next(iter(graph.paths("x")))
print(path.product)
draw_dot(J, show=("data", "partials"), highlight=path.nodes)

# %% [markdown]
# ## A model
#
# Each call of a module has a frame around its nodes, and weights are labeled. This is one example through a 2-2-1
# network, with its loss; the tint behind a gradient shows its sign and size:

# %%
model = MLP(2, [2, 1], activation="sigmoid", rng=0)
loss = squared_loss(model([1.0, -1.0]), 0.5)
loss.backward()
draw_dot(loss)

# %% [markdown]
# `name_scope` puts a frame around a part of your own program:

# %%
a, b = Value(0.5, "a"), Value(2.0, "b")
with name_scope("squares"):
    square_a, square_b = a**2, b**2
with name_scope("norm"):
    norm = (square_a + square_b) ** 0.5
norm.backward()
draw_dot(norm)

# %% [markdown]
# The **neural network diagram** of a model has a circle for each unit and the weights on the edges, but no intercepts and no
# loss.

# %%
draw_network(model)

# %% [markdown]
# Layers too large to draw are folded:

# %%
draw_network(MLP(20, [16, 10], rng=0))

# %% [markdown]
# ## Large graphs
#
# A 2-16-16-1 network on one example has hundreds of nodes, too many to read. So a graph of more than 150 nodes is
# folded: each neuron, layer or model becomes one box that says what it holds and gives the range of its values
# and gradients.

# %%
large = MLP(2, [16, 16, 1], rng=0)
one = squared_loss(large([1.0, -1.0]), 0.5)
one.backward()
print(len(Graph(one)), "nodes")
draw_dot(one)

# %% [markdown]
# A hundred examples through the same network are as easy to read: all calls of a module share one box.

# %%
hundred = sum([squared_loss(large([1.0, -k / 100]), 0.5) for k in range(100)]) / 100
large.zero_grad()
hundred.backward()
print(len(Graph(hundred)), "nodes")
draw_dot(hundred)

# %% [markdown]
# `fold` is the number of nested scopes that are drawn open. With 0 the model is one
# box, with 1 each layer, with 2 each neuron; `fold=False` draws every node.

# %%
small = squared_loss(MLP(2, [4, 4, 1], rng=0)([1.0, -1.0]), 0.5)
small.backward()
draw_dot(small, fold=2)

# %% [markdown]
# Without modules and scopes, a node that is used once joins its consumer, and groups with the same formula share a box. So
# a network written by hand, in sums and products, still shows its layers:

# %%
weights = [[Value(0.1 * (i - 2 * j), f"w{j}{i}") for i in range(8)] for j in range(8)]
h = [Value(0.5 * i, f"x{i}") for i in range(8)]
for _ in range(3):
    h = [sum(w * a for w, a in zip(row, h, strict=True)).tanh() for row in weights]
draw_dot(sum(h))

# %% [markdown]
# Or draw a part. A single neuron, called with new leaves, is a small graph of its own; pruning keeps only the nodes
# between one weight and the output.

# %%
neuron = large.layers[0].neurons[3]
output = neuron([Value(1.0, "x1"), Value(-1.0, "x2")])
output.backward()
draw_dot(output)

# %%
some = Graph(large([1.0, -1.0]))
between = some.prune(some.outputs, neuron.w[0])
len(some), len(between), between.depth

# %% [markdown]
# ## Exercises
#
# **1.** How many arrows does the drawing of x·x + x have? Count before you draw.

# %%
exercise_1 = Exercise("04.1:5deaa176a24b")
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(4)

# %% [markdown]
# **2.** Build a graph whose drawing has exactly three boxes, one of them dashed. Give its root.

# %%
exercise_2 = Exercise(lambda root: (len(Graph(root)), len(Graph(root).constants)) == (3, 1))
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(Value(1.0, "a") + 2)

# %% [markdown]
# **3.** What is the formula of the local derivative of σ(s) with respect to s? Write it as text, in any form: "2*s",
# "2s" and "s + s" are the same. Or use `derivative_formula`.

# %%
from autograd_core import derivative, derivative_formula, parse
from autograd_core.formulas import repaired


def is_the_slope(text):
    points = (-2.0, 0.5, 3.0)
    return all(abs(parse(repaired(text) or text, {"s": s}).data - derivative(sigmoid)(s)) < 1e-9 for s in points)


exercise_3 = Exercise(is_the_slope)
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(derivative_formula(sigmoid(Value(0.0, "s")), 0))
