// SPDX-License-Identifier: GPL-2.0
/*
 * A file is a sequence of sections, of one kind each. A section begins with the
 * file, with a heading, or with the version line of another kind; its heap is
 * looked up when its first line of data comes, as there may be none.
 */
#include <stdarg.h>
#include <string.h>

#include "attributes.h"
#include "field.h"
#include "mem.h"
#include "parse.h"

#define HR_LINE_MAX	4096	/* bytes, with the end */
#define HR_VERSION_KNOWN 1

struct hr_parser {
	FILE			*in;
	const char		*path;
	struct hr_snapshot	*snapshot;

	unsigned long		line;
	char			text[HR_LINE_MAX];
	bool			truncated;	/* text is not the whole line */
	bool			is_text;	/* nothing in it had to be replaced */
	bool			ended;		/* by a newline */

	enum hr_kind		kind;
	struct hr_heap		*heap;		/* NULL: not looked up yet */
	char			name[HR_NAME_MAX + 1];	/* "": not told */
	bool			by_path;	/* which told the name */
	bool			ignored;	/* the rest of the section */
	bool			known;		/* something in the file was of heapranges */
};

static const char * const hr_parse_files[HR_NR_KINDS] = {
	[HR_KIND_RANGES]	= "heapranges",
	[HR_KIND_STATS]		= "stats",
	[HR_KIND_MAP]		= "map",
	[HR_KIND_PINNED]	= "pinned",
	[HR_KIND_REJECTS]	= "rejects",
	[HR_KIND_OWNERS]	= "owners",
	[HR_KIND_VERIFY]	= "verify",
};

const char *hr_parse_file(enum hr_kind kind)
{
	return hr_parse_files[kind];
}

static enum hr_kind hr_parse_kind(const char *word)
{
	enum hr_kind kind;

	for (kind = HR_KIND_RANGES; kind < HR_NR_KINDS; kind++) {
		if (!strcmp(hr_parse_files[kind], word))
			return kind;
	}
	return HR_KIND_UNKNOWN;
}

static void __printf(2, 3)
hr_parse_complain(struct hr_parser *parser, const char *format, ...)
{
	char what[256], text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "%s:%lu: %s", parser->path, parser->line, what);
	hr_snapshot_complain(parser->snapshot, text);
}

/*
 * The next line, as printable ASCII, without its end.
 * Return: false: there is none.
 */
static bool hr_parse_read(struct hr_parser *parser)
{
	size_t nr = 0;
	int c;

	parser->truncated = false;
	parser->is_text = true;
	while ((c = getc_unlocked(parser->in)) != EOF && c != '\n') {
		if (nr == HR_LINE_MAX - 1)
			parser->truncated = true;
		else
			parser->text[nr++] = c;
	}
	parser->ended = c == '\n';
	if (nr && parser->text[nr - 1] == '\r')
		nr--;
	parser->text[nr] = '\0';
	parser->line++;
	while (nr--) {
		if (parser->text[nr] >= ' ' && parser->text[nr] <= '~')
			continue;
		if (parser->text[nr] != '\t')
			parser->is_text = false;
		parser->text[nr] = parser->text[nr] == '\t' ? ' ' : '?';
	}
	return c != EOF || *parser->text;
}

/* Of "<heap>/stats" and what may stand before it. */
static void hr_parse_begin(struct hr_parser *parser, const char *path)
{
	const char *file = strrchr(path, '/');
	const char *parent = file;
	size_t length;

	parser->heap = NULL;
	parser->ignored = false;
	parser->name[0] = '\0';
	parser->by_path = false;
	parser->kind = hr_parse_kind(file ? file + 1 : path);
	if (!file || parser->kind < HR_KIND_STATS)
		return;
	while (parent > path && parent[-1] != '/')
		parent--;
	length = file - parent;
	if (length > HR_NAME_MAX)
		return;
	memcpy(parser->name, parent, length);
	parser->name[length] = '\0';
	parser->by_path = hr_field_is_name(parser->name);
	if (!parser->by_path)
		parser->name[0] = '\0';
}

