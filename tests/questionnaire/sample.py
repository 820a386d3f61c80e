"""A small valid definition; tests change one part of it."""

SAMPLE = """\
format: microcred-questionnaire/1
id: sample
version: "1.0.0"
language: en
title: A sample
short_title: Sample
rights: Free for all
background:
  written:
    - kind: paragraph
      sentences:
        - text: Welcome.
        - {text: "Write to {value}.", needs: contact}
  read_aloud:
    - text: Hello.
closing:
  complete: Thank you.
lists:
  - id: sizes
    label: Sizes
    options:
      - {code: small, label: Small}
      - {code: middle, label: Middle}
      - {code: large, label: Large}
computed:
  - id: relation
    label: Relation
    categories:
      - {code: near, label: Near, when: {item: uses, any_of: [daily]}}
      - {code: far, label: Far}
phrases:
  - {id: whom, by: role, texts: {boss: you, staff: your firm, pna: you}}
sections:
  - id: start
    label: Start
    items:
      - id: consent
        kind: single
        concept: consent
        required: hard
        seconds: 10
        text: Do you take part?
        options:
          - {code: "yes", label: "Yes"}
          - {code: "no", label: "No", ends: refused}
      - id: role
        kind: single
        concept: role
        required: soft
        seconds: 10
        text: Who are you?
        options:
          - {code: boss, label: The boss}
          - {code: staff, label: Staff}
      - id: size
        kind: single
        concept: size
        required: soft
        seconds: 10
        text: How large is it?
        missing: [dk]
        options_from: sizes
        stored_as:
          - {code: sm, label: Small or middle, from: [small, middle]}
          - {code: lg, label: Large, from: [large]}
  - id: body
    label: Body
    lead_in: Think of {whom}.
    makes_partial: true
    items:
      - id: uses
        kind: multiple
        concept: uses
        required: soft
        seconds: 20
        text: When do {whom} use it?
        at_most: 2
        anchored: 1
        options:
          - {code: daily, label: Every day}
          - {code: weekly, label: Every week}
          - {code: never, label: Never, exclusive: true}
      - id: order
        kind: ranking
        concept: order
        required: soft
        seconds: 20
        text: What matters most?
        ranks: 2
        asked_if: {item: relation, any_of: [near]}
        options:
          - {code: price, label: Price}
          - {code: time, label: Time}
      - id: trust
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
      - id: count
        kind: integer
        concept: count
        required: soft
        seconds: 10
        text: How many?
        minimum: 0
        maximum: 100
        confirm_above: 50
        stored_as:
          - {code: n0, label: None, min: 0, max: 0}
          - {code: n1, label: Some, min: 1}
      - id: remarks
        kind: open
        concept: remarks
        required: optional
        seconds: 10
        text: Anything else?
        max_length: 100
breakdowns: [role, size, relation, count]
"""
