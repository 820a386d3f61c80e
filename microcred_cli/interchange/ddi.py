"""The codebook as DDI Codebook 2.5 or 2.6, in all languages of the questionnaire.

The codebook contains no figures, so it can be passed on without the data. The XML elements are in
the order that the DDI schema requires.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from microcred_cli import __version__
from microcred_cli.i18n import N_, _, speaking
from microcred_cli.interchange.codebook import codebook_of
from microcred_cli.interchange.variables import sets_of
from microcred_cli.questionnaire.conditions import names_in
from microcred_cli.questionnaire.routes import Deciding
from microcred_cli.summary.formats.words import SYNTHETIC
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.interchange.codebook import Codebook, Entry
    from microcred_cli.interchange.variables import Variable, VariableKind
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Detail

VERSIONS: Final = ("2.5", "2.6")

_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA: Final = (
    "https://ddialliance.org/Specification/DDI-Codebook/{version}/XMLSchema/codebook.xsd"
)
_GROUPS: Final[dict[VariableKind, str]] = {"multiple": "multipleResp", "matrix": "grid"}
_DOMAINS: Final[dict[VariableKind, str]] = {"multiple": "multiple", "number": "numeric"}
_CONFIDENTIAL: Final = N_(
    "The records are confidential and not for publication. Only figures that microcred summary "
    "shows may be published."
)


def ddi(
    loaded: Loaded,
    detail: Detail = "coarse",
    *,
    version: str = "2.5",
    files: Sequence[str] = (),
    synthetic: bool = False,
) -> bytes:
    """The codebook of a questionnaire as XML; `files` are the names of the data files, if any.

    `synthetic` is true if the responses were simulated.
    """
    languages = (loaded.questionnaire.language, *loaded.languages)
    books = [
        codebook_of(loaded, each, detail, synthetic=synthetic) for each in dict.fromkeys(languages)
    ]
    root = _Document(books, version, files).root()
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


class _Document:
    """A DDI document built from one codebook per language, the source language first."""

    def __init__(self, books: Sequence[Codebook], version: str, files: Sequence[str]) -> None:
        self._books = books
        self._version = version
        self._files = files
        self._asked = books[0].questionnaire
        self._entries = {entry.id: [entry] for entry in books[0].entries}
        for book in books[1:]:
            for entry in book.entries:
                self._entries[entry.id].append(entry)
        self._variables = list(zip(*(book.variables for book in books), strict=True))
        self._first = {v[0].item: f"Q_{v[0].name}" for v in reversed(self._variables)}
        deciding = Deciding(self._asked)
        self._behind = {
            item.id: [
                name
                for name in self._first
                if any(name in deciding.items_behind(n) for n in names_in(item.asked_if))
            ]
            for item in self._asked.items
            if item.id in self._first
        }

    def root(self) -> ET.Element:
        """The root element of the complete document."""
        space = f"ddi:codebook:{self._version.replace('.', '_')}"
        root = ET.Element("codeBook", {"version": self._version, _LANGUAGE: self._asked.language})
        root.set("xmlns", space)
        root.set("xmlns:xsi", _INSTANCE)
        root.set("xsi:schemaLocation", f"{space} {_SCHEMA.format(version=self._version)}")
        self._citation(ET.SubElement(root, "docDscr"))
        self._study(ET.SubElement(root, "stdyDscr"))
        for number, name in enumerate(self._files, 1):
            file = ET.SubElement(root, "fileDscr", {"ID": f"F{number}"})
            ET.SubElement(ET.SubElement(file, "fileTxt"), "fileName").text = name
        data = ET.SubElement(root, "dataDscr")
        self._groups(data)
        for variables in self._variables:
            self._variable(data, variables)
        return root

    def _citation(self, parent: ET.Element) -> ET.Element:
        citation = ET.SubElement(parent, "citation")
        titles = ET.SubElement(citation, "titlStmt")
        for book in self._books:
            name = "titl" if book is self._books[0] else "parTitl"
            _text(titles, name, book.questionnaire.title, book.language)
        ET.SubElement(titles, "IDNo").text = f"{self._asked.id} {self._asked.version}"
        made = ET.SubElement(citation, "prodStmt")
        ET.SubElement(made, "software", {"version": __version__}).text = "microcred"
        return citation

    def _study(self, study: ET.Element) -> None:
        citation = self._citation(study)
        uri = f"urn:microcred:{self._asked.id}:{self._asked.version}"
        ET.SubElement(citation, "holdings", {"URI": uri})
        about = ET.SubElement(study, "stdyInfo")
        for book in self._books:
            sentences = [
                sentence.text
                for block in book.questionnaire.background.written
                for sentence in block.sentences
                if sentence.needs is None
            ]
            if book.synthetic:
                with speaking(book.language):
                    sentences.insert(0, _(SYNTHETIC))
            if sentences:
                _text(about, "abstract", " ".join(sentences), book.language)
        use = ET.SubElement(ET.SubElement(study, "dataAccs"), "useStmt")
        for book in self._books:
            with speaking(book.language):
                _text(use, "conditions", _(_CONFIDENTIAL), book.language)

    def _groups(self, parent: ET.Element) -> None:
        """Add variable groups: one per section, then one per item with several variables."""
        by_item: dict[str, list[str]] = {}
        for variables in self._variables:
            by_item.setdefault(variables[0].item, []).append(_id(variables[0]))
        for sections in zip(*(book.questionnaire.sections for book in self._books), strict=True):
            names = [v for item in sections[0].items for v in by_item.get(item.id, ())]
            if names:
                fields = {"ID": f"S_{sections[0].id}", "type": "section", "var": " ".join(names)}
                group = ET.SubElement(parent, "varGrp", fields)
                for book, section in zip(self._books, sections, strict=True):
                    _text(group, "labl", section.label, book.language)
        sets = [sets_of([v[n] for v in self._variables]) for n in range(len(self._books))]
        for found in zip(*sets, strict=True):
            names = by_item[found[0].item]
            kind = _GROUPS.get(found[0].kind)
            fields = {"ID": f"G_{found[0].item}", "name": found[0].item, "var": " ".join(names)}
            fields |= {"type": kind} if kind else {"type": "other", "otherType": "ranking"}
            group = ET.SubElement(parent, "varGrp", fields)
            for book, each in zip(self._books, found, strict=True):
                _text(group, "labl", each.question, book.language)

    def _variable(self, parent: ET.Element, variables: Sequence[Variable]) -> None:
        first = variables[0]
        fields = {"ID": _id(first), "name": first.name}
        if first.limits is None and first.kind != "row":
            fields |= {"nature": first.measure, "intrvl": "discrete"}
        else:
            fields |= {"nature": "ratio", "intrvl": "contin"}
        if self._files:
            fields["files"] = " ".join(f"F{n}" for n in range(1, len(self._files) + 1))
        found = ET.SubElement(parent, "var", fields)
        for book, variable in zip(self._books, variables, strict=True):
            _text(found, "labl", variable.label, book.language)
        is_item = first.item in self._asked.by_id
        entries = self._entries[first.item] if is_item else []
        if entries:
            self._question(found, first, entries)
        self._ranges(found, first)
        for book, entry in zip(self._books, entries, strict=False):
            if entry.route:
                _text(found, "universe", entry.route, book.language)
        self._categories(found, variables)
        ET.SubElement(found, "codInstr").text = _numbers(first)
        if entries and (concept := self._asked.by_id[first.item].concept):
            _text(found, "concept", concept, self._asked.language)
        if entries and entries[0].recoding:
            derivation = ET.SubElement(found, "derivation")
            for book, entry in zip(self._books, entries, strict=True):
                recoded = "; ".join(f"{r.code}: {', '.join(r.answers)}" for r in entry.recoding)
                _text(derivation, "drvdesc", recoded, book.language)
        is_number = first.limits is not None or first.kind in ("row", "multiple")
        ET.SubElement(found, "varFormat", {"type": "numeric" if is_number else "character"})

    def _question(self, parent: ET.Element, first: Variable, entries: Sequence[Entry]) -> None:
        fields = {
            "ID": f"Q_{first.name}",
            "responseDomainType": _DOMAINS.get(first.kind, "category"),
        }
        found = ET.SubElement(parent, "qstn", fields)
        for book, entry in zip(self._books, entries, strict=True):
            for text in entry.texts:
                _text(found, "qstnLit", text, book.language)
        for book, entry in zip(self._books, entries, strict=True):
            if entry.instruction:
                _text(found, "postQTxt", entry.instruction, book.language)
        after = [item for item, behind in self._behind.items() if first.item in behind]
        if after and self._first[first.item] == fields["ID"]:
            targets = " ".join(self._first[item] for item in after)
            ET.SubElement(found, "forward", {"qstn": targets})
        if before := self._behind.get(first.item):
            sources = " ".join(self._first[item] for item in before)
            ET.SubElement(found, "backward", {"qstn": sources})
        for book, entry in zip(self._books, entries, strict=True):
            if entry.note:
                _text(found, "ivuInstr", entry.note, book.language)

    def _ranges(self, parent: ET.Element, first: Variable) -> None:
        if first.limits is not None:
            least, most = map(str, first.limits)
            valid = ET.SubElement(parent, "valrng")
            ET.SubElement(valid, "range", {"min": least, "max": most})

    def _categories(self, parent: ET.Element, variables: Sequence[Variable]) -> None:
        first = variables[0]
        for place, value in enumerate(first.labelled):
            is_missing = place >= len(first.values)
            fields = {"missing": "Y", "missType": value.code} if is_missing else {}
            found = ET.SubElement(parent, "catgry", fields)
            ET.SubElement(found, "catValu").text = value.code
            for book, variable in zip(self._books, variables, strict=True):
                _text(found, "labl", variable.labelled[place].label, book.language)


def _id(variable: Variable) -> str:
    return f"V_{variable.name}"


def _numbers(variable: Variable) -> str:
    """The numbers that represent codes in SPSS and, except for missing values, in Stata."""
    if not variable.labelled:
        return "A number."
    pairs = ", ".join(f"{value.code} {value.number}" for value in variable.labelled)
    return f"Numbers in SPSS: {pairs}. In Stata, missing values have letters."


_safe = lru_cache(20_000)(safe)
"""`safe` with a cache, because most strings occur many times."""


def _text(parent: ET.Element, name: str, text: str, language: str) -> None:
    ET.SubElement(parent, name, {_LANGUAGE: language}).text = _safe(text)
