#!/usr/bin/env bash
# How well duplicates are found: a Markdown table over every set with truth.
#
#   benches/quality.sh                   sets of ../shared/data and synth at 1,000, 10,000, 100,000
#   benches/quality.sh DIR               sets of DIR (or DATA=DIR)
#   SYNTH="1000" benches/quality.sh      other synth sizes ("" for none)
#   SEEDS="1 2 3" benches/quality.sh     other seeds
#
# DIR holds truth/*.csv (last column `true_cluster`, taken out before cleaning), leads_20k/
# (leads.csv, truth.csv) and overlink/ (clean.csv, light.csv, full.csv, truth.csv); what is not
# there is left out. All sets are cleaned without any setting of their own.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/benches/measure.sh"

data=${1:-${DATA:-$here/../shared/data}}
sizes=${SYNTH-1000 10000 100000}
seeds=${SEEDS:-1}
out=$work/out

# One line of the table: row NAME LEADS TRUTH.
row() {
    measure "$leadmend" clean "$2" -o "$out" --force --quiet --as-of "$as_of"
    "$leadmend" evaluate "$out" "$3" --json >"$work/evaluation.json"
    printf '| %s | %s | %s | %s | %s | %s | %s / %s | %s |\n' "$1" "$(count records)" \
        "$(share pairwise precision)" "$(share pairwise recall)" "$(share pairwise f1)" \
        "$(share b_cubed f1)" "$(count largest_predicted)" "$(count largest_true)" "$seconds"
}

# A number at the top level of the evaluation.
count() { sed -n "s/^  \"$1\": \([0-9]*\),*$/\1/p" "$work/evaluation.json"; }

# A share with four digits: share pairwise f1.
share() {
    sed -n "/^  \"$1\": {/,/}/s/^    \"$2\": \([0-9.e-]*\),*$/\1/p" "$work/evaluation.json" |
        awk '{ printf "%.4f", $1 }'
}

# Groups of related records that are not one person, by kind.
relations() {
    awk -F, 'NR > 1 && !seen[$1]++ { n[$2]++ } END { for (k in n) print n[k], k }' "$out/related.csv" |
        sort -rn | paste -sd ';' | sed 's/;/, /g'
}

build
echo "| set | records | precision | recall | F1 | B-cubed F1 | largest person: found / true | seconds |"
echo "|---|--:|--:|--:|--:|--:|--:|--:|"
for file in "$data"/truth/*.csv; do
    [ -f "$file" ] || continue
    name=$(basename "$file" .csv)
    head -n 1 "$file" | grep -q ',true_cluster.\?$' || continue
    sed 's/,[^,]*$//' "$file" >"$work/$name.csv"
    row "$name" "$work/$name.csv" "$file"
done
if [ -f "$data/leads_20k/leads.csv" ]; then
    row leads_20k "$data/leads_20k/leads.csv" "$data/leads_20k/truth.csv"
fi
notes=
for kind in clean light full; do
    file=$data/overlink/$kind.csv
    [ -f "$file" ] || continue
    # The truth names the records of all three files.
    awk -F, 'NR == FNR { here[$1]; next } $1 in here' "$file" "$data/overlink/truth.csv" >"$work/truth.csv"
    row "overlink $kind" "$file" "$work/truth.csv"
    notes+="- overlink $kind: $(relations) groups reported as related"$'\n'
done
for size in $sizes; do
    for seed in $seeds; do
        generate "$size" "$seed" --no-activities
        row "synth $size, seed $seed" "$made/leads.csv" "$made/truth.csv"
    done
done
[ -z "$notes" ] || printf '\n%s' "$notes"
