# shellcheck shell=bash
# What every demo does: find lootbox, ask, run, say what was seen, clean up.
# Sourced by the numbered scripts; bash 3.2 (macOS) is enough.
set -euo pipefail

DEMOS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=
SERVER=
PORT=
YES=
BRIEF=

fail() { printf 'demo: %s\n' "$*" >&2; exit 2; }

# begin "$@": the arguments of the script.
begin() {
    local argument
    for argument; do
        case $argument in
        --yes) YES=1 ;;
        --brief) YES=1 BRIEF=1 ;;
        *) printf 'usage: %s [--yes|--brief]\n  --yes    do not wait for Enter\n  --brief  nor ask and explain: only what runs, and what it prints\nLOOTBOX=PATH chooses the binary.\n' "$0" >&2; exit 2 ;;
        esac
    done
    if [[ -z ${LOOTBOX:-} ]]; then
        local place
        for place in lootbox "$DEMOS/../target/release/lootbox" "$DEMOS/../target/debug/lootbox"; do
            if command -v "$place" >/dev/null; then LOOTBOX=$place; break; fi
        done
    fi
    command -v "${LOOTBOX:-lootbox}" >/dev/null ||
        fail "no lootbox on the path: cargo install --path . or set LOOTBOX to the binary"
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/lootbox-demo.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT TERM
}

clean_up() {
    end_server >/dev/null 2>&1 || true
    rm -rf "$WORK"
}

# The question comes before the answer, or nobody learns from it.
question() {
    if [[ -n $BRIEF ]]; then return; fi
    printf '\n%s\n\n' "$1"
    shift
    if (($#)); then printf '%s\n' "$@"; printf '\n'; fi
    if [[ -z $YES ]]; then
        printf 'Vote, then press Enter. '
        read -r _ || true
        printf '\n'
    fi
}

say() { printf '%s\n' "$@"; }

seen() { explained 'What was seen' "$@"; }
means() { explained 'What it means' "$@"; }
explained() { if [[ -z $BRIEF ]]; then printf '\n%s\n' "$1"; shift; printf '  %s\n' "$@"; fi; }

# Shows a command as one would type it, then runs it.
run() {
    local word
    printf '$ lootbox'
    for word; do
        case $word in
        *\ *) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n\n'
    "$LOOTBOX" "$@"
    printf '\n'
}

# The same for a command that leaves with 1 because it found what it looked for.
found() { run "$@" || (($? == 1)); }

# serve OPTIONS…: a server on a free port, ended with the script; its port is in PORT.
serve() {
    printf '$ lootbox serve'
    printf ' %s' "$@"
    printf '\n'
    rm -f "$WORK/said"
    mkfifo "$WORK/said"
    "$LOOTBOX" serve --headless --listen 127.0.0.1:0 --control "$WORK/control.sock" "$@" \
        >"$WORK/said" 2>"$WORK/log" &
    SERVER=$!
    exec 3<"$WORK/said"
    local line
    read -r line <&3 || { cat "$WORK/log" >&2; fail "the server did not start"; }
    PORT=${line#listening on *:}
    PORT=${PORT%% *}
}

# Ends the server and prints its summary.
end_server() {
    [[ -n $SERVER ]] || return 0
    kill -TERM "$SERVER" 2>/dev/null || true
    cat <&3
    wait "$SERVER" 2>/dev/null || true
    exec 3<&-
    SERVER=
}

# client NAME COUNT: draws COUNT numbers, into a file of that name.
client() {
    printf 'name %s\ndraw %s\n' "$1" "$2" |
        "$LOOTBOX" client 127.0.0.1 "$PORT" >"$WORK/$1.txt" 2>/dev/null
}

# What a client got, in one line.
numbers_of() { paste -sd ' ' - <"$WORK/$1.txt"; }

# figure NAME FILE COLUMN: what stands in that line and column of a table of lootbox compare.
figure() {
    sed -n "s/^$1  *//p" "$2" | head -n 1 | tr -d , | tr -s ' ' | cut -d ' ' -f "$3"
}

# expect WHAT CONDITION…: what must be seen; else the README of the demos helps.
expect() {
    local what=$1
    shift
    if ! "$@"; then
        printf '\nNot seen this time: %s. demos/README.md says what to do.\n' "$what" >&2
        exit 1
    fi
}
