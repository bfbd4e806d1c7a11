#!/usr/bin/env bash
# 27–33 min. Make every access atomic: fixed?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'Make the counter an atomic variable, so that every access to it is atomic. Fixed?' \
    '   unsafe-race:   seen = counter.load();   …   counter.store(seen + 1);' \
    '   atomic:        seen = counter.fetch_add(1);' \
    'Both use an atomic variable. Which of them hands out numbers twice?'

run compare --modes unsafe-race,atomic --clients 4 --draws 5000 --request 1 | tee "$WORK/table"
expect 'a duplicate in unsafe-race' test "$(figure duplicates "$WORK/table" 1)" -gt 0
expect 'none in atomic' test "$(figure duplicates "$WORK/table" 2)" -eq 0

if command -v python3 >/dev/null; then
    question 'And this one? It adds under a lock, so that no addition is lost.' \
        '   with lock: seen = counter        # every access is protected' \
        '   reply(numbers[seen])' \
        '   with lock: counter += 1'
    run compare --server "python3 '$DEMOS/submissions/atomic_too_late.py' {port}" \
        --clients 4 --draws 500 | tee "$WORK/late" || true
    expect 'a duplicate, though no addition is lost' test "$(figure duplicates "$WORK/late" 1)" -gt 0
else
    say '(The second half needs python3, which is not on this machine.)'
fi

say 'The second, step by step:' ''
found explore --mode late-atomic --draws 2,1 | sed -n '/^ ORDERS/p; /^ step/,/^ Result/p'

seen 'unsafe-race hands out numbers twice although it loads and stores atomically.' \
    'So does the second: no addition is lost, and yet two draws read the same counter.'
means 'An atomic access keeps a value whole. It does not keep two accesses together.' \
    'What must be one step here is the reading and the writing: fetch_add is that step.' \
    'In the second program the addition is one step, but it comes too late: the counter' \
    'passes places that nobody got. These numbers are skipped, and others go out twice.'
