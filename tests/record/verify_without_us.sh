#!/bin/sh
# Verify a record without byodkim. Usage: verify_without_us.sh FOLDER NAME PUBLIC_KEY
# The seal is a DSSE envelope: one Ed25519 signature over "DSSEv1", type and payload with their lengths.
set -eu
cd "$1"; seal="$2.seal.json"; type=application/vnd.in-toto+json
parts=$(mktemp -d); trap 'rm -r "$parts"' EXIT
jq -er .payload "$seal" | base64 -d > "$parts/payload"
jq -er '.signatures | select(length == 1) | .[0].sig' "$seal" | base64 -d > "$parts/signature"
{ printf 'DSSEv1 %d %s %d ' ${#type} $type "$(wc -c < "$parts/payload")"; cat "$parts/payload"; } > "$parts/signed"
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; printf %s "$3" | base64 -d; } > "$parts/key"  # RFC 8410
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$parts/key" -in "$parts/signed" -sigfile "$parts/signature"
jq -er --arg name "$2" 'select(.predicateType == "urn:byodkim:run:1" and .predicate.run.name == $name)
    | .subject[] | .digest.sha256 + "  " + .name' "$parts/payload" > "$parts/sums"
sha256sum --check --strict "$parts/sums"
