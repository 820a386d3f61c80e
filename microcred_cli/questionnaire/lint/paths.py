"""Lint of routes: items that are never asked, constant conditions, and phrases without words."""

import math
from collections.abc import Iterator, Sequence

from microcred_cli.errors import DefinitionError, Fault
from microcred_cli.questionnaire.conditions import category_of, codes_of, holds, names_in
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.lint.outline import Outline, OutlineEntry
from microcred_cli.questionnaire.lint.sketch import Sketch
from microcred_cli.questionnaire.lint.wording import PHRASED, TOKEN
from microcred_cli.questionnaire.models import Condition, Single, allowed_missing
from microcred_cli.questionnaire.occurrences import MOST_KINDS, Occurrences
from microcred_cli.questionnaire.path_bounds import Part, Parts
from microcred_cli.questionnaire.routes import Situation, situations_in
from microcred_cli.questionnaire.values import BLANK, NOT_ASKED
from microcred_cli.questionnaire.yaml.tree import Node

_REMOVE = "Remove the condition, or correct it."


def check_paths(outline: Outline) -> Iterator[Fault]:
    """Find items never asked, constant conditions, unused categories and missing words."""
    try:
        paths = _Paths(outline)
        yield from paths.check()
        yield from paths.check_breakdowns()
    except DefinitionError as error:
        for found in error.faults:
            yield fault(found.code, outline.root.line, None, found.message, found.hint)


