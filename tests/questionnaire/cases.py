"""At least one change of the sample definition for each fault."""

from __future__ import annotations

from tests.questionnaire.sample import SAMPLE

MARK = "# <-"
"""Marks the lines of a fault; without a mark, the fault is where the change begins."""


def changed(old: str, new: str) -> str:
    """The sample with the first occurrence of a passage changed."""
    assert old in SAMPLE, f"the sample has no {old!r}"
    return SAMPLE.replace(old, new, 1)


def lines_of(name: str) -> list[int]:
    """The lines on which the change of a case causes a fault."""
    _, old, new = CASES[name]
    lines = changed(old, new).split("\n")
    sign = ELSEWHERE.get(name, MARK)
    marked = [number for number, line in enumerate(lines, 1) if sign in line]
    return marked or [SAMPLE[: SAMPLE.index(old)].count("\n") + 1]


ANY = "concept: any, required: soft, seconds: 1, text: What?"
ROLE = """      - id: role
        kind: single
        concept: role
"""
CASES = {
    # YAML
    "unclosed bracket": ("Q001", "[role, size, relation, count]", "[role, size"),
    "bad indentation": ("Q001", "title: A sample\n", "title: A sample\n  x: y  # <-\n"),
    "duplicate key": ("Q002", "title: A sample\n", "title: A sample\ntitle: Another  # <-\n"),
    "duplicate key in flow": (
        "Q002",
        "{code: boss, label: The boss}",
        "{code: boss, label: The boss, label: B}  # <-",
    ),
    "anchor": ("Q003", "text: Who are you?", "text: &who Who are you?  # <-"),
    "alias": (
        "Q003",
        "text: Who are you?",
        "text: &who Who are you?  # <-\n        help: *who  # <-",
    ),
    "merge key": ("Q003", "{code: boss, ", "{<<: x, code: boss, "),
    "tag": ("Q003", "text: Who are you?", "text: !!str Who are you?  # <-"),
    "directive": ("Q003", "format: ", "%YAML 1.2\n---  # <-\nformat: "),
    "depth": (
        "Q004",
        "{item: relation, any_of: [near]}",
        "{not: " * 50 + "{item: relation, any_of: [near]}" + "}" * 50 + "  # <-",
    ),
    "unquoted no": ("Q005", 'code: "no"', "code: no"),
    "unquoted yes as a label": ("Q005", 'label: "Yes"', "label: Yes"),
    "second document": ("Q006", "breakdowns:", "---  # <-\nbreakdowns:"),
    # Shape
    "missing key": ("Q010", "      - id: role\n        kind: single\n", "      - id: role  # <-\n"),
    "missing text": (
        "Q010",
        ROLE + "        required: soft\n        seconds: 10\n        text: Who are you?\n",
        ROLE + "        required: soft\n        seconds: 10\n",
    ),
    "unknown key": ("Q011", "concept: role", "concept: role\n        colour: red  # <-"),
    "number for a code": ("Q012", '"1", label', "1, label"),
    "text for a number": ("Q012", "at_most: 2", "at_most: two  # <-"),
    "fraction for a number": ("Q012", "at_most: 2", "at_most: 2.0  # <-"),
    "huge number": ("Q012", "maximum: 100", f"maximum: {'9' * 30}  # <-"),
    "list for a mapping": ("Q012", "{code: boss, label: The boss}", "[boss]  # <-"),
    "mapping for a list": ("Q012", "missing: [dk]", "missing: {dk: x}  # <-"),
    "text for a list of items": ("Q012", "breakdowns: [role", "breakdowns: role  # <-\n# ["),
    "list as a key": ("Q012", "{boss: you,", "{boss: you, [x]: me,"),
    "truth for a text": ("Q012", "title: A sample", "title: true  # <-"),
    "unknown kind": ("Q013", "kind: integer", "kind: number  # <-"),
    "unknown word": ("Q014", "required: optional", "required: maybe  # <-"),
    "unknown closing": ("Q014", "complete: Thank you.", "finished: Thank you.  # <-"),
    "unknown missing": ("Q014", "missing: [dk]", "missing: [blank]  # <-"),
    "empty value": ("Q015", "concept: role", "concept:  # <-"),
    # Ids and codes
    "upper-case id": ("Q020", "- id: remarks", "- id: Remarks  # <-"),
    "long id": ("Q020", "- id: remarks", f"- id: {'r' * 41}  # <-"),
    "accent in a code": ("Q021", "code: weekly", "code: wéekly"),
    "duplicate item": ("Q022", "- id: remarks", "- id: trust  # <-"),
    "duplicate objection": (
        "Q022",
        "sections:\n",
        "first_contact:\n  opening: [{text: Good day.}]\n  objections:\n"
        "    - {id: who, label: Who?, reply: [{text: I am.}]}\n"
        "    - {id: who, label: Why?, reply: [{text: So.}]}  # <-\nsections:\n",
    ),
    "duplicate section": ("Q022", "- id: body", "- id: start  # <-"),
    "item and variable": ("Q023", "- id: remarks", "- id: relation"),
    "duplicate option": ("Q024", "code: weekly", "code: daily"),
    "duplicate row": ("Q024", "code: vendor", "code: school"),
    "duplicate of a listed option": (
        "Q024",
        "options_from: sizes",
        "options_from: sizes\n        options:\n          - {code: small, label: S}  # <-",
    ),
    "duplicate missing": ("Q024", "missing: [dk]", "missing: [dk, dk]  # <-"),
    "reserved option": ("Q025", "code: weekly", "code: not_asked"),
    "reserved band": ("Q025", "code: n1", "code: dk"),
    "detached": ("Q025", "code: weekly", "code: detached"),
    "language": ("Q026", "language: en", "language: English  # <-"),
    # Conditions
    "two forms": ("Q030", "{item: relation, any_of", "{item: relation, none_of: [far], any_of"),
    "no form": ("Q030", "{item: relation, any_of: [near]}", "{}  # <-"),
    "test alone": ("Q030", "{item: relation, any_of: [near]}", "{any_of: [near]}  # <-"),
    "empty test": ("Q031", "any_of: [near]", "any_of: []"),
    "empty all": ("Q031", "{item: relation, any_of: [near]}", "{all: []}  # <-"),
    "unknown item": (
        "Q032",
        "{item: relation, any_of: [near]}",
        "{item: relashun, any_of: [near]}",
    ),
    "unknown by": ("Q032", "by: role", "by: rule"),
    "unknown code": ("Q033", "any_of: [near]}", "any_of: [near, nearer]}"),
    "missing code that is not offered": ("Q033", "any_of: [daily]", "any_of: [daily, dk]"),
    "not_reached in a condition": ("Q033", "any_of: [daily]", "any_of: [daily, not_reached]"),
    "words for an unknown value": ("Q033", "{boss: you,", "{boss: you, chief: you,"),
    "later item": (
        "Q034",
        "text: Who are you?",
        "text: Who are you?\n        asked_if: {item: uses, any_of: [daily]}  # <-",
    ),
    "variable that rests on a later item": (
        "Q034",
        "text: Who are you?",
        "text: Who are you?\n        asked_if: {item: relation, any_of: [near]}  # <-",
    ),
    "itself": ("Q034", "{item: relation, any_of: [near]}", "{item: order, any_of: [time]}"),
    "variable on itself": (
        "Q034",
        "{item: uses, any_of: [daily]}",
        "{item: relation, any_of: [far]}",
    ),
    "condition on a matrix": (
        "Q035",
        "max_length: 100",
        'max_length: 100\n        asked_if: {item: trust, any_of: ["1"]}  # <-',
    ),
    "condition on a number": (
        "Q035",
        "max_length: 100",
        "max_length: 100\n        asked_if: {item: count, any_of: [pna]}  # <-",
    ),
    "split code": ("Q036", "{item: relation, any_of: [near]}", "{item: size, any_of: [small]}"),
    "too many parts": (
        "Q037",
        "{item: relation, any_of: [near]}",
        f"{{any: [{', '.join(['{item: role, any_of: [boss]}'] * 1001)}]}}",
    ),
    "condition of an exception to the promised minutes": (
        "Q032",
        "closing:",
        """promised_minutes:
  from: 1
  to: 2
  except:
    - {text: If you are far, when: {item: relashun, any_of: [far]}}  # <-
closing:""",
    ),
    "condition as a text": ("Q012", "{item: relation, any_of: [near]}", "relation = near  # <-"),
    "promised minutes in the wrong order": (
        "Q053",
        "closing:",
        "promised_minutes: {from: 2, to: 1}  # <-\nclosing:",
    ),
    # Routes
    "no path": (
        "Q040",
        "breakdowns:",
        """  - id: last
    label: Last
    items:
      - id: over
        kind: single
        concept: over
        required: hard
        seconds: 1
        text: Is it over?
        options:
          - {code: "1", label: It is, ends: screened_out}
          - {code: "2", label: I think so, ends: screened_out}
      - {id: never, kind: open, concept: x, required: soft, seconds: 1, text: X, max_length: 9} # <-
breakdowns:""",
    ),
    "never true": (
        "Q041",
        "{item: relation, any_of: [near]}",
        "{all: [{item: role, any_of: [boss]}, {item: role, any_of: [staff]}]}",
    ),
    "never true on the way": (
        "Q041",
        "{item: relation, any_of: [near]}",
        '{item: consent, any_of: ["no"]}',
    ),
    "variant never true": (
        "Q041",
        "when: {item: role, any_of: [boss]}",
        'when: {item: consent, none_of: ["yes"]}',
    ),
    "always true": (
        "Q042",
        "{item: relation, any_of: [near]}",
        "{item: role, any_of: [boss, staff, pna]}",
    ),
    "variant always true": (
        "Q042",
        "when: {item: role, any_of: [boss]}",
        "when: {any: [{item: role, any_of: [boss]}, {item: role, none_of: [boss]}]}",
    ),
    "category that no answer gives": (
        "Q043",
        "      - {code: far",
        "      - {code: mid, label: Mid, when: {item: uses, any_of: [daily]}}  # <-\n"
        "      - {code: far",
    ),
    "last category with a condition": (
        "Q044",
        "{code: far, label: Far}",
        "{code: far, label: Far, when: {item: uses, none_of: [daily]}}",
    ),
    "earlier category without": (
        "Q044",
        "label: Near, when: {item: uses, any_of: [daily]}}",
        "label: Near}",
    ),
    "too many routes": (
        "Q045",
        "breakdowns:",
        "  - id: more\n    label: More\n    items:\n"
        + "".join(
            f"      - {{id: a{n}, kind: single, options: [{{code: x, label: X}}], {ANY}}}\n"
            for n in range(15)
        )
        + f"      - {{id: b, kind: open, max_length: 1, {ANY}, asked_if: {{any: ["
        + ", ".join(f"{{item: a{n}, any_of: [x]}}" for n in range(15))
        + "]}}\n"
        + "breakdowns:",
    ),
    "too many kinds of people": (
        "Q046",
        "breakdowns: [role, size, relation, count]",
        "  - id: more\n    label: More\n    items:\n"
        + "".join(
            f"      - {{id: a{n}, kind: single, options: [{{code: x, label: X}}], {ANY}}}\n"
            f"      - {{id: b{n}, kind: single, options: [{{code: x, label: X}}], {ANY}, "
            f"asked_if: {{item: a{n}, any_of: [x]}}}}\n"
            for n in range(9)
        )
        + "breakdowns: ["
        + "".join(f"a{n}, b{n}, " for n in range(9))
        + "role]  # <-",
    ),
    # Options and limits
    "unknown list": ("Q050", "options_from: sizes", "options_from: size  # <-"),
    "no options": (
        "Q051",
        'options:\n          - {code: "1", label: Little}\n          - {code: "2", label: Much}',
        "options: []  # <-",
    ),
    "no options at all": (
        "Q051",
        """      - id: trust
        kind: matrix
        concept: trust
        required: soft
        seconds: 20
        text: How much?
        variants:
          - when: {item: role, any_of: [boss]}
            text: How much, as the boss?
        rows:
          - {code: school, label: A school}
          - {code: vendor, label: A vendor}
        options:
          - {code: "1", label: Little}
          - {code: "2", label: Much}
""",
        """      - {id: trust, kind: single, concept: trust, required: soft, seconds: 1, text: How?}
""",
    ),
    "no rows": (
        "Q051",
        "rows:\n          - {code: school, label: A school}\n",
        "rows: []  # <-\n#",
    ),
    "anchored": ("Q052", "anchored: 1", "anchored: 4  # <-"),
    "no seconds": ("Q053", "seconds: 20", "seconds: 0  # <-"),
    "at most none": ("Q053", "at_most: 2", "at_most: 0  # <-"),
    "at most more than there are": ("Q053", "at_most: 2", "at_most: 4  # <-"),
    "ranks": ("Q053", "ranks: 2", "ranks: 3  # <-"),
    "no length": ("Q053", "max_length: 100", "max_length: 0  # <-"),
    "no length of a text": (
        "Q053",
        "{code: staff, label: Staff}",
        "{code: staff, label: Staff, specify: {text: Which?, max_length: 0}}  # <-",
    ),
    "range": ("Q053", "minimum: 0", "minimum: 101  # <-"),
    "confirm": ("Q053", "confirm_above: 50", "confirm_above: 101  # <-"),
    "ends of a multiple": ("Q054", "label: Every day", "label: Every day, ends: refused"),
    "text of a scale point": ("Q054", "label: Little", "label: Little, specify: {text: Why?}"),
    "text of a rank": ("Q054", "label: Price", "label: Price, specify: {text: Which?}"),
    "optional matrix": (
        "Q054",
        "kind: matrix\n        concept: trust\n        required: soft\n",
        "kind: matrix\n        concept: trust\n        required: optional  # <-\n",
    ),
    "hard with a way past": (
        "Q055",
        "required: hard",
        "required: hard\n        missing: [dk]  # <-",
    ),
    "no definition": (
        "Q056",
        "concept: uses",
        "concept: uses\n        shows_definition: true  # <-",
    ),
    # Stored answers
    "gap": ("Q060", "min: 1}", "min: 2}"),
    "overlap": (
        "Q060",
        "min: 0, max: 0}\n          - {code: n1,",
        "min: 0, max: 1}\n          - {min: 1, code: n1, label: Some}  # <-\n          #",
    ),
    "late begin": ("Q060", "min: 0, max: 0}", "min: -1, max: 0}"),
    "early end": ("Q060", "min: 1}", "min: 1, max: 99}"),
    "band behind an open one": ("Q060", "min: 0, max: 0}", "min: 0}"),
    "missed": ("Q061", "from: [small, middle]", "from: [small]"),
    "repeated": ("Q062", "from: [large]", "from: [large, small]"),
    "unknown fine code": ("Q063", "from: [large]", "from: [large, huge]"),
    "exact number": (
        "Q064",
        "      - id: remarks\n",
        f"      - {{id: exact, kind: integer, {ANY}, minimum: 0, maximum: 9}}  # <-\n"
        "      - id: remarks\n",
    ),
    # Texts
    "unknown token": ("Q070", "text: Who are you?", "text: Who are {them}?  # <-"),
    "misspelt token": ("Q070", "{whom} use it?", "{whom} use { whom }?"),
    "unworded": ("Q071", "staff: your firm, ", ""),
    "unworded refusal": ("Q071", ", pna: you", ""),
    "unworded in time": (
        "Q071",
        "by: role, texts: {boss: you, staff: your firm, pna: you}",
        "by: relation, texts: {near: you, far: me}",
    ),
    "unused phrase": (
        "Q072",
        "phrases:\n",
        "phrases:\n  - {id: what, by: role, texts: {boss: x, staff: x, pna: x}}  # <-\n",
    ),
    "value in an opening": (
        "Q073",
        "sections:\n",
        'first_contact:\n  opening: [{text: "From {value}."}]  # <-\nsections:\n',
    ),
    "value": ("Q073", "text: Welcome.", "text: Welcome, {value}.  # <-"),
    "phrase by a number": ("Q074", "by: role", "by: uses"),
    "token in a label": ("Q075", "label: Every day", 'label: "Every {whom}"'),
    "token in the background": ("Q075", "text: Welcome.", "text: Welcome, {whom}.  # <-"),
    "long label": ("Q076", "label: Every day", f"label: {'x' * 53}"),
    "option off a scale that there is not": (
        "Q054",
        "{code: staff, label: Staff}",
        "{code: staff, label: Staff, off_scale: true}  # <-",
    ),
    "long label for results": (
        "Q076",
        "{code: staff, label: Staff}",
        f"{{code: staff, label: Staff, result_label: {'x' * 53}}}  # <-",
    ),
    "label for results that another option has": (
        "Q077",
        "{code: staff, label: Staff}",
        "{code: staff, label: Staff, result_label: the  boss}  # <-",
    ),
    "equal labels": ("Q077", "label: Every week", "label: every  day"),
    "equal labels of rows": ("Q077", "label: A vendor", "label: A school"),
    "further name of another option": (
        "Q081",
        "{code: staff, label: Staff}",
        '{code: staff, label: Staff, also: [people, "the  Boss!"]}  # <-',
    ),
    "further name that two options have": (
        "Q081",
        "{code: small, label: Small}\n      - {code: middle, label: Middle}",
        "{code: small, label: Small, also: [tiny]}\n"
        "      - {code: middle, label: Middle, also: [some, Tíny]}  # <-",
    ),
    "further name that is the label": (
        "Q082",
        "{code: staff, label: Staff}",
        "{code: staff, label: Staff, also: [STAFF]}  # <-",
    ),
    "further name without a letter": (
        "Q082",
        "{code: staff, label: Staff}",
        '{code: staff, label: Staff, also: ["-"]}  # <-',
    ),
    "further names that are no list": (
        "Q012",
        "{code: staff, label: Staff}",
        "{code: staff, label: Staff, also: people}  # <-",
    ),
    "blank text": ("Q078", "text: Who are you?", 'text: " "  # <-'),
    "bidi": ("Q079", "text: Who are you?", 'text: "Who \\u202eare you?"  # <-'),
    "zero width": ("Q079", "label: Every day", 'label: "Every\\u200b day"'),
    "escape": ("Q079", "text: Who are you?", 'text: "Who \\e[1mare you?"  # <-'),
    "raw control": ("Q079", "text: Who are you?", "text: Who are\x07 you?  # <-"),
    "label of two lines": ("Q079", "label: Every day", 'label: "Every\\nday"'),
    "breakdown by a multiple": ("Q080", "breakdowns: [role,", "breakdowns: [uses,"),
    "unknown breakdown": ("Q080", "breakdowns: [role,", "breakdowns: [rule,"),
    "breakdown twice": ("Q080", "breakdowns: [role,", "breakdowns: [role, role,"),
}
"""By name: the code of the fault, a passage of the sample, and its replacement."""

ELSEWHERE = {
    **dict.fromkeys(("unworded", "unworded refusal", "unworded in time"), "{whom}"),
    "too many routes": "format:",
}
"""Text on the lines of the fault, for faults that are not on the changed lines."""
