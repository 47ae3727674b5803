# Nodes are visited in reverse order, so a node passes on its gradient only when it is complete.
# What goes wrong in another order?
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
print("y, a, b, x:", sweep([y, a, b, x]), "(a passes on its gradient before b has contributed)")

y.backward()
print("the engine:", x.grad)
steps(y)
