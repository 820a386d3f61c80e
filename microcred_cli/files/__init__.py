"""Durable, private files; here alone stands what only one system can do, but for reading.

Every way that a system may lack has another way beside it, and `System` says which one holds.
A write is there or it is not: a crash, a full disk or a fault at any point leaves the old file,
and a leftover of ours at most (`remove_leftovers`).
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
from microcred_cli.files.metadata import tells_of_itself
from microcred_cli.files.open_folder import FolderEntry, OpenFolder
from microcred_cli.files.oserrors import InUseError, MissingError, as_store_error, faults_named
from microcred_cli.files.platform import (
    DROP_MODE,
    HERE,
    NEUTRAL_TIME,
    System,
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
    "System",
    "acting_as",
    "as_store_error",
    "check_private_folder",
    "create_durably",
    "create_together",
    "faults_named",
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
    "tells_of_itself",
    "write_quickly",
]
