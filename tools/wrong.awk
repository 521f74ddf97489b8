# SPDX-License-Identifier: GPL-2.0
# What is wrong with a session: gathered in wrong[], and said in the end.

function bad(text) { wrong[++nr_wrong] = text }

function print_wrong(	i) {
	for (i = 1; i <= nr_wrong && i <= 20; i++)
		print "FAILED " wrong[i]
	if (nr_wrong > 20)
		print "FAILED and " nr_wrong - 20 " more"
}
