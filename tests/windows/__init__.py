"""The real program on Windows, run without Windows.

`python -m tests.windows` sets up a folder with CPython for Windows and the packages of
`.ci/requirements.txt`, and leads the program through its commands there. Wine runs it on Debian; on
Windows itself the Python at hand does.

No installer is needed, because a wheel has what it would install: the folder `deploy_libs` of
panda3d (`runtime.txt`) holds python311.dll with all extension modules and Microsoft's C runtime, as
signed by the Python Software Foundation. The rest of the standard library is the same on every
system and is copied from Python 3.11 here. What the wheel lacks is compiled from a few lines of C:
`python.exe`; `python3.dll`, which forwards to python311.dll, for modules of the stable ABI; and
`bcryptprimitives.dll`, which modules in Rust call and wine 8 does not have.

Not to be seen this way, because wine differs: symbolic links, permissions, access times, and the
look of the console. Where a file is locked, wine reports no error number; `lacking.py` sets the one
that Microsoft's runtime sets. Standard input and output have to be pipes.
"""
