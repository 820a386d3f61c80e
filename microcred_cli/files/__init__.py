"""Durable, private files.

A write is there or it is not: a crash, a full disk or a fault at any point leaves the old file,
and at most a leftover. Whatever the system refuses is a `StoreError` in words; a function lists
only what it raises besides. What only one system can do is in `platform`: every way that a system
may lack has another beside it, and `HERE` says which one is taken.

- Leftover: a file under a passing name (`.<name>.<16 hex digits>.part`) that a crash left behind.
- Neutral time: the one modification time of all that must not reveal when it was written; `still`
  asks for it.
- Private folder: one that only its user can enter and change.
- Drop folder: one in which others may hand in, but neither list, read nor replace anything.
- Open folder: somebody else's, held by its descriptor while it is read.
- Reserve: space set aside on a disk for when it fills during an interview.
- Checksummed: a file that holds its own hash.
- Edited: what a person writes or pipes, read leniently; what programs wrote is read strictly.
"""

from microcred_cli.files.atomic import (
    DAY,
    Content,
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
from microcred_cli.files.open_folder import FolderEntry, OpenFolder
from microcred_cli.files.oserrors import InUseError, MissingError, as_store_error, faults_named
from microcred_cli.files.platform import (
    DROP_MODE,
    HERE,
    NEUTRAL_TIME,
    harden_process,
    is_drop,
    is_own,
    patiently,
)
from microcred_cli.files.private_folder import (
    check_private_folder,
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
    "Content",
    "FolderEntry",
    "InUseError",
    "MissingError",
    "OpenFolder",
    "Owner",
    "acting_as",
    "as_store_error",
    "check_private_folder",
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
    "patiently",
    "probe_writable",
    "remove_durably",
    "remove_leftovers",
    "remove_leftovers_of",
    "remove_named",
    "replace_durably",
    "settle",
    "space_set_aside",
    "write_quickly",
]
