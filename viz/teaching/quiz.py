"""What the quiz of a stepper's page says, in other languages."""

from __future__ import annotations

from .language import language
from .phrases import Say

QUIZ = (
    Say("Quiz"), Say("What is {asked}?", asked=""), Say("{name}, both paths together", name=""),
    Say("{name}, all {n} paths together", name="", n=""), Say("the new {name}", name=""),
    Say("Check"), Say("Hint: the rule"), Say("Show"), Say("Results (JSON)"), Say("Copy as text"),
    Say("Start again"),
    Say("A number or an expression, as sin(4) or 3*0.97; half a percent off is right."),
    Say("Please type a number, or an expression such as sin(4)."),
    Say("Your answer first, or press Show."), Say("The card opens when the question is answered."),
    Say("Right!"), Say("Right, at try {n}.", n=""), Say("Not yet."), Say("Try again, or take the hint."),
    Say("Shown; no point for this one."),
    Say("{right} of {total} right, {first} at the first try.", right="", total="", first=""),
    Say("right at try {n}", n=""), Say("shown"), Say("open"),
    Say("The sign is the other one."), Say("The sign of this contribution is the other one."),
    Say("That is the derivative; asked is the value."),
    Say("That is the value; asked is how it changes with itself."),
    Say("It changes one for one with itself."),
    Say("That goes the wrong way: against the gradient, down the slope."),
    Say("That is the gradient; asked is the weight after the step."),
    Say("That overwrites what another path has brought, {sum}: gradients add.", sum=""),
    Say("That leaves out the factor: the local derivative."),
    Say("That is the local derivative alone: it multiplies the gradient that arrives."),
    Say("That takes {name} itself for its derivative.", name=""),
)  # fmt: skip
"""The English texts, as `viz/stepper/page` has them."""


def quiz_words(lang: str) -> dict[str, str]:
    """Return what `stepper(..., words=...)` takes: the translation of each text of the quiz.

    Raises `DataValueError` for an unknown language.

    >>> quiz_words("de")["Not yet."]
    'Noch nicht.'
    """
    spoken = language(lang)
    return {text.template: spoken.template(text) for text in QUIZ} if lang != "en" else {}
