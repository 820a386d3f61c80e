"""Runs the real program on Windows, using wine.

`python -m tests.windows` sets up a folder with CPython for Windows and the packages of
`.ci/requirements.txt`, and runs the commands of the program there, one by one. On Windows itself,
the running Python is used.

No installer is needed, because a wheel contains what it would install: the folder `deploy_libs` of
panda3d (`runtime.txt`) has python311.dll with all extension modules, as signed by the Python
Software Foundation, and Microsoft's C runtime. The rest of the standard library is copied from
Python 3.11 on this machine. Three small files are compiled: `python.exe`; `python3.dll`, which
forwards to python311.dll for modules of the stable ABI; and `bcryptprimitives.dll`, which modules
in Rust need and wine 8 lacks.

Wine differs from Windows in symbolic links, permissions, access and creation times, and the
appearance of the console. It sets no error number if a file is locked; `lacking.py` corrects that.
Standard input and output must be pipes, because Python does not start with wine's null device.
"""
