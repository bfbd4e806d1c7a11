"""A submission with one lock for all, from the read to the write.

Usage: python3 lock_both.py PORT. It speaks the course dialect: `draw N` is answered with one number.
"""

import socket
import sys
import threading

numbers = list(range(1, 100_001))  # in order, so that a duplicate is easy to find
counter = 0
lock = threading.Lock()


def serve(client):
    global counter
    while client.recv(1024):
        with lock:
            seen = counter
            counter = seen + 1
        client.sendall(b"%d" % numbers[seen])  # nothing slow inside the lock
    client.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
