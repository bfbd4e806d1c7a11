#!/usr/bin/env bash
# 48–50 min. Which cells of the assignment's table are wrong?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'The assignment shows this for a server without a lock. Which cells are wrong?' \
    '   list      5   19  228  665    7   11' \
    '' \
    '   Counter   0    1    2    2    4    5' \
    '   Thread    A    A    A    B    A    B' \
    '   Result    5   19  228  228  665    7'

say 'With a lock, one draw after the other, which number belongs to which counter:'
serve --mode lock --list 5,19,228,665,7,11
client A 6
end_server >/dev/null
say '   Counter   0    1    2    3    4    5'
printf '   Result  '
while read -r number; do printf '%3s  ' "$number"; done <"$WORK/A.txt"
printf '\n'
expect 'the list in order' test "$(numbers_of A)" = '5 19 228 665 7 11 '

seen 'Counter 4 gives 7, and counter 5 gives 11. In the table they give 665 and 7.'
means 'No order of these draws gives both rows. Each row is right for another bug:' \
    '' \
    '   lost update (read, then write what was read plus 1)' \
    '   Counter   0    1    2    2    3    4' \
    '   Result    5   19  228  228  665    7      the results of the table' \
    '' \
    '   atomic too late (read, then add 1 in one step)' \
    '   Counter   0    1    2    2    4    5      the counters of the table' \
    '   Result    5   19  228  228    7   11      and 665 is skipped' \
    '' \
    'Of the 495 orders in which four draws and two can interleave, none gives both rows.' \
    'Whoever drew the table has interleaved two bugs.'
