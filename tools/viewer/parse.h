/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From text to a snapshot. Understood are the files of debugfs, one or several,
 * with headings between them as tail prints them:
 *
 *	==> /sys/kernel/debug/heapranges_heaps/default/stats <==
 *
 * A file is known by its first line, "# heapranges stats 1", or by its path; the
 * heap whose it is by its path, or because there is only one.
 *
 * New fields, new keys and comments are passed over. What cannot be right is left
 * out, with a complaint in the snapshot that names file and line.
 */
#ifndef HR_PARSE_H
#define HR_PARSE_H

#include <stdio.h>

#include "snapshot.h"

/* Adds what @in says to @snapshot. @path is for the complaints and as above. */
void hr_parse(FILE *in, const char *path, struct hr_snapshot *snapshot);

/* The name of a heap's file of that kind, as in debugfs. */
const char *hr_parse_file(enum hr_kind kind);

#endif /* HR_PARSE_H */
