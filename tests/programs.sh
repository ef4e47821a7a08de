#!/bin/sh
# Looks for the programs of programs.txt. As root on Debian it installs what is missing; elsewhere it says what to install.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing='' packages='' formulas=''
while read -r program package formula; do
    case $program in '' | '#'*) continue ;; esac
    [ "$formula" = - ] && [ "$(uname)" = Darwin ] && continue
    command -v "$program" >/dev/null || [ -e "$program" ] || {
        missing="$missing $program" packages="$packages $package" formulas="$formulas $formula"
    }
done <"${0%/*}/programs.txt"
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing what the tests need:$packages"
    export DEBIAN_FRONTEND=noninteractive
    # Each package is a word of its own.
    # shellcheck disable=SC2086
    apt-get -qq update && apt-get -qq -y install --no-install-recommends $packages && exit 0
fi
echo "The tests need programs that are not here:$missing. On Debian run, as root, apt-get install$packages; on macOS" \
    "run brew install$formulas; then make test again." >&2
exit 1
