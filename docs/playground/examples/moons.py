# Train a 2-16-16-1 network on two moons: plain Python, one Value per number.
import math
import random

from autograd_core import Value, relu

rng = random.Random(1)


def moon(i):
    angle, upper = math.pi * rng.random(), i % 2 == 0
    x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
    return [x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)], 1.0 if upper else -1.0


def layer(inputs, outputs):
    bound = math.sqrt(6 / inputs)
    return [[Value(rng.uniform(-bound, bound)) for _ in range(inputs)] + [Value(0.0)] for _ in range(outputs)]


def forward(layers, x):
    for weights in layers:
        sums = [sum((w * a for w, a in zip(row, x)), row[-1]) for row in weights]
        x = sums if weights is layers[-1] else [relu(s) for s in sums]
    return x[0]


points = [moon(i) for i in range(100)]
layers = [layer(2, 16), layer(16, 16), layer(16, 1)]
parameters = [w for weights in layers for row in weights for w in row]

losses = []
for step in range(60):
    batch = rng.sample(points, 8)
    loss = sum(relu(1 - t * forward(layers, x)) for x, t in batch) / len(batch)
    for w in parameters:
        w.grad = 0.0
    loss.backward()
    for w in parameters:
        w.data -= 0.1 * w.grad
    losses.append(loss.data)
    plot(losses)

right = sum((forward(layers, x).data > 0) == (t > 0) for x, t in points)
print(f"{len(parameters)} weights, {right} of {len(points)} points right")
