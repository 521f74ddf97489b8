/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stories, as in alloc_kunit.c, with runs at an aligned address and at a given
 * one: what comes after them must be as low as ever. A case whose parameter is a
 * story calls hr_test_story_tell().
 */
#ifndef HR_TEST_STORY_HELPERS_H
#define HR_TEST_STORY_HELPERS_H

#include "heap_helpers.h"

#define HR_TEST_NONE	ULONG_MAX

/*
 * A story is a list of operations on an empty heap: '+' and '-' a region
 * [page, page + nr), 'a'lloc nr pages and get page, 'A' the same but aligned,
 * '@' ask for nr pages at page and get them or, '!', not, 'f'ree page.
 */
struct hr_test_story {
	const char	*desc;
	struct {
		char		op;
		unsigned long	page, nr, align;
	} step[24];
};

static inline void hr_test_story_desc(const struct hr_test_story *story, char *desc)
{
	strscpy(desc, story->desc, KUNIT_PARAM_DESC_SIZE);
}

static inline unsigned long hr_test_aligned(struct heapranges *heap, unsigned long nr,
					    unsigned long align)
{
	return (unsigned long)heapranges_alloc_aligned(heap, nr, align, HR_TEST_QUIET);
}

static inline unsigned long hr_test_at(struct heapranges *heap, unsigned long addr,
				       unsigned long nr)
{
	return (unsigned long)heapranges_alloc_at(heap, addr, nr, HR_TEST_QUIET);
}

static inline void hr_test_story_step(struct kunit *test, struct heapranges *heap,
				      unsigned long base, int i)
{
	const struct hr_test_story *story = test->param_value;
	unsigned long nr = story->step[i].nr, align = story->step[i].align;
	unsigned long addr = base + story->step[i].page * PAGE_SIZE;
	unsigned long got, want = story->step[i].page == HR_TEST_NONE ? 0 : addr;
	char what[100];

	snprintf(what, sizeof(what), "base=%lx step %d: %c page=%ld nr=%lu align=%lu",
		 base, i, story->step[i].op, (long)story->step[i].page, nr, align);
	switch (story->step[i].op) {
	case '+':
		got = heapranges_add(heap, addr, nr);
		want = 0;
		break;
	case '-':
		got = heapranges_remove(heap, addr, nr);
		want = 0;
		break;
	case 'f':
		got = heapranges_free(heap, (void *)addr);
		want = 0;
		break;
	case 'A':
		got = hr_test_aligned(heap, nr, align);
		break;
	case '!':
		want = 0;
		fallthrough;
	case '@':
		got = hr_test_at(heap, addr, nr);
		break;
	default:
		got = (unsigned long)heapranges_alloc(heap, nr, HR_TEST_QUIET);
	}
	KUNIT_EXPECT_EQ_MSG(test, got, want, "%s", what);
	if (want && got == want)
		KUNIT_EXPECT_EQ_MSG(test, heapranges_size(heap, (void *)addr),
				    nr, "%s", what);
	hr_test_stats(test, heap);
	hr_test_verify(test, heap, what);
}

static inline void hr_test_story_tell(struct kunit *test, unsigned long shift)
{
	const struct hr_test_story *story = test->param_value;
	struct heapranges *heap = hr_test_create(test, "kunit", HR_TEST_ADDRESSES);
	int i;

	for (i = 0; i < ARRAY_SIZE(story->step) && story->step[i].op; i++)
		hr_test_story_step(test, heap, hr_test_addr(shift), i);
	heapranges_walk(heap, hr_test_drain_range, heap);
	hr_test_verify(test, heap, "all frees");
	hr_test_destroy(test, heap);
}

#endif /* HR_TEST_STORY_HELPERS_H */
