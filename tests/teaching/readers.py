"""Readers of question banks, written from the platforms' documentation, that mark answers as they would."""

import re
import xml.etree.ElementTree as ET

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def unescaped(text):
    return re.sub(r"\\(.)", r"\1", text)


def split(text, separator):
    """Split at a separator that is not escaped."""
    return re.split(rf"(?<!\\)(?:\\\\)*{separator}", text)


class Cloze:
    """The questions in braces of a Cloze text, as Moodle finds them."""

    PLACE = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^}\\])*)\}", re.DOTALL)

    def __init__(self, text):
        self.questions = [(kind, split(answers, "~")) for _, kind, answers in self.PLACE.findall(text)]

    def mark(self, i, answer):
        """Return the grade and the feedback of an answer."""
        kind, answers = self.questions[i]
        for text in answers:
            shown, _, feedback = [*split(text, "#"), "", ""][0], "", [*split(text, "#"), ""][1]
            grade = 1.0 if shown.startswith("=") else 0.0
            shown = re.sub(r"^(=|%\d+%)", "", shown)
            if kind == "NUMERICAL":
                value, tolerance = map(float, shown.split(":"))
                if abs(answer - value) <= tolerance:
                    return grade, unescaped(feedback)
            elif unescaped(shown) == answer:
                return grade, unescaped(feedback)
        return 0.0, None


class Gift:
    """A question in GIFT: the title, the text, and the answers with grade and feedback."""

    FORM = re.compile(r"::((?:\\.|[^:\\])*)::\[html\]((?:\\.|[^{\\])*)\{(#?)\n((?:\\.|[^}\\])*)\}", re.DOTALL)

    def __init__(self, match):
        self.title, self.text, numeric, answers = match.groups()
        self.numeric = bool(numeric)
        self.answers = []
        for line in answers.strip().splitlines():
            shown, feedback = split(line.strip(), "#")
            right = shown[0] == "="
            grade = re.match(r"=%(\d+)%", shown)
            body = shown[len(grade[0]) :] if grade else shown[1:]
            self.answers.append((body, float(grade[1]) / 100 if grade else float(right), unescaped(feedback)))

    @classmethod
    def all(cls, text):
        return [cls(match) for match in cls.FORM.finditer(text)]

    def mark(self, answer):
        for body, grade, feedback in self.answers:
            if self.numeric:
                value, tolerance = map(float, body.split(":"))
                if abs(answer - value) <= tolerance:
                    return grade, feedback
            elif unescaped(body) == answer:
                return grade, feedback
        return 0.0, None


class QtiItem:
    """An item of QTI 2.1, whose response processing is carried out."""

    def __init__(self, text):
        self.root = ET.fromstring(text)
        self.right = {
            declared.get("identifier"): declared.find(f"{QTI}correctResponse/{QTI}value").text
            for declared in self.root.findall(f"{QTI}responseDeclaration")
        }
        self.feedback = {
            given.get("identifier"): "".join(given.itertext())
            for given in self.root.findall(f"{QTI}modalFeedback")
        }
        body = self.root.find(f"{QTI}itemBody")
        self.asked = [
            found.get("responseIdentifier") for found in body.iter() if found.get("responseIdentifier")
        ]

    def mark(self, answers):
        """Return the score, and the feedback that is shown."""
        score, shown = 0.0, []
        for condition in self.root.find(f"{QTI}responseProcessing"):
            for branch in condition:
                test, *actions = list(branch)
                if self._holds(test, answers):
                    for action in actions:
                        if action.get("identifier") == "SCORE":
                            score += float(action.find(f".//{QTI}baseValue").text)
                        else:
                            shown.append(self.feedback[action.find(f".//{QTI}baseValue").text])
                    break
        return score, shown

    def _holds(self, test, answers):
        given = answers[test.find(f"{QTI}variable").get("identifier")]
        wanted = test.find(f"{QTI}baseValue").text
        if test.tag == f"{QTI}match":
            return given == wanted
        below, above = map(float, test.get("tolerance").split())
        return float(wanted) - below <= float(given) <= float(wanted) + above
