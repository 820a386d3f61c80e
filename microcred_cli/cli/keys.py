"""`microcred keys`: creates a key pair for encrypted responses, and proves that keys work."""

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
from microcred_cli.session.options import Choices, warn_of_few
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

SHORTEST = 12
_MADE_SYMBOLS = 19


app = options.new_app(
    name="keys",
    help="For staff: make the keys that responses are encrypted to, and prove them.\n\n"
    "Example: microcred keys new analyst.key",
)


@app.command("new")
def new_key(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where the secret key goes.")
    ] = "microcred.key",
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase/--no-passphrase", help="Whether a passphrase opens the file."),
    ] = True,
) -> None:
    """Create a key pair: the secret key in a file, the public key on standard output.

    Asks for a passphrase, or reads it from standard input. The age program can also use the file.

    Example: microcred keys new analyst.key
    """
    path = Path(file)
    if is_secret(path.name):
        raise UsageError(
            "This is a key, not the name of a new file.",
            where="FILE",
            hint="Name a file, such as analyst.key. Remove the key from your shell's history, too.",
        )
    taken = StoreError(
        "There is already a file of that name, and a key is never overwritten.",
        where=path,
        hint="Name another file.",
    )
    if path.exists():
        raise taken
    secret = _new_passphrase() if passphrase else None
    identity, public = new_identity()
    data = plain_file(identity) if secret is None else locked_with(identity, secret)
    if not files.create_durably(path, data):
        raise taken
    say(f"The secret key is in {safe(path)}. Keep it where no interview is conducted; back it up.")
    if secret is None:
        say("Whoever has that file can open the responses: it has no passphrase.")
    say(f"Fingerprint, to compare aloud: {show(fingerprint(public))}")
    say("The public key, for recipients in fieldwork.toml:")
    sys.stdout.write(f"{public}\n")


def _new_passphrase() -> str:
    """A passphrase, typed twice or generated if nothing is typed."""
    typed = ""
    # A passphrase is also generated if standard input is empty.
    with suppress(NoSecretError):
        typed = ask_secret(f"Passphrase ({SHORTEST} characters or more; empty: one is made): ")
    if not typed:
        made = show(new_code(_MADE_SYMBOLS))
        say(f"Passphrase, shown only now: {made}")
        say("Write it down, apart from the key file. Without it the key opens nothing.")
        return made
    if len(typed) < SHORTEST:
        raise UsageError(
            f"The passphrase has {len(typed)} characters.",
            hint=f"Use {SHORTEST} or more, for example four or five words.",
        )
    if sys.stdin.isatty() and ask_secret("The same again: ") != typed:
        raise UsageError("The two passphrases differ.", hint="Begin again; nothing was written.")
    return typed


@app.command("check")
def check_keys(fieldwork: options.FieldworkFile = None, identity: options.Identity = None) -> int:
    """Prove, before the first interview, that every key can decrypt what is encrypted to it.

    Each key holder runs it with their key file; the proof is stored next to the settings. Exits
    with 1 as long as any key is unproven.

    Example: microcred keys check --identity analyst.key
    """
    settings = Choices(fieldwork=fieldwork).read_fieldwork()
    if settings.path is None or not settings.recipients:
        raise UsageError(
            "The settings name no recipients, so nothing is encrypted.",
            where=settings.path or "fieldwork.toml",
            hint='Add a line to the settings: recipients = ["age1...", "age1..."]',
        )
    keys = read_identities(identity)
    for key in map(public_of, keys):
        if key not in settings.recipients:
            raise UsageError(
                f"This key is none of the recipients: {show(fingerprint(key))}.",
                where=settings.path,
                hint="Name the key file of a recipient, or add this key to the recipients.",
            )
    left = prove(settings.path, settings.recipients, keys)
    for key in settings.recipients:
        state = "not proven" if key in left else "proven"
        sys.stdout.write(f"{show(fingerprint(key))}  {state:<10}  {key}\n")
    warn_of_few(settings)
    if left:
        say("Each holder of a key that is not proven runs: microcred keys check --identity FILE")
        proof = safe(proof_file(settings.path).name)
        say(f"They need the settings and, in the same folder, {proof}.")
        return ExitCode.FINDING
    say(
        "Every key opens what is encrypted to it. Interviews can begin; give out the settings "
        f"together with {safe(proof_file(settings.path).name)}."
    )
    return ExitCode.DONE
