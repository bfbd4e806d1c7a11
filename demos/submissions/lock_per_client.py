"""A submission with a lock for each client: nobody else ever takes it.

Usage: python3 lock_per_client.py PORT. It speaks the course dialect: `draw N` is answered with one number.
"""

import socket
import sys
import threading

numbers = list(range(1, 100_001))  # in order, so that a duplicate is easy to find
counter = 0


def serve(client):
    global counter
    lock = threading.Lock()  # one for each client
    while client.recv(1024):
        with lock:
            seen = counter
            client.sendall(b"%d" % numbers[seen])
            counter = seen + 1
    client.close()


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
