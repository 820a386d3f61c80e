"""Lint of response domains and their storage: options, limits, recodings and breakdowns."""

from collections.abc import Iterator
from typing import Final

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import choose, fault, shown
from microcred_cli.questionnaire.lint.outline import CHOICES, Outline, OutlineEntry
from microcred_cli.questionnaire.yaml.tree import Node

_FILL: Final = "Add at least one entry."
_FEWER_ANCHORED: Final = "Set `anchored` to at most the number of options."


def check_domains(outline: Outline) -> Iterator[Fault]:
    """Find invalid options, limits, recodings and breakdowns."""
    yield from _empty(outline.root, "sections", None)
    for key, nodes in (
        ("items", outline.sections),
        ("options", outline.lists),
        ("categories", outline.computed),
    ):
        for node in nodes:
            yield from _empty(node, key, node.text("id"))
    for question in outline.questions:
        for check in (_options, _counts, _range, _marks, _recoding, _bands):
            yield from check(question)
        yield from _references(question, outline)
    for variable in outline.computed:
        yield from _categories(variable)
    yield from _breakdowns(outline)
    promise = outline.root.get("promised_minutes")
    if promise is not None:
        yield from _at_least(promise, "from", 1, None)
        yield from _at_least(promise, "to", promise.number("from") or 1, None)


def _empty(node: Node, key: str, owner: str | None) -> Iterator[Fault]:
    """Report a list that is present but empty."""
    listed = node.get(key)
    if listed is not None and listed.value == []:
        yield fault("Q051", listed.line, owner, f"`{key}` is empty.", _FILL)


def _references(question: OutlineEntry, outline: Outline) -> Iterator[Fault]:
    """Report references to a code list or definition that does not exist."""
    name = question.node.text("options_from")
    if name is not None and question.code_list is None:
        message = f"There is no code list {shown(name)}."
        hint = choose(name, list(outline.lists_by_id))
        yield fault("Q050", question.node.line_of("options_from"), question.id, message, hint)
    if question.node.flag("shows_definition") and outline.root.get("definition") is None:
        line, message = (
            question.node.line_of("shows_definition"),
            "The questionnaire has no `definition`.",
        )
        hint = "Add a `definition` to the questionnaire, or remove `shows_definition`."
        yield fault("Q056", line, question.id, message, hint)


def _options(question: OutlineEntry) -> Iterator[Fault]:
    node = question.node
    yield from _empty(node, "rows", question.id)
    yield from _empty(node, "stored_as", question.id)
    if question.kind not in CHOICES or not question.is_complete:
        return
    if not question.options:
        yield fault("Q051", node.line_of("options"), question.id, "The item has no options.", _FILL)
    anchored = node.number("anchored")
    if anchored is not None and anchored > len(question.options):
        message = f"{anchored} options are anchored, but there are only {len(question.options)}."
        yield fault("Q052", node.line_of("anchored"), question.id, message, _FEWER_ANCHORED)


def _counts(question: OutlineEntry) -> Iterator[Fault]:
    """Report invalid numbers of seconds, characters, choices and ranks."""
    node = question.node
    most = len(question.options) if question.is_complete and question.options else None
    yield from _at_least(node, "seconds", 1, question.id)
    yield from _at_least(node, "max_length", 1, question.id)
    yield from _at_least(node, "anchored", 0, question.id)
    yield from _at_least(node, "at_most", 1, question.id, most)
    yield from _at_least(node, "ranks", 1, question.id, most)
    for option in node.mappings("options"):
        specify = option.get("specify")
        if specify is not None:
            yield from _at_least(specify, "max_length", 1, question.id)


def _at_least(
    node: Node, key: str, least: int, owner: str | None, most: int | None = None
) -> Iterator[Fault]:
    number, line = node.number(key), node.line_of(key)
    if number is None:
        return
    if number < least:
        yield fault("Q053", line, owner, f"`{key}` is {number}.", f"Use at least {least}.")
    elif most is not None and number > most:
        message = f"`{key}` is {number}, but there are only {most} options."
        yield fault("Q053", line, owner, message, f"Use at most {most}.")


def _range(question: OutlineEntry) -> Iterator[Fault]:
    node = question.node
    low, high, confirm = (node.number(key) for key in ("minimum", "maximum", "confirm_above"))
    if low is not None and high is not None and low > high:
        message = f"`minimum` ({low}) is above `maximum` ({high})."
        yield fault("Q053", node.line_of("minimum"), question.id, message, "Swap the two values.")
    elif None not in (low, high, confirm) and not (low or 0) <= (confirm or 0) <= (high or 0):
        message = f"`confirm_above` is {confirm}, but the range is {low} to {high}."
        hint = "Use a number in the range, or remove `confirm_above`."
        yield fault("Q053", node.line_of("confirm_above"), question.id, message, hint)


