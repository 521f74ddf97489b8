# SPDX-License-Identifier: GPL-2.0
# Each line of a block (second file) is one that the module can say (first file, from formats.awk).

NR == FNR	{ format[++nr] = $0; next }
/^ *$/		{ next }
{
	for (i = 1; i <= nr && $0 !~ format[i]; i++)
		;
	if (i > nr) {
		print "the module never says: " $0
		bad = 1
	}
}
END { exit bad }
