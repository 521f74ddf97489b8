/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heapranges - runs of whole pages out of vmalloc'd arenas: the public
 * interface.
 *
 * A heap owns a set of address ranges and hands out runs of whole pages from
 * them. A range enters a heap as an arena, which the heap itself vmallocs when
 * it has no room left, or as a region, which the caller adds.
 *
 * Units: sizes are in pages of PAGE_SIZE bytes unless a name says bytes;
 * intervals are half-open, [base, limit). An address is an unsigned long until
 * it is an allocation, and a void * from then on.
 *
 * Page 0 and the last page of the address space are in no heap: their addresses
 * are NULL and the error pointers.
 *
 * Between two runs of one arena there is no guard page: an overrun of one run
 * lands in the next, and neither KASAN nor hardened usercopy stops it.
 */
#ifndef HEAPRANGES_H
#define HEAPRANGES_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* Raised when a declaration here changes; consumers are rebuilt. */
#define HEAPRANGES_API	1

struct heapranges;

/**
 * struct heapranges_params - what heapranges_create() makes
 * @name: 1 to 63 printable ASCII characters without space, '/' and '#', neither
 *	"." nor ".."; copied; unique among live heaps
 * @arena_pages: the size of an arena while the heap is small, rounded up to
 *	whole chunks of 512 pages; 0: the module parameter arena_kib
 * @grow_max_pages: the largest arena that growth makes unasked, not less than
 *	@arena_pages; 0: the module parameter grow_max_kib. A larger request still
 *	gets an arena of its size
 * @min_pages: what the heap owns from the start and never gives back; 0: none
 * @reserve_pages: so many free pages are left to callers that may not block; inside
 *	@max_pages. Made at create; when they fall under half, the heap grows in the
 *	background; 0: none
 * @max_pages: a cap on the pages that the heap owns, growth is clipped to it;
 *	0: none
 * @node: the NUMA node arenas come from, or NUMA_NO_NODE
 * @flags: HEAPRANGES_*; unknown bits are refused
 */
struct heapranges_params {
	const char	*name;
	unsigned long	arena_pages;
	unsigned long	grow_max_pages;
	unsigned long	min_pages;
	unsigned long	reserve_pages;
	unsigned long	max_pages;
	int		node;
	unsigned int	flags;
};

/* Owns only what heapranges_add() gave, mapped memory; never vmallocs. */
#define HEAPRANGES_FIXED	BIT(0)
/*
 * Addresses only: the memory behind them is never read or written (device
 * memory, offsets). Implies HEAPRANGES_FIXED; __GFP_ZERO is refused.
 */
#define HEAPRANGES_ADDRESS_ONLY	BIT(1)
/* Every allocation is the lowest address that fits, over the whole heap. */
#define HEAPRANGES_NO_CACHE	BIT(2)

/**
 * struct heapranges_range - a maximal run of addresses that a heap owns
 * @base: its first address
 * @limit: the first address behind it
 */
struct heapranges_range {
	unsigned long base, limit;
};

/**
 * struct heapranges_stats - a heap in figures
 * @owned_pages: pages of all ranges; @used_pages + @cached_pages + @free_pages
 * @used_pages: pages in live allocations, or on their way in or out of the heap
 * @cached_pages: pages parked in per-CPU caches, or kept back by poison=1
 * @free_pages: the rest
 * @reserve_pages: free pages that only callers that may not block can take, as
 *	set at create
 * @largest_free_pages: the longest run of free pages
 * @nr_ranges: ranges, after coalescing
 * @nr_arenas: vmalloc'd areas
 * @metadata_bytes: what the heap's own bookkeeping takes
 * @allocs: allocations that succeeded
 * @alloc_failures: those that did not, 0 pages and refused gfp included
 * @failures_parked: failures, of callers that may not block, with enough pages
 *	parked on CPUs
 * @frees: frees that succeeded
 * @grows: arenas that growth added
 * @grow_failures: growths that failed for want of memory, or found the heap corrupt; not
 *	those that max_pages refused
 * @releases: arenas given back before destroy
 * @releases_shrinker: of these, by the shrinker
 * @rejected_foreign: frees, here and below also resizes, of what the heap does
 *	not own (-EFAULT)
 * @rejected_interior: frees of an address inside a live run (-EINVAL)
 * @rejected_double: frees of what is in no live run (-EALREADY)
 * @rejected_size: frees with another size than the run has (-ERANGE)
 * @rejected_context: calls with a blocking gfp where blocking is not allowed,
 *	and calls from NMI
 * @check_failures: times that the heap found itself corrupt: it was about to hand out
 *	what no range holds, or a cache held a run that is not parked
 * @zeroing_saved_bytes: zeroing that was asked for, and spared since the pages were
 *	known to be zero
 */
