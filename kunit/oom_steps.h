/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that can be taken with a heap while memory runs out, for the rows of
 * oom_kunit.c. None expects anything: each returns 0, or an errno.
 */
#ifndef HR_TEST_OOM_STEPS_H
#define HR_TEST_OOM_STEPS_H

#include "../module/arenas.h"
#include "../module/heaps.h"
#include "heap_helpers.h"

struct hr_test_oom {
	struct heapranges	*heap;
	unsigned long		base;		/* of page 0 */
	void			*addrs[4];	/* of a bulk */
	struct heapranges_params params;
	/* Of a step that has failed half-way: so many pages more than before. */
	long			got_owned, got_used;
	unsigned int		nr_failed;	/* allocations, of a try */
	unsigned long		nr_tries, nr_errors;
	struct hr_test_state	state;
	char			what[120];
};

struct hr_test_oom_step {
	int		(*op)(struct hr_test_oom *t, const struct hr_test_oom_step *step);
	unsigned long	page, nr, more;
};

static inline unsigned long hr_test_oom_addr(const struct hr_test_oom *t,
					     const struct hr_test_oom_step *step)
{
	return t->base + step->page * PAGE_SIZE;
}

/* What the module's parameters ask for can only be had inside. */
static inline bool hr_test_oom_looks(const struct hr_test_oom *t)
{
	return t->params.flags & HR_HEAP_LOOKS;
}

static inline int oom_create(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	struct heapranges *heap = hr_test_oom_looks(t) ? hr_heaps_create(&t->params) :
							 heapranges_create(&t->params);

	if (IS_ERR(heap))
		return PTR_ERR(heap);
	t->heap = heap;
	return 0;
}

static inline int oom_add(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_add(t->heap, hr_test_oom_addr(t, step), step->nr);
}

/* Pages, each @more behind the one before. */
static inline int oom_fill(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned long i;
	int err = 0;

	for (i = 0; i < step->nr && !err; i++)
		err = heapranges_add(t->heap,
				     t->base + (step->page + i * step->more) * PAGE_SIZE, 1);
	return err;
}

static inline int oom_remove(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_remove(t->heap, hr_test_oom_addr(t, step), step->nr);
}

static inline int oom_alloc(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static inline int oom_alloc_noretry(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, HR_TEST_QUIET | __GFP_NORETRY) ? 0 : -ENOMEM;
}

static inline int oom_alloc_nowait(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc(t->heap, step->nr, GFP_NOWAIT | __GFP_NOWARN) ? 0 : -ENOMEM;
}

static inline int oom_alloc_aligned(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc_aligned(t->heap, step->nr, step->more,
					HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static inline int oom_alloc_at(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_alloc_at(t->heap, hr_test_oom_addr(t, step), step->nr,
				   HR_TEST_QUIET) ? 0 : -ENOMEM;
}

static inline int oom_alloc_bulk(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned int nr_got = heapranges_alloc_bulk(t->heap, step->nr, HR_TEST_QUIET,
						    step->more, t->addrs);

	t->got_used = nr_got * step->nr;
	return nr_got == step->more ? 0 : -ENOMEM;
}

/* A bulk that is freed again: what the heap has grown by for it holds nothing. */
static inline int oom_visit(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	int err = oom_alloc_bulk(t, step);

	return err ?: heapranges_free_bulk(t->heap, step->more, t->addrs) - step->more;
}

/* As the background does. */
static inline int oom_grow_ahead(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned long owned_pages = t->heap->owned_pages;

	hr_arenas_grow_ahead(t->heap, step->nr);
	return t->heap->owned_pages > owned_pages ? 0 : -ENOMEM;
}

static inline int oom_trim(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned long nr_pages = heapranges_trim(t->heap);

	t->got_owned = -nr_pages;
	return nr_pages == step->nr ? 0 : -ENOMEM;
}

static inline int oom_resize(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_resize(t->heap, (void *)hr_test_oom_addr(t, step), step->nr);
}

static inline int oom_free(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_free_sized(t->heap, (void *)hr_test_oom_addr(t, step), step->nr);
}

static inline int oom_free_bulk(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	void *addr = (void *)hr_test_oom_addr(t, step);

	return heapranges_free_bulk(t->heap, 1, &addr) == 1 ? 0 : -EINVAL;
}

static inline int oom_ask(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	unsigned long addr = hr_test_oom_addr(t, step);
	struct hr_test_layout layout = { .base = t->base };
	struct heapranges_stats stats;

	heapranges_get_stats(t->heap, &stats);
	heapranges_walk(t->heap, hr_test_layout_visit, &layout);
	return heapranges_size(t->heap, (void *)addr) == step->nr &&
	       heapranges_contains(t->heap, addr, step->nr) &&
	       layout.nr_pages == stats.owned_pages ? 0 : -EINVAL;
}

static inline int oom_verify(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_verify(t->heap, NULL, 0);
}

static inline int oom_destroy(struct hr_test_oom *t, const struct hr_test_oom_step *step)
{
	return heapranges_destroy(t->heap);
}

#endif /* HR_TEST_OOM_STEPS_H */
