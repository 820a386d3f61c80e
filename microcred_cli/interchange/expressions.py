"""Route conditions as expressions in the languages of other survey tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.interchange.route_words import Has, without_computed
from microcred_cli.questionnaire.models import Condition
from microcred_cli.questionnaire.values import BLANK, NOT_ASKED, NOT_REACHED, OFFERED_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from microcred_cli.interchange.route_words import Joined
    from microcred_cli.questionnaire.models import Computed, Item, Phrase, Questionnaire

MISSING = "missing"
"""The suffix of an additional field for the reserved codes of an item that is not a choice."""


class Expressions:
    """Builds expressions in the language of a tool; "" is a condition that is always true.

    Subclasses define the basic expressions. If the tool keeps the answers to hidden questions,
    `hides_answers` is false, and each test of an answer is combined with the route of its question.
    """

    hides_answers = True

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self._asked: dict[str, str] = {}
        ends: list[str] = []
        for item in questionnaire.items:
            own = self.condition(item.asked_if) if item.asked_if is not None else ""
            self._asked[item.id] = self.both([*ends, own])
            codes = [option.code for option in questionnaire.options(item) if option.ends]
            if codes:
                ends.append(self.negated(self._has(Has(item.id, tuple(codes)))))

    # -- basic expressions, which depend on the tool

    def equals(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this code or contains it."""
        raise NotImplementedError

    def is_missing(self, item: Item, code: str) -> str:
        """Expression that is true if the answer to an item is this reserved code."""
        return self.equals(item, code)

    def is_empty(self, item: Item) -> str:
        """Expression that is true if an item has no answer."""
        raise NotImplementedError

    def text(self, text: str) -> str:
        """A string literal."""
        raise NotImplementedError

    def choice(self, condition: str, then: str, otherwise: str) -> str:
        """Conditional expression: `then` if the condition is true, else `otherwise`."""
        raise NotImplementedError

    def both(self, parts: Iterable[str]) -> str:
        """Expression that is true if all of the parts are true."""
        found = list(dict.fromkeys(filter(None, parts)))
        return found[0] if len(found) == 1 else " and ".join(f"({part})" for part in found)

    def either(self, parts: Iterable[str]) -> str:
        """Expression that is true if any of the parts is true."""
        found = list(dict.fromkeys(parts))
        return found[0] if len(found) == 1 else " or ".join(f"({part})" for part in found)

    def negated(self, part: str) -> str:
        """Expression that is true if the part is false."""
        return f"!({part})"

    # -- conditions

    def asked(self, item: Item) -> str:
        """Expression that is true if an item is asked and no earlier answer has ended the form."""
        return self._asked[item.id]

    def condition(self, condition: Condition) -> str:
        """A condition as an expression."""
        return self._of(without_computed(condition, self.questionnaire))

    def _of(self, condition: Has | Joined) -> str:
        if isinstance(condition, Has):
            has = self._has(condition)
            return self.negated(has) if condition.negated else has
        parts = map(self._of, condition.parts)
        return self.both(parts) if condition.how == "all" else self.either(parts)

    def _has(self, condition: Has) -> str:
        item = self.questionnaire.by_id[condition.item]
        asked = "" if self.hides_answers else self._asked[item.id]
        ways = [self.both([asked, self.either(self._answers(item, condition.codes))])]
        if NOT_ASKED in condition.codes and self._asked[item.id]:
            ways.append(self.negated(self._asked[item.id]))
        return self.either(ways)

    def _answers(self, item: Item, codes: Iterable[str]) -> Iterator[str]:
        for code in codes:
            if code == BLANK:
                yield self.is_empty(item)
            elif code in OFFERED_MISSING:
                yield self.is_missing(item, code)
            elif code not in (NOT_ASKED, NOT_REACHED):
                yield self.equals(item, code)

    # -- texts

    def category(self, variable: Computed) -> str:
        """Expression for the category of a computed variable; "" if no condition is true."""
        found = self.text("")
        for category in reversed(variable.categories):
            code = self.text(category.code)
            when = category.when and self.condition(category.when)
            found = self.choice(when, code, found) if when else code
        return found

    def words(self, phrase: Phrase) -> str:
        """Expression for the text of a phrase."""
        found = self.text("")
        for code, words in reversed(phrase.texts.items()):
            if code in (NOT_ASKED, BLANK):
                continue
            when = self.condition(Condition(item=phrase.by, any_of=(code,)))
            found = self.choice(when, self.text(words), found)
        return found

    def wording(self, item: Item, translated: Item) -> str:
        """Expression for the text of an item with variants, without inserting phrases."""
        found = self.text(translated.text)
        for own, variant in zip(
            reversed(item.variants), reversed(translated.variants), strict=True
        ):
            found = self.choice(self.condition(own.when), self.text(variant.text), found)
        return found


def worded(
    languages: Mapping[str, Questionnaire],
) -> Iterator[tuple[str, str, Phrase | Item]]:
    """All phrases and items with variants, in each language, with the names of calculations."""
    for language, questionnaire in languages.items():
        for phrase in questionnaire.phrases:
            yield f"{phrase.id}_{language}", language, phrase
        for item in questionnaire.items:
            if item.variants:
                yield f"text_{item.id}_{language}", language, item
