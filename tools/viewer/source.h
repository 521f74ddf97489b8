/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where snapshots come from: the live debugfs, a copy of it, files, stdin. Files are
 * read anew each time; what a pipe or stdin says comes but once, and is kept.
 */
#ifndef HR_SOURCE_H
#define HR_SOURCE_H

#include <stdbool.h>

#include "snapshot.h"

/* The test of what is said where debugfs is not has another path. */
#ifndef HR_DEBUGFS
#define HR_DEBUGFS	"/sys/kernel/debug"
#endif

/* Sets of kinds of files; the range file is always read. */
#define HR_WANT(kind)	(1U << (kind))
/* verify keeps a live heap from changing for as long as it takes: only if saved. */
#define HR_WANT_ALL	(HR_WANT(HR_KIND_STATS) | HR_WANT(HR_KIND_MAP) | \
			 HR_WANT(HR_KIND_PINNED) | HR_WANT(HR_KIND_REJECTS) | \
			 HR_WANT(HR_KIND_OWNERS))

struct hr_input {
	char			*text;		/* NULL: not read yet */
	size_t			bytes;
};

struct hr_source {
	char			**paths;	/* none: HR_DEBUGFS */
	int			nr_paths;
	struct hr_input		*inputs;	/* of each path that cannot be read twice */
};

/*
 * Reads all of it into @snapshot, which is cleared first: of folders only the
 * kinds in @want, and if @only is not NULL, of other heaps than that only the
 * stats. What is wrong with it stands in the snapshot's complaints.
 * Return: false: a path could not be read at all, which is the last complaint.
 */
bool hr_source_read(struct hr_source *source, unsigned int want, const char *only,
		    struct hr_snapshot *snapshot);

void hr_source_clear(struct hr_source *source);

#endif /* HR_SOURCE_H */
