"""Durable and private files.

Writes are atomic: after a crash, a full disk or any other error, a file is either the old one or
the complete new one, although a leftover may remain. Operating system errors are raised as a
readable `StoreError`; docstrings in this package do not repeat this. Platform-specific code is in
`platform`: every call that is not available on all systems has an alternative next to it, and
`HERE` determines which of them is used.

- Leftover: a temporary file (named `.<name>.<16 hex digits>.part`) left behind by a crash.
- Neutral time: a fixed modification time for files that must not reveal when they were written. If
  the argument `still` of a function is true, the function sets the neutral time.
- Private folder: a folder that only its owner can enter and change.
- Drop folder: a folder in which other users may create files, but cannot list, read or replace
  files.
- Open folder: another user's folder, accessed through a file descriptor that stays open.
- Reserve: disk space that is allocated during an interview in case the disk fills up.
- Checksummed file: a file that contains a hash of its own content.
- Edited file: a file written by a person, which is parsed leniently; files written by programs are
  parsed strictly.
"""

from microcred_cli.files.atomic import (
    DAY,
    create_durably,
    create_together,
    for_a_while,
    remove_durably,
    remove_leftovers,
    remove_leftovers_of,
    remove_named,
    replace_durably,
    write_quickly,
)
from microcred_cli.files.durability import keep_names, neutralise_time, settle
from microcred_cli.files.locking import lock
from microcred_cli.files.metadata import findings_on
from microcred_cli.files.open_folder import OpenFolder
from microcred_cli.files.oserrors import InUseError, MissingError, as_store_error, faults_named
from microcred_cli.files.platform import (
    DROP_MODE,
    HERE,
    NEUTRAL_TIME,
    harden_process,
    is_drop,
    is_own,
    stopped_in_order,
    uninterrupted,
)
from microcred_cli.files.private_folder import (
    make_private_folder,
    own_folder,
    probe_writable,
)
from microcred_cli.files.reserve import space_set_aside
from microcred_cli.files.run_as import Owner, acting_as, owner_of

__all__ = [
    "DAY",
    "DROP_MODE",
    "HERE",
    "NEUTRAL_TIME",
    "InUseError",
    "MissingError",
    "OpenFolder",
    "Owner",
    "acting_as",
    "as_store_error",
    "create_durably",
    "create_together",
    "faults_named",
    "findings_on",
    "for_a_while",
    "harden_process",
    "is_drop",
    "is_own",
    "keep_names",
    "lock",
    "make_private_folder",
    "neutralise_time",
    "own_folder",
    "owner_of",
    "probe_writable",
    "remove_durably",
    "remove_leftovers",
    "remove_leftovers_of",
    "remove_named",
    "replace_durably",
    "settle",
    "space_set_aside",
    "stopped_in_order",
    "uninterrupted",
    "write_quickly",
]
