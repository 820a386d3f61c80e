#!/usr/bin/env bash
# ruamel.yaml 0.19.1, which reads YAML 1.2 unless told otherwise, still resolves some plain scalars
# by YAML 1.1: `1_000` is the number 1000, `0b101` is 5 and `2026-11-29` is a date, although the
# 1.2 core schema makes all three strings. For `no`, `on` and `12:30` it does follow 1.2. A plain
# `=` is no value at all: the reader raises an error, although 1.2 has no such tag.
#
# Seen:
#   1_000 int 1000
#   0b101 int 5
#   2026-11-29 date 2026-11-29
#   no str no
#   12:30 str 12:30
#   = ConstructorError
#
# An author of a questionnaire meets it where codes of answers are not quoted: `1_000` (a band),
# `0b101` or a date change before any check of the codes can see what was written, and another
# YAML 1.2 reader keeps them as they are.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ruamel.yaml==0.19.1
"$work/venv/bin/python" - >"$work/seen" <<'EOF'
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

for scalar in ("1_000", "0b101", "2026-11-29", "no", "12:30", "="):
    try:
        value = YAML(typ="safe", pure=True).load(f"code: {scalar}")["code"]
    except YAMLError as error:
        print(scalar, type(error).__name__)
    else:
        print(scalar, type(value).__name__, value)
EOF
diff - "$work/seen" <<'EOF'
1_000 int 1000
0b101 int 5
2026-11-29 date 2026-11-29
no str no
12:30 str 12:30
= ConstructorError
EOF
