#!/usr/bin/env python3
"""Draws numbers from a loot box server: python3 client.py IP PORT > FILE

Commands are read from standard input, one a line:

  draw N     draws the next N numbers
  name WHO   says who you are, for the server's dashboard
  help       what the server understands
  quit       ends the client, as the end of the input does

Numbers go to standard output, one a line; everything else goes to standard error.
Exit status: 0 at the end of the input; 2 when the server is lost or was never there.
"""

import argparse
import os
import re
import socket
import sys

LONGEST_LINE = 1024  # bytes of a command: the server takes no more
LONGEST_ANSWER = 16 * 1024  # bytes of a line that a server sends
LONGEST_HELP = 1000  # lines
# After these errors the server closes the connection.
LAST_WORDS = (b"error: busy", b"error: new round", b"error: the server is stopping")


class Lost(Exception):
    """The server is gone, or makes no sense."""


def note(text):
    sys.stdout.flush()  # the numbers before it stand before it
    print(text, file=sys.stderr, flush=True)


def show(line):
    """Prints one line of an answer; says whether it is an error, which is the last one."""
    line = line.strip()
    if line.isdigit():
        print(line.decode())
    else:
        # What a terminal could take for a command is written out.
        text = line.decode("utf-8", "replace")
        note("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))
    if line.startswith(LAST_WORDS):
        raise Lost("the server has closed the connection")
    return line.startswith(b"error:")


class Server:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host.strip("[]"), port), timeout=10)
        self.socket.settimeout(None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.split_into_lines()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # what the server said before it went is still to be read

    def receive(self):
        sys.stdout.flush()  # this may take long: show what there is
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Lost("lost the server: %s" % error) from None
        if not data:
            raise Lost("lost the server: it closed the connection")
        return data

    def split_into_lines(self):
        """TCP knows no lines: one may come in pieces, and many may come at once."""
        rest = b""
        while len(rest) <= LONGEST_ANSWER:
            try:
                *lines, rest = (rest + self.receive()).split(b"\n")
            except Lost:
                # A last word may come without a line end; half a number is no number.
                if not rest.startswith(b"error:"):
                    raise
                lines, rest = [rest], b""
            yield from lines
        raise Lost("the server sends a line that does not end: try --course")

    def ask(self, command):
        """The line dialect: a request is a line, and so is each number."""
        draw = re.fullmatch(rb"(?i)draw\s+(\d+)", command)
        wants_help = command.lower() == b"help"
        self.send(command + b"\n")
        count = LONGEST_HELP if wants_help else max(1, int(draw[1])) if draw else 1
        for _ in range(count):
            line = next(self.lines)
            if wants_help and not line.strip():
                return
            if show(line):
                return
        if wants_help:
            raise Lost("the server sends a help that does not end")

    def ask_as_in_the_course(self, command):
        """The course dialect: N times send the command without a line end, receive once."""
        draw = re.fullmatch(rb"(?i)draw\s+(\d+)", command)
        if not draw or int(draw[1]) == 0:
            note("wrong command!")
            return
        for _ in range(int(draw[1])):
            self.send(b"draw %d" % int(draw[1]))
            # A number and an error may arrive together.
            for line in re.split(rb"[\r\n]+|(?<=[0-9])(?=error:)", self.receive()):
                if line.strip() and show(line):
                    return


def commands():
    """The lines of standard input; one that is too long comes out cut, but still too long."""
    while True:
        if sys.stdin.isatty():
            print("> ", end="", file=sys.stderr, flush=True)
        line = part = sys.stdin.buffer.readline(LONGEST_LINE + 2)
        if not line:
            if sys.stdin.isatty():
                note("")  # the shell's own prompt begins a line
            return
        while part and not part.endswith(b"\n"):
            part = sys.stdin.buffer.readline(65536)
        yield line.rstrip(b"\r\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ip", metavar="IP", help="where the server runs: an address or a name")
    parser.add_argument("port", metavar="PORT", type=int, help="the port it listens on")
    parser.add_argument(
        "--course", action="store_true", help="speak as the assignment's own client.py does"
    )
    args = parser.parse_args()
    if not 0 < args.port < 65536:
        parser.error("PORT is a number from 1 to 65535")

    where = "%s port %d" % (args.ip, args.port)
    try:
        server = Server(args.ip, args.port)
    except (OSError, UnicodeError) as error:
        note("error: cannot connect to %s (%s): start the server first" % (where, error))
        return 2
    try:
        for command in commands():
            if len(command) > LONGEST_LINE and not args.course:
                note("error: a line of over %d bytes" % LONGEST_LINE)
                continue
            command = command.strip()
            if command.lower() == b"quit":
                if not args.course:
                    server.send(b"quit\n")
                break
            if command and args.course:
                server.ask_as_in_the_course(command)
            elif command:
                server.ask(command)
    except Lost as lost:
        note("error: %s (%s): is it still running?" % (lost, where))
        return 2
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        status = 130
    except OSError as error:
        # Nobody reads the numbers any more, as after `| head -1`: that is no error. A full disk is.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 0
        if not isinstance(error, BrokenPipeError):
            print("error: cannot read commands or write numbers: %s" % error, file=sys.stderr)
            status = 2
    sys.exit(status)
