"""`microcred keys`: creates a key pair to encrypt responses, and checks that secret keys work."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.key_files import NoSecretError, ask_secret, read_identities
from microcred_cli.crypto.canary import proof_file, prove
from microcred_cli.crypto.keys import (
    fingerprint,
    is_secret,
    locked_with,
    new_identity,
    plain_file,
    public_of,
)
from microcred_cli.errors import ExitCode, StoreError, UsageError
from microcred_cli.records.receipts import new_code, show
from microcred_cli.session.options import Choices, note_of_few
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

SHORTEST = 12
_MADE_SYMBOLS = 19


app = options.new_app(
    name="keys",
    help="Create and check encryption keys.\n\nExample: microcred keys new analyst.key",
)


@app.command("new")
def new_key(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The file for the secret key.")
    ] = "microcred.key",
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase/--no-passphrase", help="Protect the file with a passphrase."),
    ] = True,
) -> None:
    """Create a key pair.

    The secret key is written to a file, the public key to standard output. The command asks for a
    passphrase, or reads it from standard input. The age program can also use the file.

    Example: microcred keys new analyst.key
    """
    path = Path(file)
    if is_secret(path.name):
        raise UsageError(
            "This is a key, not the name of a new file.",
            where="FILE",
            hint="Specify a file name, such as analyst.key. Also remove the key from your shell's "
            "history.",
        )
    taken = StoreError(
        "A file with this name already exists, and key files are never overwritten.",
        where=path,
        hint="Use another file name.",
    )
    if path.exists():
        raise taken
    secret = _new_passphrase() if passphrase else None
    identity, public = new_identity()
    data = plain_file(identity) if secret is None else locked_with(identity, secret)
    if not files.create_durably(path, data):
        raise taken
    say(f"The secret key is in {safe(path)}.")
    say("Back up this file, and do not keep it on a machine used for interviews.")
    if secret is None:
        say("Anyone who has the key file can decrypt the responses, because it has no passphrase.")
    say(f"Fingerprint (read it aloud to compare keys): {show(fingerprint(public))}")
    say("Public key, to be listed under recipients in fieldwork.toml:")
    sys.stdout.write(f"{public}\n")


def _new_passphrase() -> str:
    """Ask for a passphrase twice; generate one if nothing is typed."""
    typed = ""
    # A passphrase is also generated if standard input is empty.
    with suppress(NoSecretError):
        typed = ask_secret(
            f"Passphrase ({SHORTEST} characters or more; leave empty to generate one): "
        )
    if not typed:
        made = show(new_code(_MADE_SYMBOLS))
        say(f"Passphrase, shown only once: {made}")
        say(
            "Write the passphrase down, and keep it separate from the key file. Without the "
            "passphrase, the key cannot be used."
        )
        return made
    if len(typed) < SHORTEST:
        raise UsageError(
            f"The passphrase has only {len(typed)} characters.",
            hint=f"Use {SHORTEST} or more, for example four or five words.",
        )
    if sys.stdin.isatty() and ask_secret("Repeat the passphrase: ") != typed:
        raise UsageError(
            "The two passphrases differ.", hint="Run the command again; nothing was written."
        )
    return typed


@app.command("check")
def check_keys(fieldwork: options.FieldworkFile = None, identity: options.Identity = None) -> int:
    """Verify that every key can decrypt the responses.

    Each key must be verified before the first interview. Each key holder runs this command with
    their key file; the proof is stored next to the settings. Exits with 1 if any key has not yet
    been shown to work.

    Example: microcred keys check --identity analyst.key
    """
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    if settings.path is None or not settings.recipients:
        raise UsageError(
            "The settings have no recipients, so nothing is encrypted.",
            where=settings.path or "fieldwork.toml",
            hint='Add a line to the settings: recipients = ["age1...", "age1..."]',
        )
    keys = read_identities(identity)
    for key in map(public_of, keys):
        if key not in settings.recipients:
            raise UsageError(
                f"This key is not among the recipients: {show(fingerprint(key))}.",
                where=settings.path,
                hint="Use the key file of a recipient, or add this key to the recipients.",
            )
    left = prove(settings.path, settings.recipients, keys)
    for key in settings.recipients:
        state = "not proven" if key in left else "proven"
        sys.stdout.write(f"{show(fingerprint(key))}  {state:<10}  {key}\n")
    for note in note_of_few(settings):
        say(note)
    if left:
        say("Each holder of an unproven key must run: microcred keys check --identity FILE")
        proof = safe(proof_file(settings.path).name)
        say(f"The key holders need the settings and, in the same folder, {proof}.")
        return ExitCode.FINDING
    say(
        "Every key is proven. Interviews can begin; distribute the settings "
        f"together with {safe(proof_file(settings.path).name)}."
    )
    return ExitCode.DONE
