"""Durable, private files.

A write happens completely or not at all: a crash, a full disk or an error at any point leaves the
old file, and at most a leftover. Anything the system refuses becomes a readable `StoreError`; a
docstring lists only other errors. Code that only one system has is in `platform`: every call that a
system may lack has an alternative next to it, and `HERE` decides which one is used.

- Leftover: a file under a temporary name (`.<name>.<16 hex digits>.part`) that a crash left behind.
- Neutral time: one modification time for all files that must not reveal when they were written;
  `still` asks for it.
- Private folder: one that only its user can enter and change.
- Drop folder: one in which others may create files, but not list, read or replace any.
- Open folder: somebody else's, held by its descriptor while it is read.
- Reserve: space set aside on a disk in case it fills up during an interview.
- Checksummed: a file that contains its own hash.
- Edited: a file or input from a person, read leniently; files from programs are read strictly.
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
    "write_quickly",
]
