"""Reads secret keys from key files, and opens folders with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.crypto.cipher import CLEAR, Age
from microcred_cli.crypto.keys import (
    LARGEST,
    WrongPassphraseError,
    fingerprints,
    identities_in,
    is_secret,
    public_of,
)
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files import harden_process
from microcred_cli.files.reading import read_edited
from microcred_cli.records.receipts import show
from microcred_cli.session.options import Choices, responses_folder
from microcred_cli.store.folder import Responses, refuse_foreign
from microcred_cli.terminal.console import line_ended, say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.records.shapes import Folder

_TRIES = 3
_LONGEST_SECRET = 1_000


class NoSecretError(UsageError):
    """The input ended before a secret was typed."""


def staff_folder(
    responses: str | None, fieldwork_file: str | None, identities: Sequence[str] | None
) -> Responses:
    """The responses folder for staff commands, with the secret keys to decrypt it.

    `folder.json` states whether the folder is encrypted and contains the fingerprints of its keys;
    the settings contain the public keys. Core dumps are switched off, because they could contain
    decrypted data.
    """
    harden_process()
    fieldwork = Choices(fieldwork=fieldwork_file).read_fieldwork()
    folder = responses_folder(responses, fieldwork)
    refuse_foreign(folder)
    return with_keys(folder, folder.terms_or_none(), fieldwork, identities)


def with_keys(
    folder: Responses, terms: Folder | None, fieldwork: Fieldwork, identities: Sequence[str] | None
) -> Responses:
    """The folder, with the cipher that its terms require and the secret keys from these files."""
    named_to = fieldwork.recipients if terms is None else terms.recipients
    if not named_to and not (terms is None and folder.is_encrypted()):
        if identities:
            for file in identities:
                _key_file(Path(file))
            say("Nothing is encrypted in this folder: --identity is not needed.")
        return Responses(folder.folder, CLEAR)
    keys = read_identities(identities)
    cipher = Age(fieldwork.recipients, keys)
    if terms is not None:
        if keys and {*fingerprints(map(public_of, keys))}.isdisjoint(terms.recipients):
            raise UsageError(
                "The key cannot decrypt this folder.",
                where="--identity",
                hint=f"The folder is encrypted to {_shown(terms.recipients)}; use the key file of "
                "one of these recipients.",
            )
        if cipher.to and cipher.recipients != terms.recipients:
            raise UsageError(
                f"The folder is encrypted to {_shown(terms.recipients)}, but the settings specify "
                f"{_shown(cipher.recipients)}.",
                where=folder.folder,
                hint="Use --fieldwork to specify the settings with which the folder was created.",
            )
    return Responses(folder.folder, cipher)


def refuse_without_key(folder: Responses, *, what: str) -> None:
    """Without a secret key, refuse a command that needs to read encrypted files."""
    if not folder.cipher.opens:
        raise UsageError(
            f"The responses in this folder are encrypted: {what} needs a secret key.",
            where=folder.folder,
            hint="Specify the key file with --identity FILE.",
        )


def read_identities(files: Sequence[str] | None) -> tuple[str, ...]:
    """Read the secret keys from key files; asks for a passphrase if needed."""
    return tuple(key for file in files or () for key in _identities_of(Path(file)))


def _key_file(path: Path) -> bytes:
    """The content of a key file, which may be encrypted."""
    if is_secret(path.name):
        raise UsageError(
            "This is a secret key, not the name of a key file.",
            where="--identity",
            hint=(
                "Save the key in a file and specify that file. Also remove the key from your "
                "shell's history."
            ),
        )
    try:
        return read_edited(path, LARGEST)
    except StoreError as error:
        raise UsageError(
            f"The key file cannot be used. {error.message}",
            where=path,
            hint="Specify the secret key file created by: microcred keys new",
        ) from None


def _identities_of(path: Path) -> tuple[str, ...]:
    data, where = _key_file(path), safe(path)
    for left in reversed(range(_TRIES)):
        try:
            return identities_in(data, where, lambda: ask_secret(f"Passphrase of {where}: "))
        except WrongPassphraseError as wrong:
            if not left or not sys.stdin.isatty():
                raise
            say(f"{wrong.message} {wrong.hint}")
    raise AssertionError


def ask_secret(prompt: str) -> str:
    """Read a secret without echo, or the next line if standard input is not a terminal.

    Raises:
        NoSecretError: the input ended.
    """
    secret = None
    if sys.stdin.isatty():
        from getpass import getpass

        with line_ended():
            secret = getpass(prompt, sys.stderr)
    elif line := sys.stdin.readline(_LONGEST_SECRET + 2):
        secret = line.rstrip("\r\n")
        if len(secret) > _LONGEST_SECRET:
            raise UsageError(
                f"The passphrase has more than {_LONGEST_SECRET:,} characters.",
                hint="Pipe only the passphrase to standard input, on a line by itself.",
            )
    if secret is None:
        raise NoSecretError(
            "No passphrase was typed.",
            hint="Type the passphrase, or pipe it to standard input on a line by itself.",
        )
    try:
        secret.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            "The passphrase is not UTF-8 text.",
            hint="Type the passphrase on a UTF-8 terminal, or use letters and digits only.",
        ) from None
    return secret


def _shown(fingerprints: Sequence[str]) -> str:
    return ", ".join(show(safe(each)) for each in fingerprints)
