"""Route conditions on a paper questionnaire, in terms of question numbers and printed codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from microcred_cli.i18n import N_, _
from microcred_cli.interview.numbering import LEFT_EMPTY, printed_codes, printed_numbers
from microcred_cli.questionnaire.models import Multiple, Ranking
from microcred_cli.questionnaire.values import BLANK, NOT_ASKED, NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from microcred_cli.questionnaire.models import Condition, Questionnaire

TICKED = N_("you ticked {codes} in question {number}")
NOT_TICKED = N_("you did not tick {codes} in question {number}")
OR_NONE = N_("you ticked {codes} or none of {others} in question {number}")
BUT_NONE = N_("you ticked {codes} but none of {others} in question {number}")
AND = N_(" and ")
_RUN = 3
"""At least this many consecutive numbers are written as a range."""


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on one item: the answer has one of the codes or, if negated, none of them."""

    item: str
    codes: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by "and" (`all`) or "or" (`any`)."""

    how: Literal["all", "any"]
    parts: tuple[Has | Joined, ...]


def without_computed(
    condition: Condition, questionnaire: Questionnaire, *, negated: bool = False
) -> Has | Joined:
    """The simplified condition, with computed variables replaced by conditions on items."""
    how: Literal["all", "any"] = "any" if negated else "all"
    parts: Iterable[Condition]
    if condition.negated is not None:
        return without_computed(condition.negated, questionnaire, negated=not negated)
    if condition.all is not None:
        parts = condition.all
    elif condition.any is not None:
        how, parts = ("all" if negated else "any"), condition.any
    else:
        is_none = condition.any_of is None
        codes = (condition.none_of if is_none else condition.any_of) or ()
        name = condition.item or ""
        if name in questionnaire.computed_by_id:
            return _computed(name, codes, questionnaire, negated=negated is not is_none)
        return Has(name, codes, negated is not is_none)
    found = (without_computed(part, questionnaire, negated=negated) for part in parts)
    return _simple(how, found, questionnaire)


def _computed(
    name: str, codes: Sequence[str], questionnaire: Questionnaire, *, negated: bool
) -> Has | Joined:
    """The condition under which a computed variable has one of the codes."""
    categories = questionnaire.computed_by_id[name].categories
    wanted = [(category.code in codes) is not negated for category in categories]
    ways = []
    for place, category in enumerate(categories):
        if not wanted[place]:
            continue
        # Earlier categories whose codes are also wanted need not be excluded.
        parts = [
            without_computed(earlier.when, questionnaire, negated=True)
            for earlier, is_wanted in zip(categories[:place], wanted, strict=False)
            if not is_wanted and earlier.when is not None
        ]
        if category.when is not None:
            parts.append(without_computed(category.when, questionnaire))
        ways.append(_simple("all", parts, questionnaire))
    return _simple("any", ways, questionnaire)


def _simple(
    how: Literal["all", "any"], parts: Iterable[Has | Joined], questionnaire: Questionnaire
) -> Has | Joined:
    """Join conditions, flattening joins of the same kind and merging those on the same item."""
    flat: list[Has | Joined] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joined) and part.how == how else [part]
    merged: list[Has | Joined] = []
    for part in flat:
        if part in merged:
            continue
        before = merged[-1] if merged else None
        both = None
        if isinstance(part, Has) and isinstance(before, Has):
            both = _merged(how, before, part, questionnaire)
        merged[-1:] = [both] if both else [*merged[-1:], part]
    # A and (A or B) is A, and so is A or (A and B).
    merged = [
        part
        for part in merged
        if not (isinstance(part, Joined) and any(other in part.parts for other in merged))
    ]
    return merged[0] if len(merged) == 1 else Joined(how, tuple(merged))


def _merged(
    how: Literal["all", "any"], one: Has, other: Has, questionnaire: Questionnaire
) -> Has | None:
    """Merge two conditions on the same item; None if they cannot be merged."""
    if one.item != other.item:
        return None
    if one.negated is other.negated is (how == "all"):
        return Has(one.item, tuple(dict.fromkeys((*one.codes, *other.codes))), one.negated)
    if one.negated is other.negated:
        return None
    has, lacks = (other, one) if one.negated else (one, other)
    left, gone = (has, lacks) if how == "all" else (lacks, has)
    if not _are_alone(left, questionnaire):
        return None
    return replace(left, codes=tuple(code for code in left.codes if code not in gone.codes))


def _are_alone(condition: Has, questionnaire: Questionnaire) -> bool:
    """True if each of the codes is always the only code of an answer."""
    item = questionnaire.by_id[condition.item]
    if not isinstance(item, Multiple | Ranking):
        return True
    several = {option.code for option in questionnaire.options(item) if not option.exclusive}
    return several.isdisjoint(condition.codes)


def in_printed_words(condition: Condition, questionnaire: Questionnaire) -> str:
    """The condition as a clause, such as "you ticked 1 or 2 in question 12"."""
    return _clause(_short(without_computed(condition, questionnaire), questionnaire), questionnaire)


def _short(condition: Has | Joined, questionnaire: Questionnaire) -> Has | Joined:
    """Remove the parts of a condition that are implied by the route to an item in another part.

    For example, anyone who ticked 1 in question 22 has met the route condition of question 22.
    """
    if isinstance(condition, Has) or condition.how == "any":
        return condition
    met = {each for part in condition.parts for each in _met_by(part, questionnaire)}
    parts = tuple(part for part in condition.parts if part not in met)
    return parts[0] if len(parts) == 1 else replace(condition, parts=parts)


def _met_by(part: Has | Joined, questionnaire: Questionnaire) -> Iterator[Has | Joined]:
    """The conditions that must be true for the item of this part to be asked."""
    if isinstance(part, Joined) or part.negated or {NOT_ASKED, NOT_REACHED} & {*part.codes}:
        return
    asked_if = questionnaire.by_id[part.item].asked_if
    if asked_if is not None:
        met = without_computed(asked_if, questionnaire)
        yield met
        if isinstance(met, Joined) and met.how == "all":
            yield from met.parts


def _clause(condition: Has | Joined, questionnaire: Questionnaire) -> str:
    if isinstance(condition, Has):
        words = _(NOT_TICKED) if condition.negated else _(TICKED)
        return words.format(
            codes=_(" or ").join(_codes(condition, questionnaire)),
            number=printed_numbers(questionnaire)[condition.item],
        )
    said = _clauses(condition, questionnaire)
    return (_(AND) if condition.how == "all" else _(" or ")).join(said)


def _clauses(condition: Joined, questionnaire: Questionnaire) -> Iterator[str]:
    """A clause for each part, but only one for two parts on the same item if possible."""
    parts = [*condition.parts]
    while parts:
        part = parts[0]
        if isinstance(part, Joined):
            yield f"({_clause(part, questionnaire)})"
            del parts[0]
            continue
        same = [each for each in parts if isinstance(each, Has) and each.item == part.item]
        both = _in_one_clause(condition.how, same, questionnaire)
        yield both or _clause(part, questionnaire)
        parts = [each for each in parts if each not in (same if both else [part])]


def _in_one_clause(
    how: Literal["all", "any"], parts: Sequence[Has], questionnaire: Questionnaire
) -> str:
    """A clause for some codes of an item and none of several others; empty if impossible."""
    ticked = [part for part in parts if not part.negated]
    others = [part for part in parts if part.negated]
    if len(others) != 1 or len(others[0].codes) == 1 or not ticked:
        return ""
    if how == "all" and len(ticked) > 1:
        return ""
    has = Has(parts[0].item, tuple(code for part in ticked for code in part.codes))
    return (_(OR_NONE) if how == "any" else _(BUT_NONE)).format(
        codes=_(" or ").join(_codes(has, questionnaire)),
        others=", ".join(_codes(others[0], questionnaire)),
        number=printed_numbers(questionnaire)[has.item],
    )


def _codes(condition: Has, questionnaire: Questionnaire) -> Iterator[str]:
    """The printed codes, with consecutive numbers as ranges; unprinted codes are omitted."""
    printed = printed_codes(questionnaire, questionnaire.by_id[condition.item])
    printed |= {BLANK: LEFT_EMPTY}
    wanted = {code for code in condition.codes if code not in (NOT_ASKED, NOT_REACHED)}
    found = [sign for code, sign in printed.items() if code in wanted]
    while found:
        first, count = found[0], 1
        while count < len(found) and first.isdecimal() and found[count] == str(int(first) + count):
            count += 1
        if count >= _RUN:
            yield f"{first}–{found[count - 1]}"
        else:
            yield from found[:count]
        found = found[count:]
