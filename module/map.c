// SPDX-License-Identifier: GPL-2.0
/*
 * One heap at a glance.
 *
 *	# heapranges map 1
 *	# heap default pages 1024 used 12 cached 64 free 948
 *	# a cell: . free  o parked only  1..9 tenths used, rounded up, at most 9  # all used
 *	# base limit pages cells
 *	0xffffc90000601000 0xffffc90000a01000 1024 |9ooo.............. ... |
 *	# order runs pages unusable
 *	0 3 3 0.000
 *	1 0 0 0.003
 *
 * A range is counted, chunk by chunk, before its line is printed, into at most
 * HR_MAP_CELLS cells and into its free runs, which are joined over the borders of chunks.
 * What the ranges have in runs is added up when their lines are done, and is what the
 * table at the end shows; so that is of the moments at which they were counted.
 *
 * unusable is mm/vmstat.c's unusable free space index: of what is free, the part that a
 * request of 2^order pages could not be given. Of a run that is what its length leaves
 * when divided by 2^order: the bits of the length below that one. So it is enough to
 * count how many runs have which bit in their length.
 */
#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "cursor.h"
#include "map.h"
#include "snapshot.h"
#include "stats.h"

#define HR_MAP_CELLS		64UL
/* No run of pages is as long as the address space. */
#define HR_MAP_ORDERS		(BITS_PER_LONG - PAGE_SHIFT)

struct hr_map_runs {
	unsigned long	nr[HR_MAP_ORDERS];	/* of [2^n, 2^(n+1)) pages */
	unsigned long	pages[HR_MAP_ORDERS];	/* of these */
	unsigned long	nr_bit[HR_MAP_ORDERS];	/* with bit n in their length */
};

struct hr_map_cell {
	unsigned long	used, parked;
};

struct hr_map {
	struct hr_cursor	cursor;
	/* Of the line's range. */
	struct hr_map_cell	cell[HR_MAP_CELLS];
	struct hr_map_runs	runs;
	unsigned long		tail_pages;	/* of the run that reaches where it is counted */

	struct hr_map_runs	all;	/* of the ranges whose lines are done */
	bool			in_table;	/* all of them are */
	unsigned int		order;		/* the line's, then */
};

static_assert(sizeof(struct hr_map) <= SZ_4K);

static struct hr_map *hr_map_of(struct hr_cursor *cursor)
{
	return container_of(cursor, struct hr_map, cursor);
}

static unsigned long hr_map_nr_cells(unsigned long range_pages)
{
	return min(range_pages, HR_MAP_CELLS);
}

/* The first page of a cell, of a range's @range_pages. No range has 2^58 of them. */
static unsigned long hr_map_cell_begin(unsigned long range_pages, unsigned long cell)
{
	return cell * range_pages / hr_map_nr_cells(range_pages);
}

/* A piece of the line's range, that begins @done_pages behind the range's base. */
static void hr_map_count_cells(struct hr_map *map, const struct hr_snapshot *snapshot,
			       const struct hr_piece *piece, unsigned long done_pages)
{
	unsigned long range_pages = done_pages + hr_piece_pages(piece) + piece->behind_pages;
	unsigned long cell = done_pages * hr_map_nr_cells(range_pages) / range_pages;
	DECLARE_BITMAP(parked, HR_CHUNK_PAGES) = { 0 };
	unsigned int begin = piece->begin, end, busy;
	unsigned long cell_end;

	hr_records_mark_parked(&snapshot->records, parked);
	for (; begin < piece->end; begin = end, cell++) {
		cell_end = hr_map_cell_begin(range_pages, cell + 1);
		end = min_t(unsigned long, piece->end, piece->begin + cell_end - done_pages);
		busy = hr_bits_weigh(snapshot->bits.busy, begin, end);
		map->cell[cell].parked += hr_bits_weigh(parked, begin, end);
		map->cell[cell].used += busy - hr_bits_weigh(parked, begin, end);
	}
}

static void hr_map_end_run(struct hr_map *map)
{
	unsigned long bits = map->tail_pages;

	if (!bits)
		return;
	map->runs.nr[ilog2(bits)]++;
	map->runs.pages[ilog2(bits)] += bits;
	for (; bits; bits &= bits - 1)
		map->runs.nr_bit[__ffs(bits)]++;
	map->tail_pages = 0;
}

static void hr_map_count_runs(struct hr_map *map, const struct hr_bits *bits,
			      const struct hr_piece *piece)
{
	unsigned int from = piece->begin, to;

	for (;;) {
		to = find_next_bit(bits->busy, piece->end, from);
		map->tail_pages += to - from;
		if (to >= piece->end)
			return;
		hr_map_end_run(map);
		from = find_next_zero_bit(bits->busy, piece->end, to);
	}
}

