"""`fit`: train a model on a table of examples."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Never, NoReturn

from autograd_core import DataError, DataValueError, DomainError, no_grad, sigmoid
from autograd_core.base import called, contained, elements, np

from ..checks import brief, counted, flag, nearest, rate, size
from ..errors import TrainingWarning
from ..losses.criteria import BCEWithLogitsLoss, Loss, as_loss
from ..modules.module import Module, method, refuse_no_model
from ..modules.tracing_context import tracing
from ..optim.adaptive import OPTIMIZERS, Adam, as_optimizer
from ..optim.optimizer import Optimizer
from .callbacks import Callback, Logs, progress
from .compiled_step import compiled_step
from .evaluation import Scorer, mode
from .film import FilmCallback
from .metrics import as_metrics
from .run import History, Order, Run, resume
from .step import EagerStep, as_example, as_target, examples, joins_examples, relative_weights
from .step_tracing import blocks, is_large

if TYPE_CHECKING:
    from ..types import AnyOptimizer, ArrayLike, Criterion, Metrics, Steps

Array = Any


@method
def fit(
    model: Module,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Criterion = "mse",
    optimizer: AnyOptimizer | None = None,
    epochs: int = 200,
    batch_size: int | str | None = "auto",
    shuffle: bool = True,
    seed: int | None = None,
    sample_weight: ArrayLike | None = None,
    validation_data: tuple[ArrayLike, ArrayLike] | None = None,
    validation_split: float = 0.0,
    metrics: Metrics = (),
    callbacks: Iterable[Callback] = (),
    regularizer: Callable[[Module], Any] | None = None,
    constraint: Callable[[Module], None] | None = None,
    clip_norm: float | None = None,
    schedule: Steps | None = None,
    initial_epoch: int = 0,
    compile: bool | str = "auto",
    record: bool = False,
    verbose: int | str = "auto",
    **unknown: Never,
) -> History:
    """Train a model on examples `x` (one per row) with targets `y`, in mini-batches without replacement.

    `fit(x, y)` alone learns XOR and `data.moons` with an `MLP(2, [8, 1])`: with Adam at a rate of 0.03, in
    200 epochs of batches of 32, or of all examples if there are fewer.

    `batch_size` None takes all examples at once, 1 is the lectures' SGD; the last batch may be shorter, but
    with `BatchNorm1d` a single last example is added to the previous batch.
    The same seed gives the same bits: each epoch's order depends only on (seed, epoch), so a run that is
    saved and resumed with `initial_epoch` continues as if it had not been interrupted. `validation_split`
    keeps the last part of the examples out of training, as they come, which is of no use if they are sorted
    by class: a `TrainingWarning` says so. `schedule.step()` is called after every epoch.

    `sample_weight` has a factor for each example's loss: in a batch of all examples, weight 2 is equivalent
    to repeating the example. Validation examples and metrics are unweighted.

    `compile="auto"` trains with a program if possible: one example's loss is traced and computed for a batch
    at a time, with the weights in the program's arrays. The first batch is checked against the eager engine.
    `history.compiled` and `history.runner` say how training ran, and why it stayed eager. `True` raises a
    `TraceError` if the step cannot be compiled; `False` stays eager.

    `record=True` keeps weights, gradients and losses of every step in `history.film`, whose
    `save("film.html")` writes a page to scrub through them.

    Ctrl-C ends training and returns the history so far. If the loss or a weight becomes nan or infinite,
    training stops with a `DivergenceWarning` that says where, and keeps the last weights whose loss was
    finite; a loss that explodes also causes a warning. While one thread trains a model, other threads should
    predict with a copy.

    >>> from nn import MLP, fit
    >>> history = fit(MLP(1, [1], rng=0), [[0.0], [1.0]], [1.0, 3.0], optimizer="adam", epochs=3, seed=0)
    >>> len(history.history["loss"])
    3
    """
    if unknown:
        refuse_options(unknown)
    refuse_no_model(model, "fit")
    xs, ys = examples(x, y, "fit")
    criterion, count = as_loss(loss, "fit"), len(xs)
    xs, ys, validation = held_out(xs, ys, validation_data, validation_split)
    if validation_data is None and validation is not None:
        warn_of_sorted_classes(ys, validation[1], getattr(criterion, "takes_classes", False))
    reduction = getattr(criterion, "reduction", "mean")
    weights = relative_weights(sample_weight, count, reduction, "fit", kept=len(xs))
    last, first = size(epochs, "fit", "epochs", 0), size(initial_epoch, "fit", "initial_epoch", 0)
    with mode(model, training=True):
        least = 2 if joins_examples(model) else 1  # A batch of one example has no variance.
    order = Order(batch_of(batch_size, len(xs)), flag(shuffle, "fit", "shuffle"), seed_of(seed), least)
    clip = None if clip_norm is None else rate(clip_norm, "fit", "clip_norm", closed=False)
    measures = as_metrics(metrics, criterion, "fit")
    optimizer = as_optimizer(Adam(model, lr=0.03) if optimizer is None else optimizer, model, "fit")
    check_ownership(optimizer, model)
    check_hooks(schedule, regularizer, constraint)
    terms = criterion._of_batches(ys) if isinstance(criterion, Loss) else criterion
    check_targets(model, terms, xs, ys)
    warn_of_extra_sigmoid(model, criterion, xs[0])
    eager = EagerStep(model, terms, optimizer, regularizer, clip)
    with mode(model, training=True):
        step = compiled_step(eager, xs, ys, compile, weights is not None, order.batch)
    run = Run(model, optimizer, terms, step, schedule, weights, constraint, first_epoch=first)
    run.callbacks = [*listed_callbacks(callbacks), *progress(verbose, first, last)]
    if flag(record, "fit", "record"):
        with mode(model, training=False):
            recording = FilmCallback(model, optimizer, criterion, xs, ys)
        run.history.film = recording.film
        run.callbacks.append(recording)
    resume(model, run.callbacks, first)
    vars(model)["_loss"] = criterion
    for callback in run.callbacks:
        callback.run = run
    with mode(model, training=True):
        _train(run, range(first, last), order, xs, ys, measures, validation)
    return run.history


def refuse_options(unknown: Iterable[str]) -> NoReturn:
    """Raise for options that `fit` does not have, pointing to the optimizer for some of them."""
    name = next(iter(unknown))
    options = [p.name for p in inspect.signature(fit).parameters.values() if p.kind is p.KEYWORD_ONLY]
    cure = nearest(name, options)
    if any(name in inspect.signature(made).parameters for made in OPTIMIZERS.values()):
        cure = f" Pass it to the optimizer: optimizer=nn.SGD(model, {name}=...)."
    raise DataError(f"fit: unknown option {name!r}; expected one of {', '.join(options)}.{cure}")


def _train(run: Run, epochs: range, order: Order, x: Array, y: Array, *also: Any) -> None:
    """Train epoch by epoch, until the last one, a stop, or Ctrl-C."""
    score = Scorer(run.model, run.loss, run.step)
    try:
        run.tell("on_train_begin")
        for epoch in epochs:
            run.tell("on_epoch_begin", epoch)
            logs = run.epoch(epoch, order, x, y)
            run.history.compiled, run.history.runner = run.step.compiled, run.step.runner
            if logs is None:
                break
            logs |= _measured(score, x, y, *also)
            if run.schedule is not None:
                run.step.hand_over(for_change=True)
                run.schedule.step(logs.get("val_loss", logs["loss"]))
            run.history._add(epoch, logs)
            measured = set(logs)
            run.tell("on_epoch_end", epoch, logs)
            run.history._note({name: x for name, x in logs.items() if name not in measured})
            run.tell("on_epoch_done", epoch)
            if run.history.stopped:
                break
        run.look_back()
    except KeyboardInterrupt:
        run.stop(f"interrupted after {counted(len(run.history.epoch), 'epoch')}")
    finally:
        # Ctrl-C could arrive in a call before the inner `try`. The interrupted part starts again.
        try:
            run.step.hand_over(for_change=True)
        except KeyboardInterrupt:
            run.step.hand_over(for_change=True)
            run.stop(f"interrupted after {counted(len(run.history.epoch), 'epoch')}")
        run.tell("on_train_end")


def _measured(score: Scorer, x: Array, y: Array, measures: dict[str, Any], validation: Any) -> Logs:
    """Compute metrics on the training examples, and loss and metrics on the validation examples."""
    logs = score(x, y, measures, with_loss=False) if measures else {}
    if validation is not None:
        some_x, some_y = validation
        found = score(some_x, some_y, measures)
        logs |= {f"val_{name}": value for name, value in found.items()}
    return logs


def batch_of(batch_size: Any, count: int) -> int:
    """Return the number of examples in a batch."""
    if batch_size is None or (isinstance(batch_size, str) and batch_size == "auto"):
        return count if batch_size is None else min(count, 32)
    batch = size(batch_size, "fit", "batch_size")
    if batch > count:
        found = f"batch_size = {batch} for {counted(count, 'example')}"
        raise DataValueError(f"fit: {found}; expected at most as many as examples.")
    return batch


@contained  # Like `seeded`.
def seed_of(seed: Any) -> int:
    """Return the given seed, or an unpredictable one."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return size(seed, "fit", "seed", 0)


