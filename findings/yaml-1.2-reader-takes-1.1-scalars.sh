#!/usr/bin/env bash
# ruamel.yaml 0.19.1, which reads YAML 1.2 by default, still resolves some plain scalars according
# to YAML 1.1: `1_000` becomes the number 1000, `0b101` the number 5, and `2026-11-29` a date,
# although all three are strings in the 1.2 core schema. `no` and `12:30` are correctly read as
# strings. A plain `=` raises an error, although the value tag of YAML 1.1 no longer exists in 1.2.
#
# Observed:
#   1_000 int 1000
#   0b101 int 5
#   2026-11-29 date 2026-11-29
#   no str no
#   12:30 str 12:30
#   = ConstructorError
#
# This affects authors of questionnaires who do not quote answer codes: `1_000` (a band), `0b101`
# or a date is converted before the codes can be checked, whereas other YAML 1.2 readers keep the
# text as it was written.
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
