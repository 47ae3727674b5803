# %% [markdown]
# # 8 · Add your own operation
#
# After this notebook you can
#
# * add an operation with one declaration: a function and its local derivatives,
# * use it everywhere: eagerly, in higher derivatives, in steps and formulas, compiled,
# * check it, and read the report on a wrong rule,
# * write a good local derivative.

# %%
import math

# %% [markdown]
# ## One declaration
#
# sin_over_x(x) = sin(x)/x. The function works on floats; its derivative cos(x)/x − sin(x)/x² is written with the functions of
# **autograd_core**, so the same line runs on floats, on `Value`s and on arrays. The last argument, y, is
# the value that the function has computed: cos(x)/x − y/x.
# %%
from autograd_core import (
    CheckError,
    Value,
    compile,
    cos,
    derivative,
    exp,
    formula,
    gradcheck,
    primitive,
    sin,
    steps,
)
from autograd_core.exercises import Exercise


@primitive(partials=[lambda x, y: (cos(x) - y) / x], domain="real numbers but 0")
def sin_over_x(x):
    return math.sin(x) / x


# %% [markdown]
# It is now a row of the table, and a function and a method like any other:

# %%
x = Value(2.0, "x")
J = exp(sin_over_x(x)) * x
J.backward()
sin_over_x(2.0), x.sin_over_x().data, x.grad

# %%
print(steps(J))

# %%
formula(J)

# %% [markdown]
# Second and third derivatives come from the same line, because it consists of operations that can themselves be
# differentiated:

# %%
derivative(sin_over_x, 2)(2.0), derivative(sin_over_x, 3)(2.0)

# %% [markdown]
# And it compiles:

# %%
program = compile(lambda x: exp(sin_over_x(x)) * x)
program.value_and_grad(2.0), (J.data, x.grad)

# %% [markdown]
# ## Is it correct?

# %%
print(gradcheck(sin_over_x, 2.0))

# %% [markdown]
# Here is one with a wrong sign. The report names the operation and the path to it, even deep inside
# a formula.


# %%
@primitive(partials=[lambda x, y: (cos(x) + y) / x])
def sine_with_a_wrong_sign(x):
    return math.sin(x) / x


try:
    gradcheck(lambda x: exp(sin(x)) * sine_with_a_wrong_sign(x), 2.0)
except CheckError as report:
    print(report)

# %% [markdown]
# ## Two arguments
#
# One local derivative for each argument. A smooth ReLU, with the sharpness k as its second argument:


# %%
@primitive(partials=[
    lambda x, k, y: (k * x).sigmoid() if isinstance(x, Value) else 1 / (1 + exp(-k * x)),
    lambda x, k, y: 0.0 * x,
])  # fmt: skip
def draft(x, k):
    return math.log1p(math.exp(k * x)) / k


gradcheck(draft, (0.3, 2.0), raise_exception=False).ok

# %% [markdown]
# This draft is wrong: the derivative with respect to k is not 0. And `sigmoid(k·x)`, a function of the table, runs on anything,
# so the case distinction is unnecessary. Better:

# %%
from autograd_core import sigmoid


@primitive(partials=[
    lambda x, k, y: sigmoid(k * x),
    lambda x, k, y: (x * sigmoid(k * x) - y) / k,
])  # fmt: skip
def smooth_relu(x, k):
    return math.log1p(math.exp(k * x)) / k


print(gradcheck(smooth_relu, (0.3, 2.0)))

# %% [markdown]
# ## Where the function is undefined
#
# If the function raises `ValueError` or `ZeroDivisionError`, its value is undefined: the caller gets a `DomainError` that names
# the argument and quotes your `domain`.

# %%
from autograd_core import DomainError

try:
    sin_over_x(Value(0.0, "x"))
except DomainError as refusal:
    print(refusal)

# %% [markdown]
# ## Exercises
#
# **1.** Declare `cube` with one local derivative, and give the operation.

# %%
exercise_1 = Exercise(lambda op: op(Value(3.0)).data == 27 and bool(gradcheck(op, 3.0)))
exercise_1(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
@primitive(partials=[lambda x, y: 3 * x**2])
def cube(x):
    return x * x * x


exercise_1(cube)

# %% [markdown]
# **2.** Declare `gauss(x, mu)` = exp(−(x − μ)²) so that its *second* derivatives are correct, too.

# %%
from autograd_core import gradgradcheck

exercise_2 = Exercise(lambda op: bool(gradcheck(op, (0.3, 1.0))) and bool(gradgradcheck(op, (0.3, 1.0))))
exercise_2(...)


# %% jupyter={"source_hidden": true} tags=["solution"]
@primitive(partials=[lambda x, mu, y: -2 * (x - mu) * y, lambda x, mu, y: 2 * (x - mu) * y])
def gauss(x, mu):
    return math.exp(-((x - mu) ** 2))


exercise_2(gauss)

# %% [markdown]
# **3.** σ′ can be written as y(1 − y) or as σ(x)σ(−x). At x = 40 only one of them is correct. What does the other one give?

# %%
exercise_3 = Exercise("08.3:1da3874396aa")
exercise_3(...)

# %% jupyter={"source_hidden": true} tags=["solution"]
exercise_3(sigmoid(40.0) * (1 - sigmoid(40.0)))