struct heapranges_stats {
	unsigned long owned_pages, used_pages, cached_pages, free_pages;
	unsigned long reserve_pages, largest_free_pages;
	unsigned long nr_ranges, nr_arenas, metadata_bytes;
	u64 allocs, alloc_failures, failures_parked, frees;
	u64 grows, grow_failures, releases, releases_shrinker;
	u64 rejected_foreign, rejected_interior, rejected_double, rejected_size;
	u64 rejected_context, check_failures;
	u64 zeroing_saved_bytes;
};

/**
 * heapranges_create() - make a heap
 * @params: what to make; read during the call only
 *
 * The heap pins this module until it is destroyed.
 *
 * Context: Process context, may sleep. Not in reclaim, from a shrinker for one.
 * Return: the heap, or an ERR_PTR:
 * * -EINVAL	- a name, node or flag that does not exist, @min_pages or
 *		  @reserve_pages over @max_pages, or an arena parameter on a heap
 *		  that never has arenas
 * * -EEXIST	- a live heap has that name
 * * -ENOMEM	- no memory, or less than @min_pages of it
 */
struct heapranges * __must_check
heapranges_create(const struct heapranges_params *params);

/**
 * heapranges_destroy() - end a heap and give all its arenas back
 * @heap: from heapranges_create(); NULL and ERR_PTRs are taken quietly. Nobody
 *	else may use it meanwhile
 *
 * Context: Process context, may sleep. Not in reclaim, from a shrinker for one.
 * Return: 0, or with everything as before:
 * * -EBUSY	- allocations live, and a line says how many runs and pages: the
 *		  caller still owns the heap
 * * -EPERM	- the default heap
 */
int __must_check heapranges_destroy(struct heapranges *heap);

/**
 * heapranges_default() - the heap "default", made when this module was loaded
 *
 * Context: Any.
 * Return: the heap; destroy, add and remove on it give -EPERM.
 */
struct heapranges *heapranges_default(void);

/**
 * heapranges_name() - a heap's name
 * @heap: a live heap
 *
 * Context: Any.
 * Return: its name, which lives as long as the heap.
 */
const char *heapranges_name(const struct heapranges *heap);

/**
 * heapranges_add() - let a heap own a region
 * @heap: a live heap
 * @base: the region's first address, page-aligned
 * @nr_pages: its size in pages
 *
 * The memory stays the caller's: it outlives the heap or is removed first.
 * A region that abuts a range of the heap coalesces with it.
 *
 * Context: Process context, may sleep. Not in reclaim, from a shrinker for one.
 * Return: 0, or with everything as before:
 * * -EINVAL	- unaligned, empty, wraps, or holds page 0 or the last page
 * * -EEXIST	- overlaps this heap, or another one unless either of the two is
 *		  HEAPRANGES_ADDRESS_ONLY
 * * -ENOSPC	- the heap would own more than its max_pages
 * * -ENOMEM	- no memory for the bookkeeping, the region is too large for this
 *		  machine's, or the task is being killed
 * * -EPERM	- the default heap
 */
int __must_check heapranges_add(struct heapranges *heap, unsigned long base,
				unsigned long nr_pages);

/**
 * heapranges_remove() - take a region, or a part of one, from a heap
 * @heap: a live heap
 * @base: first address to remove, page-aligned
 * @nr_pages: how many pages; they may lie across regions that abut
 *
 * Context: Process context, may sleep. Not in reclaim, from a shrinker for one.
 * Return: 0, or with everything as before, but that caches may be empty:
 * * -EINVAL	- unaligned, empty, wraps, or holds page 0 or the last page
 * * -ENOENT	- a page of it is not owned, or is an arena's
 * * -EBUSY	- a page of it is in use
 * * -ENOMEM	- no memory for the bookkeeping
 * * -EPERM	- the default heap
 */
