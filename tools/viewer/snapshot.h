/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of heapranges said at one time.
 *
 *	snapshot -> heaps -> ranges	from the range file
 *			  -> stats, bars, orders, notes	from the files of that heap
 *
 * All text in it is printable ASCII. Sizes are in pages, intervals half-open.
 */
#ifndef HR_SNAPSHOT_H
#define HR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define HR_NAME_MAX	63	/* characters of a heap's name */
#define HR_CELLS_MAX	256	/* of one bar; the module makes 64 */
#define HR_COMPLAINTS_MAX 20

/* The kinds of files, in the order in which a heap's page shows them. */
enum hr_kind {
	HR_KIND_UNKNOWN,
	HR_KIND_RANGES,		/* /sys/kernel/debug/heapranges itself */
	HR_KIND_STATS,
	HR_KIND_MAP,
	HR_KIND_PINNED,		/* this and what follows is kept as text */
	HR_KIND_REJECTS,
	HR_KIND_OWNERS,
	HR_KIND_VERIFY,
	HR_NR_KINDS,
};

#define HR_FIRST_NOTE	HR_KIND_PINNED

struct hr_lines {
	char			**text;
	size_t			nr;
};

/* A line of the range file: nr_pages = used + cached + free, largest <= free. */
struct hr_range {
	__u64		base, limit;
	__u64		nr_pages, used, cached, free, largest;
};

/* A bar of the file map: where in the range the pages lie. */
struct hr_bar {
	__u64		base, limit;
	__u64		nr_pages;
	char			*cells;	/* at least 1, at most HR_CELLS_MAX */
};

/* Free runs of [2^order, 2^(order + 1)) pages. */
struct hr_order {
	unsigned int		order;
	__u64		runs, nr_pages;
	unsigned int		unusable_thousandths;
};

struct hr_stat {
	char			*key, *value;
};

struct hr_heap {
	char			*name;
	struct hr_range		*ranges;
	struct hr_bar		*bars;
	struct hr_order		*orders;
	struct hr_stat		*stats;
	size_t			nr_ranges, nr_bars, nr_orders, nr_stats;
	struct hr_lines		notes[HR_NR_KINDS];
	unsigned int		seen;	/* kinds that were read, as bits */
};

struct hr_snapshot {
	struct hr_heap		**heaps;	/* in order of their first mention */
	size_t			nr_heaps;
	unsigned int		page_bytes;	/* 0: nothing said it yet */
	bool			has_ranges;	/* a range file was read */
	struct hr_lines		complaints;	/* "file:line: what is wrong" */
	size_t			nr_complaints;	/* those left out too */
};

/* A heap in figures, of its ranges, or of its stats where there are none. */
struct hr_totals {
	__u64		nr_pages, used, cached, free, largest, nr_ranges;
};

void hr_lines_add(struct hr_lines *lines, const char *text);
void hr_lines_clear(struct hr_lines *lines);

void hr_snapshot_clear(struct hr_snapshot *snapshot);
void hr_snapshot_complain(struct hr_snapshot *snapshot, const char *text);

/* To stderr, a line each. */
void hr_snapshot_print_complaints(const struct hr_snapshot *snapshot, const char *program);

/* 4096 if nothing told. */
unsigned int hr_snapshot_page_bytes(const struct hr_snapshot *snapshot);

/* NULL: there is none of that name. */
struct hr_heap *hr_snapshot_find(const struct hr_snapshot *snapshot, const char *name);

/* Finds it or adds it. */
struct hr_heap *hr_snapshot_heap(struct hr_snapshot *snapshot, const char *name);

/* Forgets what was read of that kind. */
void hr_heap_forget(struct hr_heap *heap, enum hr_kind kind);

/* The value of a key of stats as text, or NULL. */
const char *hr_heap_stat(const struct hr_heap *heap, const char *key);

/* The same as a number. Return: false: there is none, or it is none. */
bool hr_heap_count(const struct hr_heap *heap, const char *key, __u64 *count);

/* Frees and resizes that were refused; false: not told. */
bool hr_heap_rejected(const struct hr_heap *heap, __u64 *count);

bool hr_heap_corrupt(const struct hr_heap *heap);

/* The cells of exactly this range, or NULL: files are not read all at once. */
const char *hr_heap_cells(const struct hr_heap *heap, const struct hr_range *range);

void hr_heap_totals(const struct hr_heap *heap, struct hr_totals *totals);

#endif /* HR_SNAPSHOT_H */
