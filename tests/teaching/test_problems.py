"""Problems: every answer is derived again from the printed text, with mpmath; numbers fit a pencil."""

import os
import re
from functools import cache
from itertools import pairwise

import pytest
from mpmath import mp

from autograd_core import parse, steps
from autograd_core.errors import AutogradError
from tests.teaching.printed import NUMBER, Printed, formulas_of
from viz.teaching import KINDS, problems
from viz.teaching.language import language
from viz.teaching.problem import ChoiceQuestion, NumberQuestion
from viz.teaching.problem_kinds import ROUNDED
from viz.teaching.sampling import fits_a_pencil

QUICK, LEVELS = 6, (1, 2, 3)
MANY = int(os.environ.get("PROBLEMS", "67"))
"""Of each kind and level: `PROBLEMS=334` derives a thousand of each kind, which takes minutes."""


@cache
def some(kind, n):
    return [problem for level in LEVELS for problem in problems(kind, 2024, n, level=level)]


def derived(problem, what):
    """Return the answer to a question, from the printed problem alone."""
    sort, *names = what
    printed = Printed(problem)
    if sort == "value":
        return printed.values()[names[0]]
    if sort == "gradient":
        return printed.slope(*names)
    if sort == "local":
        return printed.local(*names)
    if sort == "path":
        output, through, by = names
        return printed.slope(output, through) * printed.local(through, by)
    if sort == "update":
        weight = names[0]
        return printed.point[weight] - mp.mpf(str(problem.facts["rate"])) * printed.slope("L", weight)
    if sort == "slope at":
        return slope_at_kink(printed, problem, mp.mpf(names[0]))
    counts = {"edges": printed.edges(), "twice the inputs": 2 * len(printed.point)}
    return counts[sort] if sort in counts else printed.edges() * len(printed.point)


def slope_at_kink(printed, problem, x):
    """Return the slope beside the kink; at the kink what the printed convention says."""

    def slope(at):
        h = mp.mpf(2) ** -20
        return (printed.values(x=at + h)["y"] - printed.values(x=at - h)["y"]) / (2 * h)

    if x != printed.point["x"]:
        return slope(x)
    beside = [slope(x + d) for d in (-0.01, 0.01)]
    said = problem.text[0].fields["convention"].template
    return sum(beside) / 2 if "each gets half" in said else mp.mpf(0)


def check(problem):
    for question in problem.questions:
        if isinstance(question, NumberQuestion) and question.what != ("right total",):
            wanted = derived(problem, question.what)
            assert abs(wanted - question.answer) <= 1e-9 * max(1, abs(wanted)), (problem.id, question.what)
    if problem.kind == "bug":
        check_the_bug(problem)
    if problem.kind == "order":
        check_the_order(problem)


def check_the_bug(problem):
    """Exactly one line does not follow from those before it, and it is the right option."""
    printed, output = Printed(problem), problem.facts["output"]
    totals, wrong = {output: mp.mpf(1)}, []
    for n, line in enumerate(problem.facts["lines"], start=1):
        before = totals.get(line["target"], mp.mpf(0))
        right = before + totals[line["source"]] * printed.local(line["source"], line["target"])
        if abs(right - line["total"]) > 1e-6:
            wrong.append((n, right))
        totals[line["target"]] = mp.mpf(line["total"])
    assert [n for n, _ in wrong] == [problem.questions[0].answer + 1]
    assert abs(problem.questions[1].answer - wrong[0][1]) < 1e-9
    shown = [text for text in formulas_of(problem) if " += " in text]
    assert len(shown) == len(problem.facts["lines"])


def check_the_order(problem):
    """Exactly one of the printed orders is topological."""
    functions = Printed(problem).functions
    question = problem.questions[0]
    orders = [option.shown.text.split(", ") for option in question.options]
    backward = question.what[1] == "backward"
    good = []
    for names in orders:
        names = names[::-1] if backward else names
        done = [set(names[:i]) for i in range(len(names))]
        good.append(all(x in before for name, before in zip(names, done, strict=True)
                        for x in functions[name].co_names if x in functions))  # fmt: skip
        assert sorted(names) == sorted(functions)
    assert good == [option.reason is None for option in question.options]


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_follows_from_the_printed_problem(kind):
    mp.dps = 30
    for problem in some(kind, QUICK):
        check(problem)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_answers_follow_from_the_printed_problem(kind):
    mp.dps = 30
    for problem in some(kind, MANY):
        check(problem)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_fit_a_pencil_on_the_first_two_levels(kind):
    found = []
    for problem in [p for p in some(kind, QUICK) if p.level < 3]:
        found += [q.answer for q in problem.questions if isinstance(q, NumberQuestion)]
        printed = " ".join(formulas_of(problem)).replace("−", "-")
        found += [float(x) for x in re.findall(NUMBER.replace("−", "-"), printed)]
    fitting = [x for x in found if fits_a_pencil(x)]
    assert len(fitting) >= 0.95 * len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_printed_numbers_are_the_exact_ones(kind):
    for problem in [p for p in some(kind, QUICK) if p.level < 3]:
        for name, value in problem.values.items():
            assert Printed(problem).point.get(name, value) == value


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_answers_are_wrong_and_differ(kind):
    for problem in some(kind, QUICK):
        for question in problem.questions:
            if isinstance(question, ChoiceQuestion):
                assert [option.reason is None for option in question.options].count(True) == 1
                shown = [language("en").text(option.shown) for option in question.options]
                assert len(set(shown)) == len(shown)
                continue
            values = [question.answer, *[wrong.value for wrong in question.wrong]]
            assert all(abs(a - b) > 2 * question.tolerance for a, b in pairwise(sorted(values))), problem.id


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "order"])
def test_most_questions_know_a_misconception(kind):
    asked = [question for problem in some(kind, QUICK) for question in problem.questions]
    known = [question for question in asked if isinstance(question, ChoiceQuestion) or question.wrong]
    assert len(known) >= 0.9 * len(asked)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_problems_and_another_one_others(kind):
    once = some(kind, QUICK)[:3]
    assert problems(kind, 2024, 3) == once
    assert problems(kind, 2025, 3) != once


