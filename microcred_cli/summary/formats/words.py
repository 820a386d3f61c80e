"""Fixed wording of reports: signs, notes and sentences (`summary.labels` has the labels of codes).

Constants are in English; the caller translates them with `_`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import N_, _, per_cent, quoted
from microcred_cli.questionnaire.values import MISSING_LABELS, NOT_ASKED
from microcred_cli.summary.rule import MASKED_BELOW, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.summary.figures import Summary

RESULTS: Final = N_("Results")
CONTENTS: Final = N_("Contents")
READING: Final = N_("How to read the figures")
SKIP: Final = N_("Go to the results")
TITLE: Final = N_("{title}: results")

RESPONSES: Final = N_("Responses")
BROKEN_DOWN_BY: Final = N_("Broken down by")
GROUP: Final = N_("Group")
RESPOND_BY: Final = N_("Answers asked for by")
CLOSES: Final = N_("Open until")
QUESTIONNAIRE: Final = N_("Questionnaire")
SYNTHETIC: Final = N_(
    "Synthetic data: made by a program to try things out. Nobody gave these answers."
)

ANSWER: Final = N_("Answer")
PEOPLE: Final = N_("People")
PER_CENT: Final = N_("Per cent")
BASE: Final = N_("Base")
MEAN: Final = N_("Mean")
EVERYONE: Final = N_("Everyone")
APART: Final = N_("Not in the base")
KINDS: Final = {
    "single": N_("One answer"),
    "multiple": N_("Several answers possible"),
    "matrix": N_("One answer for each row"),
    "integer": N_("A number, in bands"),
    "ranking": N_("Answers in order of importance"),
}

FOR_EVERYONE: Final = N_("For everyone only")
NOT_SHOWN: Final = N_("Not shown")
WITHHELD: Final = N_("Not shown: see the list at the end.")
GROUPS_WITHHELD: Final = N_("Not shown by group: see the list at the end.")
SOME_NOT_SHOWN: Final = N_("Not shown: {names}.")
WHY_NOT_SHOWN: Final = N_(
    "Beside the other figures on the same question, these tables could tell what single people "
    "answered. Some of them are left out only so that a gap tells nothing either."
)
FOR_ALL: Final = N_("For everyone")
BY_GROUP: Final = N_("By group ({name})")
AT_ALL: Final = N_("Neither for everyone nor by group")
ROUNDED: Final = N_("Rounded more coarsely")
WHY_ROUNDED: Final = N_(
    "All counts of these tables but the base are rounded to multiples of {number}: {number} stands "
    "for {fewest} to {most}, {double} for {more} to {top}."
)
MARKED: Final = N_("They are marked with {sign}.")
MARK: Final = "‡"
"""The sign for a table whose counts, though not the base, are rounded more coarsely."""

ROUNDED_MEANS: Final = N_(
    "All counts but the base are rounded to multiples of {number}: {number} stands for {fewest} to "
    "{most}, {double} for {more} to {top}."
)
NOT_ASKED_OF: Final = N_("Not asked of: {names}.")
NOT_HERE: Final = "–"
NOT_HERE_MEANS: Final = N_("– not possible here")
NEVER_BROKEN_DOWN: Final = N_("Questions that make up a breakdown are shown for everyone only.")
NO_MEAN_MEANS: Final = N_("There is no mean where a step of the scale is not shown.")
HIDDEN_MEANS: Final = N_("{sign}: steps that are not shown. How large each is cannot be told.")
HATCHED: Final = N_("hatched")
OFF_SCALE_MEANS: Final = N_("What is no step of the scale stands apart, at the end of the bar.")
MAY_WAIT: Final = N_("Responses are taken in 10, 15, 20 … at a time; some may still be waiting.")
"""The only published statement on pending responses, the same for none and for nine."""

FEW: Final = 30
"""Below this base, rounding noticeably affects percentages."""

BARS: Final = N_("A bar for each answer, in per cent of {base}.")
STACKED: Final = N_(
    "A bar of 100 per cent for each line, parted into the steps of the scale in their order."
)
PANEL: Final = N_(
    "A column of bars for each group; a bar for each answer, in per cent of the group's base."
)
SAME_FIGURES: Final = N_("The table has the same figures.")
TABLE: Final = N_("{name}: table")

SHORT: Final = {
    "dk": N_("DK"),
    "pna": N_("PNA"),
    "blank": N_("left"),
    "not_asked": N_("n.a."),
    "not_reached": N_("n.r."),
}
"""Short forms of the reserved codes, for narrow columns."""


def pair(name: str, value: str) -> str:
    """A name and its value, with the language's separator."""
    return _("{name}: {value}").format(name=name, value=value)


def leading(name: str) -> str:
    """A name whose value follows on the next lines."""
    return pair(name, "").rstrip()


def under(number: int) -> str:
    """The spoken form of a masked count."""
    return _("under {number}").format(number=number)


