"""Messages and hints about YAML syntax errors for authors of questionnaires."""

import re
from typing import Final

from microcred_cli.questionnaire.faults import shown

_KEY: Final = re.compile(r"\s*(?:- +)*[\w.-]+:(?:\s|$)")
_OPENS: Final = re.compile(r"""\s*(?:- +)*(?:[\w.-]+:\s+)?(["'])""")
_ESCAPED: Final = re.compile(r"\\.|''")
_MOST_BEFORE: Final = 400
"""The number of lines before an error that are searched for a missing quotation mark."""

_KNOWN: Final = (
    (
        r"character '\\t'",
        "A tab character is used for indentation.",
        "Replace the tab with spaces: YAML allows only spaces for indentation.",
    ),
    (
        "mapping values are not allowed",
        "There is a colon followed by a space where a key is not allowed.",
        'If the colon belongs to a text, quote the whole text: text: "Which one: A or B?". '
        "Otherwise, correct the indentation.",
    ),
    (
        "cannot start any token",
        "A text begins with a character that is special in YAML.",
        "Put the whole text in quotation marks.",
    ),
    (
        "but found '<block mapping start>'",
        "The indentation differs from that of the preceding lines.",
        "Indent all keys of the same mapping by the same number of spaces.",
    ),
    (
        "but found '<scalar>'",
        "There is text after the end of a quoted text or of a list in brackets.",
        "Quote the whole text, and write \\\" for a quotation mark inside double quotes, and '' "
        "for an apostrophe inside single quotes.",
    ),
    (
        r"expected ',' or '[\]}]'",
        "A list or mapping in brackets has no comma or no closing bracket.",
        "Add the comma or the bracket, or quote a text that contains brackets, commas or a colon.",
    ),
)


def explain(text: str, problem: str, line: int | None) -> tuple[str, str, int | None]:
    """The message, hint and line number to report for the parser's `problem` on this line."""
    unclosed = _unclosed(text, line)
    if unclosed is not None:
        message = "A quotation mark opened here is never closed."
        return message, "Add the closing quotation mark at the end of the text.", unclosed
    for pattern, message, hint in _KNOWN:
        if re.search(pattern, problem):
            return message, hint, line
    said = f": {shown(problem)}" if problem else ""
    message = f"The file is not valid YAML{said}."
    return message, "Correct the indentation or the quotation marks on that line.", line


def _unclosed(text: str, line: int | None) -> int | None:
    """The line with an unclosed quotation mark, if the following line begins with a key."""
    if line is None:
        return None
    lines = text.split("\n")
    first = max(0, line - _MOST_BEFORE)
    for number in range(first, min(line, len(lines))):
        opened = _OPENS.match(lines[number])
        if opened is None or opened[1] in _ESCAPED.sub("", lines[number][opened.end() :]):
            continue
        follows = next((each for each in lines[number + 1 :] if each.strip()), None)
        if follows is None or _KEY.match(follows):
            return number + 1
    return None
