# Makes one table of what go test -bench prints: a row for each figure, with
# the benchmark it comes from. ns/op is left out where a benchmark reports
# figures of its own. All else (failures, skipped, ok) passes through.

/^Benchmark[^ \t]*[ \t]+[0-9]+[ \t]/ {
	name = $1
	sub(/^Benchmark(Figures)?/, "", name)
	sub(/-[0-9]+$/, "", name)
	name = folder " " name
	figures = 0
	for (i = 3; i < NF; i += 2)
		if ($(i + 1) != "ns/op") figures++
	for (i = 3; i < NF; i += 2) {
		if (figures > 0 && $(i + 1) == "ns/op") continue
		rows++
		names[rows] = name; values[rows] = $i; units[rows] = $(i + 1)
		if (length(name) > wide) wide = length(name)
		if (length($i) > broad) broad = length($i)
	}
	next
}

/^cpu: / { cpu = substr($0, 6); next }
/^pkg: / { folder = $2; sub(/^github.com\/[^\/]*\/[^\/]*\//, "", folder); next }
/^(goos|goarch): / || /^PASS$/ || /no test files/ { next }
/^ok / { next }

{ print }

/^(FAIL|--- FAIL|panic:)/ { failed = 1 }

END {
	if (cpu != "") print "CPU: " cpu
	for (i = 1; i <= rows; i++) {
		shown = i > 1 && names[i] == names[i - 1] ? "" : names[i]
		printf "%-*s  %*s  %s\n", wide, shown, broad, values[i], units[i]
	}
	if (rows == 0) { print "no figures"; failed = 1 }
	exit failed
}
