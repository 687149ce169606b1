#!/usr/bin/env bash
# The replay of action.yml: inputs come as variables, results go to $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY.
# Its own exit code is 0 whenever there is a result; the action's last step passes the verdict on, after the report was kept.
set -uo pipefail

folder="${RUNNER_TEMP:?}/penumbra-$$"
mkdir -p "$folder"
lines() { if [ -n "$1" ]; then printf '%s\n' "$1" | grep -v '^[[:space:]]*$' || true; fi; }
mapfile -t recordings < <(lines "$RECORDING")
mapfile -t more < <(lines "$ARGUMENTS")
given=(--candidate "$CANDIDATE")
if [ -n "$FAIL_ON" ]; then given+=(--fail-on "$FAIL_ON"); fi
if [ -n "$CONTROL" ]; then given+=(--control "$CONTROL"); fi
if [ -n "$ACCEPT" ]; then given+=(--accept "$ACCEPT"); fi
if [ -n "$CONFIG" ]; then given+=(--config "$CONFIG"); fi
if [ -n "$RESET" ]; then given+=(--reset "$RESET"); fi

# As a variable: what is neither yes nor no is refused, by whoever knows.
PENUMBRA_WRITES="$WRITES" node "$ACTION/cli/main.ts" replay "${recordings[@]}" "${given[@]}" ${more[@]+"${more[@]}"} \
  --out "$folder/run" \
  --report "html=$folder/report.html" \
  --report "markdown=$folder/report.md" \
  --report "json=$folder/report.json" \
  --report "junit=$folder/junit.xml" \
  --report "github=${GITHUB_STEP_SUMMARY:?}"
code=$?

case $code in
  0) verdict=pass ;;
  1) verdict=fail ;;
  3) verdict=inconclusive ;;
  *) verdict=error ;;
esac
{
  echo "folder=$folder"
  echo "code=$code"
  echo "verdict=$verdict"
} >>"${GITHUB_OUTPUT:?}"
