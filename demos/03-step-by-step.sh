#!/usr/bin/env bash
# 10–17 min. How many steps is counter += 1?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'How many steps is  counter += 1 : one, two, three?' \
    'Two volunteers: each reads the counter from the board, waits two seconds, and writes' \
    'back what they read plus one. A and B begin at the same time, and the counter is 0.' \
    'Which numbers of the list 5, 19, 228, … do they get? What stands on the board?'

both() {
    client A 1 & one=$!
    client B 1 & two=$!
    wait "$one"
    wait "$two"
    say "A got $(numbers_of A) B got $(numbers_of B)"
}
serve --mode unsafe-race --window sleep:2s --list 5,19,228,665,7,11
both
end_server >"$WORK/race"
grep -E 'mode |^draws' "$WORK/race"
expect 'the same number twice' cmp -s "$WORK/A.txt" "$WORK/B.txt"

question 'The same with a lock around the two steps. How long does it take now?'
serve --mode lock --window sleep:2s --list 5,19,228,665,7,11
both
end_server >"$WORK/lock"
grep -E 'mode |^draws' "$WORK/lock"
expect 'two different numbers' "$LOOTBOX" check "$WORK/A.txt" "$WORK/B.txt" >/dev/null

say '' 'The first of the two once more, step by step:' ''
found explore --draws 1,1 --replay ABAB

seen 'Without the lock both got 5, and the counter moved by 1 for two draws: a lost update.' \
    'With the lock one got 5 and the other 19, and the second waited for the first.'
means 'counter += 1 is at least a read and a write. Another thread can come in between, and' \
    'then what the first one writes is old.' \
    'The pause only makes the gap wide enough to see. It is there without the pause, too.'
