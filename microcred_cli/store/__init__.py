"""The responses folder with its sealed set, and the drafts of paused interviews.

A **record** is a response or a *text*, that is, a free-text answer (`layout.Kind`). It is
**pending** in a separate file until it is sealed. A **segment** is a file of many sealed records,
one per line; the segment with all texts of an item is the item's **pool**. The **index** contains
the counts and an entry for each segment; it can be rebuilt from the segments. A **tombstone** is
the hash of a withdrawn id: records with that id are never sealed or collected again. A **cohort**
is the set of people whose responses are included in the figures of one seal. The **quarantine**
contains collected files that cannot be used. The **terms** of a folder specify its questionnaire,
its level of detail and its encryption.

There is no journal. Each file is written atomically (`files.atomic`), and the order of writes
ensures that after any crash, the next seal or the same command finishes the work:

- Store: texts first, then their response, so that a response never exists without its texts.
- Seal: responses that are returned to pending; a note that the figures of a cohort are due; the new
  segment; the index with its counts; removal of the merged segments and of the pending files; then
  the texts, one pool at a time. A record in a segment counts as sealed even if its pending file
  still exists. Figures are computed last, after their cohort has been written.
- Return to pending: the pending file, then the segment without the record's line.
- Withdraw: the tombstones are written; then the record is deleted from `last-seal.json`, the
  segments (smallest first), the index, the pools, the quarantine (the list of reasons first) and
  the pending files.
- Collect: a batch is synced to disk and read back; then its files are removed from the source.

Except for drafts, files are written in random order and with a neutral timestamp. Sealing,
withdrawing and collecting hold the folder's lock; interviews do not need it. Any function here may
raise a StoreError if the operating system reports an error.
"""
