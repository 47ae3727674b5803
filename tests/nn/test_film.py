"""Films of trainings: what is recorded, and the mistakes that are found on the way."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd_core import DataError, TraceError, Value
from autograd_core.kernel import watching_backward

X, Y = nn.data.moons(40, seed=0)


def loop(model: nn.Module, optimizer: nn.Optimizer, steps: int = 5, zero: bool = True) -> nn.Film:
    with nn.film(model, optimizer) as film:
        for k in range(steps):
            if zero:
                optimizer.zero_grad()
            nn.mse_loss(model(X[k % len(X)]), Y[k % len(X)]).backward()
            optimizer.step()
    return film


def test_frames_are_the_weights_gradients_and_losses_of_the_loop() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    weights = [w.data for w in model.parameters()]
    film = loop(model, optimizer)
    assert len(film) == 5
    for k, frame in enumerate(film):
        again = nn.MLP(2, [3, 1], rng=0)
        for w, x in zip(again.parameters(), weights, strict=True):
            w.data = x
        loss = nn.mse_loss(again(X[k]), Y[k])
        loss.backward()
        by_array = np.concatenate([array.gradient.ravel() for array in again.weights().values()])
        assert frame.loss == loss.data
        assert frame.lr == 0.1
        np.testing.assert_array_equal(frame.gradient, by_array)
        weights = [w.data - 0.1 * w.grad for w in again.parameters()]
    np.testing.assert_array_equal(film.last, film.weights())


def test_passes_between_two_updates_are_one_step() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    with nn.film(model, optimizer) as film:
        for _ in range(2):
            optimizer.zero_grad()
            losses = []
            for x, y in zip(X[:4], Y[:4], strict=True):
                loss = nn.mse_loss(model(x), y)
                loss.backward()
                losses.append(loss.data)
            optimizer.step()
    assert len(film) == 2
    assert film[1].loss == sum(losses) / 4


def test_passes_of_other_graphs_are_left_out() -> None:
    model = nn.MLP(2, [1], rng=0)
    with nn.film(model) as film:
        (Value(2.0) * 3.0).backward()
    assert len(film) == 0
    with pytest.raises(DataError, match="no update"):
        film.save("film.html")


@pytest.mark.parametrize("compile", [False, True])
def test_fit_records_every_batch(compile: bool) -> None:
    model = nn.MLP(2, [8, 1], rng=0)
    history = model.fit(
        X, Y, epochs=3, batch_size=16, seed=0, optimizer=nn.SGD(model, lr=0.1), compile=compile, record=True
    )
    film = history.film
    assert film is not None
    assert [frame.epoch for frame in film] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    for frame, after in zip(film.frames, [*[f.weights for f in film.frames[1:]], film.last], strict=True):
        np.testing.assert_allclose(after, frame.weights - 0.1 * frame.gradient, rtol=1e-12)
    assert nn.MLP(2, [8, 1], rng=0).fit(X, Y, epochs=1).film is None


def forgotten_zero(model: nn.Module, optimizer: nn.Optimizer) -> None:
    loop(model, optimizer, zero=False)


def reused_graph(model: nn.Module, optimizer: nn.Optimizer) -> None:
    with nn.film(model):
        loss = nn.mse_loss(model(X[0]), Y[0])
        for _ in range(3):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def still_weight(model: nn.Module, optimizer: nn.Optimizer) -> None:
    model.parameters()[0].requires_grad = False
    loop(model, optimizer, 25)


def exploding(model: nn.Module, optimizer: nn.Optimizer) -> None:
    optimizer.lr = 30.0
    loop(model, optimizer, 6)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (forgotten_zero, "zero_grad"),
        (reused_graph, "before the last update"),
        (still_weight, "never moved"),
        (exploding, "explodes"),
    ],
)
def test_mistakes_are_reported_once_with_the_line(
    mistake: Callable[[nn.Module, nn.Optimizer], None], words: str
) -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        mistake(model, nn.SGD(model, lr=0.01))
    ours = [each for each in found if issubclass(each.category, nn.TrainingWarning)]
    assert len([each for each in ours if words in str(each.message)]) == 1
    assert {Path(each.filename).name for each in ours} == {Path(__file__).name}


def test_two_models_in_turn_are_told_apart() -> None:
    """The pass of one finds what the last pass of the other has left, which is no mistake."""
    models = [nn.MLP(2, [3, 1], rng=seed) for seed in (0, 1)]
    optimizers = [nn.SGD(model, lr=0.1) for model in models]
    losses: list[list[float]] = [[], []]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with nn.film(models[0], optimizers[0]) as first, nn.film(models[1]) as second:
            for x, y in zip(X[:5], Y[:5], strict=True):
                for k in (0, 1):
                    optimizers[k].zero_grad()
                    loss = nn.mse_loss(models[k](x), y)
                    loss.backward()
                    losses[k].append(loss.data)
                    optimizers[k].step()
    assert [[frame.loss for frame in film] for film in (first, second)] == losses


def test_a_pass_whose_gradients_are_all_zero_counts() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    with nn.film(model, optimizer) as film:
        for scale in (1.0, 0.0):
            optimizer.zero_grad()
            for _ in range(2):
                (scale * nn.mse_loss(model(X[0]), Y[0])).backward()
            optimizer.step()
            for w in model.parameters():
                w.data += 0.125
    assert len(film) == 2
    assert film[1].loss == 0.0


def test_a_loop_that_raises_keeps_every_update() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    optimizer = nn.SGD(model, lr=0.1)
    films = []

    def interrupted() -> None:
        with nn.film(model, optimizer) as film:
            films.append(film)
            for k in range(3):
                optimizer.zero_grad()
                nn.mse_loss(model(X[k]), Y[k]).backward()
                optimizer.step()
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert len(films[0]) == 3
    optimizer.step()
    nn.mse_loss(model(X[0]), Y[0]).backward()
    assert len(films[0]) == 3  # It has ended.


def without_step(model: nn.Module) -> None:
    with nn.film(model):
        for k in range(3):
            nn.mse_loss(model(X[k]), Y[k]).backward()


def test_a_loop_without_step_is_reported() -> None:
    with pytest.warns(nn.TrainingWarning, match="no weight has moved in 3 backward passes"):
        without_step(nn.MLP(2, [3, 1], rng=0))


def forgetful(model: nn.Module, optimizer: nn.Optimizer, backwards: tuple[int, ...]) -> nn.Film:
    with nn.film(model, optimizer) as film:
        for k in range(3):
            loss = nn.mse_loss(model(X[k]), Y[k])
            if k in backwards:
                loss.backward()
            optimizer.step()
    return film


@pytest.mark.parametrize(("backwards", "words"), [((), "was never called"), ((0,), "before 1 of 3")])
def test_a_forgotten_backward_is_reported_and_shown(backwards: tuple[int, ...], words: str) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    with pytest.warns(nn.TrainingWarning, match=words):
        film = forgetful(model, nn.SGD(model, lr=0.1), backwards)
    assert re.search(words, "".join(film.to_dict()["warnings"]))
    if not backwards:
        with pytest.raises(DataError, match=f"no update was recorded.*{words}"):
            film.save("film.html")


@pytest.mark.parametrize("starts", ["before fit", "in a callback"])
def test_fit_in_a_film_trains_with_the_backward_passes_that_the_film_watches(starts: str) -> None:
    models = [nn.MLP(2, [8, 1], rng=0) for _ in range(2)]
    options = {"epochs": 3, "batch_size": 20, "seed": 0}
    with warnings.catch_warnings(), contextlib.ExitStack() as block:
        warnings.simplefilter("error")
        first, second = [nn.SGD(model, lr=0.1) for model in models]
        expected = models[0].fit(X, Y, optimizer=first, compile=False, **options)
        recorded: list[nn.Film] = []

        def start(*_: object) -> None:
            recorded.append(block.enter_context(nn.film(models[1], second)))

        callback = nn.Callback()
        if starts == "before fit":
            start()
        else:
            callback.on_train_begin = start  # type: ignore[method-assign, assignment]
        history = models[1].fit(X, Y, optimizer=second, callbacks=[callback], **options)
    assert "watched" in history.runner
    assert history.history["loss"] == expected.history["loss"]
    assert len(recorded[0]) == 6
    assert recorded[0].last.tolist() == [w.data for w in models[0].parameters()]
    with pytest.raises(TraceError, match="watched, as by a film"), nn.film(models[1]):
        models[1].fit(X, Y, optimizer=second, compile=True, **options)


def test_what_another_thread_watches_leaves_fit_compiled() -> None:
    model, entered, done = nn.MLP(2, [8, 1], rng=0), threading.Event(), threading.Event()

    def watch() -> None:
        with watching_backward(print, print):
            entered.set()
            done.wait(60)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        assert entered.wait(60)
        history = model.fit(X, Y, epochs=1, optimizer=nn.SGD(model, lr=0.1), compile=True)
    finally:
        done.set()
        thread.join()
    assert history.runner.startswith("compiled")


def empty(model: nn.Module) -> None:
    with nn.film(model):
        model([1.0, 2.0])


def test_a_block_without_backward_is_reported() -> None:
    with pytest.warns(nn.TrainingWarning, match="backward.. was never called"):
        empty(nn.MLP(2, [3, 1], rng=0))


def test_a_correct_loop_is_left_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
        loop(model, nn.Adam(model, lr=0.01), 40)


def test_a_long_film_keeps_fewer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.train.film.MOST_NUMBERS", 2 * 13 * 20)
    model = nn.MLP(2, [3, 1], rng=0)
    film = loop(model, nn.SGD(model, lr=0.01), 100)
    assert 10 <= len(film) <= 20
    steps = [frame.step for frame in film]
    assert len({b - a for a, b in itertools.pairwise(steps)}) == 1
    assert "100 steps" in repr(film)


def test_files(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    film = loop(model, nn.SGD(model, lr=0.1))
    data = json.loads(film.save(tmp_path / "film.json").read_text())
    assert len(data["weights"]) == len(data["gradients"]) + 1 == 6
    assert data["weights"][0] == pytest.approx(film[0].weights, rel=1e-6)
    assert "<svg" in film.save(tmp_path / "film.html").read_text()
    with pytest.raises(DataError, match="extension"):
        film.save(tmp_path / "film.txt")
    with pytest.raises(OSError, match=r"Film\.save"):
        film.save(tmp_path / "missing" / "film.html")


@pytest.mark.slow
def test_moons_fit_in_five_megabytes(tmp_path: Path) -> None:
    model = nn.MLP(2, [8, 1], rng=0)
    film = model.fit(*nn.data.moons(100, seed=0), epochs=200, record=True).film
    assert film is not None
    assert film.save(tmp_path / "moons.html").stat().st_size < 5e6


def test_a_warning_that_is_an_error_does_not_replace_the_error_of_a_loop() -> None:
    def raises(moves: bool) -> None:
        model = nn.Linear(1, 1, rng=0)
        optimizer = nn.SGD(model, lr=1e9)
        with nn.film(model) as film:
            films.append(film)
            for _ in range(3):
                optimizer.zero_grad()
                nn.mse_loss(model([1.0]), 3.0).backward()
                if moves:
                    optimizer.step()
                    raise KeyError("mine")
            raise KeyError("mine")

    films: list[nn.Film] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for moves in (False, True):
            with pytest.raises(KeyError, match="mine"):
                raises(moves)
    assert [len(film) for film in films] == [0, 1]