int __must_check heapranges_remove(struct heapranges *heap, unsigned long base,
				   unsigned long nr_pages);

/**
 * heapranges_alloc() - allocate a run of pages
 * @heap: a live heap
 * @nr_pages: how many, at least 1
 * @gfp: GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOWAIT or GFP_ATOMIC, with
 *	__GFP_ZERO, __GFP_NOWARN and __GFP_NORETRY where wanted. __GFP_ACCOUNT
 *	and __GFP_HIGHMEM are ignored; __GFP_NOFAIL, __GFP_DMA, __GFP_DMA32,
 *	__GFP_THISNODE, __GFP_MOVABLE and __GFP_COMP are refused
 *
 * The run is virtually contiguous and page-aligned: one that is parked on this CPU, or
 * the lowest address that fits, but for runs that would leave a chunk of 512 pages and
 * could not be parked. With HEAPRANGES_NO_CACHE always the lowest.
 * Only a @gfp that may block grows the heap. One that may block where blocking
 * is not allowed counts as one that may not, with a line in the log; with interrupts
 * off alone there is a line only if no run is parked, for a cache does not ask. In a task
 * that reclaims memory, as kswapd or whoever runs a shrinker does (PF_MEMALLOC), each @gfp
 * counts as one that may not block, without a line.
 *
 * Context: Process, softirq and hardirq context; sleeps if @gfp allows it.
 * Return: its first address, or NULL: shortage (a line, at most ten a heap,
 * none with __GFP_NOWARN), 0 pages, more than max_pages, a refused @gfp, a heap
 * that is corrupt, or NMI.
 */
void *heapranges_alloc(struct heapranges *heap, unsigned long nr_pages,
		       gfp_t gfp);

/**
 * heapranges_alloc_aligned() - allocate a run of pages at an aligned address
 * @heap: a live heap
 * @nr_pages: how many, at least 1
 * @align_pages: what the address is a multiple of, in pages: a power of two
 * @gfp: as for heapranges_alloc()
 *
 * The run is the lowest aligned address that fits. If the heap must grow for it,
 * it grows once, by @nr_pages + @align_pages - 1 or more.
 *
 * Context: Process, softirq and hardirq context; sleeps if @gfp allows it.
 * Return: as heapranges_alloc(); NULL also, with a line, if @align_pages is not a
 * power of two.
 */
void *heapranges_alloc_aligned(struct heapranges *heap, unsigned long nr_pages,
			       unsigned long align_pages, gfp_t gfp);

/**
 * heapranges_alloc_at() - allocate a run of pages at a given address
 * @heap: a live heap
 * @addr: the run's first address, page-aligned
 * @nr_pages: how many, at least 1
 * @gfp: as for heapranges_alloc(); the heap does not grow
 *
 * Context: Process, softirq and hardirq context; sleeps if @gfp allows it.
 * Return: @addr as a pointer, or NULL: the heap does not own all of it, a page of it
 * is in use, or the free pages are the reserve; 0 pages, a refused @gfp, a heap that
 * is corrupt, or NMI; with a line if @addr is not page-aligned.
 */
void *heapranges_alloc_at(struct heapranges *heap, unsigned long addr,
			  unsigned long nr_pages, gfp_t gfp);

/**
 * heapranges_alloc_bulk() - allocate several runs of one size
 * @heap: a live heap
 * @nr_pages: the size of each, at least 1
 * @gfp: as for heapranges_alloc()
 * @count: how many runs
 * @addrs: @count pointers; those of the runs that were allocated come first, the
 *	others are left as they are
 *
 * Context: Process, softirq and hardirq context; sleeps if @gfp allows it.
 * Return: how many runs were allocated.
 */
unsigned int heapranges_alloc_bulk(struct heapranges *heap, unsigned long nr_pages,
				   gfp_t gfp, unsigned int count, void **addrs);

/**
 * heapranges_resize() - change the size of a live run in place
 * @heap: the heap it came from
 * @addr: what the allocation returned
 * @nr_pages: its new size, at least 1. If smaller, the tail is free; if larger,
 *	the pages behind, if free, are the run's too
 *
 * Nobody else may use the run meanwhile. New pages are zero where the machine asks
 * for that of all allocations (init_on_alloc), as freed ones (init_on_free).
 *
 * Context: Process, softirq and hardirq context.
 * Return: 0, or with everything as before, the errnos of heapranges_free(), of
 * which -EINVAL also for 0 pages and for NULL, and:
 * * -ENOSPC	- a page behind the run is in use, or not the heap's, or the free pages
 *		  that are left are the reserve
 * * -EIO	- the heap is corrupt, and no run of it grows
 */
