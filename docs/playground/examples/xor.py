# Learn XOR with a 2-3-1 network.
import random

from autograd_core import Value, sigmoid, tanh
from viz import draw_dot

rng = random.Random(4)
weight = lambda name: Value(rng.uniform(-1, 1), name)

hidden = [[weight(f"w{i}{j}") for j in (1, 2)] + [weight(f"b{i}")] for i in (1, 2, 3)]
out = [weight(f"v{i}") for i in (1, 2, 3)] + [weight("c")]
parameters = [w for row in [*hidden, out] for w in row]
table = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]


def network(x1, x2):
    h = [tanh(w1 * x1 + w2 * x2 + b) for w1, w2, b in hidden]
    return sigmoid(sum((v * a for v, a in zip(out, h)), out[-1]))


losses = []
for step in range(300):
    loss = sum((network(x1, x2) - t) ** 2 for x1, x2, t in table)
    for w in parameters:
        w.grad = 0.0
    loss.backward()
    for w in parameters:
        w.data -= 0.5 * w.grad
    losses.append(loss.data)
    plot(losses)

for x1, x2, t in table:
    print(f"{x1} xor {x2} = {network(x1, x2).data:.3f}, should be {t}")

draw_dot(network(Value(1.0, "x1"), Value(0.0, "x2")))
