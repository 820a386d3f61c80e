"""The commands, one module each, imported only if the command or its help is requested.

`app` is the table of commands; `options` defines the options that several commands share. A command
parses its options, calls the lower layers, prints the outcome, and returns its exit code. *Results*
are written to standard output (`output`), and *messages* to standard error. Staff commands open a
folder with `key_files` and show progress with `progress_bar`; `standard_streams` handles stream
errors.

Reading and writing can raise `StoreError`; an invalid option raises `UsageError`.
"""
