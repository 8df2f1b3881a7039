#!/usr/bin/env bash
# Has promtool check the alert rules, run their cases, and check a text of the library.
#
#   mvn -q -pl core test -Dtest=MetricsPageTest && docs/metrics/check.sh
#   docs/metrics/check.sh http://127.0.0.1:8080/metrics     the text of a running process instead
#
# Takes promtool from the path, else from Debian's package prometheus, which it unpacks into a folder that is removed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
text=${1:-$here/../../core/target/metrics.txt}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
  (cd "$work" && apt-get -qq download prometheus && dpkg -x prometheus_*.deb "$work/root")
  promtool=$work/root/usr/bin/promtool
fi
"$promtool" --version 2>&1 | head -1

"$promtool" check rules "$here/alerts.yml"
"$promtool" test rules "$here/alerts-test.yml"
case $text in
  http*) curl -fsS "$text" > "$work/text" ;;
  *) cp "$text" "$work/text" ;;
esac
"$promtool" check metrics < "$work/text"
echo "the text of $(grep -c '^# TYPE' "$work/text") families is good"