def _marks(question: OutlineEntry) -> Iterator[Fault]:
    """Report option properties that this kind of item does not allow."""
    required = question.node.text("required")
    can_end = question.kind == "single" and required != "optional"
    for option in question.options if question.kind else ():
        if option.get("ends") is not None and not can_end:
            message = f"An option of {shown(question.id)} ends the interview."
            hint = (
                "Only options of a single item with `required: hard` or `required: soft` can "
                "end the interview."
            )
            yield fault("Q054", option.line_of("ends"), question.id, message, hint)
        if option.get("specify") is not None and question.kind in ("matrix", "ranking"):
            message = f"An option of {shown(question.id)} asks for free text."
            hint = f"Remove `specify`: a {question.kind} item cannot ask for free text."
            yield fault("Q054", option.line_of("specify"), question.id, message, hint)
        if option.flag("off_scale") and question.node.text("measure") != "ordinal":
            message = (
                f"An option of {shown(question.id)} has `off_scale`, but the item has no scale."
            )
            hint = "Remove `off_scale`, or add `measure: ordinal`."
            yield fault("Q054", option.line_of("off_scale"), question.id, message, hint)
    if required == "optional" and question.kind in ("matrix", "ranking"):
        message = (
            f"{shown(question.id)} is optional, but a {question.kind} item cannot be optional."
        )
        hint = "Use `required: soft`, so that respondents can choose not to answer."
        yield fault("Q054", question.node.line_of("required"), question.id, message, hint)
    if required == "hard" and question.node.nodes("missing"):
        message = "The item has `required: hard`, but also codes in `missing`."
        hint = "Use `required: soft`, or remove `missing`."
        yield fault("Q055", question.node.line_of("missing"), question.id, message, hint)


def _recoding(question: OutlineEntry) -> Iterator[Fault]:
    """Report unknown fine codes, and fine codes without exactly one coarse code."""
    parts = question.node.mappings("stored_as")
    if question.kind not in ("single", "multiple") or not parts:
        return
    seen: set[str] = set()
    for part in parts:
        yield from _empty(part, "from", question.id)
        for code, line in part.words("from"):
            if question.is_complete and code not in question.fine_codes:
                message = f"{shown(code)} is recoded, but is not an option code."
                hint = choose(code, list(question.fine_codes))
                yield fault("Q063", line, question.id, message, hint)
            elif code in seen:
                message = f"{shown(code)} is recoded twice."
                yield fault("Q062", line, question.id, message, "Keep only one of the recodings.")
            seen.add(code)
    absent = [code for code in question.fine_codes if code not in seen]
    if absent and all(len(part.words("from")) == len(part.nodes("from")) for part in parts):
        message = f"`stored_as` does not recode {shown(', '.join(absent))}."
        line = question.node.line_of("stored_as")
        yield fault(
            "Q061", line, question.id, message, "Add each code to the `from` of a coarse code."
        )


def _bands(question: OutlineEntry) -> Iterator[Fault]:
    """Report missing bands, gaps and overlaps between `minimum` and `maximum`."""
    node = question.node
    if question.kind == "integer" and node.get("stored_as") is None:
        message = (
            "The exact number would be stored, although responses are stored in coarse detail."
        )
        hint = "Add `stored_as` with bands, such as {code: n0_9, label: 0 to 9, min: 0, max: 9}."
        yield fault("Q064", node.line_of("kind"), question.id, message, hint)
    low, high, bands = node.number("minimum"), node.number("maximum"), node.mappings("stored_as")
    is_range = low is None or high is None or low <= high
    if question.kind != "integer" or not is_range:
        return
    following = low
    for number, band in enumerate(bands):
        first, last = band.number("min"), band.number("max")
        is_open = band.get("max") is None
        if first is None or (last is None and not is_open):
            return
        if following is not None and first != following:
            yield _band(band, "min", first, following, question.id)
        if is_open and number < len(bands) - 1:
            message = "A band without an upper limit is followed by another band."
            yield fault("Q060", band.line, question.id, message, "Add `max`.")
        if last is not None and last < first:
            line, message = band.line_of("max"), "`max` of a band is below `min`."
            yield fault("Q060", line, question.id, message, "Swap the two values.")
        following = None if last is None else last + 1
    if bands and high is not None and following is not None and following <= high:
        yield _band(bands[-1], "max", following - 1, high, question.id)


def _band(band: Node, key: str, found: int, wanted: int, owner: str | None) -> Fault:
    message = f"The bands have a gap or overlap: `{key}` is {found}, but should be {wanted}."
    hint = "Make the bands consecutive, from `minimum` to `maximum`."
    return fault("Q060", band.line_of(key), owner, message, hint)


def _categories(variable: Node) -> Iterator[Fault]:
    """Report a condition on the last category, and earlier categories without a condition."""
    categories = variable.mappings("categories")
    for number, category in enumerate(categories):
        is_last, when = number == len(categories) - 1, category.get("when")
        if is_last and when is not None:
            message = "The last category has a condition, so some answers have no category."
            yield fault("Q044", when.key_line, variable.text("id"), message, "Remove `when`.")
        elif not is_last and when is None:
            message = "A category without a condition is not the last one."
            hint = "Add `when`, or move the category to the end."
            yield fault("Q044", category.line, variable.text("id"), message, hint)


def _breakdowns(outline: Outline) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, line in outline.root.texts("breakdowns"):
        question = outline.question(name)
        if outline.named(name) is None:
            message = f"The breakdown {shown(name)} is not an item or computed variable."
            hint = choose(name, outline.names)
            yield fault("Q080", line, None, message, hint)
        elif question is not None and not _divides(question):
            message = f"{shown(name)} cannot be a breakdown: its answer is not a single code."
            hint = "Use a single item, a number with `stored_as`, or a computed variable."
            yield fault("Q080", line, name, message, hint)
        elif name in seen:
            message = f"{shown(name)} is listed twice in `breakdowns`."
            yield fault("Q080", line, name, message, "Remove one of the two entries.")
        seen.add(name)


def _divides(question: OutlineEntry) -> bool:
    """True if every response has exactly one code for the item."""
    if question.kind == "integer":
        return question.node.get("stored_as") is not None
    return question.kind in (None, "single")
