# shellcheck shell=bash
# Sourced by what installs packages: as root where it is root, else by sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "neither root nor sudo here; run as root: $*" >&2
    return 1
  fi
}
