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
expect 'the list in order' test "$(numbers_of A)" = '5 19 228 665 7 11'

found explore --replay AAAABAABAABB | tee "$WORK/lost"
found explore --mode late-atomic --replay AAAABAABAABB | tee "$WORK/late"
expect 'the results of the table' grep -Eq 'Result +5 +19 +228 +228! +665 +7' "$WORK/lost"
expect 'the counters of the table' grep -Eq 'Counter +0 +1 +2 +2 +4 +5' "$WORK/late"

seen 'Counter 4 gives 7, and counter 5 gives 11. In the table they give 665 and 7.' \
    'One order, AAAABAABAABB, and two bugs: each gives one row of the table.'
means 'The results of the table are those of a lost update: read, then write what was read' \
    'plus 1. Its counters are then 0 1 2 2 3 4.' \
    'The counters of the table are those of an addition in one step that comes too late.' \
    'Its results are then 5 19 228 228 7 11, and 665 is skipped.' \
    'Of the 495 orders in which four draws and two can interleave, none gives both rows.'
