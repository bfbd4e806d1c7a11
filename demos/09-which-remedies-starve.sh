#!/usr/bin/env bash
# 42–48 min. Which remedies deadlock, which starve?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'Five philosophers, five chopsticks. Each takes the left one, then the right one, eats,
and puts both back. What can happen?' \
    'Every chopstick is a semaphore, so no two ever hold the same one.'

found lab run philosophers-naive --schedule ABCDE | tee "$WORK/run"
expect 'a deadlock of all five' grep -q "never deadlock: broken after step 5" "$WORK/run"

# verdict PROBLEM KIND RULE: yes or no, whether that rule can be broken in any order.
verdict() {
    "$LOOTBOX" lab check "$1" --semaphores "$2" >"$WORK/check" || (($? == 1))
    if grep -q "^✓ never $3: holds" "$WORK/check"; then
        printf no
    elif grep -q "^✗ never $3: broken" "$WORK/check"; then
        if grep -q 'starves, only by deadlock' "$WORK/check"; then printf 'by deadlock'; else printf yes; fi
    else
        fail "no verdict on \"$3\" of $1"
    fi
}
# row WORDS PROBLEM SECTION: a line of the table, decided here and now.
row() {
    printf '%-24s %-9s %-15s %s\n' "$1" "$(verdict "$2" plain deadlock)" \
        "$(verdict "$2" plain "starve $3")" "$(verdict "$2" fifo "starve $3")" | tee -a "$WORK/table"
}
heading() { printf '%-24s %-9s %-15s %s\n' "$1" deadlock 'starves, plain' 'starves, fifo'; }

question 'Three remedies. Which can still deadlock? In which can one philosopher starve?' \
    '   four seats      at most four sit down at once' \
    '   both or none    take both chopsticks when both are free, else none' \
    '   odd and even    odd ones take the right one first, even ones the left' \
    '' \
    'Once with plain semaphores, that let anybody in, and once with fifo ones, that let in' \
    'whoever has waited longest.'
say "\$ lootbox lab check PROBLEM --semaphores plain|fifo" ''
heading 'the philosophers'
row 'left first' philosophers-naive eating
row 'four seats' philosophers-four-seats eating
row 'both or none' philosophers-both-or-none eating
row 'odd and even' philosophers-odd-even eating

question 'Readers and writers. First problem: a reader waits only while somebody writes. Second:
once a writer waits, no new reader begins. Who can starve: readers, writers, both, nobody?'
for who in reading writing; do
    case $who in reading) heading 'the readers' ;; writing) heading 'the writers' ;; esac
    row 'first problem' readers-writers-first "$who"
    row 'second problem' readers-writers-second "$who"
    row 'one queue before both' readers-writers-fair "$who"
    printf '\n'
done
decided() { tr -s ' ' <"$WORK/table" | diff - "$WORK/known" >&2; }
cat >"$WORK/known" <<'END'
left first yes yes by deadlock
four seats no yes no
both or none no yes yes
odd and even no yes no
first problem no yes no
second problem no yes yes
one queue before both no yes no
first problem no yes yes
second problem no yes no
one queue before both no yes no
END
expect 'the verdicts that are known' decided

seen 'Each remedy ends the deadlock. With plain semaphores somebody can starve in all of them.' \
    'With queues four seats, and odd and even, starve nobody; both or none still does.' \
    'Of the readers and writers, with queues, the first problem starves the writer only, the' \
    'second the reader only, and one queue before both starves nobody.'
means 'Free of deadlock says that somebody goes on. Fair says that everybody does. The one does' \
    'not follow from the other, and a remedy for the first can leave the second as it was.' \
    'What the textbook says of the two solutions is true of queues. A semaphore that only' \
    'counts may pass anybody over, again and again.' \
    'Every order of small models was looked at: five philosophers, two or three at the data.'
