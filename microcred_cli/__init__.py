"""microcred: an interactive questionnaire for the terminal, and for Python.

From the innermost layer outwards: `questionnaire` defines the questions, `interview` holds the
state of an interview, and `store` manages the stored files; `terminal`, `session` and `cli` are the
user interface. Public names are imported on first use.
"""

from importlib import import_module

__version__ = "0.1.0"
__all__ = ["Interview", "Store", "load", "run", "summarise"]

_ROOMS = {
    "Interview": "interview",
    "Store": "api",
    "load": "questionnaire.loading",
    "run": "interview",
    "summarise": "api",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
