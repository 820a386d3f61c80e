"""Checks of what was given as an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.errors import InvalidAnswer
from microcred_cli.i18n import _, digits, quoted
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.questionnaire.models import Option

_MOST_SHOWN = 40
_COULD_BE_A_CODE = re.compile(r"[A-Za-z0-9_.+-]{1,40}")


def check_code(raw: object, options: Sequence[Option], accepts: Sequence[str]) -> str:
    """The code, if it is an option's or an accepted reserved one.

    Raises:
        InvalidAnswer: it is neither.
    """
    if isinstance(raw, str) and (raw in accepts or any(raw == o.code for o in options)):
        return raw
    if isinstance(raw, int) and any(str(raw) == option.code for option in options):
        hint = _('Codes are texts: write it in quotes, "{code}".').format(code=raw)
    else:
        hint = _choose(options, accepts)
    raise InvalidAnswer(
        _("{value} is not an answer to this question.").format(value=shown(raw)), hint=hint
    )


def check_codes(
    raw: object, options: Sequence[Option], accepts: Sequence[str], at_most: int | None
) -> str | tuple[str, ...]:
    """Some codes in the order of the definition, or one accepted reserved code alone.

    Raises:
        InvalidAnswer: none, an unknown or repeated one, too many, or an exclusive one with others.
    """
    if isinstance(raw, str) and raw in accepts:
        return raw
    if not isinstance(raw, list | tuple):
        raise InvalidAnswer(
            _("{value} is not a list of codes.").format(value=shown(raw)),
            hint=_choose(options, accepts),
        )
    codes = [check_code(code, options, ()) for code in raw]
    if not codes:
        raise InvalidAnswer(_("Nothing was chosen."), hint=_choose(options, accepts))
    if len(set(codes)) < len(codes):
        raise InvalidAnswer(
            _("The same option stands there twice."), hint=_("Give each option once.")
        )
    if at_most is not None and len(codes) > at_most:
        raise InvalidAnswer(
            _("{count} options are too many.").format(count=len(codes)),
            hint=_("Choose at most {most}.").format(most=at_most),
        )
    alone = [o for o in options if o.exclusive and o.code in codes]
    if alone and len(codes) > 1:
        raise InvalidAnswer(
            _("“{label}” cannot be combined with other options.").format(label=alone[0].label),
            hint=_("Choose it alone, or leave it out."),
        )
    return tuple(option.code for option in options if option.code in codes)


def check_integer(raw: object, minimum: int, maximum: int, accepts: Sequence[str]) -> int | str:
    """A whole number within the limits, or an accepted reserved code.

    Raises:
        InvalidAnswer: not a whole number (7.0, true and "7" are none), or outside the limits.
    """
    if isinstance(raw, str) and raw in accepts:
        return raw
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise InvalidAnswer(
            _("{value} is not a whole number.").format(value=shown(raw)),
            hint=_("Give a whole number from {minimum} to {maximum}, in digits.").format(
                minimum=digits(minimum), maximum=digits(maximum)
            ),
        )
    if not minimum <= raw <= maximum:
        raise InvalidAnswer(
            _("{value} is outside the limits.").format(value=shown(raw)),
            hint=_("Give a whole number from {minimum} to {maximum}.").format(
                minimum=digits(minimum), maximum=digits(maximum)
            ),
        )
    return raw


def check_text(raw: object, max_length: int) -> str:
    """The text as it will be kept (see `clean`); it may be empty.

    Raises:
        InvalidAnswer: not a text, or too long.
    """
    if not isinstance(raw, str):
        raise InvalidAnswer(_("This is not a text."), hint=_("Give a text."))
    text = clean(raw)
    if len(text) > max_length:
        raise InvalidAnswer(
            _("The text has {count} characters.").format(count=len(text)),
            hint=_("At most {most} are possible.").format(most=max_length),
        )
    return text


def shown(raw: object) -> str:
    """A wrong value as a message may show it: what could be a code or a number, never words."""
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
