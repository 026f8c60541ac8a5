#!/usr/bin/env bash
# Measures everything and writes benches/runs/<date>-<machine>.md. For a machine that does nothing
# else meanwhile.
#
#   benches/record.sh MACHINE [DATA]      e.g. benches/record.sh laptop-2-cores ../shared/data
#
# RUNS (default 5), SIZES, SYNTH and SEEDS are those of speed.sh and quality.sh. NOTE is a sentence
# that goes into the file.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/benches/measure.sh"

machine=${1:?name the machine: benches/record.sh laptop-2-cores}
data=${2:-${DATA:-$here/../shared/data}}
file=$here/benches/runs/$(date -u +%F)-$machine.md
mkdir -p "$here/benches/runs"
build

{
    echo "# Measured on $(date -u +%F), $machine"
    echo
    echo "- command: \`RUNS=${RUNS:-5} benches/record.sh $machine\`"
    heading
    [ -z "${NOTE:-}" ] || echo "- note: $NOTE"
    echo
    echo "## Quality"
    echo
    "$here/benches/quality.sh" "$data"
    echo
    echo "## Speed and memory"
    echo
    RUNS=${RUNS:-5} "$here/benches/speed.sh"
    echo
    echo "## Clean build"
    echo
    measure env CARGO_TARGET_DIR="$work/target" cargo build --release --manifest-path "$here/Cargo.toml"
    echo "\`cargo build --release\` into an empty target folder, crates already downloaded: $seconds s."
} >"$work/record.md"
mv "$work/record.md" "$file"
echo "wrote ${file#"$here"/}"
