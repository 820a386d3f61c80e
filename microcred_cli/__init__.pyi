from microcred_cli.api import Store, summarise
from microcred_cli.interview import Interview, run
from microcred_cli.questionnaire.loading import load

__version__: str
__all__ = ["Interview", "Store", "load", "run", "summarise"]
