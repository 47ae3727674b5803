"""Mutants of `nn`: losses, optimizers, schedules, modules, data, files."""
# ruff: noqa: E501

from __future__ import annotations

from .mutant import Mutant, mutants

RECORDED = "tests/nn/test_recorded.py"
OPTIMIZERS = "tests/nn/test_recorded.py tests/nn/test_optimizers.py"
TRAININGS = "tests/nn/test_optimizers.py tests/nn/test_trainings.py --doctest-modules nn/optim/schedules.py"

MODELS = [
    *mutants(
        "nn/losses/functions.py",
        RECORDED,
        (
            "return reduced([0.5 * square(y - t)",
            "return reduced([square(y - t)",
            "tests/nn/test_training.py tests/nn/test_recorded.py tests/nn/test_modules.py --doctest-modules nn/losses/functions.py",
        ),
        (
            'return reduced([square(y - t) for y, t in pairs(prediction, target, "mse_loss")]',
            'return reduced([abs(y - t) for y, t in pairs(prediction, target, "mse_loss")]',
        ),
        ("[huber(y - t, delta) for", "[huber(y - t, 1.0) for"),
        ("* _log(y) + (1.0 - t) * _log(1.0 - y)))", "* _log(y) + (1.0 - t) * _log(y)))"),
        (
            "weighted(fraction(t, who), softplus(-z))",
            "weighted(fraction(t, who), softplus(z))",
        ),
        (
            "loss = (1.0 - smoothing) * loss - smoothing * even",
            "loss = loss - smoothing * even",
        ),
        (
            "loss, factor = (-p[i], 1.0) if ws is None",
            "loss, factor = (p[i], 1.0) if ws is None",
        ),
        ("terms.append(relu(margin - t * y))", "terms.append(relu(margin + t * y))"),
        ("terms.append(sum(excess) / float(len(z)))", "terms.append(sum(excess) / float(len(excess)))"),
        ('return mean(terms) if reduction == "mean" else sum(terms)', "return sum(terms)"),
        ("if j == k else z[j] - z[k]", "if j == k else z[k] - z[j]"),
        (
            "return log(maximum(y, SMALLEST)) + (minimum(y, SMALLEST) - SMALLEST) / SMALLEST",
            "return log(maximum(y, SMALLEST))",
            "tests/nn/test_recorded.py tests/nn/test_outputs.py tests/nn/test_bad_input.py tests/nn/test_modules.py tests/test_conventions.py",
        ),
        (
            "if not 0.0 <= y.data <= 1.0:",
            "if not 0.0 <= y.data <= 2.0:",
            "tests/nn/test_bad_input.py tests/nn/test_outputs.py",
        ),
        (
            "if label not in (-1.0, 1.0):",
            "if label not in (-1.0, 0.0, 1.0):",
            "tests/nn/test_bad_input.py tests/nn/test_outputs.py",
        ),
    ),
    *mutants(
        "nn/optim/adaptive.py",
        OPTIMIZERS,
        ('state["sum"] = s = s + g * g', 'state["sum"] = s = s + g'),
        (
            'lr = self.lr / (1.0 + (state["step"] - 1) * self.lr_decay)',
            'lr = self.lr / (1.0 + state["step"] * self.lr_decay)',
        ),
        ("+ (1.0 - self.alpha) * g * g", "+ self.alpha * g * g"),
        ("s = np.maximum(s - m * m, 0.0)", "s = np.maximum(s + m * m, 0.0)"),
        (
            'move = self.momentum * state.get("velocity", 0.0) + move',
            'move = self.momentum * (state.get("velocity", 0.0) + move)',
        ),
        ('m_hat = m / (1.0 - beta1 ** state["step"])', 'm_hat = m / (1.0 - beta2 ** state["step"])'),
        ('math.sqrt(1.0 - beta2 ** state["step"])', 'math.sqrt(1.0 - beta1 ** state["step"])'),
        ('v = np.maximum(v, state.get("largest", 0.0))', 'v = np.minimum(v, state.get("largest", 0.0))'),
        (
            "return self._adapted(w * (1.0 - self.lr * self.weight_decay), g, state)",
            "return self._adapted(w * (1.0 - self.weight_decay), g, state)",
        ),
        ("weight_decay: float = 1e-2,", "weight_decay: float = 0.0,"),
        (
            "betas: tuple[float, float] = (0.9, 0.999),\n        eps: float = 1e-8,\n        weight_decay: float = 0.0,\n        amsgrad",
            "betas: tuple[float, float] = (0.9, 0.99),\n        eps: float = 1e-8,\n        weight_decay: float = 0.0,\n        amsgrad",
        ),
        (
            'state["moved"] = self.rho * d + (1.0 - self.rho) * move * move',
            'state["moved"] = self.rho * d + (1.0 - self.rho) * g * g',
            TRAININGS,
        ),
        (
            'state["before"] = g = np.where(turn < 0.0, 0.0, g)',
            'state["before"] = g',
            TRAININGS,
        ),
        ("np.clip(eta * factor, *self.step_sizes)", "eta * factor", TRAININGS),
        (
            'np.maximum(beta2 * state.get("largest", 0.0), np.abs(g) + self.eps)',
            "np.abs(g) + self.eps",
            TRAININGS,
        ),
        ("ahead = self._momentum(t + 1)", "ahead = self._momentum(t)", TRAININGS),
        ("0.5 * 0.96 ** (t * self.momentum_decay)", "0.5 * 0.96 ** t", TRAININGS),
        ("if count <= 5.0:", "if count <= 0.0:", TRAININGS),
        (
            "count = most - 2.0 * t * beta2**t / (1.0 - beta2**t)",
            "count = most - 2.0 * t * beta2**t",
            TRAININGS,
        ),
    ),
    *mutants(
        "nn/optim/optimizer.py",
        OPTIMIZERS + " tests/nn/test_training.py",
        (
            "return g + self.weight_decay * w if self.weight_decay else g",
            "return g - self.weight_decay * w if self.weight_decay else g",
        ),
        (
            "live = [weights.reached & weights.mask for weights in self.weights]",
            "live = [weights.mask for weights in self.weights]",
        ),
        ("live = [weights.reached & weights.mask", "live = [weights.reached"),
        (
            "for weights in self.weights:\n            weights.zero_grad()",
            "for weights in self.weights[1:]:\n            weights.zero_grad()",
        ),
        ('state = {**state, "step": taken + 1}', 'state = {**state, "step": taken}'),
        ("isinstance(kind, str) and kind == type(self).__name__", "isinstance(kind, str)"),
    ),
    *mutants(
        "nn/optim/gradient_descent.py",
        "tests/nn/test_bad_input.py tests/nn/test_optimizers.py",
        (
            "if self.nesterov and (self.momentum == 0.0 or self.dampening != 0.0):",
            "if self.nesterov and self.momentum == 0.0:",
        ),
    ),
    *mutants(
        "nn/optim/schedules.py",
        "tests/nn/test_recorded.py tests/nn/test_optimizers.py",
        ("self.gamma ** (epoch // self.step_size)", "self.gamma ** (epoch % self.step_size)"),
        ("return self.first * self.gamma**epoch", "return self.lr * self.gamma**epoch"),
        (
            'self.gamma = rate(gamma, "StepLR", "gamma", closed=False)',
            'self.gamma = rate(gamma, "StepLR", "gamma")',
        ),
        ('sign = 1.0 if self.mode == "min" else -1.0', "sign = 1.0"),
        ("(1.0 - math.copysign(self.threshold, sign * self.best))", "1.0"),
        ("if metric is None:", "if False:"),
        ("while epoch >= length:", "while epoch > length:", TRAININGS),
        ("self.gamma ** sum(epoch >= milestone for", "self.gamma ** sum(epoch > milestone for", TRAININGS),
        ("(self.end_factor - self.start_factor) * part", "self.end_factor * part", TRAININGS),
        ("if self.waited > self.patience:", "if self.waited >= self.patience:"),
        (
            "lower = max(each.lr * self.factor, self.min_lr)",
            "lower = each.lr * self.factor",
        ),
        ("self.resting, self.waited = self.cooldown, 0", "self.resting, self.waited = 0, 0"),
    ),
    *mutants(
        "nn/optim/clipping.py",
        "tests/nn/test_optimizers.py tests/nn/test_training.py tests/nn/test_recorded.py",
        ("if factor < 1.0:", "if factor < 2.0:"),
        ("return norm[0] * norm[1]", "return norm[0]"),
        ("np.clip(each.gradient, -limit, limit)", "np.clip(each.gradient, 0.0, limit)"),
    ),
    *mutants(
        "nn/losses/regularizers.py",
        "tests/nn/test_optimizers.py tests/nn/test_training.py tests/nn/test_recorded.py tests/nn/test_modules.py",
        ('if name.rpartition(".")[2] != "weight" or not weights.trainable:', "if not weights.trainable:"),
        ("rows * (limit / norms)", "rows * limit"),
        (
            "weights.assign(np.where(weights.mask, shorter.reshape(weights.shape), weights.array))",
            "weights.assign(shorter.reshape(weights.shape))",
        ),
        ("weights.shape[0] if len(weights.shape) > 1 else 1, -1", "weights.shape[0], -1"),
    ),
    *mutants(
        "nn/modules/init.py",
        "tests/nn/test_modules.py tests/nn/test_recorded.py",
        (
            '_scaled(gain, 6.0, sum(fans(_shape_of(weights, "xavier_uniform_"))), "xavier_uniform_")',
            '_scaled(gain, 3.0, sum(fans(_shape_of(weights, "xavier_uniform_"))), "xavier_uniform_")',
        ),
        (
            '_scaled(gain, 3.0, fans(_shape_of(weights, "kaiming_uniform_"))[0], "kaiming_uniform_")',
            '_scaled(gain, 3.0, fans(_shape_of(weights, "kaiming_uniform_"))[1], "kaiming_uniform_")',
        ),
        ("return shape[1] * field, shape[0] * field", "return shape[0] * field, shape[1] * field"),
    ),
    *mutants(
        "nn/modules/normalization.py",
        "tests/nn/test_batch_norm.py tests/nn/test_recorded.py tests/nn/test_torch.py",
        ("gamma * v for gamma", "gamma + v for gamma"),
        ("sigma = sqrt(variance + eps)", "sigma = sqrt(variance) + eps"),
        ("centered = [v - mu for v in z]", "centered = [v for v in z]"),
        ("* (count / (count - 1))", "* 1.0"),
        ("1.0 / tracked if self.momentum", "0.1 if self.momentum"),
    ),
    *mutants(
        "nn/modules/images.py",
        "tests/nn/test_convolutions.py tests/nn/test_recorded.py tests/nn/test_torch.py",
        ("(columns // 2, columns - columns // 2)", "(columns - columns // 2, columns // 2)"),
        ("for i in range(0, n - needed + 1, step)", "for i in range(0, n - needed + 1)"),
        ("range(i, i + needed, d)", "range(i, i + needed)"),
        ("for row in seen[k // each]", "for row in seen[k % self.groups]"),
        ("self.stride = self.kernel_size if stride is None", "self.stride = 1 if stride is None"),
    ),
    *mutants(
        "nn/train/metrics.py",
        "tests/nn/test_metrics.py",
        (
            "return float(np.mean(np.square(p - t)))",
            "return float(np.sum(np.square(p - t)))",
        ),
        ("return float(np.mean(np.abs(p - t)))", "return float(np.mean(p - t))"),
        ("np.square(t - t.mean(axis=0))", "np.square(p - p.mean(axis=0))"),
        (
            "np.add.at(matrix, (right.astype(int), taken.astype(int)), 1)",
            "np.add.at(matrix, (taken.astype(int), right.astype(int)), 1)",
        ),
        ("(0.5 if threshold is None else", "(0.0 if threshold is None else"),
        ("return y_pred.argmax(axis=1)", "return y_pred.argmin(axis=1)"),
    ),
    *mutants(
        "nn/data.py",
        "tests/nn/test_data.py",
        ('"xor": (0, 1, 1, 0)', '"xor": (0, 1, 1, 1)'),
        ('"nor": (1, 0, 0, 0)', '"nor": (0, 1, 1, 1)'),
        ("return np.eye(n), np.eye(n)", "return np.eye(n), np.ones((n, n))"),
        (
            "radius = np.repeat([1.0, factor], [outer, n - outer])",
            "radius = np.repeat([1.0, 1.0], [outer, n - outer])",
        ),
    ),
    *mutants(
        "nn/train/callbacks.py",
        "tests/nn/test_training.py",
        ("better = x < self.best - self.min_delta if", "better = x <= self.best + self.min_delta if"),
        ('return math.inf if self.mode == "min" else -math.inf', "return math.inf"),
        ('self.mode = "max" if monitor.endswith(("accuracy", "r2")) else "min"', 'self.mode = "min"'),
    ),
    *mutants(
        "nn/optim/gradient_descent.py",
        "tests/nn/test_training.py",
        ("if self.norm() <= self.gradient_tolerance:", "if self.norm() < 0.0:"),
        ("if length <= self.step_tolerance:", "if length < 0.0:"),
        (
            "state: State) -> Array:\n        return w - self.lr * g",
            "state: State) -> Array:\n        return w + self.lr * g",
            "tests/nn/test_training.py --doctest-modules nn/optim/gradient_descent.py",
        ),
    ),
    *mutants(
        "nn/train/run.py",
        "tests/nn/test_training.py",
        (
            "places = seeded([self.seed, epoch])",
            "places = seeded([self.seed, 0])",
            "tests/nn/test_training.py -k 'seed or every_example'",
        ),
        (
            "total += value * (len(some) / len(x))",
            "total += value",
            "tests/nn/test_training.py -k mean_over",
        ),
        (
            'kept, fault = before, "the step made',
            'kept, fault = kept, "the step made',
            "tests/nn/test_training.py -k infinite_weights",
        ),
        (
            "losses[-1] > max(EXPLODED * losses[0], 1.0)",
            "losses[-1] > max(1e99 * losses[0], 1.0)",
            "tests/nn/test_defaults.py -k explodes",
        ),
        (
            "self.history.stopped = self.history.stopped or reason",
            "self.history.stopped = reason or self.history.stopped",
            "tests/nn/test_training.py -k first_reason",
        ),
    ),
    *mutants(
        "nn/train/fit.py",
        "tests/nn/test_training.py",
        (
            "return x[:-count], y[:-count], (x[-count:], y[-count:])",
            "return x[:-count], y[:-count], (x[:count], y[:count])",
            "tests/nn/test_training.py tests/nn/test_compiled.py tests/nn/test_scoring.py -k 'valid or alike'",
        ),
        (
            'run.schedule.step(logs.get("val_loss", logs["loss"]))',
            'run.schedule.step(logs["loss"])',
            "tests/nn/test_training.py -k schedule",
        ),
        ("if batch > count:", "if batch > 2 * count:", "tests/nn/test_bad_input.py -k batch_sizes"),
        (
            "if not any(identities & weights.identities for weights in optimizer.weights):",
            "if False:",
            "tests/nn/test_bad_input.py -k 'optimizer or parameters'",
        ),
    ),
    *mutants(
        "nn/train/step.py",
        "tests/nn/test_training.py tests/nn/test_optimizers.py",
        ("self.optimizer.zero_grad()  # It may", "pass  # It may", "tests/nn/test_optimizers.py -k outside"),
        (
            'return 1.0 if getattr(loss, "reduction", "mean") == "sum" else 1.0 / len(y)',
            "return 1.0 / len(y)",
            "tests/nn/test_training.py -k sums",
        ),
        ("penalty.backward()", "pass", "tests/nn/test_training.py -k regularizer"),
    ),
    *mutants(
        "nn/train/evaluation.py",
        "tests/nn/test_training.py -k evaluation_mode",
        ('vars(model).get("_loss", "mse")', '"mse"', "tests/nn/test_defaults.py -k evaluate"),
        ("model.train(training)", "pass"),
    ),
    *mutants(
        "nn/train/run.py",
        "tests/nn/test_resuming.py -k no_other",
        ("if not epoch or left != epoch:", "if not epoch:"),
        ("waiting.remove(callback)", "pass"),
    ),
    *mutants(
        "nn/train/evaluation.py",
        "tests/nn/test_scoring.py",
        ("if any(y is other for other in self._fit):", "if True:"),
        ("with_loss: bool = True) -> Logs:", "with_loss: bool = False) -> Logs:"),
    ),
    *mutants(
        "nn/io/tensors.py",
        "tests/nn/test_hostile_files.py",
        ("if not 0 < length <= LONGEST_HEADER:", "if False:", "tests/nn/test_hostile_files.py -k header"),
        ("if kind not in expected:", "if False:", "tests/nn/test_hostile_files.py -k another_type"),
    ),
    *mutants(
        "nn/io/metadata.py",
        "tests/nn/test_hostile_files.py -k 'nearly_right or twice'",
        (
            "return found if len(found) == len(pairs) else refuse",
            "return found if pairs is not None else refuse",
        ),
        ("if bits[count:].any() or mask.all() or not mask.any():", "if mask.all() or not mask.any():"),
        ("if unknown := set(facts) - REQUIRED - OPTIONAL:", "if unknown := set():"),
        ("if version != VERSION or type(version) is not int:", "if version != VERSION:"),
    ),
    *mutants(
        "nn/io/model_files.py",
        "tests/nn/test_files.py -k 'frozen or row_by_row or changed or stays or loaded_with or bit_for_bit'",
        (
            "if mask.size and not mask.any()",
            "if mask.size and not mask.all()",
            "tests/nn/test_files.py -k frozen",
        ),
        (
            'if facts is not None and facts["sha256"] != checksum(facts, arrays):',
            "if False:",
            "tests/nn/test_files.py -k changed_bytes",
        ),
        (
            "model.load_state_dict(before[0])",
            "pass",
            "tests/nn/test_files.py -k half_way",
        ),
    ),
    *mutants(
        "nn/io/torch.py",
        "tests/nn/test_torch.py",
        ("own[name].trainable = p.requires_grad", "pass", "tests/nn/test_torch.py -k frozen"),
        (
            "self.need(there, dilation=one, return",
            "self.need(there, return",
            "tests/nn/test_torch.py -k twin",
        ),
        ("here.training = there.training", "pass", "tests/nn/test_torch.py -k mode"),
    ),
    Mutant(
        "nn/io/tensors.py",
        "if any(len(shape) > MOST_AXES for shape",
        "if any(len(shape) > 5000 for shape",
        "tests/nn/test_hostile_files.py -k axes",
        equivalent="an array with that many axes is also refused for its shape, which no weights have",
    ),
    Mutant(
        "nn/io/model_files.py",
        'np.array(each.array, order="C")',
        "np.array(each.array)",
        "tests/nn/test_files.py -k row_by_row",
        equivalent="`Weights` hold their numbers row by row however they are set",
    ),
]
