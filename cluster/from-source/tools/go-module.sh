# Sourced by the scripts of this folder, each of which builds one tool of version $1 into the folder $2. What a module needs is
# decided by its own go.mod; `go install` refuses most of these, because they replace some of their requirements.
set -euo pipefail
version=$1
out=$2
# A Go that is older than a module asks for fetches the right one from the module proxy.
export GOTOOLCHAIN=auto GOFLAGS=-buildvcs=false CGO_ENABLED=0
work=$(mktemp -d "$out/module.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# Go leaves gigabytes behind there when it is interrupted.
export GOTMPDIR=$work/tmp
mkdir "$GOTMPDIR"
printf 'module meshmart.example/tool\n\ngo 1.25.0\n' >go.mod

# Where the files of module@version are.
module_dir() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

# Takes over what module@version replaces by other modules, and the sums of what it requires, some of which the checksum database
# lacks. Leaves in $source_dir where its files are.
inherit() {
  source_dir=$(module_dir "$1")
  sed -n '/^replace/,$p' "$source_dir/go.mod" >>go.mod
  cp "$source_dir/go.sum" .
  chmod u+w go.sum
}

# Builds programs (packages of module $1 at $2) into $out; further arguments for the linker are in $link.
build_programs() {
  local at=$1 packages=("${@:2}")
  go get -tool "${packages[@]/%/@$at}"
  go build -v -ldflags="-s -w ${link:-}" -o "$out/" "${packages[@]}"
}
