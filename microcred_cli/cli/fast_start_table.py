"""The options and the help of the frequent commands, written by `docs/fast_start.py`.

An option sets a parameter of the command's function to true (`yes`), to false (`no`), to a value,
or to one of several values. A positional argument sets a parameter directly.
"""

from typing import Final

OPTIONS: Final = {
    "respond": {
        "--questionnaire": ("questionnaire", "value"),
        "--language": ("language", "value"),
        "--responses": ("responses", "value"),
        "--fieldwork": ("fieldwork", "value"),
        "--plain": ("plain", "yes"),
        "--rich": ("plain", "no"),
        "--one-key": ("one_key", "yes"),
        "--answers": ("answers", "value"),
    },
    "resume": {
        "--responses": ("responses", "value"),
        "--fieldwork": ("fieldwork", "value"),
        "--plain": ("plain", "yes"),
        "--rich": ("plain", "no"),
        "--one-key": ("one_key", "yes"),
        "--case-log": ("case_log", "value"),
    },
    "interview": {
        "--mode": ("mode", "value"),
        "--case": ("case", "value"),
        "--next": ("following", "yes"),
        "--training": ("training", "yes"),
        "--case-log": ("case_log", "value"),
        "--questionnaire": ("questionnaire", "value"),
        "--language": ("language", "value"),
        "--responses": ("responses", "value"),
        "--fieldwork": ("fieldwork", "value"),
        "--plain": ("plain", "yes"),
        "--rich": ("plain", "no"),
        "--answers": ("answers", "value"),
    },
    "summary": {
        "--questionnaire": ("questionnaire", "value"),
        "--responses": ("responses", "value"),
        "--fieldwork": ("fieldwork", "value"),
        "--question": ("question", "values"),
        "--by": ("by", "value"),
        "--group": ("group", "value"),
        "--format": ("output_format", "value"),
        "--output": ("output", "value"),
        "--plain": ("plain", "yes"),
        "--rich": ("plain", "no"),
        "--language": ("language", "value"),
        "--identity": ("identity", "values"),
    },
}

ARGUMENTS: Final = {
    "resume": "code",
}

HELP: Final = {
    "": """\
Usage: microcred [OPTIONS] COMMAND [ARGS]...

  Take part in a survey on micro-credentials, offline and in a terminal.

  Example: microcred respond

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  respond        Answer the questionnaire without an interviewer.
  resume         Continue a paused interview.
  drafts         List or delete paused interviews.
  withdraw       Delete the response that belongs to a receipt.
  interview      Conduct an interview by phone or in person.
  enter          Enter paper questionnaires, one after the other.
  cases          List the cases to call; load, share and join them.
  progress       Show the progress of fieldwork by stratum and week.
  outcomes       Show contact outcomes and response rates.
  fieldwork      Check the settings of a survey round.
  check          Check the validity, anonymity and quality of responses.
  seal           Seal waiting responses for the next summary.
  summary        Show aggregated results that are safe to publish.
  texts          Read free-text answers, for staff only.
  export         Write the data and a codebook for other programs.
  collect        Collect responses from other folders into one.
  drop           Create a folder for responses on a shared machine.
  keys           Create and check encryption keys.
  simulate       Generate synthetic responses for testing.
  questionnaire  Create, check, translate and export questionnaires.
""",
    "respond": """\
Usage: microcred respond [OPTIONS]

  Answer the questionnaire without an interviewer.

  You read the background, give consent, answer the questions, review and
  submit your answers, and get a receipt. Every answer is saved immediately.
  Ctrl-C pauses the interview; microcred resume continues it.

  Example: microcred respond --plain

Options:
  --questionnaire ID_OR_FILE  Questionnaire ID, or definition file.  [default:
                              mc_employers]
  --language CODE             Language code, such as en.
  --responses DIR             Responses folder. Default: MICROCRED_RESPONSES,
                              the settings, or responses.
  --fieldwork FILE            Fieldwork settings. Default: fieldwork.toml, if
                              present.
  --plain / --rich            Plain text or full screen. Default: depends on
                              the terminal.
  --one-key                   Answer lists with a single key, without Enter.
  --answers FILE              Read the answers from a JSON file, or - for
                              standard input.
  -h, --help                  Show this message and exit.
""",
    "resume": """\
Usage: microcred resume [OPTIONS] [CODE]

  Continue a paused interview.

  The interview continues at the first unanswered question. Without CODE, the
  command asks for the code, or reads it from standard input.

  Example: microcred resume

Arguments:
  CODE <str>  Resume code; not accepted for encrypted interviews.

Options:
  --responses DIR   Responses folder, if different from the original one.
  --fieldwork FILE  Fieldwork settings. Default: fieldwork.toml, if present.
  --plain / --rich  Plain text or full screen. Default: depends on the
                    terminal.
  --one-key         Answer lists with a single key, without Enter.
  --case-log FILE   Case log. Default: MICROCRED_CASE_LOG, or case-log.json.
  -h, --help        Show this message and exit.
""",
    "interview": """\
Usage: microcred interview [OPTIONS]

  Conduct an interview by phone or in person.

  The screen marks the text to read aloud. With --case, the program asks how
  the contact ended, and records the outcome in the case log. With --next, the
  program offers the cases of the log that are due, one after the other.

  Example: microcred interview --mode phone --next

Options:
  --mode phone|in-person      The mode of the interview.
  --case LABEL                The label of the case; never a person's name.
  --next                      Offer the cases that are due, one after the
                              other.
  --training                  Practise with invented cases; all data is
                              deleted at the end.
  --case-log FILE             Case log. Default: MICROCRED_CASE_LOG, or case-
                              log.json.
  --questionnaire ID_OR_FILE  Questionnaire ID, or definition file.  [default:
                              mc_employers]
  --language CODE             Language code, such as en.
  --responses DIR             Responses folder. Default: MICROCRED_RESPONSES,
                              the settings, or responses.
  --fieldwork FILE            Fieldwork settings. Default: fieldwork.toml, if
                              present.
  --plain / --rich            Plain text or full screen. Default: depends on
                              the terminal.
  --answers FILE              Read the answers from a JSON file, or - for
                              standard input.
  -h, --help                  Show this message and exit.
""",
    "summary": """\
Usage: microcred summary [OPTIONS]

  Show aggregated results that are safe to publish.

  The results are those of the last seal. If nothing has been sealed yet,
  waiting responses are sealed first.

  The full summary is long: pipe it to less -R, or write it to a file with
  --output.

  Exits with 5 if nothing safe can be shown.

  Example: microcred summary --by org_role --format html --output report.html

Options:
  --questionnaire ID_OR_FILE  Questionnaire ID, or definition file.  [default:
                              mc_employers]
  --responses DIR             Responses folder. Default: MICROCRED_RESPONSES,
                              the settings, or responses.
  --fieldwork FILE            Fieldwork settings. Default: fieldwork.toml, if
                              present.
  --question ID               Show only this question; repeatable.
  --by ID                     Break down by this item. Built-in questionnaire:
                              org_role, country, sector_main, size_class or
                              relation; for others, see questionnaire show.
  --group CODE                Show only this group of the breakdown.
  --format FORMAT             table, json, csv, markdown, html (a report) or
                              xlsx. Default: from the file extension, or
                              table.
  --output FILE               Write to a file, replacing its content.
  --plain / --rich            Table layout: one figure per line, or bars and
                              grids.
  --language CODE             Language of labels and notes, such as de.
                              Default: that of the questionnaire.
  --identity FILE             Secret key file for an encrypted folder;
                              repeatable.
  -h, --help                  Show this message and exit.
""",
}
