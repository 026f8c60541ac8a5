# Sourced by the scripts of this folder: builds the programs, measures a command, names the machine.

# The clock of all measured runs, so that a later measurement makes the same files.
as_of=2026-06-30

work=$(mktemp -d "${TMPDIR:-/tmp}/leadmend-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

[ -x /usr/bin/time ] || {
    echo "needs GNU time as /usr/bin/time (Debian: apt-get install time)" >&2
    exit 1
}

target=${CARGO_TARGET_DIR:-$here/target}
leadmend=$target/release/leadmend
synth=$target/release/examples/synth

build() {
    (cd "$here" && cargo build --release --quiet --bin leadmend --example synth) >&2
}

# Runs a command; leaves `seconds` and `megabytes` (peak of resident memory). Its talk is dropped
# unless it fails.
measure() {
    if ! /usr/bin/time -f '%e %M' -o "$work/time" "$@" >"$work/said" 2>&1; then
        cat "$work/said" >&2
        exit 1
    fi
    read -r seconds kilobytes < <(tail -n 1 "$work/time")
    megabytes=$((kilobytes / 1024))
}

# Lowest, median and highest of the numbers given, one a line.
spread() { sort -n | awk '{ x[NR] = $1 } END { print x[1], x[int((NR + 1) / 2)], x[NR] }'; }

# Generates a lead database: generate SIZE SEED [OPTION...]; leaves its folder in `made`.
generate() {
    made=$work/synth-$1-$2
    [ -f "$made/truth.csv" ] || "$synth" --records "$1" --seed "$2" --out "$made" "${@:3}" >&2
}

# What was measured, where and when.
heading() {
    local cpu memory
    cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
    memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)
    echo "- commit: $(git -C "$here" rev-parse --short HEAD)$(git -C "$here" diff --quiet HEAD || echo ' with local changes')"
    echo "- machine: ${cpu:-unknown processor}, $(nproc) cores, $memory, $(uname -sr)"
    echo "- compiler: $(rustc --version)"
    echo "- load before: $(cut -d' ' -f1 /proc/loadavg)"
}