/* A heading as from tail. Its path ends the line, so a blank in it does no harm. */
static bool hr_parse_heading(struct hr_parser *parser)
{
	char *text = parser->text;
	size_t length = strlen(text);

	if (length < 8 || strncmp(text, "==> ", 4) || strcmp(text + length - 4, " <=="))
		return false;
	text[length - 4] = '\0';
	hr_parse_begin(parser, text + 4);
	return true;
}

static void hr_parse_ranges_begin(struct hr_parser *parser)
{
	if (parser->snapshot->has_ranges) {
		hr_parse_complain(parser, "ranges a second time; hrmap -c compares two snapshots");
		parser->ignored = true;
	}
	parser->snapshot->has_ranges = true;
}

/* Whose the section is. Return: false: that cannot be told, and it is ignored. */
static bool hr_parse_heap(struct hr_parser *parser)
{
	struct hr_snapshot *snapshot = parser->snapshot;

	if (parser->heap)
		return true;
	if (*parser->name) {
		parser->heap = hr_snapshot_heap(snapshot, parser->name);
	} else if (snapshot->nr_heaps == 1) {
		parser->heap = snapshot->heaps[0];
	} else {
		hr_parse_complain(parser, "whose? no path .../<heap>/%s tells, nor a single heap",
				  hr_parse_files[parser->kind]);
		parser->ignored = true;
		return false;
	}
	hr_heap_forget(parser->heap, parser->kind);
	parser->heap->seen |= 1U << parser->kind;
	return true;
}

/* "# heapranges 1", "# heapranges stats 1" */
static bool hr_parse_version(struct hr_parser *parser, char **fields, size_t nr)
{
	enum hr_kind kind = HR_KIND_RANGES;
	__u64 version;
	size_t i = 2;

	if (nr < 3 || strcmp(fields[0], "#") || strcmp(fields[1], "heapranges"))
		return false;
	if (nr > 3) {
		kind = hr_parse_kind(fields[2]);
		i = 3;
	}
	if (!hr_field_count(fields[i], &version))
		return false;
	parser->kind = kind;
	parser->heap = NULL;
	/* A kind that is not known here comes from a newer module. */
	parser->ignored = kind == HR_KIND_UNKNOWN;
	parser->known = true;
	if (!parser->by_path)
		parser->name[0] = '\0';
	if (kind == HR_KIND_RANGES)
		hr_parse_ranges_begin(parser);
	if (version > HR_VERSION_KNOWN && !parser->ignored)
		hr_parse_complain(parser, "version %s of this format; what is known here is %d",
				  fields[i], HR_VERSION_KNOWN);
	/* There may be no line of data, which says something too. */
	if (kind > HR_KIND_RANGES && *parser->name)
		hr_parse_heap(parser);
	return true;
}

/* The file map says its heap's name, for people; else nothing does but the path. */
static void hr_parse_comment(struct hr_parser *parser)
{
	char *fields[4];
	size_t nr = hr_field_split(parser->text, fields, 4);

	if (hr_parse_version(parser, fields, nr))
		return;
	if (parser->kind != HR_KIND_MAP || *parser->name || nr < 4 ||
	    strcmp(fields[1], "heap") || !hr_field_is_name(fields[2]))
		return;
	snprintf(parser->name, sizeof(parser->name), "%s", fields[2]);
	hr_parse_heap(parser);
}

/* Ranges say it too, by their bytes. Return: what is wrong with it, or NULL. */
static const char *hr_parse_page_bytes(struct hr_snapshot *snapshot, __u64 page_bytes)
{
	if (page_bytes & (page_bytes - 1) || page_bytes < 512 || page_bytes > 1 << 20)
		return "no size of a page";
	if (snapshot->page_bytes && page_bytes != snapshot->page_bytes)
		return "another size of a page than before";
	snapshot->page_bytes = page_bytes;
	return NULL;
}

