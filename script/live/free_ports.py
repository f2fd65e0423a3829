#!/usr/bin/env python3
"""Prints that many free ports of 127.0.0.1 on one line.

They lie below the range from which the system serves outgoing connections, so that none is taken
between this look and the start of a server some seconds later.

usage: free_ports.py COUNT
"""

import random
import socket
import sys

LOWEST, HIGHEST = 15000, 32000


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    count = int(sys.argv[1])
    candidates = random.SystemRandom().sample(range(LOWEST, HIGHEST), 500)
    ports = [port for port in candidates if is_free(port)][:count]
    if len(ports) < count:
        sys.exit("free_ports: not enough free ports on 127.0.0.1")
    print(*ports)


if __name__ == "__main__":
    main()
