/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of /sys/kernel/debug/heapranges, taken apart and printed again.
 */
#ifndef HR_TEST_TEXT_HELPERS_H
#define HR_TEST_TEXT_HELPERS_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#define HR_TEST_HEADER	"# heapranges 1\n" \
	"# base limit bytes pages used cached free largest heap\n"

struct hr_test_line {
	unsigned long	base, limit, bytes, pages, used, cached, free, largest;
	char		heap[64];
};

static inline int hr_test_line_print(const struct hr_test_line *l, char *buf,
				     size_t size)
{
	return scnprintf(buf, size, "0x%0*lx 0x%0*lx %lu %lu %lu %lu %lu %lu %s\n",
			 BITS_PER_LONG / 4, l->base, BITS_PER_LONG / 4, l->limit,
			 l->bytes, l->pages, l->used, l->cached, l->free, l->largest,
			 l->heap);
}

/* Takes a line (without its end) apart. What is wrong with it; NULL: nothing. */
static inline const char *hr_test_line_wrong(const char *text,
					     struct hr_test_line *l)
{
	char again[256];

	memset(l, 0, sizeof(*l));
	if (sscanf(text, "0x%lx 0x%lx %lu %lu %lu %lu %lu %lu %63s", &l->base,
		   &l->limit, &l->bytes, &l->pages, &l->used, &l->cached, &l->free,
		   &l->largest, l->heap) != 9)
		return "not nine fields";
	again[hr_test_line_print(l, again, sizeof(again)) - 1] = '\0';
	if (strcmp(text, again))
		return "not the format";
	if (l->base >= l->limit)
		return "base >= limit";
	if (l->bytes != l->limit - l->base)
		return "bytes != limit - base";
	if (l->bytes != l->pages * PAGE_SIZE)
		return "bytes != pages * PAGE_SIZE";
	if (l->pages != l->used + l->cached + l->free)
		return "pages != used + cached + free";
	if (l->largest > l->free || !l->largest != !l->free)
		return "largest does not go with free";
	return NULL;
}

#endif /* HR_TEST_TEXT_HELPERS_H */
