"""Answer checks: each returns an answer in stored form (see `values`) or raises `InvalidAnswer`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import _, quoted, within
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.questionnaire.models import Option

_MOST_SHOWN = 40
_COULD_BE_A_CODE = re.compile(r"[A-Za-z0-9_.+-]{1,40}")


def check_code(raw: object, options: Sequence[Option], accepts: Sequence[str]) -> str:
    """Accept an option code or an allowed reserved code."""
    if isinstance(raw, str) and (raw in accepts or any(raw == o.code for o in options)):
        return raw
    if isinstance(raw, int) and any(str(raw) == option.code for option in options):
        hint = _('Codes are strings: write "{code}", with the quotation marks.').format(code=raw)
    else:
        hint = _choose(options, accepts)
    raise InvalidAnswer(
        _("{value} is not an answer to this question.").format(value=shown(raw)), hint=hint
    )


def check_codes(
    raw: object, options: Sequence[Option], accepts: Sequence[str], at_most: int | None
) -> str | tuple[str, ...]:
    """Accept option codes, returned in definition order, or a single allowed reserved code."""
    if isinstance(raw, str) and raw in accepts:
        return raw
    if not isinstance(raw, list | tuple):
        raise InvalidAnswer(
            _("{value} is not a list of codes.").format(value=shown(raw)),
            hint=_choose(options, accepts),
        )
    codes = [check_code(code, options, ()) for code in raw]
    alone = [o for o in options if o.exclusive and o.code in codes]
    if not codes:
        message, hint = _("Nothing was chosen."), _choose(options, accepts)
    elif len(set(codes)) < len(codes):
        message, hint = _("The same option is listed twice."), _("List each option once.")
    elif at_most is not None and len(codes) > at_most:
        message = _("{count} options are too many.").format(count=len(codes))
        hint = _("Choose at most {most}.").format(most=at_most)
    elif alone and len(codes) > 1:
        message = _("“{label}” cannot be combined with other options.")
        message, hint = (
            message.format(label=alone[0].label),
            _("Choose this answer alone, or do not choose it."),
        )
    else:
        return tuple(option.code for option in options if option.code in codes)
    raise InvalidAnswer(message, hint=hint)


def check_integer(raw: object, minimum: int, maximum: int, accepts: Sequence[str]) -> int | str:
    """Accept an int within the limits (not 7.0, true or "7") or an allowed reserved code."""
    if isinstance(raw, str) and raw in accepts:
        return raw
    if not isinstance(raw, int) or isinstance(raw, bool):
        message = _("{value} is not a whole number.")
        hint = _("Enter a whole number from {minimum} to {maximum}, in digits.")
    elif not minimum <= raw <= maximum:
        message = _("{value} is out of range.")
        hint = _("Enter a whole number from {minimum} to {maximum}.")
    else:
        return raw
    least, most = (within(limit, minimum, maximum) for limit in (minimum, maximum))
    limits = {"minimum": least, "maximum": most}
    raise InvalidAnswer(message.format(value=shown(raw)), hint=hint.format(**limits))


def check_text(raw: object, max_length: int) -> str:
    """Return the text in stored form (see `clean`), which may be empty."""
    if not isinstance(raw, str):
        raise InvalidAnswer(_("The answer must be text."), hint=_("Use a string."))
    text = clean(raw)
    if len(text) > max_length:
        raise InvalidAnswer(
            _("The text has {count} characters.").format(count=len(text)),
            hint=_("At most {most} characters.").format(most=max_length),
        )
    return text


def shown(raw: object) -> str:
    """Format an invalid value for a message, showing only numbers and strings that may be codes."""
    if isinstance(raw, str):
        return quoted(raw) if _COULD_BE_A_CODE.fullmatch(raw) else _("This value")
    if isinstance(raw, bool | int | float | None):
        text = safe(repr(raw))
        return text if len(text) <= _MOST_SHOWN else _("This value")
    return _("This list") if isinstance(raw, list | tuple) else _("This object")


def _choose(options: Sequence[Option], accepts: Sequence[str]) -> str:
    codes = [option.code for option in options] + list(accepts)
    listed = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")
    return _("Use one of the codes: {codes}.").format(codes=listed)