class _Paths:
    """A check of all routes through a definition."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        sketch = Sketch(outline)
        self._questionnaire = sketch.questionnaire
        self._parts = Parts(self._questionnaire, texts=True)
        self._deciding = self._parts.deciding
        self._unsure = sketch.unsure
        self._shaken = set(sketch.unsure)
        for item in self._questionnaire.items:
            if any(self._is_shaken(name) for name in names_in(item.asked_if)):
                self._shaken.add(item.id)
        self._phrases = {phrase.id: phrase for phrase in self._questionnaire.phrases}

    def _is_shaken(self, name: str) -> bool:
        """True if an item or variable depends on an unreadable condition, even indirectly."""
        return not self._shaken.isdisjoint({name, *self._deciding.items_behind(name)})

    def check(self) -> Iterator[Fault]:
        """Find every fault that can only be found by following the routes.

        Raises:
            DefinitionError: there are too many routes.
        """
        last = min(map(self._last_reached, self._parts.all), default=math.inf)
        for part in self._parts.all:
            settled = self._settled_in(part)
            for item, places in situations_in(part, self._deciding):
                position = math.inf if item is None else self._deciding.positions[item.id]
                reached = places if item is None or position <= last else ()
                while settled and settled[0][0] <= position:
                    yield from self._categories(settled.pop(0)[1], reached)
                question = self._outline.question(item.id) if item is not None else None
                if question is not None:
                    yield from self._question(question, reached)

    def check_breakdowns(self) -> Iterator[Fault]:
        """Report breakdowns that depend on each other in too many ways."""
        questionnaire = self._questionnaire
        groups = dict(self._groups(name) for name in questionnaire.breakdowns)
        groups.pop("", None)
        if Occurrences(questionnaire, groups).are_too_many:
            message = (
                f"The breakdowns distinguish more than {MOST_KINDS} kinds of people, too many to "
                "check that their tables reveal no individual answers."
            )
            hint = (
                "Remove some breakdowns, especially those whose groups depend on the groups of "
                "another breakdown."
            )
            yield fault("Q046", self._outline.root.line_of("breakdowns"), None, message, hint)

    def _groups(self, name: str) -> tuple[str, tuple[str, ...]]:
        """A breakdown and the codes of its groups; nothing if there are none."""
        questionnaire = self._questionnaire
        if name in questionnaire.computed_by_id:
            categories = questionnaire.computed_by_id[name].categories
            return name, tuple(category.code for category in categories)
        item = questionnaire.by_id.get(name)
        if not isinstance(item, Single):
            return "", ()
        codes = [option.code for option in questionnaire.options(item)]
        reserved = [*allowed_missing(item), *([BLANK] if item.required != "hard" else [])]
        reserved += [NOT_ASKED] if item.asked_if is not None else []
        return name, tuple(dict.fromkeys((*codes, *reserved)))

    def _settled_in(self, part: Part) -> list[tuple[int, str]]:
        """The computed variables decided in a part, with the position at which each is decided."""
        ids = {item.id for item in part}
        return sorted(
            (self._deciding.settled_at(variable.id), variable.id)
            for variable in self._questionnaire.computed
            if not ids.isdisjoint(self._deciding.items_behind(variable.id))
        )

    def _last_reached(self, part: Part) -> float:
        """The position of the item at which every answer ends the interview; infinity if none."""
        options = [option for item in part for option in self._questionnaire.options(item)]
        if not any(option.ends for option in options):
            return math.inf
        position = -1
        for item, places in situations_in(part, self._deciding):
            if not places:
                return position
            position = self._deciding.positions[item.id] if item is not None else position
        return math.inf

    def _question(self, question: OutlineEntry, places: Sequence[Situation]) -> Iterator[Fault]:
        name = question.id or ""
        item = self._questionnaire.by_id[name]
        if not places:
            hint = "Check which earlier answers end the interview."
            message = "No route reaches this item: every route ends before it."
            yield fault("Q040", question.node.line, name, message, hint)
            return
        asked = [place for place in places if self._holds(item.asked_if, place)]
        when = question.node.get("asked_if")
        if when is not None and item.asked_if is not None:
            if not asked:
                message = "No route reaches this item: its condition is never true."
                yield fault("Q041", when.line, name, message, _REMOVE)
            elif len(asked) == len(places):
                message = "The condition is true on every route to this item."
                yield fault("Q042", when.line, name, message, _REMOVE)
        if asked and len(item.variants) == len(question.node.nodes("variants")):
            yield from self._texts(question, asked)

    def _texts(self, question: OutlineEntry, asked: Sequence[Situation]) -> Iterator[Fault]:
        """Faults in the variants of a text, and in the phrases inserted into texts."""
        name, left = question.id or "", asked
        variants = self._questionnaire.by_id[name].variants
        nodes = question.node.mappings("variants")
        for node, variant in zip(nodes, variants, strict=True):
            shown_in = [place for place in left if self._holds(variant.when, place)]
            if left and len(shown_in) in (0, len(left)):
                code, word = ("Q042", "always") if shown_in else ("Q041", "never")
                message = f"The condition of the variant is {word} true when it is evaluated."
                yield fault(code, node.line_of("when"), name, message, _REMOVE)
            yield from self._words(node, name, shown_in)
            left = [place for place in left if not self._holds(variant.when, place)]
        yield from self._words(question.node, name, left)
        first = [place for place in asked if not place.begun]
        yield from self._words(question.section, name, first)

    def _words(self, node: Node, name: str, places: Sequence[Situation]) -> Iterator[Fault]:
        """Report tokens whose phrase has no words for a value that can occur at the item.

        Nothing is reported for an item whose condition is unreadable.
        """
        owner = node.text("id") or name
        for key in PHRASED if name not in self._shaken else ():
            for token in dict.fromkeys(TOKEN.findall(node.text(key) or "")):
                for value in sorted(self._unworded(token, places)):
                    message = (
                        f"{shown(f'{{{token}}}')} has no words for {shown(value)},"
                        " which can occur when the text is shown."
                    )
                    hint = "Add words for this value, or a variant of the text without the phrase."
                    yield fault("Q071", node.line_of(key), owner, message, hint)

    def _unworded(self, token: str, places: Sequence[Situation]) -> set[str]:
        """The values that can occur in these states, but for which the phrase has no words."""
        phrase = self._phrases.get(token)
        if phrase is None or self._is_shaken(phrase.by):
            return set()
        values: set[str] = set()
        for place in places:
            codes = codes_of(phrase.by, place.answers, self._questionnaire)
            values |= {"a later answer"} if codes is None else codes - phrase.texts.keys()
        return values

    def _categories(self, name: str, places: Sequence[Situation]) -> Iterator[Fault]:
        """Report categories of a computed variable that do not occur in any of these states."""
        variable = self._questionnaire.computed_by_id[name]
        found = {category_of(variable, place.answers, self._questionnaire) for place in places}
        node = self._outline.variables_by_id[name].node
        for category in node.mappings("categories"):
            code = category.word("code")
            if places and code not in found:
                message = f"No answers lead to the category {shown(code)}."
                yield fault(
                    "Q043", category.line, name, message, "Remove the category, or correct `when`."
                )

    def _holds(self, condition: Condition | None, place: Situation) -> bool:
        return holds(condition, place.answers, self._questionnaire) is True
