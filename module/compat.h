/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has another form on some kernels. Kbuild probes for each by compiling, since
 * distributions port interfaces back.
 */
#ifndef HR_COMPAT_H
#define HR_COMPAT_H

#include <linux/shrinker.h>
#include <linux/vmalloc.h>

/*
 * Since 6.7, "mm: shrinker: add infrastructure for dynamically allocating shrinker",
 * a shrinker is allocated; before, it was part of something else.
 */
#ifdef HR_HAVE_SHRINKER_ALLOC
static inline struct shrinker *
hr_shrinker_register(unsigned long (*count)(struct shrinker *, struct shrink_control *),
		     unsigned long (*scan)(struct shrinker *, struct shrink_control *))
{
	struct shrinker *shrinker = shrinker_alloc(0, "heapranges");

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void hr_shrinker_unregister(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#else
static inline struct shrinker *
hr_shrinker_register(unsigned long (*count)(struct shrinker *, struct shrink_control *),
		     unsigned long (*scan)(struct shrinker *, struct shrink_control *))
{
	static struct shrinker shrinker = { .seeks = DEFAULT_SEEKS };

	shrinker.count_objects = count;
	shrinker.scan_objects = scan;
	return register_shrinker(&shrinker, "heapranges") ? NULL : &shrinker;
}

static inline void hr_shrinker_unregister(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
}
#endif

/*
 * On 7.x a huge mapping can be of a node; before, no function that modules may call
 * takes both a node and a gfp. A macro, since it stands for the place that allocates.
 */
#ifdef HR_HAVE_VMALLOC_HUGE_NODE
#define HR_HUGE_OF_NODE		true
#define hr_vmalloc_huge(bytes, gfp, node)	vmalloc_huge_node(bytes, gfp, node)
#else
#define HR_HUGE_OF_NODE		false
#define hr_vmalloc_huge(bytes, gfp, node)	((void)(node), vmalloc_huge(bytes, gfp))
#endif

#endif /* HR_COMPAT_H */