def held_out(x: Array, y: Array, data: Any, fraction: Any) -> tuple[Array, Array, Any]:
    """Return training examples, and validation examples from `data` or the end of the training examples."""
    share = rate(fraction, "fit", "validation_split", high=1.0)
    if data is not None:
        if not isinstance(data, (tuple, list)) or len(data) != 2:
            raise DataError(f"fit: validation_data = {brief(data)}; expected a pair (x, y).")
        return x, y, examples(data[0], data[1], "fit: validation_data")
    count = round(share * len(x))
    if not share:
        return x, y, None
    if not 0 < count < len(x):
        raise DataValueError(
            f"fit: validation_split = {fraction} of {counted(len(x), 'example')} leaves none on one side."
        )
    return x[:-count], y[:-count], (x[-count:], y[-count:])


def warn_of_sorted_classes(y: Array, held_out: Array, are_classes: bool) -> None:
    """Warn if all held-out targets are one class although there are several."""
    classes, found = len(np.unique(np.concatenate([y, held_out]), axis=0)), np.unique(held_out, axis=0)
    if len(found) > 1 or len(held_out) < 2 or not (classes == 2 or (are_classes and classes > 2)):
        return
    warnings.warn(
        f"fit: validation_split keeps the last {len(held_out)} examples, which all have the target "
        f"{as_target(found[0])}; expected several classes. shuffle=True shuffles only the rest: shuffle the "
        "examples before, for instance by order = numpy.random.default_rng(0).permutation(len(x)), x[order], "
        "y[order].",
        TrainingWarning,
        stacklevel=3,
    )


