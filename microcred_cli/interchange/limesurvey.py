"""The questionnaire as LimeSurvey's tab-separated structure, with a table of its short codes.

LimeSurvey accepts question codes of at most 20 letters and digits, and answer codes of at most 5.
LimeSurvey discards longer codes without a warning.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import _, speaking
from microcred_cli.interchange.expressions import MISSING, Expressions
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Open, Ranking, Single
from microcred_cli.questionnaire.values import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Item, Option, Questionnaire

Row = dict[str, str]

COLUMNS: Final = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language", "validation"),
    *("mandatory", "other", "default", "same_default", "max_answers", "exclude_all_others"),
    *("min_num_value_n", "max_num_value_n", "num_value_int_only", "maximum_chars"),
)
LONGEST_QUESTION: Final = 20
LONGEST_ANSWER: Final = 5
_NO_CODE = re.compile(r"[^A-Za-z0-9]")
_BREAKS = re.compile(r"[\t\r\n]+")


class Codes:
    """The short codes of a questionnaire in LimeSurvey; they are unique even if case is ignored."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self._taken: set[str] = set()
        self.items: dict[str, str] = {}
        self.fields: dict[tuple[str, str], str] = {}
        for item in questionnaire.items:
            self.items[item.id] = self._question(item.id)
            for option in questionnaire.options(item):
                if option.specify:
                    key = item.id, option.code
                    self.fields[key] = self._question(f"{item.id}{option.code}")
            if isinstance(item, Integer | Ranking) and item.missing:
                self.fields[item.id, MISSING] = self._question(f"{item.id}{MISSING}")

    def _question(self, name: str) -> str:
        short = _NO_CODE.sub("", name)[:LONGEST_QUESTION]
        number = 1
        while short.casefold() in self._taken:
            number += 1
            end = str(number)
            short = _NO_CODE.sub("", name)[: LONGEST_QUESTION - len(end)] + end
        self._taken.add(short.casefold())
        return short

    def answers(self, item: Item) -> dict[str, str]:
        """The short codes of options and reserved codes; unchanged if all are short enough."""
        codes = [*(o.code for o in self.questionnaire.options(item)), *item.missing]
        is_short = all(len(code) <= LONGEST_ANSWER and not _NO_CODE.search(code) for code in codes)
        if is_short and len({code.casefold() for code in codes}) == len(codes):
            return {code: code for code in codes}
        return {code: f"A{number}" for number, code in enumerate(codes, 1)}

    def rows(self, item: Matrix) -> dict[str, str]:
        """The short code of each row of a matrix."""
        return {row.code: f"SQ{number}" for number, row in enumerate(item.rows, 1)}

    def table(self) -> bytes:
        """A CSV table of the LimeSurvey codes and the corresponding codes of the questionnaire."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(("question", "code", "item", "item_code"))
        for item in self.questionnaire.items:
            name = self.items[item.id]
            writer.writerow((name, "", item.id, ""))
            if isinstance(item, Matrix):
                writer.writerows((name, s, item.id, code) for code, s in self.rows(item).items())
            found = self.answers(item).items()
            writer.writerows((name, short, item.id, code) for code, short in found)
            own = ((key, short) for key, short in self.fields.items() if key[0] == item.id)
            writer.writerows((short, "", item.id, key[1]) for key, short in own)
        return out.getvalue().encode()


class ExpressionManager(Expressions):
    """LimeSurvey expressions; a hidden question has no answer."""

    def __init__(self, questionnaire: Questionnaire, codes: Codes) -> None:
        self._codes = codes
        super().__init__(questionnaire)

    def equals(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this code or contains it."""
        name, short = self._codes.items[item.id], self._codes.answers(item)[code]
        if isinstance(item, Multiple):
            return f'{name}_{short}.NAOK == "Y"'
        if isinstance(item, Matrix):
            rows = self._codes.rows(item).values()
            return self.either(f'{name}_{row}.NAOK == "{short}"' for row in rows)
        if isinstance(item, Ranking):
            count = min(item.ranks, len(self.questionnaire.options(item)))
            ranks = range(1, count + 1)
            return self.either(f'{name}_{rank}.NAOK == "{short}"' for rank in ranks)
        return f'{name}.NAOK == "{short}"'

    def is_missing(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this reserved code."""
        if isinstance(item, Integer | Ranking):
            short = self._codes.answers(item)[code]
            return f'{self._codes.fields[item.id, MISSING]}.NAOK == "{short}"'
        return self.equals(item, code)

    def is_empty(self, item: Item) -> str:
        """Expression that is true if an item has no answer."""
        name = self._codes.items[item.id]
        if isinstance(item, Multiple):
            return f"count(that.{name}.NAOK) == 0"
        if isinstance(item, Matrix):
            rows = self._codes.rows(item).values()
            return self.both(f"is_empty({name}_{row}.NAOK)" for row in rows)
        return f"is_empty({name}{'_1' if isinstance(item, Ranking) else ''}.NAOK)"

    def text(self, text: str) -> str:
        """A string literal, with quotation marks as HTML entities."""
        return '"' + text.replace('"', "&quot;") + '"'

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Conditional expression: `then` if the condition is true, else `otherwise`."""
        return f"if({condition}, {then}, {otherwise})"


def as_limesurvey(loaded: Loaded, language: str) -> bytes:
    """The survey structure in UTF-8 with a byte order mark; `language` is the base language."""
    form = _Structure(loaded, language)
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(_cell(row.get(head, "")) for head in COLUMNS) for row in form.rows()]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def _cell(text: str) -> str:
    """Quote a cell, joining its lines and adding a space after a final backslash."""
    text = _BREAKS.sub(" ", text).replace('"', '""')
    text = f"{text} " if text.endswith("\\") else text
    return f'"{text}"' if text else ""


