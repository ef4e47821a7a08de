"""Reasons why something did not work, in a few words: the ``reason`` of other sentences.

Keys: names of the operating system's errors, whose English is its own; words of ``Answer.failure``; what a verifier
makes of a signature.
"""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "ENOENT": "No such file or directory",
    "EACCES": "Permission denied",
    "EPERM": "Operation not permitted",
    "EROFS": "Read-only file system",
    "ENOSPC": "No space left on device",
    "EDQUOT": "Disk quota exceeded",
    "EFBIG": "File too large",
    "EEXIST": "File exists",
    "EISDIR": "Is a directory",
    "ENOTDIR": "Not a directory",
    "ELOOP": "Too many levels of symbolic links",
    "ENAMETOOLONG": "File name too long",
    "special": "no regular file",
    "EINVAL": "Invalid argument",
    "EIO": "Input/output error",
    "EMFILE": "Too many open files",
    "EADDRINUSE": "Address already in use",
    "EADDRNOTAVAIL": "Cannot assign requested address",
    "ECONNREFUSED": "Connection refused",
    "ECONNRESET": "Connection reset by peer",
    "ENETUNREACH": "Network is unreachable",
    "EHOSTUNREACH": "No route to host",
    "ETIMEDOUT": "Connection timed out",
    "place": "line {line}, column {column}",
    "timeout": "no answer in time",
    "port-closed": "port closed",
    "unreachable": "not reachable",
    "no-route": "no route",
    "no-address": "no address",
    "malformed": "malformed answer",
    "tcp-blocked": "truncated, and TCP is blocked",
    "untrusted": "certificate not trusted",
    "BadSignature": "the signature does not match",
    "ValidationError": "the body or a tag does not match",
    "from-not-signed": "From is not signed",
    "identity-below": "i= is a subdomain",
    "partial-body": "part of the body is not signed",
    "unread": "cannot be read",
}
