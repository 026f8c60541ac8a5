#!/usr/bin/env bash
# Wall time and peak memory of `leadmend clean` on generated leads, with and without activities:
# a Markdown table of medians with the lowest and highest value.
#
#   benches/speed.sh                          100,000 and 1,000,000 leads, 3 runs each
#   RUNS=5 SIZES="1000" benches/speed.sh      other runs, other sizes
#
# Files are in the page cache (they were just written); reading and writing are part of the time.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/benches/measure.sh"

runs=${RUNS:-3}
sizes=${SIZES:-100000 1000000}

# One line of the table: row SIZE ACTIVITIES ARGUMENT...
row() {
    : >"$work/seconds"
    : >"$work/megabytes"
    for _ in $(seq "$runs"); do
        measure "$leadmend" clean "${@:3}" -o "$work/out" --force --quiet --as-of "$as_of"
        echo "$seconds" >>"$work/seconds"
        echo "$megabytes" >>"$work/megabytes"
    done
    read -r low middle high < <(spread <"$work/seconds")
    read -r least usual most < <(spread <"$work/megabytes")
    printf '| %s | %s | %s | %s to %s | %s | %s to %s | %s |\n' "$1" "$2" "$middle" "$low" "$high" \
        "$usual" "$least" "$most" "$(awk -v n="$1" -v s="$middle" 'BEGIN { printf "%.0f", n / s }')"
}

build
echo "| leads | activities | seconds, median of $runs | lowest to highest | peak MiB, median | lowest to highest | leads per second |"
echo "|--:|--:|--:|--:|--:|--:|--:|"
for size in $sizes; do
    generate "$size" 1
    activities=$(($(wc -l <"$made/activities.csv") - 1))
    row "$size" 0 "$made/leads.csv"
    row "$size" "$activities" "$made/leads.csv" --activities "$made/activities.csv"
    rm -rf "$made"
done