def warn_of_extra_sigmoid(model: Module, loss: Any, x: Array) -> None:
    """Warn about a model that ends in a sigmoid, if the loss applies one, too."""
    if not isinstance(loss, BCEWithLogitsLoss):
        return
    quick = tracing(blocks(model.weights().values())) if is_large(model) else nullcontext()
    with mode(model, training=False), quick:
        prediction = model(as_example(x))
    outputs = prediction if isinstance(prediction, list) else [prediction]
    if any(getattr(output, "op", None) is sigmoid for output in outputs):
        warnings.warn(
            "fit: the model ends in a sigmoid, but bce_with_logits expects logits and applies one, too. "
            "Remove the sigmoid at the end of the model, or pass loss='bce'.",
            TrainingWarning,
            stacklevel=3,
        )


def check_targets(model: Module, loss: Any, x: Array, y: Array) -> None:
    """Run the loss on every distinct target with one prediction, to find bad labels before training."""
    quick = tracing(blocks(model.weights().values())) if is_large(model) else nullcontext()
    with mode(model, training=False), no_grad():
        with quick:
            prediction = model(as_example(x[0]))
        for target in np.unique(y, axis=0):
            try:
                called("fit: loss", loss, prediction, as_target(target))
            except DomainError:
                continue  # Caused by the prediction: training will report it.
            except (DataError, DataValueError) as error:
                row = next(i for i, other in enumerate(y) if np.array_equal(other, target))
                compares_numbers = isinstance(loss, Loss) and not loss.takes_classes
                of_several = isinstance(prediction, list) and len(prediction) > 1
                cure = ""
                if compares_numbers and of_several and np.size(target) == 1:
                    cure = " For classes as targets, pass loss='cross_entropy'."
                raise type(error)(f"fit: y[{row}]: {error}{cure}") from None


def check_ownership(optimizer: Optimizer, model: Module) -> None:
    """Raise for an optimizer of another model's parameters, which would silently train nothing."""
    mine = model.weights().values()
    if not mine:
        raise DataValueError("fit: the model has no parameters; expected at least one to train.")
    identities = {identity for weights in mine for identity in weights.identities}
    if not any(identities & weights.identities for weights in optimizer.weights):
        raise DataValueError(
            "fit: the optimizer has none of the model's parameters. Create it from model.parameters()."
        )


def check_hooks(schedule: Any, regularizer: Any, constraint: Any) -> None:
    """Raise if the schedule, regularizer or constraint is something else."""
    if schedule is not None and (isinstance(schedule, type) or not callable(getattr(schedule, "step", None))):
        raise DataError(
            f"fit: not a schedule: schedule = {brief(schedule)}; expected e.g. StepLR(optimizer, 30)."
        )
    for name, hook in {"regularizer": regularizer, "constraint": constraint}.items():
        if hook is not None and not callable(hook):
            raise DataError(f"fit: not a function: {name} = {brief(hook)}; expected a function of the model.")


def listed_callbacks(callbacks: Any) -> list[Callback]:
    """Return a list of callbacks from one or several."""
    one = isinstance(callbacks, Callback)
    found = [callbacks] if one else elements(callbacks, "fit", "callbacks", "callbacks")
    for callback in found:
        if not isinstance(callback, Callback):
            raise DataError(
                f"fit: not a callback: got {brief(callback)}; expected a Callback, such as EarlyStopping()."
            )
    return found
