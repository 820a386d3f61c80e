"""Frozen models of a questionnaire: sections, items, options and conditions.

The terms are those of DDI and XLSForm: an item has a text (its stem), options (its response
domain), a route condition (`asked_if`) and reserved codes for missing answers. The models define
the structure of a definition; `lint` checks its consistency.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from microcred_cli.i18n import within
from microcred_cli.questionnaire.base_model import ByKind, Model
from microcred_cli.questionnaire.values import BLANK, OFFERED_MISSING

if TYPE_CHECKING:
    from collections.abc import Collection


class Condition(Model):
    """A route condition of one form: `item` (with `any_of` or `none_of`), `all`, `any` or `not`.

    `item` is the id of an earlier item or a computed variable. `any_of` is true if the answer is,
    or contains, one of the codes; `none_of` is the exact negation of `any_of`. For a recoded item,
    conditions contain the fine codes, which are shown to the respondent.
    """

    item: str | None = None
    any_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    negated: Condition | None = None


class Specify(Model):
    """The prompt for free text that specifies an option ("other, please specify")."""

    text: str
    max_length: int = 100


class Named(Model):
    """A code with its label, and a `result_label` if the label is unclear outside the question."""

    code: str
    label: str
    result_label: str | None = None

    @property
    def in_results(self) -> str:
        """The label used in results."""
        return self.result_label or self.label


class Option(Named):
    """An answer option; if `ends` is set, this answer closes the interview with that status.

    In an ordinal list, an `off_scale` option is a valid answer but not a step of the scale. `also`
    contains the aliases of the option for the search.
    """

    exclusive: bool = False
    off_scale: bool = False
    specify: Specify | None = None
    ends: Literal["refused", "screened_out"] | None = None
    help: str | None = None
    also: tuple[str, ...] = ()


class Row(Named):
    """One row of a matrix."""


class Recode(Named):
    """A coarse code and the fine codes that are recoded to it (`from`)."""

    fine: tuple[str, ...]


class Band(Named):
    """A range of whole numbers, including both ends; without `max`, there is no upper limit."""

    min: int
    max: int | None = None


class Variant(Model):
    """An alternative wording of an item; the first variant whose `when` is true is used."""

    when: Condition
    text: str
    read_aloud: str | None = None


class ItemBase(Model):
    """The fields that every item has.

    `text` is the written stem, and `read_aloud` is the stem that an interviewer reads (by default,
    the written stem). `note` is shown only to interviewers. `seconds` is the estimated time needed
    to answer without an interviewer. `missing` lists the reserved codes offered on the screen; soft
    items, and rows of a soft matrix, also accept `pna`. `result_label` is the heading in results
    (by default the `concept`).
    """

    id: str
    concept: str
    result_label: str | None = None
    required: Literal["hard", "soft", "optional"]
    seconds: int
    text: str
    read_aloud: str | None = None
    instruction: str | None = None
    help: str | None = None
    note: str | None = None
    missing: tuple[Literal["dk", "pna"], ...] = ()
    asked_if: Condition | None = None
    variants: tuple[Variant, ...] = ()
    shows_definition: bool = False
    quasi_identifier: bool = False


class Choice(ItemBase):
    """The fields of items with a list of options.

    `options_from` is the id of a code list, whose options come before the item's own `options` or,
    with `own_options_first`, after them. The last `anchored` options keep their position when the
    list is shuffled or sorted. Unless `read_out` is set, interviewers do not read the options out;
    they only mark the options that the respondent mentions.
    """

    options: tuple[Option, ...] = ()
    options_from: str | None = None
    own_options_first: bool = False
    order: Literal["fixed", "shuffled", "alphabetical"] = "fixed"
    anchored: int = 0
    search: bool = False
    read_out: bool = True
    measure: Literal["nominal", "ordinal"] = "nominal"


class Single(Choice):
    """A choice of one code from a list."""

    kind: Literal["single"]
    stored_as: tuple[Recode, ...] | None = None


class Multiple(Choice):
    """A choice of one or more codes from a list, at most `at_most` if set."""

    kind: Literal["multiple"]
    at_most: int | None = None
    stored_as: tuple[Recode, ...] | None = None


class Ranking(Choice):
    """A ranking of the most important options: at least one and at most `ranks`.

    An exclusive option can only be chosen first, and ends the ranking.
    """

    kind: Literal["ranking"]
    ranks: int


class Matrix(Choice):
    """A list of rows, each answered separately on the same scale, or by a code in `missing`."""

    kind: Literal["matrix"]
    rows: tuple[Row, ...]
    rows_order: Literal["fixed", "shuffled"] = "fixed"


class Integer(ItemBase):
    """A whole number from `minimum` to `maximum`; above `confirm_above`, it must be confirmed."""

    kind: Literal["integer"]
    minimum: int
    maximum: int
    confirm_above: int | None = None
    unit: str | None = None
    stored_as: tuple[Band, ...] | None = None

    def written(self, number: int) -> str:
        """Format a number for the current language."""
        return within(number, self.minimum, self.maximum)


class Open(ItemBase):
    """Free text of at most `max_length` characters."""

    kind: Literal["open"]
    max_length: int


Item = Annotated[Single | Multiple | Ranking | Matrix | Integer | Open, ByKind]


class Section(Model):
    """A part of the questionnaire under one heading.

    `lead_in` is shown before the first item asked in the section. Once any item in a section with
    `makes_partial` has been answered, an unfinished interview can be submitted as partial.
    """

    id: str
    label: str
    lead_in: str | None = None
    makes_partial: bool = False
    items: tuple[Item, ...]


class CodeList(Model):
    """Options shared by several items, such as an official classification."""

    id: str
    label: str
    source: str | None = None
    options: tuple[Option, ...]


class Category(Named):
    """A value of a computed variable, with its condition; the last category has no condition."""

    when: Condition | None = None


class Computed(Model):
    """A variable whose value is the first category with a true condition."""

    id: str
    label: str
    categories: tuple[Category, ...]


class Phrase(Model):
    """Words that replace `{id}` in texts, chosen by the value of an item or computed variable."""

    id: str
    by: str
    texts: dict[str, str]

    def code_for(self, codes: Collection[str]) -> str | None:
        """The code that selects the words for an answer with these codes; None if there is none.

        If there are no words for `blank`, the words for `pna` are used for an item left empty on
        paper.
        """
        found = next((code for code in codes if code in self.texts), None)
        is_refusal = found is None and BLANK in codes and "pna" in self.texts
        return "pna" if is_refusal else found


Setting = Literal[
    "endorsement_letter",
    "privacy_statement",
    "contact",
    "caller",
    "respond_by",
    "coarse_detail",
    "full_detail",
]
"""The fieldwork settings that a sentence can depend on."""


class Sentence(Model):
    """A sentence of a paragraph; if `needs` is set, it is shown only if that setting has a value.

    `{value}` in the text is replaced by the value of the setting, except for settings on the level
    of detail, which have no value. Interviewers read `on_request` sentences only when asked about
    the subject.
    """

    text: str
    needs: Setting | None = None
    on_request: bool = False


class Block(Model):
    """A title, heading, paragraph, quotation or list in the introduction."""

    kind: Literal["title", "heading", "paragraph", "quotation", "list"]
    sentences: tuple[Sentence, ...]


class Background(Model):
    """The introduction: `written` is shown on screen, `read_aloud` is read by an interviewer."""

    written: tuple[Block, ...]
    read_aloud: tuple[Sentence, ...]


class Objection(Model):
    """A common question or objection (`label`), and the reply that the interviewer reads aloud."""

    id: str
    label: str
    reply: tuple[Sentence, ...]


class FirstContact(Model):
    """The words with which an interviewer opens a conversation and answers objections."""

    opening: tuple[Sentence, ...]
    objections: tuple[Objection, ...] = ()


class PromiseException(Model):
    """A group of routes, described by `text`, whose duration may differ from the promised duration.

    `text` is a conditional clause without a full stop, such as "If you have never heard of it".
    """

    when: Condition
    text: str


class Promise(Model):
    """The duration promised in the introduction, from `least` to `most` minutes.

    Routes in `exceptions` (`except`) need not be within the promised range; for these routes, the
    introduction states a duration computed from the `seconds` of the items.
    """

    least: int
    most: int
    exceptions: tuple[PromiseException, ...] = ()


class Definition(Model):
    """A short definition of the subject, shown before an item and again on request.

    `title` is the name of the definition in menus.
    """

    title: str
    text: str
    read_aloud: str | None = None


class Questionnaire(Model):
    """A complete questionnaire, in the order in which items are asked."""

    format: Literal["microcred-questionnaire/1"]
    id: str
    version: str
    language: str
    title: str
    short_title: str
    rights: str
    background: Background
    first_contact: FirstContact | None = None
    promised_minutes: Promise | None = None
    definition: Definition | None = None
    closing: dict[Literal["complete", "partial", "refused", "screened_out"], str] = {}
    lists: tuple[CodeList, ...] = ()
    computed: tuple[Computed, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    sections: tuple[Section, ...]
    breakdowns: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in the order in which they are asked."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """The items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def computed_by_id(self) -> dict[str, Computed]:
        """The computed variables by id."""
        return {variable.id: variable for variable in self.computed}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section of each item, by item id."""
        return {item.id: section for section in self.sections for item in section.items}

    @cached_property
    def _options(self) -> dict[str, tuple[Option, ...]]:
        lists = {code_list.id: code_list.options for code_list in self.lists}
        found: dict[str, tuple[Option, ...]] = {}
        for item in self.items:
            if isinstance(item, Choice):
                listed = lists[item.options_from] if item.options_from else ()
                own = item.options
                found[item.id] = own + listed if item.own_options_first else listed + own
        return found

    def options(self, item: ItemBase) -> tuple[Option, ...]:
        """The options of an item in definition order; empty for numbers and texts."""
        return self._options.get(item.id, ())

    def option(self, item: ItemBase, code: str) -> Option:
        """The option of an item with this code; raises `KeyError` if there is none."""
        for option in self.options(item):
            if option.code == code:
                return option
        raise KeyError(code)


def allowed_missing(item: ItemBase) -> tuple[str, ...]:
    """The reserved codes accepted for an item or, in a matrix, for each row.

    Every soft item accepts `pna`, if only through the menu, so that the item can always be skipped.
    """
    return _allowed(item.missing, item.required)


@cache
def _allowed(missing: tuple[str, ...], required: str) -> tuple[str, ...]:
    given = {*missing, "pna"} if required == "soft" else {*missing}
    return tuple(code for code in OFFERED_MISSING if code in given)
