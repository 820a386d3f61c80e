"""Lint of aliases: within an item, each alias must identify exactly one option."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microcred_cli.errors import Fault
from microcred_cli.questionnaire.faults import fault, shown
from microcred_cli.questionnaire.finder import search_forms
from microcred_cli.questionnaire.lint.outline import Outline

Name = tuple[str, int | None]
"""A name and its line."""


@dataclass(frozen=True)
class NamedOption:
    """An option's label and aliases; faults are reported under `owner`."""

    owner: str | None
    label: str
    names: Sequence[Name]


def check_further_names(outline: Outline) -> Iterator[Fault]:
    """Find faults in the aliases of a definition; faults in shared lists are reported once."""
    seen: set[tuple[int | None, str]] = set()
    for question in outline.questions:
        options = [
            NamedOption(question.id, option.text("label") or "", option.texts("also"))
            for option in question.options
        ]
        for found in faults_of_names(options):
            if (found.line, found.message) not in seen:
                seen.add((found.line, found.message))
                yield found


def faults_of_names(options: Sequence[NamedOption]) -> Iterator[Fault]:
    """Report aliases that match a label or another alias of any option."""
    owners: dict[str, int] = {}
    for position, option in enumerate(options):
        for form in search_forms(option.label):
            owners.setdefault(form, position)
    for position, option in enumerate(options):
        for name, line in option.names:
            forms = search_forms(name)
            others = {owners[form] for form in forms if form in owners}
            if not forms or position in others:
                message = f"The alias {shown(name)} is redundant."
                yield fault("Q082", line, option.owner, message, "Remove the alias.")
            elif others:
                other = shown(options[min(others)].label)
                message = f"The alias {shown(name)} also belongs to {other}."
                hint = "Keep the alias only for the option that people usually mean by it."
                yield fault("Q081", line, option.owner, message, hint)
            for form in forms:
                owners.setdefault(form, position)
