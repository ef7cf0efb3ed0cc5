"""Runs a program on a pseudo-terminal: terminal.py PROMPT ANSWER PROGRAM [ARGUMENT …]. When PROMPT is on the screen,
ANSWER is typed once. Prints the screen, and ends with the program's exit code (128 and more for a signal)."""

import os
import pty
import sys

prompt, answer, *command = sys.argv[1:]
pid, screen = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
seen = b""
typed = False
while True:
    try:
        chunk = os.read(screen, 4096)
    except OSError:  # the program has ended
        break
    if not chunk:
        break
    seen += chunk
    if not typed and seen.endswith(prompt.encode()):
        typed = True
        os.write(screen, answer.encode())
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
