# A node may send its gradient on only when all of it has arrived. What if it does not wait?
from autograd_core import Value, steps

x = Value(3.0, "x")
a = x + x
b = a + a
y = b * a
y.backward()
print("right:", x.grad)


def send_at_once(node, gradient, total):
    """Walk every path as it comes, without an order: right, but it visits a node once for each path."""
    total[node] = total.get(node, 0.0) + gradient
    visits[0] += 1
    for parent, partial in zip(node.parents, node.partials):
        send_at_once(parent, gradient * partial, total)


visits = [0]
total = {}
send_at_once(y, 1.0, total)
print("by paths:", total[x], "after", visits[0], "visits of 4 nodes")

# In the order of the steps, each node is visited once. (Which step would be wrong if b came after a?)
steps(y)
