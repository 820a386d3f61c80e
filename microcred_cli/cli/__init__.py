"""The commands: one module for each, imported only when it is run or its help is asked.

`app` is the table of commands; `options` has the options shared by all. A command reads its
options, calls the packages below, prints, and returns its exit code. *Results* go to standard
output (`output`), *messages* for people to standard error. Staff commands open a folder with
`key_files` and show progress with `progress_bar`; `standard_streams` handles stream errors.

All reading and writing may raise `StoreError`; an invalid option raises `UsageError`.
"""
