#!/bin/sh
# One night: hold the target of a profile to the contract, and tell what is new from what is known.
#
#   sh docs/ci/nightly.sh PROFILE [option of pytest ...]
#
# To be run from the checkout, with tox on the PATH and the profile's secrets in the environment; for a profile that logs
# in, with TOX_ENVIRONMENT=conformance-openstack. Leaves the reports in $REPORTS, and the verdict in $BASELINE as well: the next night is compared with it. Keeps every verdict in the store
# $HISTORY, and leaves what became of each clause over the nights in $REPORTS/trend.html. Ends as the run ends: 0 nothing
# new, 1 new findings, 6 nothing new but not all judged, 3 and 4 no verdict.
set -eu

profile=$1
shift
reports=${REPORTS:-reports/out}
baseline=${BASELINE:-baseline.json}
history=${HISTORY:-history.sqlite}
environment=${TOX_ENVIRONMENT:-conformance}
python=${PYTHON:-.tox/$environment/bin/python}

rm -f "$reports/verdict.json"
if [ -f "$baseline" ]; then
    set -- --baseline "$baseline" --fail-on-new "$@"
fi
status=0
tox run -q -e "$environment" -- --target "$profile" --depth nightly --report-dir "$reports" "$@" || status=$?

# A run that came to no verdict is no baseline; the last one that did stays it.
case $status in
0 | 1 | 6)
    if [ -f "$reports/verdict.json" ]; then
        cp "$reports/verdict.json" "$baseline"
        { "$python" -m reports record "$reports/verdict.json" --store "$history" &&
            "$python" -m reports trend "$history" --out "$reports/trend.html"; } || echo "the history is not kept" >&2
    fi
    ;;
esac
exit "$status"
