"""The responses folder with its sealed set, and the drafts.

A **record** is a response or a text (`layout.Kind`). It is **pending** in a file of its own until a
seal takes it. A **segment** is a file of many sealed records, one in a line; the one with all texts
of an item is its **pool**. The **index** has an entry for each segment and the counts; it can be
rebuilt. A **tombstone** is the hash of a withdrawn id, which no seal and no collection takes again.
The **cohort** are the people whom figures are of. The **quarantine** has what was collected and
cannot be used. The **terms** say what a folder is for.

There is no journal. Each file is written whole or not at all (`files.atomic`), and the order of
writes makes every crash one that the next seal, or the same command again, repairs by looking:

- Store: texts, then their response. A response that is there is whole.
- Seal: who waits again; that figures of a cohort are due; the new segment; the index with its
  counts; then the merged segments and the pending files go; then texts, pool by pool. What is in a
  segment is sealed, whatever else lies around. Figures are made last, and of whom they are is
  written before them.
- Wait again: the pending file, then the segment without its line.
- Withdraw: tombstones; what names the record in `last-seal.json`; segments, smaller ones first;
  the index; pools; the quarantine, its reasons first; the pending files.
- Collect: into a batch that is on the disk, and read again; then what was moved goes.

Every write but that of a draft has random order and a neutral time. Sealing, withdrawing and
collecting hold the folder's lock; interviews do not wait for it. Any function here may raise a
StoreError for what the system refuses.
"""
