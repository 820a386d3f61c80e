"""The responses folder with its sealed set, and the drafts of paused interviews.

A **record** is a response or a text (`layout.Kind`). It is **pending** in a separate file until it
is sealed. A **segment** is a file of many sealed records, one per line; the segment with all texts
of an item is the item's **pool**. The **index** contains the counts and an entry for each segment;
it can be rebuilt. A **tombstone** is the hash of a withdrawn id: records with that id are never
sealed or collected again. A **cohort** is the set of people in the figures of a seal. The
**quarantine** contains collected files that cannot be used. The **terms** of a folder specify its
questionnaire, detail and encryption.

There is no journal. Each file is written atomically (`files.atomic`), and the order of writes
ensures that after any crash, the next seal or the same command finishes the work:

- Store: texts, then their response, so that a response never exists without its texts.
- Seal: responses returned to pending; a note that figures of a cohort are due; the new segment; the
  index with its counts; removal of the merged segments and the pending files; then texts, pool by
  pool. A record in a segment is sealed, even if its pending file still exists. Figures are made
  last, after their cohort is written.
- Return to pending: the pending file, then the segment without its line.
- Withdraw: tombstones; mentions of the record in `last-seal.json`; segments, smaller ones first;
  the index; pools; the quarantine, its reasons first; the pending files.
- Collect: a batch is synced to disk and read back; then its files are removed from the source.

Except for drafts, files are written in random order and with a neutral timestamp. Sealing,
withdrawing and collecting hold the folder's lock; interviews do not need it. Any function here may
raise a StoreError if the operating system reports an error.
"""