def with_base(name: str, base: str, rounded_to: int | None = None) -> str:
    """A name with its base; aloud, also with its rounding base."""
    if rounded_to is None:
        return _("{name} (base {base})").format(name=name, base=base)
    text = _("{name} (base {base}, counts rounded to {number})")
    return text.format(name=name, base=base, number=rounded_to)


def mean_of(mean: str, first: str, last: str, top_two: int | None) -> str:
    """A sentence on the mean of a scale and its two highest steps."""
    text = _("Mean {mean} on the scale from {first} to {last}; highest two {share}.")
    return text.format(mean=mean, first=first, last=last, share=_unbroken(top_two or 0))


def _unbroken(share: int) -> str:
    """A percentage for a sentence, not separated from its sign at a line end."""
    return per_cent(share).replace(" ", "\u00a0")


def for_everyone_only(code: str) -> str:
    """A sentence on a reserved code that tables of groups do not contain."""
    label = quoted(_(MISSING_LABELS[code]))
    return _("{label} is counted for everyone only, not for groups.").format(label=label)


def of_multiples(text: str, number: int) -> str:
    """A sentence on multiples of a number, with the counts behind the first two."""
    most = _most(number)
    return _(text).format(
        number=number,
        fewest=max(MASKED_BELOW, most - number + 1),
        most=most,
        double=2 * number,
        more=most + 1,
        top=most + number,
    )


def _most(number: int) -> int:
    """The largest count that rounds to this number, which is the rounding base."""
    return number + (number - 1) // 2


def named(text: str, names: Iterable[str]) -> str:
    """A sentence that lists names, which can contain commas."""
    return _(text).format(names="; ".join(names))


def notes(summary: Summary, masked: str, *, pooled: str | None) -> Iterator[str]:
    """Notes for the reader: the people described, the rule, and the base.

    `masked` is the sign for a masked count, `pooled` the label of the pooled group, if any.
    """
    yield _(
        "The figures describe the people asked who took part. They chose themselves, so nothing "
        "follows for others, and there is no margin of error."
    )
    yield _(MAY_WAIT)
    yield " ".join(_protection(summary, masked, pooled))
    yield _(
        "The base of a percentage is the people asked who gave an answer; those who did not are "
        "listed separately. Percentages are of the rounded figures."
    )
    yield from _on_rough_percentages(summary)
    grouped = {table.item for table in summary.tables if table.group is not None}
    if summary.by and any(table.item not in grouped for table in summary.tables):
        yield _(NEVER_BROKEN_DOWN)
    codes = {cell.code for table in summary.tables if table.item in grouped for cell in table.cells}
    if NOT_ASKED in codes:
        yield for_everyone_only(NOT_ASKED)


def _protection(summary: Summary, masked: str, pooled: str | None) -> Iterator[str]:
    """Sentences on the rule that protects individuals."""
    rule = summary.rule
    yield _(
        "So that nobody can be recognised, counts are rounded to multiples of {rounded}; those "
        "under {fewest}, zero included, are shown as {masked}. Totals may not add up: each count "
        "is rounded by itself, so they may be over or under {all}."
    ).format(rounded=rule.rounded_to, fewest=rule.masked_below, masked=masked, all=_unbroken(100))
    if summary.has_groups:
        text = (
            _(
                "Groups of fewer than {smallest} people are not shown alone but counted together, "
                "as {pooled}."
            )
            if pooled
            else _("Groups of fewer than {smallest} people are not shown alone.")
        )
        yield text.format(smallest=rule.smallest_group, pooled=quoted(pooled or ""))
    if any(table.withheld for table in summary.tables):
        yield _(
            "Where tables side by side could give single people away, some are not shown; they are "
            "listed at the end."
        )


def _on_rough_percentages(summary: Summary) -> Iterator[str]:
    """A sentence on small bases, and one on coarser tables."""
    rule = summary.rule
    spread = rule.rounded_to // 2
    tables = [t for t in summary.tables if any(cell.percent is not None for cell in t.cells)]
    if any(table.base is not None and table.base < FEW for table in tables):
        shown = -(-rule.masked_below // rule.rounded_to) * rule.rounded_to
        yield _(
            "Percentages are rough where the base is under {few}, since both of their figures are "
            "rounded: what is shown as {shown} of {shown}, {all}, can be {fewest} of {most} people."
        ).format(
            few=FEW,
            shown=shown,
            all=_unbroken(100),
            fewest=rule.masked_below,
            most=shown + spread,
        )
    for number in sorted({t.rounded_to for t in tables if t.rounded_to is not None}):
        most = _most(number)
        yield _(
            "Percentages are rough, whatever the base, where counts are rounded to multiples of "
            "{number}: what is shown as {number} of {base}, {share}, can be anything from {fewest} "
            "of {largest} to {most} of {smallest} people."
        ).format(
            number=number,
            base=FEW,
            share=_unbroken(percent(number, FEW) or 0),
            fewest=max(rule.masked_below, most - number + 1),
            largest=FEW + spread,
            most=most,
            smallest=FEW - spread,
        )
