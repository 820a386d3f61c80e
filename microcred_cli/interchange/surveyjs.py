"""The questionnaire as a SurveyJS form, in all its languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from microcred_cli.i18n import speaking
from microcred_cli.interchange.expressions import MISSING, Expressions, worded
from microcred_cli.interchange.translated import (
    item_instruction,
    item_text,
    lead_in,
    missing_label,
    option_label,
    row_text,
    section_label,
    specify_text,
)
from microcred_cli.questionnaire.models import (
    Choice,
    Integer,
    Matrix,
    Multiple,
    Open,
    Phrase,
    Ranking,
    Single,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.interchange.translated import Taker
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Item, Option, Questionnaire

Element = dict[str, Any]

_LONGEST_LIST = 20
"""Lists of more than this number of options are shown as drop-down lists."""


class SurveyJSExpressions(Expressions):
    """SurveyJS expressions; the answers to hidden questions are kept."""

    hides_answers = False

    def equals(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this code or contains it."""
        if isinstance(item, Matrix):
            rows = (f"{{{item.id}.{row.code}}} = {self.text(code)}" for row in item.rows)
            return self.either(rows)
        contains = "contains" if isinstance(item, Multiple | Ranking) else "="
        return f"{{{item.id}}} {contains} {self.text(code)}"

    def is_missing(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this reserved code."""
        if isinstance(item, Integer | Ranking | Open):
            return f"{{{item.id}__{MISSING}}} = {self.text(code)}"
        return self.equals(item, code)

    def is_empty(self, item: Item) -> str:
        """Expression that is true if an item has no answer."""
        return f"{{{item.id}}} empty"

    def text(self, text: str) -> str:
        """A string literal."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Conditional expression: `then` if the condition is true, else `otherwise`."""
        return f"iif({condition}, {then}, {otherwise})"


def as_surveyjs(loaded: Loaded, language: str) -> bytes:
    """The form as JSON, initially shown in this language."""
    return (
        json.dumps(SurveyForm(loaded).form(language), ensure_ascii=False, indent=2) + "\n"
    ).encode()


class SurveyForm:
    """Builds the form of a questionnaire as JSON objects."""

    def __init__(self, loaded: Loaded) -> None:
        self.source = loaded.questionnaire
        self.languages: dict[str, Questionnaire] = {
            code: loaded.languages[code] for code in loaded.languages
        }
        self.logic = SurveyJSExpressions(self.source)

    def form(self, language: str) -> Element:
        """The complete form."""
        sections = enumerate(self.source.sections)
        return {
            "locale": language,
            "title": self.said(lambda q: q.title),
            "checkErrorsMode": "onNextPage",
            "clearInvisibleValues": "onHidden",
            "calculatedValues": list(self.calculated()),
            "completedHtml": self.said(lambda q: q.closing.get("complete", "")),
            "pages": [
                {
                    "name": f"page_{section.id}",
                    "title": self.said(section_label(number)),
                    **self.optional("description", lead_in(number)),
                    "elements": [e for item in section.items for e in self.elements(item)],
                }
                for number, section in sections
            ],
        }

    def said(self, text: Taker) -> dict[str, str]:
        """A label in all languages; the source language is the default."""
        own = self.source.language
        found = {"default": self.phrased(text(self.source), own)}
        for code, questionnaire in self.languages.items():
            if code != own:
                with speaking(code):
                    found[code] = self.phrased(text(questionnaire), code)
        return found

    def optional(self, key: str, text: Taker) -> Element:
        """A key and its label in all languages, as an object; empty without a source label."""
        return {key: self.said(text)} if text(self.source) else {}

    def phrased(self, text: str, language: str) -> str:
        """A label with phrases replaced by the names of calculated values."""
        for phrase in self.source.phrases:
            text = text.replace(f"{{{phrase.id}}}", f"{{{phrase.id}_{language}}}")
        return text

    def calculated(self) -> Iterator[Element]:
        """Calculated values: computed variables, phrases, and wordings."""
        for variable in self.source.computed:
            value = self.logic.category(variable)
            yield {"name": variable.id, "expression": value, "includeIntoResult": True}
        for name, language, part in worded(self.languages):
            if isinstance(part, Phrase):
                yield {"name": name, "expression": self.logic.words(part)}
            else:
                wording = self.logic.wording(self.source.by_id[part.id], part)
                yield {"name": name, "expression": self.concatenated(wording, language)}

    def concatenated(self, expression: str, language: str) -> str:
        """An expression with phrases replaced by the names of calculated values."""
        for phrase in self.source.phrases:
            expression = expression.replace(
                f"{{{phrase.id}}}", f"' + {{{phrase.id}_{language}}} + '"
            )
        return expression

    def elements(self, item: Item) -> Iterator[Element]:
        """The elements of an item: its question, reserved codes, and text fields of options."""
        visible = self.logic.asked(item)
        route = {"visibleIf": visible} if visible else {}
        title = self.said(item_text(item.id))
        if item.variants:
            own = self.source.language
            title = {
                "default" if code == own else code: f"{{text_{item.id}_{code}}}"
                for code in self.languages
            }
        yield {
            **self.kind(item),
            "name": item.id,
            "title": title,
            **self.optional("description", item_instruction(item.id)),
            **route,
            **({"isRequired": True} if item.required == "hard" else {}),
        }
        if isinstance(item, Integer | Ranking | Open) and item.missing:
            yield {
                "type": "radiogroup",
                "name": f"{item.id}__{MISSING}",
                "titleLocation": "hidden",
                "choices": self.missing(item),
                "visibleIf": self.logic.both([visible, self.logic.is_empty(item)]),
            }
        for option in self.source.options(item):
            if option.specify:
                yield self.specify(item, option, visible)

    def specify(self, item: Item, option: Option, visible: str) -> Element:
        """The text field of an option."""
        assert option.specify is not None
        return {
            "type": "text",
            "name": f"{item.id}__{option.code}",
            "title": self.said(specify_text(item.id, option.code)),
            "maxLength": option.specify.max_length,
            "visibleIf": self.logic.both([visible, self.logic.equals(item, option.code)]),
        }

    def kind(self, item: Item) -> Element:
        """The JSON keys that depend on the kind of the item."""
        match item:
            case Integer():
                limits = {"min": item.minimum, "max": item.maximum}
                return {"type": "text", "inputType": "number", **limits}
            case Open():
                return {"type": "comment", "maxLength": item.max_length}
            case Matrix():
                rows = [
                    {"value": row.code, "text": self.said(row_text(item.id, number))}
                    for number, row in enumerate(item.rows)
                ]
                return {"type": "matrix", "columns": self.choices(item), "rows": rows}
            case Ranking():
                ranks = {"selectToRankEnabled": True, "maxSelectedChoices": item.ranks}
                return {"type": "ranking", "choices": list(self.options(item)), **ranks}
            case Multiple():
                return {"type": "checkbox", **self.several(item)}
            case Single():
                choices = self.choices(item)
                is_long = len(choices) > _LONGEST_LIST
                return {"type": "dropdown" if is_long else "radiogroup", "choices": choices}

    def several(self, item: Multiple) -> Element:
        """The choices of a multiple-choice item, and the maximum number that may be chosen."""
        choices = self.choices(item)
        alone = [option.code for option in self.source.options(item) if option.exclusive]
        for choice in choices:
            if choice["value"] in (*alone, *item.missing):
                choice["isExclusive"] = True
        most = {"maxSelectedChoices": item.at_most} if item.at_most else {}
        return {"choices": choices, **most}

    def choices(self, item: Single | Multiple | Matrix) -> list[Element]:
        """The options and reserved codes of an item as choices."""
        return [*self.options(item), *self.missing(item)]

    def options(self, item: Choice) -> Iterable[Element]:
        """The options of an item as choices."""
        return [
            {
                "value": option.code,
                "text": self.said(option_label(item.id, option.code)),
            }
            for option in self.source.options(item)
        ]

    def missing(self, item: Item) -> list[Element]:
        """The reserved codes of an item as choices."""
        return [{"value": code, "text": self.said(missing_label(code))} for code in item.missing]
