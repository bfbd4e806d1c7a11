#!/usr/bin/env bash
# 36–42 min. A lock for each client: safe? And what does a lock cost?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

gallery() {
    run compare --server "python3 '$DEMOS/submissions/$1' {port}" --clients 4 --draws 500 \
        >"$WORK/$1.out" || true
    grep -E '^(\$|server:|! )' "$WORK/$1.out"
}
if command -v python3 >/dev/null; then
    question 'Three submissions, and each uses a lock. Which is safe?' \
        '   lock_per_client.py    each client has a lock of its own' \
        '   lock_the_write.py     reads before it locks, and writes under the lock' \
        '   lock_both.py          one lock for all, around reading and writing'
    for submission in lock_per_client.py lock_the_write.py lock_both.py; do
        gallery "$submission"
    done
    expect 'a duplicate with a lock for each client' \
        test "$(figure duplicates "$WORK/lock_per_client.py.out" 1)" -gt 0
    expect 'a duplicate with a locked write' \
        test "$(figure duplicates "$WORK/lock_the_write.py.out" 1)" -gt 0
    expect 'none with one lock around both' \
        test "$(figure duplicates "$WORK/lock_both.py.out" 1)" -eq 0
else
    say '(The gallery of wrong locks needs python3, which is not on this machine.)'
fi

say '' 'The same as programs, in every order there is (A draws four times, B twice):' ''
for mode in wrong-lock small-lock lock; do
    found explore --mode "$mode" | grep -E '^ ORDERS|^\$'
done

question 'What does the right lock cost, beside one atomic operation: nothing, twice, ten times?' \
    'Once with nothing in the gap, once with the reply inside the lock.'
for window in none reply; do
    run compare --modes lock,atomic --window "$window" --draws 50000 --runs 3 >"$WORK/$window"
    head -n 1 "$WORK/$window"
    grep -E '^ +lock|^(window|duplicates|draws a second|  from|p99)' "$WORK/$window"
    printf '\n'
    for column in 1 2; do
        expect 'no duplicate with lock and atomic' \
            test "$(figure duplicates "$WORK/$window" "$column")" -eq 0
    done
done

seen 'A lock for each client keeps nobody out. A lock around the write alone comes too late.' \
    'One lock around both is clean. With nothing in the gap it keeps up with the atomic addition, because both' \
    'wait for the network (alone it takes twice as long: 5 ns and 2). With the reply inside it does not.'
means 'A lock protects data, not code: everybody who touches the counter has to take the same' \
    'lock, from before the read until after the write. And nothing slow belongs inside:' \
    'while one client is being answered under the lock, all the others wait.'
