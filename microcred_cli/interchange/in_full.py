"""The complete questionnaire as a readable document: `microcred questionnaire show`.

The document contains all texts that respondents and interviewers can see, in one language, so it
can be published together with results. Each line is a paragraph; some are indented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.fieldwork.background import minutes_written
from microcred_cli.i18n import N_, _, digits, labelled, quoted, spoken
from microcred_cli.interchange.asked_if import clause
from microcred_cli.interchange.conventions import ALONE, INSERTED, conventions, sources
from microcred_cli.questionnaire.models import Choice, Integer, Matrix, Multiple, Open, Ranking
from microcred_cli.questionnaire.routes import routes
from microcred_cli.questionnaire.values import MISSING_LABELS
from microcred_cli.summary.labels import breakdown_label, heading_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from microcred_cli.questionnaire.models import (
        Condition,
        Item,
        Option,
        Phrase,
        Questionnaire,
        Sentence,
    )

ALOUD: Final = N_("Read aloud: {text}")
HELP: Final = N_("Help: {text}")
ENDINGS: Final = {
    "complete": N_("After the last question"),
    "partial": N_("If the interview ends earlier"),
    "refused": N_("If the respondent does not take part"),
    "screened_out": N_("If the survey does not apply to the respondent"),
}


def in_full(source: Questionnaire, shown: Questionnaire) -> Iterator[str]:
    """The lines of the document; `shown` is the questionnaire `source` in the current language."""
    yield shown.title
    yield f"{shown.id} {shown.version}. {shown.rights}"
    yield from _background(shown)
    yield from _first_contact(shown)
    yield from _read_aloud(shown)
    yield from _definition(shown)
    yield from _length(source, shown)
    yield from _depending(shown)
    yield from ("", *conventions(shown))
    if found := [*sources(shown)]:
        yield from ("", _("Sources of the lists of answers").upper(), *found)
    number = 0
    for section in shown.sections:
        yield from ("", section.label.upper())
        if section.lead_in:
            yield section.lead_in
        for item in section.items:
            number += 1
            yield ""
            yield f"{number}. {_heading(shown, item)}"
            yield from (f"  {line}" for line in _item(shown, item))
    yield from _end(shown)


def _background(shown: Questionnaire) -> Iterator[str]:
    if shown.background.written:
        yield from ("", _("Background").upper())
    for block in shown.background.written:
        if block.kind == "list":
            yield from (f"- {_sentence(sentence)}" for sentence in block.sentences)
        else:
            yield _paragraph(block.sentences)


def _first_contact(shown: Questionnaire) -> Iterator[str]:
    contact = shown.first_contact
    if contact is None:
        return
    yield from ("", _("First contact: read it aloud").upper())
    yield _paragraph(contact.opening)
    for objection in contact.objections:
        yield f"- {quoted(objection.label)} {_paragraph(objection.reply)}"


def _read_aloud(shown: Questionnaire) -> Iterator[str]:
    sentences = shown.background.read_aloud
    if sentences:
        yield from ("", _("Introduction: read it aloud").upper())
        yield _paragraph(sentence for sentence in sentences if not sentence.on_request)
    asked = [sentence for sentence in sentences if sentence.on_request]
    if asked:
        yield from ("", _("To be read aloud only on request").upper())
        yield from (f"- {_sentence(sentence)}" for sentence in asked)


def _definition(shown: Questionnaire) -> Iterator[str]:
    definition = shown.definition
    if definition is None:
        return
    yield from ("", definition.title.upper(), definition.text)
    if definition.read_aloud and definition.read_aloud != definition.text:
        yield _(ALOUD).format(text=definition.read_aloud)
    first = next((n for n, item in enumerate(shown.items, 1) if item.shows_definition), None)
    if first is not None:
        yield _("Shown before question {number}.").format(number=first)


def _paragraph(sentences: Iterable[Sentence]) -> str:
    return " ".join(map(_sentence, sentences))


def _sentence(sentence: Sentence) -> str:
    """Format a sentence, in brackets if it appears only in some surveys."""
    text = sentence.text.replace("{value}.", "…").replace("{value}", "…")
    depending = _("Depending on the survey")
    return f"[{labelled(depending, text)}]" if sentence.needs else text


def _length(source: Questionnaire, shown: Questionnaire) -> Iterator[str]:
    counts = [len(route.items) for route in routes(source) if route.ends is None]
    if not counts:
        return
    yield from ("", _("Length").upper())
    least, most = min(counts), max(counts)
    asked = str(most)
    if least < most:
        asked = _("{least} to {most}").format(least=least, most=most)
    yield _("Number of questions per respondent: {number}").format(number=asked)
    yield from (paragraph.text for paragraph in minutes_written(source, shown))


def _depending(shown: Questionnaire) -> Iterator[str]:
    """The computed variables with their categories, and the words that phrases insert."""
    if shown.computed:
        yield from ("", _("Groups of respondents").upper())
    for variable in shown.computed:
        yield f"{variable.label} ({variable.id})"
        for category in variable.categories:
            when = _when(category.when, shown) if category.when else _("In all other cases")
            yield f"  - {labelled(category.label, when)}"
    if any(len([c for c in each.categories if c.when]) > 1 for each in shown.computed):
        yield _("In each list, the first group whose condition applies is used.")
    if shown.phrases:
        yield from ("", _(INSERTED).upper())
    for phrase in shown.phrases:
        yield f"{{{phrase.id}}}"
        yield from (f"  - {line}" for line in _words(shown, phrase))


def _words(shown: Questionnaire, phrase: Phrase) -> Iterator[str]:
    by: dict[str, str] = {code: _(label) for code, label in MISSING_LABELS.items()}
    if phrase.by in shown.computed_by_id:
        by |= {part.code: part.in_results for part in shown.computed_by_id[phrase.by].categories}
    else:
        by |= {option.code: option.in_results for option in shown.options(shown.by_id[phrase.by])}
    for code, words in phrase.texts.items():
        yield labelled(by.get(code, code), quoted(words))


def _heading(shown: Questionnaire, item: Item) -> str:
    """The heading and id of an item; a heading without a translation is omitted."""
    is_known = item.result_label or spoken() == shown.language
    return f"{heading_of(item, shown.language)} ({item.id})" if is_known else item.id


def _item(shown: Questionnaire, item: Item) -> Iterator[str]:
    if item.asked_if is not None:
        yield _("Asked if {condition}.").format(condition=_when(item.asked_if, shown))
    yield from _wordings(shown, item)
    yield from filter(None, [f"{item.instruction or ''} {_form(item)}".strip()])
    if isinstance(item, Matrix):
        is_shuffled = item.rows_order == "shuffled"
        yield _("Rows, in random order:") if is_shuffled else _("Rows:")
        yield from (f"  - {row.label} ({row.code})" for row in item.rows)
        yield _("Scale:")
    for option in shown.options(item):
        yield from (f"  {line}" for line in _option(option))
    yield from (f"  - {_(MISSING_LABELS[code])} ({code})" for code in item.missing)
    kept = getattr(item, "stored_as", None)
    if kept:
        labels = "; ".join(f"{part.label} ({part.code})" for part in kept)
        stored = _("Stored as (unless the survey stores full detail): {labels}")
        yield stored.format(labels=labels)
    if item.help:
        yield _(HELP).format(text=item.help)
    if item.note:
        yield f"{_('For interviewers:')} {item.note}"


def _wordings(shown: Questionnaire, item: Item) -> Iterator[str]:
    """The question as it is shown and read aloud, in each of its variants."""
    yield item.text
    if item.read_aloud and item.read_aloud != item.text:
        yield _(ALOUD).format(text=item.read_aloud)
    for variant in item.variants:
        condition = _("If {condition}").format(condition=_when(variant.when, shown))
        yield labelled(condition, variant.text)
        if variant.read_aloud and variant.read_aloud != variant.text:
            yield f"  {_(ALOUD).format(text=variant.read_aloud)}"
    if len(item.variants) > 1:
        yield _(
            "Of the wordings with a condition, the first whose condition applies is used; if none "
            "applies, the one at the top."
        )


def _when(condition: Condition, shown: Questionnaire) -> str:
    return clause(condition, shown, printed=True)


def _form(item: Item) -> str:
    """Details of the answer format and option order that the instruction does not mention."""
    found = ""
    if isinstance(item, Integer):
        least, most = item.written(item.minimum), item.written(item.maximum)
        found = _("A whole number from {least} to {most}.").format(least=least, most=most)
    elif item.instruction:
        found = ""
    elif isinstance(item, Open):
        found = _("At most {most} characters.").format(most=digits(item.max_length))
    elif isinstance(item, Multiple) and item.at_most:
        found = _("Choose at most {most}.").format(most=item.at_most)
    elif isinstance(item, Ranking):
        found = _("Choose at most {most}.").format(most=item.ranks)
    return f"{found} {_order(item)}".strip()


def _order(item: Item) -> str:
    """The order of the options if it is random; the order of rows is stated with the rows."""
    if not isinstance(item, Choice) or item.order != "shuffled":
        return ""
    if item.anchored:
        return _("In random order; the last options stay last.")
    return _("In random order.")


def _option(option: Option) -> Iterator[str]:
    notes = [_(ALONE)] if option.exclusive else []
    notes += [_("ends the interview")] if option.ends else []
    notes += [option.specify.text] if option.specify else []
    told = f" – {', '.join(notes)}" if notes else ""
    yield f"- {option.label} ({option.code}){told}"
    if option.help:
        yield f"    {_(HELP).format(text=option.help)}"


def _end(shown: Questionnaire) -> Iterator[str]:
    if shown.closing:
        yield from ("", _("Closing words").upper())
    for status, text in shown.closing.items():
        yield f"- {labelled(_(ENDINGS[status]), text)}"
    if shown.breakdowns:
        named = ", ".join(f"{breakdown_label(shown, by)} ({by})" for by in shown.breakdowns)
        yield from ("", _("Results are broken down by: {names}").format(names=named))
