// The examples: functions of lectures, small networks, and bugs to find. Code is in files, which the tests run.

import moons from "../examples/moons.py";
import order from "../examples/order.py";
import overwriting from "../examples/overwriting.py";
import stale from "../examples/stale.py";
import xor from "../examples/xor.py";
import { inWords } from "./words.js";

const function_ = (group, title, about, text, inputs = {}) => ({ group, title, about, tab: "expression", text, inputs: Object.entries(inputs).map(([name, x]) => [name, String(x)]) });
const code = (group, title, about, text) => ({ group, title, about, tab: "code", code: text });

const LECTURES = inWords("Functions of the lectures"), NETWORKS = inWords("Neurons and networks"), CODE = inWords("A few lines of Python"), BUGS = inWords("Find the bug");
const NETWORK = `h1 = tanh(w11*x1 + w12*x2 + b1)
h2 = tanh(w21*x1 + w22*x2 + b2)
h3 = tanh(w31*x1 + w32*x2 + b3)
y = tanh(v1*h1 + v2*h2 + v3*h3 + c)`;
const WEIGHTS = { x1: 1, x2: -2, w11: 0.9, w12: -0.3, b1: 0.4, w21: 0.2, w22: 0.8, b2: -0.5, w31: 0.1, w32: -0.7, b3: 0.6, v1: 0.25, v2: 0.35, v3: -0.15, c: 0.05 };
const XOR = `h1 = relu(x1 + x2)
h2 = relu(x1 + x2 - 1)
y = h1 - 2*h2`;

export const examples = [
  function_(LECTURES, "cos(sin(x²) + 3x²)", inWords("The function that CMU steps through: two paths meet at x²."), "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)", { x: 2 }),
  function_(LECTURES, inWords("A quiz"), inWords("xz is used three times: its gradient is a sum of three."), "exp(x*z) + x*z/log(x) + sin(log(x))/(x*z)", { x: 2, z: 3 }),
  function_(LECTURES, inWords("Squared error of a neuron"), inWords("Error signals from the loss back to w and b."), "s = w*x + b; y = sigmoid(s); L = 0.5*(y - t)**2", { w: 0.5, x: 2, b: -1, t: 1 }),
  function_(LECTURES, inWords("Why the order matters"), inWords("Each sum must be complete before it is sent on."), "a = x + x; b = a + a; y = b*a", { x: 3 }),
  function_(NETWORKS, inWords("Logistic neuron with loss"), inWords("Cross-entropy of one example."), "z = w1*x1 + w2*x2 + b; p = sigmoid(z); L = -(t*log(p) + (1 - t)*log(1 - p))", { w1: 0.5, x1: 2, w2: -0.4, x2: 1, b: 0.1, t: 1 }),
  function_(NETWORKS, inWords("A 2-3-1 network"), inWords("Thirteen weights, tanh, one output."), NETWORK, WEIGHTS),
  function_(NETWORKS, inWords("XOR by hand"), inWords("Two rectifiers do what one neuron cannot."), XOR, { x1: 1, x2: 0 }),
  code(CODE, inWords("Train 2-16-16-1 on moons"), inWords("A handwritten loop; the loss is drawn as it falls."), moons),
  code(CODE, inWords("Learn XOR"), inWords("2-3-1 and gradient descent, all by hand."), xor),
  code(CODE, inWords("Reverse order, or wrong order"), inWords("What goes wrong in another order."), order),
  code(BUGS, inWords("Overwriting"), inWords("A gradient that forgets one of its paths."), overwriting),
  code(BUGS, inWords("A stale gradient"), inWords("The loss falls, then goes astray."), stale),
];

export const example = (each) => (each.tab === "code" ? { tab: "code", code: each.code } : { tab: "expression", text: each.text, inputs: each.inputs, stepper: "" });
