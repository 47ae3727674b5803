# Nodes are visited in reverse order, so that a node sends its gradient on only when all of it has come.
# What does another order get wrong?
from autograd_core import Value, steps

x = Value(3.0, "x")
a = x + x
b = a * a
y = a * b


def sweep(order):
    gradient = dict.fromkeys(order, 0.0)
    gradient[y] = 1.0
    for node in order:
        for parent, partial in zip(node.parents, node.partials):
            gradient[parent] += gradient[node] * partial
    return gradient[x]


print("y, b, a, x:", sweep([y, b, a, x]))
print("y, a, b, x:", sweep([y, a, b, x]), "(a sends before the part from b has come)")

y.backward()
print("the engine:", x.grad)
steps(y)
