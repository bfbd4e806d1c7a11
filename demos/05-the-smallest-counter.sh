#!/usr/bin/env bash
# 23–27 min. Two threads, four increments each: the smallest counter in the end?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'Two threads add 1 to a counter four times each, without a lock. It begins at 0.
What is the smallest value it can have in the end: 8, 7, 4, 2, 1?'

run_order=ABBBBBBABAAAAAAB
found explore --draws 4,4 >"$WORK/all"
sed -n '/ORDERS/,/shortest/p; /The counter ends/p' "$WORK/all"
question 'It is 2. Who can say in which order? (A lettered step is one read or one write.)'
found explore --draws 4,4 --replay "$run_order" | tee "$WORK/one"
expect 'a counter of 2 in the end' grep -q 'ends between 2 and 8' "$WORK/all"

seen 'Eight additions, and the counter stands at 2. In 8 of the 12,870 orders it does.'
means 'A reads 0, and is interrupted. B finishes three of its four. A writes 1: they are all lost.' \
    'B reads 1, and is interrupted. A finishes. B writes 2: A'"'"'s last three are lost, too.' \
    'How much is lost does not depend on how many threads there are, but on how long one of' \
    'them holds on to what it has read.'
