"""Question banks read by others' programs: parsers of Moodle XML and GIFT, a QTI converter there and back."""

import io
import json
import shutil
import subprocess
import zipfile

import pytest

from tests.npm import unpacked
from tests.teaching.readers import QtiItem
from viz.teaching import KINDS
from viz.teaching.formats import sheet, write
from viz.teaching.problem import NumberQuestion

SHEETS = {
    "en": sheet(7, len(KINDS), variants=2, level=2),
    "de": sheet(8, len(KINDS), level=3, lang="de"),
    "choices": sheet(9, len(KINDS), choices=True),
}
PARSE = """
const text = require("fs").readFileSync(0, "utf8");
process.stdout.write(JSON.stringify(require(process.argv[1]).parse(text)));
"""


@pytest.fixture(scope="module")
def gift(tmp_path_factory):
    """Return a function that reads GIFT with `gift-pegjs`, the grammar of Moodle's community."""
    package = unpacked("gift-pegjs@1", tmp_path_factory.mktemp("gift"))

    def parsed(text):
        command = [shutil.which("node"), "-e", PARSE, str(package / "pegjs-gift.js")]
        answer = subprocess.run(command, input=text, capture_output=True, check=True, timeout=120)
        return json.loads(answer.stdout)

    return parsed


@pytest.mark.slow
@pytest.mark.parametrize("name", SHEETS)
def test_another_parser_reads_every_question_of_gift(gift, name):
    """It finds the answers, the tolerances, the wrong answers without a point, and what they are told."""
    of = SHEETS[name]
    read = [question for question in gift(write(of, "gift")[0].content) if question["type"] != "Category"]
    asked = [q for variant in of.variants for p in variant for q in p.questions]
    for question, wanted in zip(read, asked, strict=True):
        assert question["stem"]["format"] == "html"
        choices = question["choices"]
        if isinstance(wanted, NumberQuestion):
            assert question["type"] == "Numerical"
            numbers = [choice["text"]["number"] for choice in choices]
            assert numbers == pytest.approx([wanted.answer, *[w.value for w in wanted.wrong]], abs=1e-4)
            assert choices[0]["text"]["range"] == pytest.approx(wanted.tolerance, abs=1e-4)
            assert [choice["weight"] for choice in choices] == [None, *[0] * len(wanted.wrong)]
            reasons = [w.reason for w in wanted.wrong]
            told = choices[1:]
        else:
            assert question["type"] == "MC"
            assert [choice["isCorrect"] for choice in choices].index(True) == wanted.answer
            assert [choice["isCorrect"] for choice in choices].count(True) == 1
            told = [choice for choice in choices if not choice["isCorrect"]]
            reasons = [option.reason for option in wanted.options if option.reason]
        assert [choice["feedback"]["text"] for choice in told] == [of.language.text(why) for why in reasons]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHEETS)
def test_a_qti_package_scores_the_same_after_another_program_has_rewritten_it(name):
    """Converted to QTI 3.0 and back to 2.1, every file is still there, and the items mark alike."""
    qti = pytest.importorskip("qti_convert", reason="needs the extra test")
    of = SHEETS[name]
    original = write(of, "qti")[0].content
    newer = qti.upgrade_package(original)
    back = qti.downgrade_package(newer.files)
    assert [warning.code for warning in back.warnings] == []
    with zipfile.ZipFile(io.BytesIO(original)) as package:
        assert sorted(back.files) == sorted(package.namelist())
        for problem in [p for variant in of.variants for p in variant]:
            path = f"items/{problem.id}.xml"
            ours, theirs = QtiItem(package.read(path)), QtiItem(back.files[path])
            assert theirs.right == ours.right
            assert theirs.asked == ours.asked
            answers = [ours.right, dict.fromkeys(ours.right, "9876.5")]
            for k, question in enumerate(problem.questions):
                known = [str(wrong.value) for wrong in getattr(question, "wrong", ())]
                answers += [ours.right | {f"R{k}": value} for value in known]
            for given in answers:
                assert theirs.mark(given) == ours.mark(given)


@pytest.mark.parametrize("name", SHEETS)
def test_another_parser_reads_moodles_tables_and_choices(name):
    """`moodle-xml-parser` finds the numbers of each Cloze table with their tolerances, and each choice.

    It reads no questions of a single number, and takes braces of formulas for further gaps.
    """
    parser = pytest.importorskip("moodle_xml_parser.parser", reason="needs the extra test")
    of = SHEETS[name]
    read = parser.parse_string(write(of, "moodle")[0].content.decode())
    problems = {problem.id: problem for variant in of.variants for problem in variant}
    found = {
        question.name.split("(")[-1].rstrip(")"): question for kind in read.values() for question in kind
    }
    assert len(found) >= 0.75 * len(problems)
    for id, question in found.items():
        numbers = [q for q in problems[id].questions if isinstance(q, NumberQuestion)]
        if question.type == "cloze":
            gaps = [gap for gap in question.gaps if gap.sub_type == "NUMERICAL"]
            for gap, wanted in zip(gaps, numbers, strict=True):
                told = [float(number) for option in gap.options for number in option.answer.split(":")]
                values = [wanted.answer, *[wrong.value for wrong in wanted.wrong]]
                wanted_numbers = [number for value in values for number in (value, wanted.tolerance)]
                assert told == pytest.approx(wanted_numbers, abs=1e-4)
                assert [option.score for option in gap.options] == [100, *[0] * len(wanted.wrong)]
        else:
            (wanted,) = problems[id].questions
            right = [option.score_fraction == 100 for option in question.options]
            assert (right.index(True), right.count(True)) == (wanted.answer, 1)
            assert [bool(option.feedback) for option in question.options] == [True] * len(wanted.options)