class _Structure:
    def __init__(self, loaded: Loaded, language: str) -> None:
        self.source = loaded.questionnaire
        order = [language, *(code for code in loaded.languages if code != language)]
        self.languages: dict[str, Questionnaire] = {code: loaded.languages[code] for code in order}
        self.codes = Codes(self.source)
        self.logic = ExpressionManager(self.source, self.codes)

    def rows(self) -> Iterator[Row]:
        """The rows of the survey: settings, then groups with questions, each in all languages."""
        first, *others = self.languages
        yield {"class": "S", "name": "language", "text": first}
        if others:
            yield {"class": "S", "name": "additional_languages", "text": " ".join(others)}
        yield {"class": "S", "name": "format", "text": "G"}
        for code, questionnaire in self.languages.items():
            title = {"name": "surveyls_title", "text": questionnaire.title}
            yield {"class": "SL", **title, "language": code}
        for code in self.languages:
            yield from self.language(code)

    def language(self, language: str) -> Iterator[Row]:
        """All groups and questions in one language."""
        questionnaire = self.languages[language]
        with speaking(language):
            for number, section in enumerate(questionnaire.sections, 1):
                yield {
                    "class": "G",
                    "type/scale": f"G{number}",
                    "name": section.label,
                    "relevance": "1",
                    "text": self.said(section.lead_in or "", questionnaire),
                    "language": language,
                }
                for item in section.items:
                    for row in self.question(item, questionnaire):
                        yield {**row, "language": language}

    def said(self, text: str, questionnaire: Questionnaire) -> str:
        """A label with phrases replaced by expressions."""
        for phrase in questionnaire.phrases:
            token = f"{{{phrase.id}}}"
            if token in text:
                text = text.replace(token, f"{{{self.logic.words(phrase)}}}")
        return text

    def wording(self, item: Item, questionnaire: Questionnaire) -> str:
        """The text of an item, as an expression if it has variants."""
        if not item.variants:
            return self.said(item.text, questionnaire)
        found = self.logic.wording(self.source.by_id[item.id], item)
        for phrase in questionnaire.phrases:
            words = f'", {self.logic.words(phrase)}, "'
            found = found.replace(f"{{{phrase.id}}}", words)
        joined = re.sub(r'"((?:[^"]*", if\(.*?\), ")+[^"]*)"', r'join("\1")', found)
        return f"{{{joined}}}"

    def question(self, item: Item, questionnaire: Questionnaire) -> Iterator[Row]:
        """The rows of an item: its question, subquestions, answers and additional fields."""
        route = self.logic.asked(item) or "1"
        answers = self.codes.answers(item)
        options = questionnaire.options(item)
        labels = {option.code: option.label for option in options}
        labels |= {code: _(MISSING_LABELS[code]) for code in item.missing}
        kind, settings = self.kind(item)
        yield {
            "class": "Q",
            "type/scale": kind,
            "name": self.codes.items[item.id],
            "relevance": route,
            "text": self.wording(item, questionnaire),
            "help": item.instruction or "",
            "mandatory": "Y" if item.required == "hard" else "N",
            "other": "N",
            **settings,
        }
        if isinstance(item, Matrix):
            for row in item.rows:
                yield _part("SQ", self.codes.rows(item)[row.code], row.label)
        listed = {o.code: labels[o.code] for o in options} if isinstance(item, Ranking) else labels
        part = "SQ" if isinstance(item, Multiple) else "A"
        for code, label in listed.items() if not isinstance(item, Integer | Open) else ():
            yield _part(part, answers[code], label)
        if (item.id, MISSING) in self.codes.fields:
            empty = self.logic.both([self.logic.asked(item), self.logic.is_empty(item)])
            name = self.codes.fields[item.id, MISSING]
            yield _field("L", name, empty, " / ".join(labels[code] for code in item.missing))
            for code in item.missing:
                yield _part("A", answers[code], labels[code])
        for option in options:
            if option.specify:
                yield self.specify(item, option)

    def kind(self, item: Item) -> tuple[str, Row]:
        """The LimeSurvey question type of an item, and its settings."""
        match item:
            case Matrix():
                return "F", {}
            case Integer():
                least, most = str(item.minimum), str(item.maximum)
                whole = {"num_value_int_only": "1"}
                return "N", {"min_num_value_n": least, "max_num_value_n": most, **whole}
            case Open():
                return "T", {"maximum_chars": str(item.max_length)}
            case Ranking():
                return "R", {"max_answers": str(item.ranks)}
            case Multiple():
                found = {"max_answers": str(item.at_most)} if item.at_most else {}
                answers = self.codes.answers(item)
                alone = [o.code for o in self.source.options(item) if o.exclusive]
                short = ";".join(answers[code] for code in (*alone, *item.missing))
                return "M", {**found, **({"exclude_all_others": short} if short else {})}
            case Single():
                return "L", {}

    def specify(self, item: Item, option: Option) -> Row:
        """The row of the text field of an option."""
        assert option.specify is not None
        asked = [self.logic.asked(item), self.logic.equals(item, option.code)]
        name = self.codes.fields[item.id, option.code]
        row = _field("S", name, self.logic.both(asked), option.specify.text)
        return {**row, "maximum_chars": str(option.specify.max_length)}


def _part(kind: str, code: str, label: str) -> Row:
    return {"class": kind, "type/scale": "0", "name": code, "text": label}


def _field(kind: str, name: str, relevance: str, text: str) -> Row:
    start = {"class": "Q", "type/scale": kind, "name": name, "relevance": relevance, "text": text}
    return {**start, "mandatory": "N", "other": "N"}
