"""The responses folder with its sealed set, and the drafts.

A **record** is a response or a text (`layout.Kind`). It is **pending** in a file of its own until a
seal takes it. A **segment** is a file of many sealed records, one per line; the one with all texts
of an item is its **pool**. The **index** has an entry for each segment and the counts; it can be
rebuilt. A **tombstone** is the hash of a withdrawn id: no seal or collection takes that id again.
A **cohort** is the set of people that figures were made from. The **quarantine** contains collected
files that cannot be used. The **terms** state what a folder is for.

There is no journal. Each file is written whole or not at all (`files.atomic`), and the order of
writes is such that after any crash, the next seal or the same command finishes the work:

- Store: texts, then their response. If a response exists, so do all its texts.
- Seal: responses returned to pending; a note that figures of a cohort are due; the new segment; the
  index with its counts; removal of the merged segments and the pending files; then texts, pool by
  pool. A record in a segment is sealed, even if its pending file still exists. Figures are made
  last, after their cohort is written.
- Return to pending: the pending file, then the segment without its line.
- Withdraw: tombstones; mentions of the record in `last-seal.json`; segments, smaller ones first;
  the index; pools; the quarantine, its reasons first; the pending files.
- Collect: a batch is synced to the disk and read back; then the source files it moved are removed.

Except for drafts, files are written in random order and with a neutral time. Sealing, withdrawing
and collecting hold the folder's lock; interviews do not wait for it. Any function here may raise a
StoreError if the system refuses an operation.
"""
