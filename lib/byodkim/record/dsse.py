"""What is used of securesystemslib, loaded without AWS's library.

It offers signers of clouds too and imports boto3 where it finds it. None is used here, and only the
custodian's process loads AWS's libraries.
"""

from __future__ import annotations

import sys

_is_loaded = "boto3" in sys.modules
if not _is_loaded:
    sys.modules["boto3"] = None  # type: ignore[assignment] # Python then says that there is none

from securesystemslib.dsse import Envelope as Envelope  # noqa: E402
from securesystemslib.exceptions import VerificationError as VerificationError  # noqa: E402
from securesystemslib.signer import (  # type: ignore[attr-defined]  # noqa: E402
    CryptoSigner as CryptoSigner,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]  # noqa: E402
    Signature as Signature,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]  # noqa: E402
    SSlibKey as SSlibKey,
)

if not _is_loaded:
    del sys.modules["boto3"]
