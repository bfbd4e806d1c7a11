#!/bin/bash
# Installs lootbox and its service, starts it, and tests itself.
#
# As cloud-init user data: fill in the two lines below. The program is fetched over HTTPS and compared with its checksum;
# there are no secrets here, and there may be none: whoever is on the machine can read user data.
# What it says is in /var/log/cloud-init-output.log; its last line is "lootbox: ready" or what failed.
#
# By hand, with the program beside it, copied there by scp: sudo bash user-data.sh ./lootbox
set -euo pipefail

BINARY_URL='https://example.com/lootbox-x86_64-unknown-linux-musl'
BINARY_SHA256='0000000000000000000000000000000000000000000000000000000000000000'

trap 'echo "lootbox: FAILED in line $LINENO: see above, and journalctl -u lootbox"' ERR

fetch() {
    curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 \
        --retry 5 --retry-connrefused --output "$2" "$1"
}

# IMDSv2: a token first, one hop only. It only tells people where to connect, so it may fail.
metadata() {
    local base=http://169.254.169.254/latest token
    token=$(curl -fsS -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/api/token") &&
        curl -fsS -m 2 -H "X-aws-ec2-metadata-token: $token" "$base/meta-data/$1"
}

# Whether a program is for this machine's processor: bytes 18 and 19 of it say which one it was built for.
fits() {
    local program=$1 machine=${2:-$(uname -m)} built_for
    case $(od -An -tx1 -j18 -N2 "$program" | tr -d ' ') in
        3e00) built_for=x86_64 ;;
        b700) built_for=aarch64 ;;
        *) built_for='no Linux machine known here' ;;
    esac
    if [ "$built_for" != "$machine" ]; then
        echo "lootbox: the program is built for $built_for, and this machine is $machine: take the other one" >&2
        return 1
    fi
}

program=${1:-}
if [ -z "$program" ]; then
    program=$(mktemp)
    fetch "$BINARY_URL" "$program"
    echo "$BINARY_SHA256  $program" | sha256sum --check --strict -
fi
fits "$program"
install -o root -g root -m 0755 "$program" /usr/local/bin/lootbox
[ -n "${1:-}" ] || rm -f "$program"

# Who is in this group may attach the dashboard: whoever comes in over SSH.
getent group lootbox-control >/dev/null || groupadd --system lootbox-control
login=''
for user in ec2-user admin ubuntu ${SUDO_USER:+"$SUDO_USER"}; do
    if id "$user" >/dev/null 2>&1; then
        usermod --append --groups lootbox-control "$user"
        login=${login:-$user}
    fi
done

cat >/etc/systemd/system/lootbox.service <<'UNIT'
# The loot box server, with as few rights as it needs. Copied into user-data.sh; a test keeps them the same.
[Unit]
Description=Loot box server for the class
Documentation=https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
Wants=network-online.target
After=network-online.target

[Service]
# The mode is changed while it runs, over the control socket; see README.md.
ExecStart=/usr/local/bin/lootbox serve --headless --listen 0.0.0.0:7777 --mode unsafe-race --sold-out again --control /run/lootbox/control.sock --control-group lootbox-control
Restart=on-failure
RestartSec=1s
TimeoutStopSec=5s

# A user of its own that exists only while it runs; the group lets the SSH user attach.
DynamicUser=yes
SupplementaryGroups=lootbox-control
RuntimeDirectory=lootbox
RuntimeDirectoryMode=0755
UMask=0077

# What a class can do to the machine is bounded. A client is a thread and an open file, a bot is two of each: here is room
# for 1,000 clients beside 500 bots, and for the lecturer. The server reads these limits, and says how many it takes.
LimitNOFILE=4096
MemoryMax=512M
TasksMax=2500
CPUWeight=50

# Nothing of the system can be changed, and little of it seen.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=no
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes

# No rights, and no way to any.
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private

# TCP to the class, a Unix socket for the lecturer.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SocketBindAllow=tcp:7777
SocketBindDeny=any
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources @setuid @keyring
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
UNIT

systemctl daemon-reload
systemctl enable lootbox.service
# Also by hand a second time, with a newer program.
systemctl restart lootbox.service

# Does it hand out numbers, and can the group attach?
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if numbers=$(echo 'draw 5' | /usr/local/bin/lootbox client 127.0.0.1 7777); then break; fi
    echo "lootbox: not yet (attempt $attempt)"
    sleep 1
done
test "$(wc -l <<<"$numbers")" -eq 5
test "$(stat -c %a:%G /run/lootbox/control.sock)" = 660:lootbox-control
systemctl is-active --quiet lootbox.service

address=$(metadata public-ipv4 || hostname -I | cut -d ' ' -f 1)
echo "lootbox: ready at $address port 7777; watch it with: ssh -t ${login:-USER}@$address lootbox dashboard"
