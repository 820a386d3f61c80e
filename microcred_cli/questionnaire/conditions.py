"""Route conditions: true, false, or not yet decided.

Conditions use Kleene's three-valued logic: a condition is decided as soon as no later answer can
change its value. The progress display and the codes `not_asked` and `not_reached` rely on
conditions being decided early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.questionnaire.values import NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from microcred_cli.questionnaire.models import Computed, Condition, Questionnaire
    from microcred_cli.questionnaire.values import Answer


def holds(
    condition: Condition | None, answers: Mapping[str, Answer], questionnaire: Questionnaire
) -> bool | None:
    """Evaluate a condition; return None if it is still undecided with these answers.

    If `condition` is None, the result is true. If an item was not asked or not answered, its only
    code is a reserved code; unless the condition lists that code, `any_of` is false and `none_of`
    is true.
    """
    if condition is None:
        return True
    if condition.all is not None:
        return _every(holds(part, answers, questionnaire) for part in condition.all)
    if condition.any is not None:
        return _not(_every(_not(holds(part, answers, questionnaire)) for part in condition.any))
    if condition.negated is not None:
        return _not(holds(condition.negated, answers, questionnaire))
    codes = codes_of(condition.item or "", answers, questionnaire)
    if codes is None:
        return None
    if condition.any_of is not None:
        return not codes.isdisjoint(condition.any_of)
    return codes.isdisjoint(condition.none_of or ())


def codes_of(
    name: str, answers: Mapping[str, Answer], questionnaire: Questionnaire
) -> frozenset[str] | None:
    """The codes of an item or computed variable; None if undecided."""
    variable = questionnaire.computed_by_id.get(name)
    if variable is not None:
        category = category_of(variable, answers, questionnaire)
        return None if category is None else frozenset((category,))
    answer = answers.get(name)
    if answer is None or answer == NOT_REACHED:
        return None
    if isinstance(answer, str):
        return frozenset((answer,))
    if isinstance(answer, int):
        return frozenset()
    return frozenset(answer if isinstance(answer, tuple) else answer.values())


def category_of(
    variable: Computed, answers: Mapping[str, Answer], questionnaire: Questionnaire
) -> str | None:
    """The code of the first category whose condition is true; None if undecided."""
    for category in variable.categories:
        held = holds(category.when, answers, questionnaire)
        if held is None:
            return None
        if held:
            return category.code
    return None


def names_in(condition: Condition | None) -> Iterator[str]:
    """The items and computed variables that a condition refers to, in order, with duplicates."""
    return (atom.item or "" for atom in atoms_in(condition))


def atoms_in(condition: Condition | None) -> Iterator[Condition]:
    """The nested conditions that refer directly to an item or computed variable."""
    if condition is None:
        return
    if condition.item is not None:
        yield condition
    for part in (*(condition.all or ()), *(condition.any or ())):
        yield from atoms_in(part)
    yield from atoms_in(condition.negated)


def _every(verdicts: Iterable[bool | None]) -> bool | None:
    undecided = False
    for verdict in verdicts:
        if verdict is False:
            return False
        undecided = undecided or verdict is None
    return None if undecided else True


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def in_words(condition: Condition) -> str:
    """Describe a condition in words, with brackets for grouping."""
    if condition.all is not None:
        return _joined(condition.all, " and ")
    if condition.any is not None:
        return _joined(condition.any, " or ")
    if condition.negated is not None:
        return f"not ({in_words(condition.negated)})"
    if condition.any_of is not None:
        return f"{condition.item} has {' or '.join(condition.any_of)}"
    return f"{condition.item} has none of {', '.join(condition.none_of or ())}"


def _joined(parts: Iterable[Condition], word: str) -> str:
    return word.join(f"({in_words(p)})" if _is_compound(p) else in_words(p) for p in parts)


def _is_compound(condition: Condition) -> bool:
    """True if the wording needs brackets inside a longer condition."""
    codes = condition.any_of or condition.none_of or ()
    return condition.all is not None or condition.any is not None or len(codes) > 1
