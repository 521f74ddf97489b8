# SPDX-License-Identifier: GPL-2.0
# What tools/bench draws, from the TSV files in the folder where it is run: a picture of each table, and
# bench.svg, three of them beside each other, for README.md.

set datafile separator "\t"
set datafile missing "?"
set key autotitle columnhead
set style line 1 lc rgb "#c00000" lw 2.5 pt 7 ps 0.5
set style line 2 lc rgb "#1f77b4" lw 1.5 pt 5 ps 0.4
set style line 3 lc rgb "#2ca02c" lw 1.5 pt 9 ps 0.5
set style line 4 lc rgb "#9467bd" lw 1.5 pt 11 ps 0.5
set style line 5 lc rgb "#ff7f0e" lw 1.5 pt 13 ps 0.5
set style line 6 lc rgb "#8c564b" lw 1.5 pt 4 ps 0.4
set style line 7 lc rgb "#7f7f7f" lw 1.5 pt 6 ps 0.4
set grid ytics lc rgb "#dddddd" lt 1
set border 3
set tics nomirror
set logscale y
set format y "%.0f"

lines(file) = sprintf("plot for [i=2:8] '%s.tsv' using 0:i:xtic(1) with linespoints ls i-1", file)
bars(file, last) = sprintf("set style data histograms; set style histogram clustered gap 1; set style fill solid 0.8; plot for [i=2:%d] '%s.tsv' using i:xtic(1) lc i-1", last, file)

set terminal svg size 640,420 font "sans,11" noenhanced
set key outside right top samplen 2
do for [scale in "exact native"] {
	set ylabel scale eq "exact" ? "instructions" : "ns"
	set xlabel "pages"
	set output "pairs-".scale.".svg"
	set title "an allocation and its free, again and again"
	eval lines("pairs-".scale)
	set output "growth-".scale.".svg"
	set title "a pair of 1 page, where all is full but 64 pages at the end"
	set xlabel "pool"
	eval lines("growth-".scale)
	unset xlabel
	set output "calls-".scale.".svg"
	set title "one allocation of 1 page"
	set xtics rotate by -30
	eval bars("calls-".scale, 4)
	set xtics norotate
}
set ylabel "ns"
set output "cpus-native.svg"
set title "a pair of 1 page, 32 allocations, then their frees"
set xtics rotate by -30
eval bars("cpus-native", 3)
set xtics norotate

set terminal svg size 960,330 font "sans,10" noenhanced
set output "bench.svg"
set multiplot layout 1,3
set key inside left top samplen 1.5 font ",8"
set xlabel "pages"
set ylabel "instructions"
set title "a pair, exactly"
set yrange [50:*]
eval lines("pairs-exact")
set key off
set ylabel "ns"
set title "32 then 32 on two CPUs at once, a pair"
set yrange [5:*]
eval lines("batches-native")
set xlabel "pool"
set title "a pair of 1 page, room at the end only"
eval lines("growth-native")
unset multiplot
