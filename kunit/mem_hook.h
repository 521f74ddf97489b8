/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test build has between the module and the kernel's allocators: it counts
 * what is allocated and not given back yet, and one task at a time can have
 * allocations of its own fail.
 *
 *	hr_mem_watch(3, 0);
 *	heapranges_add(heap, base, nr_pages);
 *	nr_asked = hr_mem_unwatch();	3 or more: the third has failed
 *	site = hr_mem_left();		NULL: it took nothing, or gave all back
 *
 * Part of module/mem.h.
 */
#ifndef HR_TEST_MEM_HOOK_H
#define HR_TEST_MEM_HOOK_H

/* A place in the source that allocates. */
struct hr_mem_site {
	const char		*func;
	int			line;
	unsigned long		nr_failed;	/* because a test has asked for it */
	struct hr_mem_site	*next;		/* another that has failed */
};

extern const char * const hr_mem_kind_names[HR_MEM_NR_KINDS];

/*
 * From now on the allocations of this task are counted, from 1, and the @first
 * and the @second fail; 0: none; HR_MEM_ALL: all behind the first. Not those with
 * __GFP_NOFAIL, nor those of an interrupt that comes meanwhile.
 */
#define HR_MEM_ALL	ULONG_MAX
void hr_mem_watch(unsigned long first, unsigned long second);

/* Return: how many allocations there were since. */
unsigned long hr_mem_unwatch(void);

/*
 * Where something was allocated while the last watch lasted that is not given back
 * yet, though that may be up to a grace period; NULL: nowhere.
 */
const struct hr_mem_site *hr_mem_left(void);

/* How many of @kind are allocated. */
long hr_mem_live(enum hr_mem_kind kind);

/* All sites that have failed yet, one after the other; NULL: none. */
const struct hr_mem_site *hr_mem_failed_sites(void);

/* Before each allocation of whatever task @fn is called with its gfp; NULL: nothing is. */
void hr_mem_set_reclaim(void (*fn)(gfp_t gfp));

/* What follows is for module/mem.h alone. */

bool hr_mem_fails(struct hr_mem_site *site, gfp_t gfp);
void hr_mem_take(struct hr_mem_site *site, enum hr_mem_kind kind, const void *what);
void hr_mem_put(enum hr_mem_kind kind, const void *what);
void *hr_mem_put_pages(void *area, struct page **pages, unsigned long nr_pages);
void hr_mem_exit(void);

#define HR_MEM_TAKE(kind, gfp, call) ({					\
	static struct hr_mem_site _site = {				\
		.func = __func__, .line = __LINE__,			\
	};								\
	__auto_type _taken = hr_mem_fails(&_site, gfp) ? NULL : (call);	\
									\
	hr_mem_take(&_site, kind, (void *)(__force unsigned long)_taken); \
	_taken;								\
})

/* Nothing else fails with it: it is none of the sites that oom_kunit.c counts. */
#define HR_MEM_KEEP(gfp, call) ({					\
	static struct hr_mem_site _site = {				\
		.func = __func__, .line = __LINE__, .nr_failed = 1,	\
	};								\
									\
	hr_mem_fails(&_site, gfp) ? 0 : (call);				\
})

#endif /* HR_TEST_MEM_HOOK_H */
