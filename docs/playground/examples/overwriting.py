# This backward pass has a bug. x.grad should be 2*x + 3 = 7. Which line is wrong?
from autograd_core import Value

x = Value(2.0, "x")
y = x * x + 3 * x


def nodes(output):
    found = []

    def visit(node):
        if node not in found:
            for parent in node.parents:
                visit(parent)
            found.append(node)

    visit(output)
    return found


def backward(output):
    gradient = {output: 1.0}
    for node in reversed(nodes(output)):
        for parent, partial in zip(node.parents, node.partials):
            gradient[parent] = gradient.get(node, 0.0) * partial
    return gradient


print("this program:", backward(y)[x])
y.backward()
print("right:       ", x.grad)
