"""The AWS CLI with a resolver that knows the names below an endpoint on loopback.

The client of a key-value store puts the account id before the endpoint's host, `000000000000.127.0.0.1`, and no setting stops it.
"""

import re
import socket
import sys

from awscli.clidriver import main

resolve = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    below_loopback = re.fullmatch(r"\d{12}\.(127\.0\.0\.1|localhost)", str(host))
    return resolve("127.0.0.1" if below_loopback else host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
sys.exit(main())
