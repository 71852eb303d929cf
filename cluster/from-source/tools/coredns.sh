#!/usr/bin/env bash
source "$(dirname "$0")/go-module.sh"
build_programs "v$version" github.com/coredns/coredns
