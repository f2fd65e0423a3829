# Sourced by script/test and script/check-all: named steps, their times, one verdict.
#
#   run_step NAME COMMAND...    runs it, keeps its output in build/steps/, goes on after a failure
#   verdict                     prints the times and 'N passed, N failed', and what was left out; exits
steps_folder=build/steps
steps_passed=0 steps_failed=0 steps_report=()
mkdir -p "$steps_folder"
# A test that leaves itself out is named here, with its reason where it gives one.
export CDCLAKE_LEFT_OUT=$PWD/$steps_folder/left_out.txt
rm -f "$CDCLAKE_LEFT_OUT"

run_step() {
  local name=$1 log start seconds outcome=ok counts left_out
  shift
  log=$steps_folder/${name//[^A-Za-z0-9]/_}.txt
  printf '== %s\n' "$name"
  start=$(date +%s.%N)
  "$@" >"$log" 2>&1 </dev/null || outcome=FAILED
  seconds=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN {printf "%.1f", b - a}')

  # A step of many tests counts them; any other counts as one.
  counts=$(sed -nE 's/^.*tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$log" | tail -n 1)
  [ -n "$counts" ] || counts=$([ "$outcome" = ok ] && echo "0 1" || echo "1 1")
  # ctest counts a test that leaves itself out as passed, and names it at its end.
  left_out=$(sed -nE 's/^\t *[0-9]+ - (.*) \(Skipped\)$/\1/p' "$log")
  [ -z "$left_out" ] || sed "s/^/$name: /" <<<"$left_out" >>"$CDCLAKE_LEFT_OUT"
  steps_failed=$((steps_failed + ${counts% *}))
  steps_passed=$((steps_passed + ${counts#* } - ${counts% *} - $(grep -c . <<<"$left_out")))
  # A failure that no test accounts for, as when ctest finds none, must not pass.
  if [ "$outcome" = FAILED ] && [ "${counts% *}" = 0 ]; then steps_failed=$((steps_failed + 1)); fi

  steps_report+=("$(printf '%-6s %7s s  %s' "$outcome" "$seconds" "$name")")
  if [ "$outcome" = ok ]; then
    tail -n 1 "$log" | sed 's/^/   /'
  else
    grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test .* Passed )' "$log" |
      tail -n 80 | sed 's/^/   /'
    printf '   FAILED: %s; all of its output: %s\n' "$name" "$log"
  fi
}

verdict() {
  local left_out_count=
  printf '\n'
  printf '%s\n' "${steps_report[@]}"
  if [ -s "$CDCLAKE_LEFT_OUT" ]; then
    printf '\nleft out:\n%s\n' "$(sort -u "$CDCLAKE_LEFT_OUT")"
    left_out_count=$(sort -u "$CDCLAKE_LEFT_OUT" | wc -l)
  fi
  printf '\n%d passed, %d failed%s\n' "$steps_passed" "$steps_failed" "${left_out_count:+, $left_out_count left out}"
  [ "$steps_failed" = 0 ]
  exit
}
