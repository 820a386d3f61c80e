"""The settings of a survey round, read from a TOML file."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_figures
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import as_text, read_edited
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import N_, _
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microcred_cli.cases.calling import Calling
    from microcred_cli.fieldwork.engine import EngineSettings
    from microcred_cli.records.shapes import Detail

T = TypeVar("T")

FILE_NAME = "fieldwork.toml"
GIVEN_BELOW = N_("given below")
"""The phrase with which a sentence refers to a notice that is printed below."""
NOTICES = ("contact", "endorsement_letter", "privacy_statement")
SPOKEN = "_spoken"
"""The suffix of settings that contain a notice's wording for reading aloud."""
CAN_BE_OMITTED = (*NOTICES, "respond_by")
"""The settings that can be `false`, to state that they are deliberately left without a value."""
_OF_DETAIL = "_detail"
_TEXT_FILES = (".txt", ".md")
_DOCUMENTS = (
    *(".doc", ".docx", ".htm", ".html", ".jpeg", ".jpg", ".markdown", ".odt", ".pages", ".pdf"),
    *(".png", ".ppt", ".pptx", ".rst", ".rtf", ".tex", ".tif", ".tiff", ".xls", ".xlsx"),
)
"""Suffixes of files that are not plain text or are not accepted as such."""
DRAFT_DAYS = 30
ENOUGH_KEYS = 2
"""The minimum number of keys; with only one key, losing it would mean losing all responses."""
_OTHERS = (
    *("respond_by", "closes", "languages", "responses", "draft_days", "recipients", "detail"),
    *("timezone", "caller", "pilot", "calling", "targets", "engine"),
)
_TABLES = ("pilot", "calling", "targets", "engine")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*")
_LARGEST = 256 * 1024
_WITHOUT_END = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}"""
)
"""Matches a dotted key with 50 or more parts; parsing time is quadratic in the number of parts."""
_LONGEST_IN_SENTENCE = 200
_SEE = "Check the file against the documentation of the settings."


class Notice(Frozen):
    """A document that a sentence of the background refers to.

    `mention` is the text that refers to the document in the sentence. `text` is the full text of
    the document, which is shown after the background, or None. `spoken`, if set, is read aloud in
    place of the mention: one string for all languages, or a string per language for some languages.
    """

    mention: str
    text: str | None = None
    spoken: str | Mapping[str, str] | None = None

    def spoken_in(self, language: str) -> str | None:
        """The wording to read aloud in a language, if there is one."""
        return _in_language(self.spoken, language)


class Fieldwork(Frozen):
    """The settings of a survey round; a setting without a value is None and is not shown.

    A paused interview is kept for `draft_days` days. `recipients` are the public keys to which all
    responses are encrypted; `detail` can be full only if there are recipients. Dates and times are
    in the time zone `timezone` (an IANA name) or, if it is None, in the machine's time zone.
    `omitted` contains the settings deliberately left without a value (`false`). `caller` is the
    organisation that interviewers say they are calling from, as one string or by language. If
    `times` is true, pilot timings are stored. `calling` has the calling rules, and `engine` the
    counting engine, if any are set.
    """

    path: Path | None = None
    notices: Mapping[str, Notice] = MappingProxyType({})
    omitted: frozenset[str] = frozenset()
    respond_by: date | None = None
    closes: date | None = None
    languages: tuple[str, ...] = ()
    responses: Path | None = None
    draft_days: int = DRAFT_DAYS
    recipients: tuple[str, ...] = ()
    detail: Detail = "coarse"
    timezone: str | None = None
    caller: str | Mapping[str, str] | None = None
    times: bool = False
    calling: Calling | None = None
    engine: EngineSettings | None = None

    def today(self) -> date:
        """The current date in the time zone of the fieldwork."""
        return zones.today(self.timezone)

    def setting(self, name: str, language: str = "en") -> str | None:
        """The value of a setting as text for a sentence in this language; None if it is not set."""
        if name.endswith(_OF_DETAIL):
            return "" if name == f"{self.detail}{_OF_DETAIL}" else None
        if name == "respond_by":
            return date_in_figures(self.respond_by, language) if self.respond_by else None
        if name == "caller":
            return _in_language(self.caller, language)
        notice = self.notices.get(name)
        if notice is None:
            return None
        return _(notice.mention) if notice.mention == GIVEN_BELOW else notice.mention

    def spoken(self, name: str, language: str = "en") -> str | None:
        """The value of a setting to read aloud; None for a notice printed below the background."""
        notice = self.notices.get(name)
        spoken = notice.spoken_in(language) if notice is not None else None
        if spoken is not None:
            return spoken
        return None if notice is not None and notice.text else self.setting(name, language)

    def is_closed(self, today: date) -> bool:
        """True if the survey has closed, so that no new interview may be started."""
        return self.closes is not None and today > self.closes

    def is_late(self, today: date) -> bool:
        """True if the date by which respondents were asked to answer has passed."""
        return self.respond_by is not None and today > self.respond_by


def _in_language(texts: str | Mapping[str, str] | None, language: str) -> str | None:
    return texts if texts is None or isinstance(texts, str) else texts.get(language)


def read_fieldwork(path: Path | None) -> Fieldwork:
    """Read the settings; the default is `fieldwork.toml` in the current folder, if it exists."""
    if path is None:
        path = Path(FILE_NAME)
        if not path.exists():
            return Fieldwork()
    import tomllib

    try:
        text = as_text(read_edited(path, _LARGEST))
        if _WITHOUT_END.search(text):
            raise _wrong(path, "A key has far too many parts.", _SEE)
        table = tomllib.loads(text)
    except StoreError as error:
        raise _wrong(path, error.message, error.hint) from None
    except RecursionError:
        raise _wrong(path, "The file is nested too deeply.", _SEE) from None
    except tomllib.TOMLDecodeError as error:
        message = f"The file is not valid TOML: {safe(error)}"
        raise _wrong(path, message, "Correct the file at this position.") from None
    except ValueError:  # an integer with thousands of digits
        raise _wrong(path, "A number is far too long.", "Use a smaller number.") from None
    return _Settings(path, table).fieldwork()


class _Settings:
    """Reads the settings of a parsed file, and collects the faults in them."""

    def __init__(self, path: Path, table: Mapping[str, object]) -> None:
        self.path, self.table = path, table
        self.faults: list[UsageError] = []

    def fieldwork(self) -> Fieldwork:
        self._check_names()
        days = self._checked(self._draft_days, DRAFT_DAYS)
        respond_by, closes = (
            self._checked(partial(self._date, name), None) for name in ("respond_by", "closes")
        )
        if respond_by and closes and closes < respond_by:
            wrong = f"({closes}) is before respond_by ({respond_by})"
            self.faults.append(self._fault("closes", wrong, "Correct one of the two dates."))
        languages = partial(self._list, "languages", "languages", 'Use a list such as ["en"].')
        found = Fieldwork(
            path=self.path.resolve(),
            notices=self._notices(),
            omitted=frozenset(name for name in CAN_BE_OMITTED if self.table.get(name) is False),
            respond_by=respond_by,
            closes=closes,
            languages=self._checked(languages, ()),
            responses=self._checked(self._responses, None),
            draft_days=days,
            recipients=self._checked(self._recipients, ()),
            detail=self._checked(self._detail, "coarse"),
            timezone=self._checked(self._timezone, None),
            caller=self._checked(partial(self._spoken, "caller"), None),
            times=self._checked(self._times, False),
            calling=self._checked(self._calling, None),
            engine=self._checked(self._engine, None),
        )
        self._raise_faults()
        return found

    def _checked(self, read: Callable[[], T], otherwise: T) -> T:
        """The result of reading a setting; after a fault, `otherwise`, and reading continues."""
        try:
            return read()
        except UsageError as error:
            self.faults.append(error)
            return otherwise

    def _raise_faults(self) -> None:
        if len(self.faults) == 1:
            raise self.faults[0]
        if self.faults:
            raise UsageError(
                f"The settings have {len(self.faults)} errors.",
                where=self.path,
                hint="To check the corrected settings: microcred fieldwork check",
                details=tuple(f"{error.message} {error.hint}" for error in self.faults),
            )

    def _check_names(self) -> None:
        """Find unknown settings, and top-level settings that are placed in a table."""
        known = (*NOTICES, *(f"{name}{SPOKEN}" for name in NOTICES), *_OTHERS)
        for name in self.table:
            if name not in known:
                hint = f"The known settings are {', '.join(known)}."
                self.faults.append(self._fault(name, "is unknown", hint))
        for table in _TABLES:
            below = self.table.get(table)
            misplaced = [name for name in below if name in known] if isinstance(below, dict) else []
            for name in misplaced:
                hint = f"Move {name} above the first line in square brackets."
                self.faults.append(self._fault(f"{table}.{name}", "is below a table", hint))
            if misplaced and isinstance(below, dict):
                kept = {name: value for name, value in below.items() if name not in known}
                self.table = {**self.table, table: kept}

    def _draft_days(self) -> int:
        days = self.table.get("draft_days", DRAFT_DAYS)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 366:
            raise self._fault("draft_days", "is not a valid number of days", "Use 1 to 366.")
        return days

    def _responses(self) -> Path | None:
        if "responses" not in self.table:
            return None
        return self.path.resolve().parent / self._text("responses")

    def _times(self) -> bool:
        table = self.table.get("pilot", {})
        if not isinstance(table, dict):
            hint = "Write times = true below a line [pilot]."
            raise self._fault("pilot", "is not a table", hint)
        for name, value in table.items():
            if name != "times":
                raise self._fault(
                    f"pilot.{name}", "is unknown", "The only key below [pilot] is times."
                )
            if not isinstance(value, bool):
                raise self._fault("pilot.times", "is not true or false", "Use true or false.")
        return table.get("times") is True

    def _calling(self) -> Calling | None:
        if "calling" not in self.table and "targets" not in self.table:
            return None
        from microcred_cli.cases.calling import Calling
        from microcred_cli.fieldwork.call_settings import read_rules, read_targets

        rules = read_rules(self.table.get("calling"), self._fault, self._checked)
        targets = read_targets(self.table.get("targets"), self._fault, self._checked)
        return Calling(**rules, targets=targets)

    def _engine(self) -> EngineSettings | None:
        if "engine" not in self.table:
            return None
        from microcred_cli.fieldwork.engine import read_engine

        return read_engine(self.table["engine"], self._fault)

    def _list(self, name: str, of: str, hint: str) -> tuple[str, ...]:
        value = self.table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self._fault(name, f"is not a list of {of}", hint)
        return tuple(value)

    def _recipients(self) -> tuple[str, ...]:
        value = self._list(
            "recipients", "public keys", 'Use a list such as ["age1...", "age1..."].'
        )
        if not value:
            if "recipients" in self.table:
                hint = "List at least two public keys, or remove the setting."
                raise self._fault("recipients", "is empty", hint)
            return ()
        from microcred_cli.crypto.keys import checked_recipient

        keys = tuple(
            checked_recipient(key, f"Key {number} of recipients", safe(self.path))
            for number, key in enumerate(value, 1)
        )
        if len(set(keys)) < len(keys):
            raise self._fault("recipients", "contains a key twice", "List each key once.")
        return keys

    def _detail(self) -> Detail:
        value = self.table.get("detail", "coarse")
        if value not in ("coarse", "full"):
            raise self._fault("detail", "is neither coarse nor full", "Use coarse or full.")
        if value == "coarse":
            return "coarse"
        if not self.table.get("recipients"):
            wrong = "can be full only with recipients, because full detail must be encrypted"
            raise self._fault("detail", wrong, "Add recipients, or remove the setting.")
        return "full"

    def _text(self, name: str) -> str:
        return self._cleaned(name, self.table[name])

    def _cleaned(self, name: str, value: object) -> str:
        text = clean(value, newlines=True) if isinstance(value, str) else ""
        if not text:
            hint = "Use a non-empty string, or remove the setting."
            raise self._fault(name, "is empty or is not a string", hint)
        return text

    def _notices(self) -> dict[str, Notice]:
        found = {}
        for name in NOTICES:
            spoken = self._checked(partial(self._spoken, f"{name}{SPOKEN}"), None)
            if self.table.get(name, False) is not False:
                notice = self._checked(partial(self._notice, name), None)
                if notice is not None:
                    found[name] = notice.having(spoken=spoken)
            elif f"{name}{SPOKEN}" in self.table:
                wrong = f"is set, but {name} is not"
                hint = f"Set {name} as well, or remove the setting."
                self.faults.append(self._fault(f"{name}{SPOKEN}", wrong, hint))
        return found

    def _notice(self, name: str) -> Notice:
        value = self._text(name)
        if "\n" in value or len(value) > _LONGEST_IN_SENTENCE:
            return Notice(GIVEN_BELOW, value)
        suffix = Path(value).suffix.casefold()
        if _is_address(value):
            return Notice(value)
        if suffix in _TEXT_FILES:
            return Notice(GIVEN_BELOW, self._file(name, self.path.parent / value))
        if suffix in _DOCUMENTS or (self.path.parent / value).is_file():
            hint = (
                "Save its text as a .txt or .md file and specify that file, or specify the web "
                "address of the document."
            )
            raise self._fault(name, f"refers to a file that is not plain text: {safe(value)}", hint)
        return Notice(value)

    def _spoken(self, name: str) -> str | Mapping[str, str] | None:
        value = self.table.get(name)
        if isinstance(value, dict):
            wrong = [code for code in value if not _LANGUAGE.fullmatch(code)]
            if wrong or not value:
                hint = 'Write one string for each language, such as { en = "…", de = "…" }.'
                raise self._fault(name, "is a table without language codes", hint)
            return {code: self._line(f"{name}.{code}", text) for code, text in value.items()}
        return self._line(name, value) if name in self.table else None

    def _line(self, name: str, written: object) -> str:
        value = self._cleaned(name, written)
        if "\n" in value or len(value) > _LONGEST_IN_SENTENCE:
            hint = (
                f"Use one line of at most {_LONGEST_IN_SENTENCE} characters, worded to be read out."
            )
            raise self._fault(name, "is too long for a sentence", hint)
        return value

    def _file(self, name: str, file: Path) -> str:
        try:
            text = clean(as_text(read_edited(file, _LARGEST)), newlines=True)
        except StoreError as error:
            wrong = "refers to a text file that cannot be read"
            hint = f"{error.message} {error.hint}"
            raise self._fault(name, wrong, hint) from None
        if not text:
            hint = "Add text to the file, or remove the setting."
            raise self._fault(name, "refers to an empty file", hint)
        return text

    def _date(self, name: str) -> date | None:
        value = self.table.get(name)
        if value is None or (value is False and name in CAN_BE_OMITTED):
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, str):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if not isinstance(value, date):
            raise self._fault(name, "is not a date", "Use a date such as 2027-03-31.")
        return value

    def _timezone(self) -> str | None:
        if "timezone" not in self.table:
            return None
        name = self._text("timezone")
        if not zones.is_area_and_city(name):
            hint = 'Use an area and a city, such as "Europe/Berlin", or remove the setting.'
            raise self._fault("timezone", "is not a known time zone", hint)
        return name

    def _fault(self, name: str, wrong: str, hint: str) -> UsageError:
        from microcred_cli.crypto.keys import is_secret

        # The name may be a secret key that was pasted by mistake.
        shown = "…" if is_secret(name) else safe(name)
        return _wrong(self.path, f"The setting {shown} {wrong}.", hint)


def _is_address(value: str) -> bool:
    """True for a web or e-mail address, but not for a file name such as letter.md."""
    host, slash, _ = value.partition("/")
    has_host = bool(slash) and "." in host.strip(".")
    return "://" in value or "@" in value or value.casefold().startswith("www.") or has_host


def _wrong(path: Path, message: str, hint: str) -> UsageError:
    return UsageError(message, where=path, hint=hint)