/* Return: what is wrong with it, or NULL. */
static const char *hr_parse_range_fields(char **fields, size_t nr, struct hr_range *range,
					 __u64 *page_bytes)
{
	__u64 bytes;

	if (nr < 9)
		return "a range has 9 fields";
	if (!hr_field_address(fields[0], &range->base) ||
	    !hr_field_address(fields[1], &range->limit))
		return "no address";
	if (!hr_field_count(fields[2], &bytes) || !hr_field_count(fields[3], &range->nr_pages) ||
	    !hr_field_count(fields[4], &range->used) ||
	    !hr_field_count(fields[5], &range->cached) ||
	    !hr_field_count(fields[6], &range->free) ||
	    !hr_field_count(fields[7], &range->largest))
		return "no number";
	if (!hr_field_is_name(fields[8]))
		return "no name of a heap";
	if (range->limit <= range->base || bytes != range->limit - range->base)
		return "bytes is not limit - base";
	if (!range->nr_pages || bytes % range->nr_pages)
		return "pages do not divide bytes";
	*page_bytes = bytes / range->nr_pages;
	if (range->used > range->nr_pages || range->cached > range->nr_pages - range->used ||
	    range->free != range->nr_pages - range->used - range->cached)
		return "pages is not used + cached + free";
	if (range->largest > range->free)
		return "largest is more than free";
	return NULL;
}

static void hr_parse_range(struct hr_parser *parser, char **fields, size_t nr)
{
	struct hr_snapshot *snapshot = parser->snapshot;
	struct hr_range range;
	struct hr_heap *heap;
	__u64 page_bytes;
	const char *wrong = hr_parse_range_fields(fields, nr, &range, &page_bytes);

	if (!wrong)
		wrong = hr_parse_page_bytes(snapshot, page_bytes);
	if (wrong) {
		hr_parse_complain(parser, "%s", wrong);
		return;
	}
	heap = parser->heap;
	if (!heap || strcmp(heap->name, fields[8]))
		heap = hr_snapshot_heap(snapshot, fields[8]);
	if (heap->nr_ranges && range.base < heap->ranges[heap->nr_ranges - 1].limit) {
		hr_parse_complain(parser, "not above the heap's range before");
		return;
	}
	parser->heap = heap;
	heap->ranges = hr_mem_grow(heap->ranges, heap->nr_ranges, sizeof(range));
	heap->ranges[heap->nr_ranges++] = range;
	heap->seen |= 1U << HR_KIND_RANGES;
}

/* Return: what is wrong with it, or NULL. */
static const char *hr_parse_stat_fields(struct hr_parser *parser, char **fields, size_t nr)
{
	__u64 page_bytes;

	if (nr < 2 || !hr_field_is_key(fields[0]) || !hr_field_is_value(fields[1]))
		return "no key and value";
	if (strcmp(fields[0], "page_bytes"))
		return NULL;
	if (!hr_field_count(fields[1], &page_bytes))
		return "no number";
	return hr_parse_page_bytes(parser->snapshot, page_bytes);
}

static void hr_parse_stat(struct hr_parser *parser, char **fields, size_t nr)
{
	const char *wrong = hr_parse_stat_fields(parser, fields, nr);
	struct hr_heap *heap = parser->heap;
	struct hr_stat stat;

	if (wrong) {
		hr_parse_complain(parser, "%s", wrong);
		return;
	}
	if (hr_heap_stat(heap, fields[0])) {
		hr_parse_complain(parser, "%s a second time", fields[0]);
		return;
	}
	stat.key = hr_mem_dup(fields[0]);
	stat.value = hr_mem_dup(fields[1]);
	heap->stats = hr_mem_grow(heap->stats, heap->nr_stats, sizeof(stat));
	heap->stats[heap->nr_stats++] = stat;
}

static const char *hr_parse_bar_fields(char **fields, size_t nr, struct hr_bar *bar)
{
	size_t length;

	if (nr < 4)
		return "a range has 4 fields";
	if (!hr_field_address(fields[0], &bar->base) || !hr_field_address(fields[1], &bar->limit))
		return "no address";
	if (bar->limit <= bar->base || !hr_field_count(fields[2], &bar->nr_pages) ||
	    !bar->nr_pages)
		return "no number of pages";
	length = strlen(fields[3]);
	if (length < 3 || fields[3][0] != '|' || fields[3][length - 1] != '|' ||
	    !hr_field_is_cells(fields[3] + 1, length - 2) || length - 2 > bar->nr_pages)
		return "no bar of cells";
	fields[3][length - 1] = '\0';
	bar->cells = fields[3] + 1;
	return NULL;
}

