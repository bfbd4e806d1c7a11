#!/usr/bin/env bash
# 0–4 min. Two sellers, one list of seats: what can go wrong?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'Two sellers sell the seats of one list. What can go wrong?' \
    'The list is 5, 19, 228, 665, 7, 11. A counter says which is next.' \
    'Seller A sells four, seller B two, both at the same time.'

serve --mode lock --list 5,19,228,665,7,11
client A 4 & one=$!
client B 2 & two=$!
wait "$one"
wait "$two"
end_server >/dev/null
say "A got  $(numbers_of A)" "B got  $(numbers_of B)"
expect 'six different numbers' "$LOOTBOX" check "$WORK/A.txt" "$WORK/B.txt" >/dev/null

seen 'Six draws, six different numbers. Who got which can differ from run to run;' \
    'that each number went out once may not.'
means 'A draw reads the counter, takes that place of the list, and writes the counter' \
    'back, one higher. This server holds a lock from the reading to the writing.' \
    'From here on we take the lock away, and look.'
