"""The responses folder with its sealed set, and the drafts of paused interviews.

A **record** is a response or a *text*, that is, a free-text answer (`layout.Kind`). A record that
has not been sealed yet is **pending** in a separate file. A **segment** is a file of many sealed
records, one per line; the segment with all texts of an item is the item's **pool**. The **index**
contains the counts and an entry for each segment; it can be rebuilt from the segments. A
**tombstone** is the hash of a withdrawn id: records with that id are never sealed or collected
again. A **cohort** is the set of people whose responses are included in the figures of one seal.
The **quarantine** contains collected files that cannot be used. The **terms** of a folder specify
its questionnaire, level of detail and encryption.

There is no journal for recovery after a crash. Each file is written atomically (`files.atomic`),
and the order of writes ensures that the next seal, or the same command run again, completes the
work after any crash:

- Storing a response: its texts are written first, so that a response never exists without its
  texts.
- Seal: write the responses that are returned to pending, a note that the figures of a cohort must
  be computed, the new segment, and the index with the counts. Then remove the merged segments and
  the pending files, and append the texts to one pool at a time. A record in a segment counts as
  sealed even if its pending file still exists. Figures are computed last, after their cohort has
  been written.
- Returning a record to pending: the pending file is written first, then the segment without the
  record's line.
- Withdrawal: the tombstones are written; then the record is deleted from `last-seal.json`, the
  segments (smallest first), the index, the pools, the quarantine (the list of reasons first) and
  the pending files.
- Collection: a batch is synced to disk and read back; then its files are removed from the source.

Except for drafts, files are written in random order and with a neutral timestamp. Sealing,
withdrawing and collecting hold the folder's lock; interviews do not need the lock. Any function
here may raise a StoreError if the operating system reports an error.
"""