int heapranges_resize(struct heapranges *heap, const void *addr,
		      unsigned long nr_pages);

/**
 * heapranges_free() - free a run
 * @heap: the heap it came from
 * @addr: what heapranges_alloc() returned; NULL is nothing to do
 *
 * A bad free changes nothing but a counter, and says so in a rate-limited line.
 * A double free is seen until the address is handed out again.
 *
 * Context: Process, softirq and hardirq context.
 * Return: 0, or the first of these that is true:
 * * -EPERM	- the call came from NMI
 * * -EFAULT	- foreign: the heap does not own @addr
 * * -EALREADY	- double: its page is in no live run
 * * -EINVAL	- interior: inside a live run, or not page-aligned
 */
int heapranges_free(struct heapranges *heap, const void *addr);

/**
 * heapranges_free_sized() - free a run whose size the caller knows
 * @heap: the heap it came from
 * @addr: what heapranges_alloc() returned; NULL is nothing to do
 * @nr_pages: the size it was allocated with
 *
 * Context: Process, softirq and hardirq context.
 * Return: as heapranges_free(), and last:
 * * -ERANGE	- the run at @addr has another size; it stays allocated
 */
int heapranges_free_sized(struct heapranges *heap, const void *addr,
			  unsigned long nr_pages);

/**
 * heapranges_free_bulk() - free several runs
 * @heap: the heap they came from
 * @count: how many
 * @addrs: their addresses; NULLs are nothing to do
 *
 * Each is freed as by heapranges_free(): a bad one changes nothing, and those
 * behind it are freed all the same.
 *
 * Context: Process, softirq and hardirq context.
 * Return: how many runs were freed.
 */
unsigned int heapranges_free_bulk(struct heapranges *heap, unsigned int count,
				  void * const *addrs);

/**
 * heapranges_size() - the size of a live run
 * @heap: a live heap
 * @addr: any address
 *
 * Context: Process, softirq and hardirq context.
 * Return: the pages of the live run that starts at @addr; 0: there is none.
 */
unsigned long heapranges_size(struct heapranges *heap, const void *addr);

/**
 * heapranges_contains() - does the heap own a whole span?
 * @heap: a live heap
 * @addr: the span's first address, of any alignment
 * @nr_pages: its size in pages
 *
 * Owned, not: allocated. Lockless, and never waits for a writer.
 *
 * Context: Any where RCU watches, NMI included.
 * Return: true if [@addr, @addr + @nr_pages * PAGE_SIZE) lies in one range;
 * false for 0 pages and for a span that wraps.
 */
bool heapranges_contains(struct heapranges *heap, unsigned long addr,
			 unsigned long nr_pages);

/**
 * heapranges_walk() - visit what a heap owns
 * @heap: a live heap
 * @fn: called with each range, ascending; the range is valid during the call.
 *	It must not sleep. Non-zero ends the walk
 * @data: handed to @fn
 *
 * Addresses that are owned throughout the walk are visited exactly once, even
 * while ranges come, go, split and merge.
 *
 * Context: Any where RCU watches, NMI included; @fn runs under rcu_read_lock(),
 * with no lock of this module held.
 * Return: what @fn returned last, 0 if there are no ranges.
 */
int heapranges_walk(struct heapranges *heap,
		    int (*fn)(const struct heapranges_range *range, void *data),
		    void *data);

/**
 * heapranges_get_stats() - a heap in figures
 * @heap: a live heap
 * @stats: filled in. @owned_pages, @free_pages, @largest_free_pages and the counters
 *	are of one moment, but for @allocs, @frees, @rejected_context and
 *	@zeroing_saved_bytes. Caches are not stopped: @used_pages and @cached_pages may
 *	be off by what those did meanwhile, but still add up, and @frees is never more
 *	than @allocs
 *
 * Context: Process, softirq and hardirq context.
 */
void heapranges_get_stats(struct heapranges *heap,
			  struct heapranges_stats *stats);

