# Gradient descent on (w - 3)**2 should settle at 3, but it does not. Which line is missing?
from autograd_core import Value

w = Value(0.0, "w")
path = []
for step in range(60):
    loss = (w - 3) ** 2
    loss.backward()
    w.data -= 0.05 * w.grad
    path.append(loss.data)
    plot(path)

print(f"w = {w.data:.3f}, should be 3.000")
