"""Lint of labels, phrases, and the tokens in texts that phrases replace."""

import re
from collections.abc import Iterator
from typing import Final

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import choose, fault, shown
from microcred_cli.questionnaire.lint.outline import Outline, OutlineEntry
from microcred_cli.questionnaire.yaml.tree import Node

LONGEST_LABEL: Final = 52
"""The maximum length of a label that fits 60 columns together with its number and checkbox."""

TOKEN: Final = re.compile(r"\{([^{}\n]*)\}")
"""A token that is replaced by the words of a phrase."""

PHRASED: Final = ("text", "read_aloud", "lead_in")
"""The keys of items, variants and sections under which phrases are inserted."""

_SETTING: Final = "value"
_IN_RESULTS: Final = ("result_label", "label")


def check_wording(outline: Outline) -> Iterator[Fault]:
    """Find labels that are equal or too long, and tokens without a phrase."""
    for question in outline.questions:
        yield from _long_labels(question)
        rows = question.node.mappings("rows")
        for nodes in (question.options, rows):
            yield from _equal_labels(nodes, question.id)
        for nodes in (question.options, rows, question.node.mappings("stored_as")):
            yield from _equal_labels(nodes, question.id, _IN_RESULTS)
    yield from _phrases(outline)
    yield from _tokens(outline)


def phrased(outline: Outline) -> Iterator[Node]:
    """The strings into which phrases are inserted."""
    nodes = list(outline.sections)
    for question in outline.questions:
        nodes += [question.node, *question.node.mappings("variants")]
    for node in nodes:
        for key in PHRASED:
            text = node.get(key)
            if text is not None and isinstance(text.value, str):
                yield text


def _long_labels(question: OutlineEntry) -> Iterator[Fault]:
    parts = [*question.node.mappings("options"), *question.node.mappings("rows")]
    short = [*parts, *question.node.mappings("stored_as")]
    for node, key in [(n, "label") for n in parts] + [(n, "result_label") for n in short]:
        label = node.text(key)
        if label is not None and len(label) > LONGEST_LABEL:
            message = f"The label {shown(label)} has {len(label)} characters."
            hint = f"Shorten the label to at most {LONGEST_LABEL} characters."
            yield fault("Q076", node.line_of(key), question.id, message, hint)


def _equal_labels(
    nodes: list[Node], owner: str | None, keys: tuple[str, ...] = ("label",)
) -> Iterator[Fault]:
    """Report equal labels in one list; the label of a node is under the first key that it has."""
    seen: dict[str, tuple[Node, str]] = {}
    for node in nodes:
        key = next((key for key in keys if node.text(key)), keys[-1])
        label = " ".join((node.text(key) or "").split()).casefold()
        if label and label in seen:
            other, other_key = seen[label]
            if len(keys) > 1 and "result_label" not in (key, other_key):
                continue  # already reported when the labels were compared
            message = f"The label {shown(node.text(key))} is also on line"
            message += f" {other.line_of(other_key)}."
            hint = "Use distinct labels."
            yield fault("Q077", node.line_of(key), owner, message, hint)
        seen.setdefault(label, (node, key))


def _phrases(outline: Outline) -> Iterator[Fault]:
    used = {token for text in phrased(outline) for token in TOKEN.findall(text.value)}
    for phrase in outline.phrases:
        name, by = phrase.text("id"), phrase.text("by")
        if name is not None and name not in used:
            hint = f"Use {{{name}}} in a text, or remove the phrase."
            yield fault("Q072", phrase.line, name, "The phrase is never used.", hint)
        if by is not None:
            yield from _values(phrase, by, name, outline)


def _values(phrase: Node, by: str, name: str | None, outline: Outline) -> Iterator[Fault]:
    """Faults in the name under `by` and the codes under `words` of a phrase."""
    named, line = outline.named(by), phrase.line_of("by")
    if named is None:
        message = f"The phrase depends on {shown(by)}, which is not an item or computed variable."
        hint = choose(by, outline.names)
        yield fault("Q032", line, name, message, hint)
        return
    if isinstance(named, OutlineEntry) and named.kind not in (None, "single"):
        message = f"The phrase depends on {shown(by)}, whose answer is not a single code."
        yield fault("Q074", line, name, message, "Use a single item or a computed variable.")
        return
    known = named.known_codes
    for code, words in phrase.pairs("texts") if known is not None else ():
        if code not in (known or ()):
            message = f"The phrase has words for {shown(code)}, which is not a code of {shown(by)}."
            yield fault("Q033", words.key_line, name, message, choose(code, known or ()))


def _tokens(outline: Outline) -> Iterator[Fault]:
    """Report tokens without a phrase, or in texts where phrases are not inserted."""
    phrases = [name for phrase in outline.phrases if (name := phrase.text("id")) is not None]
    inserted = {id(text) for text in phrased(outline)}
    needs = _sentences(outline.root)
    for node, owner in outline.root.walk():
        for token in TOKEN.findall(node.value) if isinstance(node.value, str) else ():
            if id(node) in inserted:
                if token not in phrases:
                    message = f"There is no phrase for {shown(f'{{{token}}}')}."
                    yield fault("Q070", node.line, owner, message, choose(token, phrases))
            elif token != _SETTING or id(node) not in needs:
                message = f"{shown(f'{{{token}}}')} is not replaced in this text."
                hint = (
                    "Write the words out: phrases work only in `text`, `read_aloud` and `lead_in`."
                )
                yield fault("Q075", node.line, owner, message, hint)
            elif not needs[id(node)]:
                message = "{value} is used in a sentence without `needs`."
                yield fault(
                    "Q073", node.line, owner, message, "Add `needs`, or write the words out."
                )


def _sentences(root: Node) -> dict[int, bool]:
    """The texts of sentences outside the items, by object id, and whether each needs a setting."""
    sentences: list[Node] = []
    if (background := root.get("background")) is not None:
        sentences += background.mappings("read_aloud")
        for block in background.mappings("written"):
            sentences += block.mappings("sentences")
    if (first := root.get("first_contact")) is not None:
        sentences += first.mappings("opening")
        for objection in first.mappings("objections"):
            sentences += objection.mappings("reply")
    return {
        id(text): sentence.get("needs") is not None
        for sentence in sentences
        if (text := sentence.get("text")) is not None
    }
