# %% [markdown]
# # 4 · Computation graphs and network diagrams
#
# After this notebook you can
#
# * draw a computation graph, and read values and gradients in it,
# * write a drawing to a file in several formats,
# * say by which conventions the two drawings of one model differ,
# * keep the picture of a model readable: one neuron, one example, one part of it.

# %%
from pathlib import Path

from exercises import Exercise

from autograd_core import Graph, Value, cos, formula, sigmoid, sin, steps
from nn import MLP, squared_loss
from viz import draw_dot, draw_network, render

# %% [markdown]
# ## A computation graph
#
# Rectangles with the function inside and the variable's name outside; arrows without labels, from parents to
# children. Constants are nodes too, dashed, and without gradient. Before `backward()` the gradients are "–".

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
# ## Into a file
#
# `render` takes the format from the file's name. It uses Graphviz where it is installed, and `graphviz-pure`,
# which came with this package, elsewhere. The command line does the same:
#
#     autograd-core draw "cos(sin(x**2) + 3*x**2)" x=2 -o graph.svg

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    for name in ("graph.svg", "graph.png", "graph.dot"):
        path = render(J, Path(folder, name))
        print(path.name, path.stat().st_size > 500)

# %% [markdown]
# A drawing is a `graphviz.Digraph`, so its source is at hand, for a paper or for other tools. Mermaid text, for a
# wiki or a README, is `graph.to_mermaid()`.

# %%
print(draw_dot(x * x).source[:180], "…")

# %% [markdown]
# ## Formulas
#
# A formula is a printed graph: of a value, of a gradient, as text, LaTeX or MathML. Named nodes are taken by their
# names when they stand inside another one.

# %%
print(formula(J))
print(formula(graph.gradient("x").outputs[0], "latex"))

# %%
from IPython.display import Markdown

Markdown(steps(J).to_markdown())

# %% [markdown]
# ## A model
#
# `label()` names every parameter. One example through a 2-2-1 network, with its loss:

# %%
model = MLP(2, [2, 1], activation="sigmoid", rng=0).label()
loss = squared_loss(model([Value(1.0, "x1"), Value(-1.0, "x2")]), 0.5)
loss.backward()
draw_dot(loss)

# %% [markdown]
# The **neural network diagram** of the same model has circles, one a unit; weights on the edges; no
# intercepts, and no loss.

# %%
draw_network(model)

# %% [markdown]
# Layers too large to draw are folded:

# %%
draw_network(MLP(20, [16, 16, 10], rng=0))

# %% [markdown]
# ## Large graphs
#
# A 2-16-16-1 network on one example has some hundred nodes: nobody reads that. Draw a part. A single neuron of it,
# fed with fresh leaves, is a small graph of its own:

# %%
large = MLP(2, [16, 16, 1], rng=0).label()
whole = Graph(large([1.0, -1.0]))
print(len(whole), "nodes")

neuron = large.layers[0].neurons[3]
output = neuron([Value(1.0, "x1"), Value(-1.0, "x2")])
output.backward()
draw_dot(output)

# %% [markdown]
# Or prune: only what lies between one weight and the output. That is a small part of the whole.

# %%
weight = neuron.w[0]
some = Graph(large([1.0, -1.0]))
between = some.prune(some.outputs, weight)
len(between), between.depth

# %% [markdown]
# ## Exercises
#
# **1.** How many arrows has the drawing of x·x + x? Count before you draw.

# %%
exercise_1 = Exercise(len(Graph(x * x + x).edges))
exercise_1(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_1(4)

# %% [markdown]
# **2.** Build a graph whose drawing has exactly three boxes and one of them dashed. Hand in the root.

# %%
exercise_2 = Exercise(lambda root: (len(Graph(root)), len(Graph(root).constants)) == (3, 1))
exercise_2(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_2(Value(1.0, "a") + 2)

# %% [markdown]
# **3.** Which formula, as text, has the local derivative of σ(s) by s? Ask the library with `derivative_formula`.

# %%
from autograd_core import derivative_formula

exercise_3 = Exercise(derivative_formula(sigmoid(Value(0.0, "s")), 0))
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3("sigmoid(s)·sigmoid(−s)")
