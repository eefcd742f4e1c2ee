#!/usr/bin/env python3
"""Runs a command at a terminal of 80 columns and answers its questions.

    terminal.py [WORDS ANSWER]... -- COMMAND...

Each ANSWER is typed, with Enter, once WORDS have been printed after the
answer before ("^C" is that key instead). Prints what the terminal showed;
ends with the command's status, or 99 when 20 seconds were not enough.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time


def flat(text):
    return " ".join(text.decode("utf-8", "replace").split())


def main():
    at = sys.argv.index("--")
    asked, command = sys.argv[1:at], sys.argv[at + 1:]
    turns = list(zip(asked[::2], asked[1::2]))
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execv(command[0], command)
    since, end = b"", time.monotonic() + 20
    while time.monotonic() < end:
        if turns and turns[0][0] in flat(since):
            answer = turns.pop(0)[1]
            time.sleep(0.05)  # typed ahead of the question is dropped
            os.write(fd, b"\x03" if answer == "^C" else answer.encode() + b"\n")
            since = b""
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            chunk = b""  # a terminal whose last user has gone
        if not chunk:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        since += chunk
        sys.stdout.write(chunk.decode("utf-8", "replace").replace("\r", ""))
        sys.stdout.flush()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return 99


sys.exit(main())
