"""The commands: each module has one, with its options, and is imported only when it is chosen.

`app` is the table of commands; `options` are those that mean the same everywhere. A command reads
its options, calls the rooms below, prints, and returns its exit code. *Results* go to standard
output (`output`), *messages* for people to standard error. Staff's commands open a folder with
`key_files`, and show work that takes long with `progress_bar`; `streams` are the standard streams.

Whatever reads or writes here may raise `StoreError`, and a wrong option `UsageError`.
"""