static void hr_parse_bar(struct hr_parser *parser, char **fields, size_t nr)
{
	struct hr_heap *heap = parser->heap;
	struct hr_bar bar;
	const char *wrong = hr_parse_bar_fields(fields, nr, &bar);

	if (!wrong && heap->nr_bars && bar.base < heap->bars[heap->nr_bars - 1].limit)
		wrong = "not above the bar before";
	if (wrong) {
		hr_parse_complain(parser, "%s", wrong);
		return;
	}
	bar.cells = hr_mem_dup(bar.cells);
	heap->bars = hr_mem_grow(heap->bars, heap->nr_bars, sizeof(bar));
	heap->bars[heap->nr_bars++] = bar;
}

static void hr_parse_order(struct hr_parser *parser, char **fields, size_t nr)
{
	struct hr_heap *heap = parser->heap;
	struct hr_order order;
	__u64 exponent;

	if (nr < 4 || !hr_field_count(fields[0], &exponent) || exponent > 63 ||
	    !hr_field_count(fields[1], &order.runs) ||
	    !hr_field_count(fields[2], &order.nr_pages) ||
	    !hr_field_thousandths(fields[3], &order.unusable_thousandths)) {
		hr_parse_complain(parser, "neither a bar nor order, runs, pages and unusable");
		return;
	}
	order.order = exponent;
	heap->orders = hr_mem_grow(heap->orders, heap->nr_orders, sizeof(order));
	heap->orders[heap->nr_orders++] = order;
}

static void hr_parse_unknown(struct hr_parser *parser)
{
	hr_parse_complain(parser, "no file of heapranges: its first line does not say so");
	parser->ignored = true;
	parser->known = true;
}

static void hr_parse_data(struct hr_parser *parser)
{
	char *fields[9];
	size_t nr;

	if (parser->truncated) {
		hr_parse_complain(parser, "a line of more than %d bytes", HR_LINE_MAX - 1);
		return;
	}
	if (parser->kind == HR_KIND_UNKNOWN) {
		hr_parse_unknown(parser);
		return;
	}
	if (!parser->is_text) {
		hr_parse_complain(parser, "bytes that are no text");
		return;
	}
	if (!parser->ended)
		hr_parse_complain(parser, "the last line has no end, and may lack more");
	parser->known = true;
	if (parser->kind != HR_KIND_RANGES && !hr_parse_heap(parser))
		return;
	if (parser->kind >= HR_FIRST_NOTE) {
		hr_lines_add(&parser->heap->notes[parser->kind], parser->text);
		return;
	}
	nr = hr_field_split(parser->text, fields, 9);
	if (parser->kind == HR_KIND_RANGES)
		hr_parse_range(parser, fields, nr);
	else if (parser->kind == HR_KIND_STATS)
		hr_parse_stat(parser, fields, nr);
	else if (nr && !strncmp(fields[0], "0x", 2))
		hr_parse_bar(parser, fields, nr);
	else
		hr_parse_order(parser, fields, nr);
}

static void hr_parse_line(struct hr_parser *parser)
{
	if (hr_parse_heading(parser))
		return;

	if (parser->text[0] == '#') {
		hr_parse_comment(parser);
		return;
	}
	if (!parser->ignored && parser->text[strspn(parser->text, " ")])
		hr_parse_data(parser);
}

void hr_parse(FILE *in, const char *path, struct hr_snapshot *snapshot)
{
	struct hr_parser parser = {
		.in = in,
		.path = path,
		.snapshot = snapshot,
	};

	hr_parse_begin(&parser, path);
	while (hr_parse_read(&parser))
		hr_parse_line(&parser);
	if (!parser.known)
		hr_parse_complain(&parser, "nothing of heapranges in it");
	if (ferror(in))
		hr_parse_complain(&parser, "cannot be read to its end");
}
