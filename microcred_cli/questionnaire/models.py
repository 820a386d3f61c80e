"""Frozen models of a questionnaire: sections, items, options and conditions.

The words are those of DDI and XLSForm: an item has a text (its stem), options (its response
domain), a route condition (`asked_if`) and reserved codes for what is missing. Whether a
definition makes sense as a whole is the lint's business (`lint`); the models hold its shape.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from microcred_cli.questionnaire.values import OFFERED_MISSING


class Model(BaseModel):
    """A frozen shape that refuses keys it does not know and never shows its input in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )


class Condition(Model):
    """A route condition: exactly one of `item` (with `any_of` or `none_of`), `all`, `any`, `not`.

    `item` names an earlier item or a computed variable. `any_of` holds if the answer is, or
    contains, one of the codes; `none_of` is its exact negation. Of a recoded item the codes are
    the fine ones that the respondent sees.
    """

    item: str | None = None
    any_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    negated: Condition | None = Field(default=None, alias="not")


class Specify(Model):
    """The text that an option asks for ("other, please specify")."""

    text: str
    max_length: int = 100


class Named(Model):
    """A code with its label, and a short label for results where the other needs its question."""

    code: str
    label: str
    result_label: str | None = None

    @property
    def in_results(self) -> str:
        """The label in results."""
        return self.result_label or self.label


class Option(Named):
    """One answer on a list. `ends` closes the interview at once with that status.

    In an ordinal list, an option `off_scale` is an answer, but no step of the scale.
    """

    exclusive: bool = False
    off_scale: bool = False
    specify: Specify | None = None
    ends: Literal["refused", "screened_out"] | None = None
    help: str | None = None


class Row(Named):
    """One row of a matrix."""


class Recode(Named):
    """A coarse code and the fine codes that become it (`from`)."""

    fine: tuple[str, ...] = Field(alias="from")


class Band(Named):
    """A band of integers, both ends included; no `max` means no upper end."""

    min: int
    max: int | None = None


class Variant(Model):
    """Another wording of an item's text where `when` holds; the first that holds is used."""

    when: Condition
    text: str
    read_aloud: str | None = None


class ItemBase(Model):
    """The fields that every item has.

    `text` is the stem in its written form, `read_aloud` the same for an interviewer (the written
    form where it is absent); `note` is for the interviewer alone. `seconds` is the time a person
    alone needs. `missing` lists the reserved codes that are offered on the screen; every soft item
    and every row of a soft matrix also takes `pna`. `result_label` is the heading of its results
    (the `concept` where it is absent).
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

    `options_from` names a code list of the questionnaire, which comes before or, with
    `own_options_first`, after the item's own `options`. `anchored` options at the end keep their
    place when the list is shuffled or sorted.
    """

    options: tuple[Option, ...] = ()
    options_from: str | None = None
    own_options_first: bool = False
    order: Literal["fixed", "shuffled", "alphabetical"] = "fixed"
    anchored: int = 0
    search: bool = False
    measure: Literal["nominal", "ordinal"] = "nominal"


class Single(Choice):
    """One code out of a list."""

    kind: Literal["single"]
    stored_as: tuple[Recode, ...] | None = None


class Multiple(Choice):
    """Some codes out of a list; at most `at_most` of them where that is set."""

    kind: Literal["multiple"]
    at_most: int | None = None
    stored_as: tuple[Recode, ...] | None = None


class Ranking(Choice):
    """The `ranks` most important options in order; fewer may be given, but at least one."""

    kind: Literal["ranking"]
    ranks: int


class Matrix(Choice):
    """Rows that are answered one by one on one scale; `missing` is offered in each row."""

    kind: Literal["matrix"]
    rows: tuple[Row, ...]
    rows_order: Literal["fixed", "shuffled"] = "fixed"


class Integer(ItemBase):
    """A whole number from `minimum` to `maximum`; above `confirm_above` a person is asked twice."""

    kind: Literal["integer"]
    minimum: int
    maximum: int
    confirm_above: int | None = None
    unit: str | None = None
    stored_as: tuple[Band, ...] | None = None


class Open(ItemBase):
    """A text of at most `max_length` characters."""

    kind: Literal["open"]
    max_length: int


Item = Annotated[Single | Multiple | Ranking | Matrix | Integer | Open, Field(discriminator="kind")]


class Section(Model):
    """A part of the questionnaire under one heading.

    `lead_in` is shown before the first item of the section that is asked. Once an item of a
    section with `makes_partial` is answered, what was said can be handed in unfinished.
    """

    id: str
    label: str
    lead_in: str | None = None
    makes_partial: bool = False
    items: tuple[Item, ...]


class CodeList(Model):
    """Options that several items share, such as an official classification."""

    id: str
    label: str
    source: str | None = None
    options: tuple[Option, ...]


class Category(Named):
    """One value of a computed variable; the last category of a variable has no condition."""

    when: Condition | None = None


class Computed(Model):
    """A variable that is computed, not asked: the first category whose condition holds."""

    id: str
    label: str
    categories: tuple[Category, ...]


class Phrase(Model):
    """Words inserted for `{id}` in texts, by the value of an item or computed variable."""

    id: str
    by: str
    texts: dict[str, str]


Setting = Literal[
    "endorsement_letter",
    "privacy_statement",
    "contact",
    "respond_by",
    "coarse_detail",
    "full_detail",
]
"""A setting of the fieldwork, or one of its details, that a sentence of the background needs."""


class Sentence(Model):
    """Some words of a paragraph; with `needs`, shown only where that setting has a value.

    `{value}` in the text is replaced by the setting's value; what holds for one detail has none.
    """

    text: str
    needs: Setting | None = None


class Block(Model):
    """A paragraph, heading, quotation or list of the background."""

    kind: Literal["title", "heading", "paragraph", "quotation", "list"]
    sentences: tuple[Sentence, ...]


class Background(Model):
    """The introduction: `written` for a person alone, `read_aloud` for an interviewer."""

    written: tuple[Block, ...]
    read_aloud: tuple[Sentence, ...]


class Definition(Model):
    """The working definition in short, shown before an item and again on request.

    `title` is how menus call it.
    """

    title: str
    text: str
    read_aloud: str | None = None


class Questionnaire(Model):
    """A whole questionnaire, in the order in which it is asked."""

    format: Literal["microcred-questionnaire/1"]
    id: str
    version: str
    language: str
    title: str
    short_title: str
    rights: str
    background: Background
    definition: Definition | None = None
    closing: dict[Literal["complete", "partial", "refused", "screened_out"], str] = {}
    lists: tuple[CodeList, ...] = ()
    computed: tuple[Computed, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    sections: tuple[Section, ...]
    breakdowns: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item in the order in which it is asked."""
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
        """The section of each item, by the item's id."""
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
        """The options of an item in the order of the definition; none for numbers and texts."""
        return self._options.get(item.id, ())

    def option(self, item: ItemBase, code: str) -> Option:
        """The option of an item with this code, or a `KeyError`."""
        for option in self.options(item):
            if option.code == code:
                return option
        raise KeyError(code)


def allowed_missing(item: ItemBase) -> tuple[str, ...]:
    """The reserved codes that a person may give to an item or, in a matrix, to each row.

    Every soft item takes `pna`, at least from the menu, so that nobody is trapped.
    """
    given = set(item.missing) | ({"pna"} if item.required == "soft" else set())
    return tuple(code for code in OFFERED_MISSING if code in given)
