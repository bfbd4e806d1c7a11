#!/usr/bin/env bash
# 4–10 min. No lock, nothing in the gap: duplicates?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question '4 clients draw 100 numbers each, with no lock. In how many of 5 runs is a number
handed out twice: in none, in one or two, in all?' \
    'Nothing stands between the read and the write: no sleep, no printing.'

bare=(compare --modes unsafe-race --window none --clients 4 --draws 100)
run "${bare[@]}" --runs 5 | tee "$WORK/five"
question 'And in 30 runs?'
run "${bare[@]}" --runs 30 | tee "$WORK/thirty"

with() { figure '  with duplicates' "$1" 1-3; }
interval() { figure '  95 % interval' "$1" 1-2; }
seen "Runs with a duplicate: $(with "$WORK/five"), then $(with "$WORK/thirty")." \
    "So the share of such runs lies, with a confidence of 95 %, in $(interval "$WORK/thirty")."
means 'The race is in the program in every run. It shows in few of them, or in none.' \
    'A run that went well proves nothing: 0 of 30 still allows 11 in 100.' \
    'Of the 495 orders in which four draws and two can interleave, 480 are bad. Almost' \
    'every order is wrong, and almost every run looks right: the two are no contradiction,' \
    'because the operating system does not pick orders evenly.'