def test_two_paths_are_two_and_the_last_alone_is_offered():
    for problem in problems("paths", 8, QUICK):
        *parts, total = problem.questions
        assert total.answer == sum(part.answer for part in parts)
        reasons = [wrong.reason.template for wrong in total.wrong]
        assert any("overwrote" in reason for reason in reasons)


def test_a_problem_is_shown_in_a_line():
    assert repr(problems("paths", seed=7)[0]) == "<Problem paths-1-7-0-0: Two paths, 3 questions>"


def test_numbers_become_options_with_reasons():
    problem = problems("network", 1, 1, choices=True)[0]
    asked = [q for q in problem.questions if isinstance(q, ChoiceQuestion)]
    assert len(asked) >= 5
    assert all(2 < len(q.options) <= 4 for q in asked)


def test_what_is_asked_does_not_tell_which_line_is_wrong():
    """Neither its words, which pages and notebooks label a field with, nor options for its number."""
    made = some("bug", QUICK)
    assert len({problem.questions[1].asked for problem in made}) == 1
    assert all(problem.with_choices().questions == problem.questions for problem in made)


@pytest.mark.parametrize("kind", ["forward", "neuron", "network"])
def test_a_mistake_is_placed_only_at_a_node_that_the_problem_names(kind):
    for problem in some(kind, QUICK):
        reasons = [wrong.reason for question in problem.questions for wrong in question.wrong]
        placed = {reason.fields["node"].text for reason in reasons if "node" in reason.fields}
        assert placed <= {line.partition(" = ")[0] for line in formulas_of(problem)}, problem.id


@pytest.mark.parametrize("kind", ["local", "backward", "paths", "network"])
def test_two_factors_have_different_values(kind):
    """Else a factor's own value, taken for its derivative, would be right."""
    for problem in some(kind, QUICK):
        nodes = {node.name: node for node in steps(parse(problem.program, problem.values)).forward}
        for node in [node for node in nodes.values() if node.operation == "mul"]:
            values = [nodes[x].value for x in node.arguments if x in nodes]
            assert len(values) < 2 or values[0] != values[1], problem.id


@pytest.mark.parametrize("kind", KINDS)
def test_digits_to_give_are_said_exactly_where_an_answer_has_many(kind):
    for problem in some(kind, QUICK):
        answers = [q.answer for q in problem.questions if isinstance(q, NumberQuestion)]
        assert (ROUNDED in problem.text) == (not all(map(fits_a_pencil, answers)))


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("x",), {}, "unknown kind"),
        (("chain",), {"level": 4}, "unknown level"),
        (("chain", -1), {}, "seed"),
        (("chain", 0, 1.5), {}, "n"),
        ((None,), {}, "unknown kind"),
    ],
)
def test_wrong_arguments_are_refused(arguments, options, said):
    with pytest.raises(AutogradError, match=said):
        problems(*arguments, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_four_variants_have_four_different_answers(kind):
    for seed in range(2):
        assert len({problems(kind, seed, variant=v)[0].answers for v in range(4)}) == 4


@pytest.mark.slow
def test_four_variants_differ_in_their_answers_for_200_seeds():
    """Kinds and levels in turn; a variant does not depend on which others have been made."""
    sorts = [(kind, level) for kind in KINDS for level in LEVELS]
    for seed in range(200):
        kind, level = sorts[seed % len(sorts)]
        made = [problems(kind, seed, level=level, variant=v)[0] for v in range(4)]
        assert len({problem.answers for problem in made}) == 4, (kind, level, seed)
        assert len({problem.points for problem in made}) == 1


def test_a_problem_that_is_changed_changes_no_other():
    first = problems("order", 3)[0]
    first.values.clear()
    first.facts.clear()
    assert problems("order", 3)[0].values
    assert problems("order", 3)[0].facts