static bool hr_map_count(struct hr_cursor *cursor, struct heapranges *heap)
{
	const struct heapranges_range *range = &cursor->range;
	unsigned long range_pages = hr_range_pages(range);
	struct hr_piece piece = hr_piece_first(range->base, range_pages);
	struct hr_map *map = hr_map_of(cursor);
	struct hr_snapshot snapshot;
	unsigned long done_pages = 0;

	memset(map->cell, 0, sizeof(map->cell));
	memset(&map->runs, 0, sizeof(map->runs));
	map->tail_pages = 0;
	do {
		if (!hr_snapshot_take(heap, piece.chunk_idx, &snapshot))
			return false;
		cond_resched();
		hr_map_count_cells(map, &snapshot, &piece, done_pages);
		hr_map_count_runs(map, &snapshot.bits, &piece);
		done_pages += hr_piece_pages(&piece);
	} while (hr_piece_next(&piece));
	hr_map_end_run(map);
	return true;
}

static bool hr_map_find(struct hr_cursor *cursor)
{
	struct hr_map *map = hr_map_of(cursor);
	unsigned int order = HR_MAP_ORDERS - 1;

	if (!map->in_table && hr_cursor_find_range(cursor, cursor->heap, hr_map_count))
		return true;
	map->in_table = true;
	while (order && !map->all.nr[order])
		order--;
	return map->order <= order;
}

static void hr_map_pass(struct hr_cursor *cursor)
{
	struct hr_map *map = hr_map_of(cursor);
	unsigned int order;

	if (map->in_table) {
		map->order++;
		return;
	}
	for (order = 0; order < HR_MAP_ORDERS; order++) {
		map->all.nr[order] += map->runs.nr[order];
		map->all.pages[order] += map->runs.pages[order];
		map->all.nr_bit[order] += map->runs.nr_bit[order];
	}
	cursor->from = cursor->range.limit;
}

static const struct hr_cursor_kind hr_map_kind = {
	.bytes	= sizeof(struct hr_map),
	.find	= hr_map_find,
	.pass	= hr_map_pass,
};

static void hr_map_show_head(struct seq_file *m, struct heapranges *heap)
{
	struct heapranges_stats stats;

	hr_stats_get(heap, &stats);
	seq_printf(m, "# heapranges map 1\n"
		   "# heap %s pages %lu used %lu cached %lu free %lu\n"
		   "# a cell: . free  o parked only  1..9 tenths used, rounded up, at most 9  # all used\n"
		   "# base limit pages cells\n",
		   heap->name, stats.owned_pages, stats.used_pages, stats.cached_pages,
		   stats.free_pages);
}

static char hr_map_glyph(const struct hr_map_cell *cell, unsigned long cell_pages)
{
	if (!cell->used)
		return cell->parked ? 'o' : '.';
	if (cell->used == cell_pages)
		return '#';
	return '0' + min(9UL, DIV_ROUND_UP(cell->used * 10, cell_pages));
}

static void hr_map_show_range(struct seq_file *m, const struct hr_map *map)
{
	const struct heapranges_range *range = &map->cursor.range;
	unsigned long range_pages = hr_range_pages(range);
	const int digits = 2 * sizeof(unsigned long);
	char cells[HR_MAP_CELLS + 1] = "";
	unsigned long cell, cell_pages;

	for (cell = 0; cell < hr_map_nr_cells(range_pages); cell++) {
		cell_pages = hr_map_cell_begin(range_pages, cell + 1) -
			     hr_map_cell_begin(range_pages, cell);
		cells[cell] = hr_map_glyph(&map->cell[cell], cell_pages);
	}
	seq_printf(m, "0x%0*lx 0x%0*lx %lu |%s|\n", digits, range->base, digits,
		   range->limit, range_pages, cells);
}

static void hr_map_show_order(struct seq_file *m, const struct hr_map *map)
{
	unsigned long free_pages = 0, unusable_pages = 0;
	unsigned int order, unusable = 0;

	for (order = 0; order < HR_MAP_ORDERS; order++)
		free_pages += map->all.pages[order];
	for (order = 0; order < map->order; order++)
		unusable_pages += map->all.nr_bit[order] << order;
	if (free_pages)
		unusable = div64_ul(unusable_pages * 1000ULL, free_pages);
	if (!map->order)
		seq_puts(m, "# order runs pages unusable\n");
	seq_printf(m, "%u %lu %lu %u.%03u\n", map->order, map->all.nr[map->order],
		   map->all.pages[map->order], unusable / 1000, unusable % 1000);
}

static int hr_map_show(struct seq_file *m, void *v)
{
	const struct hr_map *map = m->private;

	if (v == SEQ_START_TOKEN)
		hr_map_show_head(m, map->cursor.heap);
	else if (map->in_table)
		hr_map_show_order(m, map);
	else
		hr_map_show_range(m, map);
	return 0;
}

static const struct seq_operations hr_map_seq_ops = {
	.start	= hr_cursor_start,
	.next	= hr_cursor_next,
	.stop	= hr_cursor_stop,
	.show	= hr_map_show,
};

static int hr_map_open(struct inode *inode, struct file *file)
{
	return hr_cursor_open(inode, file, &hr_map_seq_ops, &hr_map_kind);
}

const struct file_operations hr_map_fops = {
	.owner		= THIS_MODULE,
	.open		= hr_map_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};
