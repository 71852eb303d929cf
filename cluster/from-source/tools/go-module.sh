# Sourced by the scripts in this folder. Each builds version $1 of one tool into the folder $2, with the requirements in the
# module's own go.mod. `go install` refuses most of these modules, because they replace requirements.
set -euo pipefail
version=$1
out=$2
# If a module needs a newer Go, Go downloads it from the module proxy.
export GOTOOLCHAIN=auto GOFLAGS=-buildvcs=false CGO_ENABLED=0
work=$(mktemp -d "$out/module.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# An interrupted Go leaves gigabytes in its temporary folder.
export GOTMPDIR=$work/tmp
mkdir "$GOTMPDIR"
printf 'module meshmart.example/tool\n\ngo 1.25.0\n' >go.mod

# Prints the folder of module@version.
module_dir() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

# Copies the replacements of module@version, except folders of its repository, which are modules of their own, and the checksums of
# its requirements, some of which the checksum database lacks. Sets $source_dir to its folder.
inherit() {
  source_dir=$(module_dir "$1")
  sed -n '/^replace/,$p' "$source_dir/go.mod" | sed '/=> \.\//d' >>go.mod
  cp "$source_dir/go.sum" .
  chmod u+w go.sum
}

# Builds programs (packages of module $1 at $2) into $out. $link contains further arguments for the linker.
build_programs() {
  local at=$1 packages=("${@:2}")
  go get -tool "${packages[@]/%/@$at}"
  go build -v -ldflags="-s -w ${link:-}" -o "$out/" "${packages[@]}"
}
