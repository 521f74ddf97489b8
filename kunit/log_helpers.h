/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module has said in the kernel's log since a mark.
 */
#ifndef HR_TEST_LOG_HELPERS_H
#define HR_TEST_LOG_HELPERS_H

#include <linux/kernel.h>
#include <linux/kmsg_dump.h>
#include <linux/string.h>

struct hr_test_log {
	struct kmsg_dump_iter	mark;
	char			heap[80];	/* as in a line about it */
	char			last[512];	/* the line that was found last */
};

/* From here on, lines about the heap @name. */
static inline void hr_test_log_mark(struct hr_test_log *log, const char *name)
{
	scnprintf(log->heap, sizeof(log->heap), "heap=%s", name);
	log->last[0] = '\0';
	kmsg_dump_rewind(&log->mark);
	while (kmsg_dump_get_line(&log->mark, false, NULL, 0, NULL))
		;
}

static inline bool hr_test_log_is_of_heap(const struct hr_test_log *log, const char *line)
{
	const char *heap = strstr(line, "heapranges: ") ? strstr(line, log->heap) : NULL;

	return heap && strspn(heap + strlen(log->heap), ": ");
}

/* How many lines there are with @word, @of_heap or of anybody; @log->last is the last of them. */
static inline int hr_test_log_count(struct hr_test_log *log, const char *word, bool of_heap)
{
	struct kmsg_dump_iter iter = log->mark;
	static char line[sizeof(log->last)];
	size_t len;
	int nr = 0;

	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		if (!strstr(line, word) || (of_heap && !hr_test_log_is_of_heap(log, line)))
			continue;
		strscpy(log->last, line, sizeof(log->last));
		nr++;
	}
	return nr;
}

static inline int hr_test_log_lines(struct hr_test_log *log, const char *word)
{
	return hr_test_log_count(log, word, true);
}

#endif /* HR_TEST_LOG_HELPERS_H */
