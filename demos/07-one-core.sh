#!/usr/bin/env bash
# 33–36 min. One core: safe?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'On a machine with one core only one thread runs at a time. Is the race gone?' \
    '2 clients draw 5,000 numbers each, one a request. The reply goes out between the read and the write,' \
    'as in the typical submission: no sleep anywhere.'

pin=()
if command -v taskset >/dev/null; then
    core=$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')
    pin=(taskset -c "$core")
    say "Pinned to core $core: server and clients have this one core, all together."
else
    say 'This system cannot pin a program to a core (there is no taskset), so what follows runs' \
        'on all of them. On Linux, or in a container of one CPU, it is one.'
fi
one=(compare --modes 'unsafe-race,lock' --window reply --clients 2 --draws 5000 --request 1)
printf '$ %s lootbox' "${pin[*]-}"
printf ' %s' "${one[@]}"
printf '\n\n'
${pin[@]+"${pin[@]}"} "$LOOTBOX" "${one[@]}" | tee "$WORK/table"
duplicates=$(figure duplicates "$WORK/table" 1)
expect 'a duplicate in unsafe-race' test "$duplicates" -gt 0

seen "$duplicates numbers were handed out more than once. With the lock, none."
means 'One core runs one thread at a time, but not each to its end. Whenever a thread waits,' \
    'or has had its turn, another goes on, and that can be between a read and a write.' \
    'A t2.micro on EC2 has one core. It is no safer.'
