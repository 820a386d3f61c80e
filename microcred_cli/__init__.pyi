from microcred_cli.api import Store as Store
from microcred_cli.api import summarise as summarise
from microcred_cli.interview import Interview as Interview
from microcred_cli.interview import run as run
from microcred_cli.questionnaire.loading import load as load

__version__: str
