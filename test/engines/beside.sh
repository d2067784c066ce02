#!/bin/sh
# usage: beside.sh LOG CLASSPATH MAIN [java option...] -- command [argument...]
#
# Runs a command beside one of Beam's job servers, which listens at localhost:8099.
# Both are in a network namespace of their own, for the server also listens on
# every other interface. Ends with the command's status.
set -eu

if [ "${BESIDE:-}" = "" ]; then
	BESIDE=yes exec unshare --user --map-root-user --net "$0" "$@"
fi
ip link set lo up

log=$1 classpath=$2 main=$3
shift 3
options=
while [ "$1" != -- ]; do
	options="$options $1"
	shift
done
shift

# shellcheck disable=SC2086 # the options are words
java $options -cp "$classpath" "$main" --job-host=localhost --job-port=8099 --artifact-port=0 --expansion-port=0 --artifacts-dir="$(dirname "$log")/artifacts" >"$log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true' EXIT
"$@" # waits for the port itself
