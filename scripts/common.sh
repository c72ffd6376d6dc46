# Sourced by scripts/quiesce and scripts/test: packages and the release build. Requires `root`, the
# repository's directory. Prints only when there is something to do, and then to standard error, so that
# the output of `quiesce` stays its own.

build_dir="$root/build/release"

say() { printf 'quiesce: %s\n' "$*" >&2; }

# The names in a package list.
packages_of() { grep -v -e '^#' -e '^$' "$1"; }

# ensure_packages [LIST ...]: installs what is missing of scripts/packages.txt, and of further lists. Asking dpkg about
# all of them at once takes some 10 ms. Without dpkg (not Debian) nothing is installed, and CMake says what it does not find.
ensure_packages() {
  command -v dpkg-query > /dev/null || return 0
  local wanted installed missing=() name
  wanted=$(for list in "$root/scripts/packages.txt" "$@"; do packages_of "$list"; done)
  # shellcheck disable=SC2086  # one word per package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null) || true
  for name in $wanted; do
    [[ $'\n'"$installed"$'\n' == *$'\n'"installed $name"$'\n'* ]] || missing+=("$name")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo > /dev/null; then
      say "missing packages: ${missing[*]}"
      say "not root, and there is no sudo; run as root: apt-get install ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing missing packages: ${missing[*]}"
  mkdir -p "$root/build"
  local log="$root/build/packages.log"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  # Fresh lists first: a bare machine has none. If they cannot be fetched, those at hand may do.
  if ! { "${apt[@]}" update || true; "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } \
      > "$log" 2>&1 < /dev/null; then
    cat "$log" >&2
    say "could not install: ${missing[*]}"
    say "install them by hand and try again: apt-get install ${missing[*]}"
    return 1
  fi
}

# Configures build/release unless that is done. A build directory that was made for another place (a copied
# or renamed clone) or that was left half configured is started afresh.
configure_release() {
  if [[ -f $build_dir/build.ninja ]] &&
      grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build_dir/CMakeCache.txt"; then
    return 0
  fi
  (cd "$root" && cmake --fresh --preset release)
}

# build_release [TARGET ...]: brings build/release up to date. Two callers at once take turns.
build_release() {
  mkdir -p "$root/build"
  {
    flock 9
    configure_release 9>&- && ninja -C "$build_dir" "$@" 9>&-
  } 9> "$root/build/.lock"
}
