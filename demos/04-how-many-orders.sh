#!/usr/bin/env bash
# 17–23 min. Of 495 orders, how many are bad?
# shellcheck source=demos/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin "$@"

question 'A draws four times and B twice, a read and a write each time. There are 495 orders in
which these steps can follow one another. In how many is a number handed out twice:
in about 3, 30 or 97 %?' \
    'And of 30 real runs with these draws, in how many?'

found explore --draws 4,2 --live 30 | tee "$WORK/orders"
expect '480 bad orders' grep -q '480' "$WORK/orders"

seen 'In 480 of the 495 orders, 97.0 %, and only 15 are clean. Of the real runs, in few or none.'
means 'Almost every order is wrong, and almost every run looks right. The operating system does' \
    'not pick orders evenly: it lets a thread run many steps at a stretch, and the 15 clean' \
    'orders are those in which nobody is interrupted. Testing samples the runs that happen;' \
    'going through every order looks at those that can.'