/**
 * heapranges_describe() - what an address is to the heaps, in words
 * @addr: any address, also one that is none
 * @buf: where it is told; "" if there is nothing to tell
 * @size: of @buf in bytes, its end included; what does not fit is cut off
 *
 * Tells the heap, the range, and what the page is: free, in a live run (which page of
 * how many, counted from 1, where the run begins and, with the module parameter
 * track_owners, who took it), in a run that is parked in a cache, or held back: in no
 * run and not free, since it is on its way in or out. Where a HEAPRANGES_ADDRESS_ONLY
 * heap and another one both own the address, it is the other's.
 *
 * The words hold raw addresses: what is shown to more people than root is not to
 * have them. What they say may change at any moment; nothing is promised about how
 * they say it.
 *
 * Context: Any where RCU watches. In NMI the heap and the range are told, the state
 * is not.
 * Return: 0, or:
 * * -ENOENT	- no heap owns @addr
 * * -EINVAL	- @buf is NULL, and @size not 0
 */
int heapranges_describe(const void *addr, char *buf, size_t size);

/**
 * heapranges_trim() - give back what the heap does not need now
 * @heap: a live heap
 *
 * Empties the heap's caches and releases the arenas that hold nothing, but for its
 * min_pages and its reserve. Without it that happens when the machine is short of
 * memory, or after ten seconds in which the heap did not need them. In a task that
 * reclaims memory (PF_MEMALLOC), as whoever runs a shrinker does, it waits for nobody: if
 * the heap is being changed just now, perhaps by this very task, it does nothing.
 *
 * Context: Process context, may sleep. Not in an out-of-memory notifier, which may be
 * called by the heap's own growth, nor is there any call whose gfp may block.
 * Return: how many pages were released; 0 also if it did nothing.
 */
unsigned long heapranges_trim(struct heapranges *heap);

/**
 * heapranges_verify() - does everything that the heap knows fit together?
 * @heap: a live heap
 * @first: where the first violation is told, in words; "" if there is none
 * @size: of @first in bytes; 0: it is not told
 *
 * Looks at every page of the heap, chunk by chunk, while others may use it. What
 * concerns several chunks counts only if nothing has changed meanwhile. Once the caller
 * has been sent SIGKILL it looks at no more pages. While it looks at caches, nobody has
 * what is parked in them: where all else is in use, who may not block gets nothing.
 *
 * Context: Process context, may sleep. Not in reclaim, from a shrinker for one.
 * Return: the number of invariants found violated; 0: the heap is sound; -EBUSY:
 * it kept changing, or the caller is being killed; -EFAULT: that is no heap.
 */
int heapranges_verify(struct heapranges *heap, char *first, size_t size);

/**
 * heapranges_vmalloc() - vmalloc(), from the default heap
 * @bytes: how many; rounded up to whole pages
 *
 * heapranges_alloc() with GFP_KERNEL, for code that has a vmalloc() already. No
 * guard page follows the run. Only heapranges_vfree() or heapranges_free() may
 * free it: vfree() and kvfree() of it would unmap all of its arena.
 *
 * Context: Process context, may sleep. Unlike vmalloc(), it may be called where
 * sleeping is not allowed: it then takes only what is free, with a line in the log.
 * In NMI it returns NULL.
 * Return: its first address, page-aligned, or NULL: shortage, with a line as from
 * heapranges_alloc(), 0 bytes, or more than the machine has.
 */
void *heapranges_vmalloc(size_t bytes) __alloc_size(1);

/**
 * heapranges_vzalloc() - vzalloc(), from the default heap
 * @bytes: how many; rounded up to whole pages, all of which are zero
 *
 * Context: As heapranges_vmalloc().
 * Return: as heapranges_vmalloc().
 */
void *heapranges_vzalloc(size_t bytes) __alloc_size(1);

/**
 * heapranges_vfree() - vfree(), of what heapranges_vmalloc() or heapranges_vzalloc() gave
 * @addr: its first address; NULL is nothing to do
 *
 * A bad free, of what vmalloc() itself gave for one, changes nothing but a counter of
 * the default heap, and says so in a rate-limited line, as from heapranges_free().
 *
 * Context: Process, softirq and hardirq context; never sleeps. In NMI it frees
 * nothing and says so.
 */
void heapranges_vfree(const void *addr);

#endif /* HEAPRANGES_H */
