"""The questionnaire as an XLSForm (for ODK and KoboToolbox), in all its languages."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.clock.dates import NEUTRAL
from microcred_cli.i18n import _, digits, speaking
from microcred_cli.interchange.expressions import MISSING, Expressions, worded
from microcred_cli.interchange.extras import refuse_without
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
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.models import (
    Integer,
    Matrix,
    Multiple,
    Open,
    Phrase,
    Ranking,
    Single,
)
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.records.recoding import most_ranks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interchange.translated import Taker
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Item, Option, Questionnaire

Row = dict[str, str]

_LONGEST_LIST = 20
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})


class XPath(Expressions):
    """XForms expressions; a hidden question has no answer."""

    def equals(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this code or contains it."""
        if isinstance(item, Matrix):
            rows = (f"${{{item.id}__{row.code}}} = {self.text(code)}" for row in item.rows)
            return self.either(rows)
        if isinstance(item, Ranking):
            count = min(item.ranks, len(self.questionnaire.options(item)))
            ranks = (f"${{{item.id}__{rank + 1}}} = {self.text(code)}" for rank in range(count))
            return self.either(ranks)
        if isinstance(item, Multiple):
            return f"selected(${{{item.id}}}, {self.text(code)})"
        return f"${{{item.id}}} = {self.text(code)}"

    def is_missing(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this reserved code."""
        if isinstance(item, Ranking):
            return f"${{{item.id}__1}} = {self.text(code)}"
        if isinstance(item, Integer | Open):
            return f"${{{item.id}__{MISSING}}} = {self.text(code)}"
        return self.equals(item, code)

    def is_empty(self, item: Item) -> str:
        """Expression that is true if an item has no answer."""
        name = f"{item.id}__1" if isinstance(item, Ranking) else item.id
        if isinstance(item, Matrix):
            return self.both(f"${{{item.id}__{row.code}}} = ''" for row in item.rows)
        return f"${{{name}}} = ''"

    def negated(self, part: str) -> str:
        """Expression that is true if the part is false."""
        return f"not({part})"

    def text(self, text: str) -> str:
        """A string literal, which can contain both kinds of quotation marks."""
        # pyxform converts typographic quotation marks to straight ones before parsing expressions.
        text = text.translate(_STRAIGHT)
        if "'" not in text:
            return f"'{text}'"
        if '"' not in text:
            return f'"{text}"'
        parts = [f'"{part}"' for part in text.split('"')]
        return f"concat({', '.join(_between(parts))})"

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Conditional expression: `then` if the condition is true, else `otherwise`."""
        return f"if({condition}, {then}, {otherwise})"


def _between(parts: list[str]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield "'\"'"
        yield part


def as_xlsform(loaded: Loaded, language: str) -> bytes:
    """The workbook with this default language, as reproducible bytes."""
    refuse_without("xlsxwriter", "export")
    from xlsxwriter import Workbook

    form = XLSForm(loaded)
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": NEUTRAL.replace(tzinfo=None)})
        for name, rows in (
            ("survey", list(form.survey())),
            ("choices", list(form.choices())),
            ("settings", [form.settings(language)]),
        ):
            sheet = book.add_worksheet(name)
            heads = list(dict.fromkeys(head for row in rows for head in row))
            for column, head in enumerate(heads):
                sheet.write_string(0, column, head)
                for line, row in enumerate(rows, 1):
                    if row.get(head):
                        sheet.write_string(line, column, row[head])
    return out.getvalue()


class XLSForm:
    """Builds the rows of the workbook for a questionnaire."""

    def __init__(self, loaded: Loaded) -> None:
        self.source = loaded.questionnaire
        self.languages: dict[str, Questionnaire] = {
            code: loaded.languages[code] for code in loaded.languages
        }
        self.logic = XPath(self.source)

    def settings(self, language: str) -> Row:
        """The settings of the form."""
        return {
            "form_title": self.source.short_title,
            "form_id": self.source.id,
            "version": self.source.version,
            "default_language": _heading(language),
        }

    def said(self, column: str, text: Taker) -> Row:
        """A label in all languages, with phrases replaced by references to calculations."""
        found: Row = {}
        for code, questionnaire in self.languages.items():
            with speaking(code):
                words = text(questionnaire)
            for phrase in self.source.phrases:
                words = words.replace(f"{{{phrase.id}}}", f"${{{phrase.id}_{code}}}")
            found[f"{column}::{_heading(code)}"] = words
        return found

    def title(self, item: Item) -> Row:
        """The label of an item, and its instruction as a hint."""
        found = self.said("label", item_text(item.id))
        if item.variants:
            found = {
                f"label::{_heading(code)}": f"${{text_{item.id}_{code}}}" for code in self.languages
            }
        if item.instruction:
            found |= self.said("hint", item_instruction(item.id))
        return found

    # -- survey

    def survey(self) -> Iterator[Row]:
        """The rows of the survey: a group for each section, then calculations."""
        defined = next((i.id for i in self.source.items if i.shows_definition), None)
        for number, section in enumerate(self.source.sections):
            label = self.said("label", section_label(number))
            yield {"type": "begin_group", "name": f"section_{section.id}", **label}
            if section.lead_in:
                lead = self.said("label", lead_in(number))
                routes = [self.logic.asked(item) for item in section.items]
                relevant = self.logic.either(routes) if all(routes) else ""
                yield {"type": "note", "name": f"lead_{section.id}", "relevant": relevant, **lead}
            for item in section.items:
                if item.id == defined and self.source.definition:
                    yield {
                        "type": "note",
                        "name": "working_definition",
                        "relevant": self.logic.asked(item),
                        **self.said("label", _definition),
                    }
                yield from self.rows(item)
            yield {"type": "end_group"}
        yield from self.calculations()

    def calculations(self) -> Iterator[Row]:
        """The rows of calculations: computed variables, phrases, and wordings."""
        for variable in self.source.computed:
            value = self.logic.category(variable)
            yield {"type": "calculate", "name": variable.id, "calculation": value}
        for name, language, part in worded(self.languages):
            if isinstance(part, Phrase):
                words = self.logic.words(part)
            else:
                words = self.wording(self.source.by_id[part.id], part, language)
            yield {"type": "calculate", "name": name, "calculation": words}

    def wording(self, item: Item, translated: Item, language: str) -> str:
        """Expression for the text of an item with variants."""
        found = self.constant(translated.text, language)
        pairs = zip(item.variants, translated.variants, strict=True)
        for own, variant in reversed(list(pairs)):
            when = self.logic.condition(own.when)
            found = self.logic.choice(when, self.constant(variant.text, language), found)
        return found

    def constant(self, text: str, language: str) -> str:
        """A label as an expression, with phrases replaced by references to calculations."""
        parts = [text]
        for phrase in self.source.phrases:
            token = f"{{{phrase.id}}}"
            split = [part.split(token) if part != f"${token}" else [part] for part in parts]
            parts = []
            for pieces in split:
                for number, piece in enumerate(pieces):
                    parts += [f"${{{phrase.id}_{language}}}"] if number else []
                    parts.append(piece)
        found = [p if p.startswith("${") else self.logic.text(p) for p in parts if p]
        return found[0] if len(found) == 1 else f"concat({', '.join(found)})"

    def rows(self, item: Item) -> Iterator[Row]:
        """The rows of an item: its question, reserved codes, and text fields of options."""
        relevant = self.logic.asked(item)
        base = {"name": item.id, "relevant": relevant, **self.title(item)}
        if item.required == "hard":
            base["required"] = "yes"
        yield from self.own_rows(item, base)
        if isinstance(item, Integer | Open) and item.missing:
            yield {
                "type": f"select_one {item.id}",
                "name": f"{item.id}__{MISSING}",
                "relevant": self.logic.both([relevant, self.logic.is_empty(item)]),
                **self.said("label", lambda _q: _without(item)),
            }
        for option in self.source.options(item):
            if option.specify:
                yield self.specify(item, option, relevant)

    def own_rows(self, item: Item, base: Row) -> Iterator[Row]:
        """The rows of an item without its additional fields."""
        match item:
            case Matrix():
                yield from self.grid(item, base)
            case Ranking():
                yield from self.ranks(item, base)
            case Integer():
                limits = f". >= {item.minimum} and . <= {item.maximum}"
                message = self.said("constraint_message", lambda _q: _limits(item))
                yield {"type": "integer", **base, "constraint": limits, **message}
            case Open():
                limits = f"string-length(.) <= {item.max_length}"
                message = self.said("constraint_message", lambda _q: _longest(item.max_length))
                row = {"type": "text", **base, "constraint": limits, **message}
                yield {**row, "appearance": "multiline"}
            case Multiple():
                yield {"type": f"select_multiple {item.id}", **base, **self.several(item)}
            case Single():
                is_long = len(self.source.options(item)) > _LONGEST_LIST
                look = {"appearance": "minimal"} if is_long else {}
                yield {"type": f"select_one {item.id}", **base, **look}

    def several(self, item: Multiple) -> Row:
        """The constraint on a multiple choice: the maximum number, and exclusive options."""
        alone = [option.code for option in self.source.options(item) if option.exclusive]
        limits = [
            f"not(selected(., {self.logic.text(code)}) and count-selected(.) > 1)"
            for code in (*alone, *item.missing)
        ]
        messages = [_("Choose this answer alone, or do not choose it.")] if limits else []
        if item.at_most:
            limits.append(f"count-selected(.) <= {item.at_most}")

        def said(_questionnaire: Questionnaire) -> str:
            most = [_("Choose at most {most}.").format(most=item.at_most)] if item.at_most else []
            own = [_("Choose this answer alone, or do not choose it.")] if messages else []
            return " ".join((*most, *own))

        if not limits:
            return {}
        return {"constraint": " and ".join(limits), **self.said("constraint_message", said)}

    def grid(self, item: Matrix, base: Row) -> Iterator[Row]:
        """The rows of a matrix: a group with one question for each row of the matrix."""
        yield {"type": "begin_group", **base, "name": f"grid_{item.id}", "appearance": "field-list"}
        for number, row in enumerate(item.rows):
            yield {
                "type": f"select_one {item.id}",
                "name": f"{item.id}__{row.code}",
                **self.said(
                    "label",
                    row_text(item.id, number),
                ),
            }
        yield {"type": "end_group"}

    def ranks(self, item: Ranking, base: Row) -> Iterator[Row]:
        """The rows of a ranking: a group with one question per rank, all with different answers."""
        base = {**base, "name": f"ranks_{item.id}", "appearance": "field-list"}
        yield {"type": "begin_group", **base}
        names: list[str] = []
        ends = [*(o.code for o in self.source.options(item) if o.exclusive), *item.missing]
        for rank in range(1, most_ranks(self.source, item) + 1):
            row = {
                "type": f"select_one {item.id}" + ("" if rank == 1 else "__more"),
                "name": f"{item.id}__{rank}",
                **self.said("label", partial(_rank, rank)),
            }
            if names:
                chosen = [f"${{{names[-1]}}} != ''"]
                chosen += [f"${{{names[0]}}} != {self.logic.text(code)}" for code in ends]
                row["relevant"] = " and ".join(chosen)
                row["constraint"] = " and ".join(f". != ${{{name}}}" for name in names)
                row |= self.said(
                    "constraint_message", lambda _q: _("The same option is listed twice.")
                )
            yield row
            names.append(f"{item.id}__{rank}")
        yield {"type": "end_group"}

    def specify(self, item: Item, option: Option, relevant: str) -> Row:
        """The row of the text field of an option."""
        assert option.specify is not None
        most = option.specify.max_length
        return {
            "type": "text",
            "name": f"{item.id}__{option.code}",
            "relevant": self.logic.both([relevant, self.logic.equals(item, option.code)]),
            **self.said("label", specify_text(item.id, option.code)),
            "constraint": f"string-length(.) <= {most}",
            **self.said("constraint_message", lambda _q: _longest(most)),
        }

    # -- choices

    def choices(self) -> Iterator[Row]:
        """The choice lists of all items, including reserved codes."""
        for item in self.source.items:
            for option in self.source.options(item):
                label = self.said("label", option_label(item.id, option.code))
                yield {"list_name": item.id, "name": option.code, **label}
                if isinstance(item, Ranking) and not option.exclusive:
                    yield {"list_name": f"{item.id}__more", "name": option.code, **label}
            for code in item.missing:
                label = self.said("label", missing_label(code))
                yield {"list_name": item.id, "name": code, **label}


def _definition(questionnaire: Questionnaire) -> str:
    definition = questionnaire.definition
    return f"{definition.title} {definition.text}" if definition else ""


def _rank(rank: int, _questionnaire: Questionnaire) -> str:
    return f"{rank}."


def _without(item: Item) -> str:
    """The label of the additional field for the reserved codes of an item."""
    return " / ".join(_(MISSING_LABELS[code]) for code in item.missing)


def _longest(most: int) -> str:
    return _("At most {most} characters.").format(most=digits(most))


def _limits(item: Integer) -> str:
    return _("Type a whole number from {minimum} to {maximum}, in digits.").format(
        minimum=item.written(item.minimum), maximum=item.written(item.maximum)
    )


def _heading(language: str) -> str:
    """The name of a language in column headers, such as `Deutsch (de)`."""
    return f"{own_name(language)} ({language})"
