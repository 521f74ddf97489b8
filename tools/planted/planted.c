// SPDX-License-Identifier: GPL-2.0
/*
 * Makes one mistake, the one that the parameter defect names. The kernel that
 * loads it has everything on that finds mistakes, and tools/check wants to see
 * each of these found: a detector may turn itself off without a word.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static char *defect = "";
module_param(defect, charp, 0400);
MODULE_PARM_DESC(defect, "the mistake to make");

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

/* Read as the compiler cannot foresee: else it warns, or leaves the mistake out. */
static int seven = 7;
static int forty = 40;

static void atomic_defect(void)
{
	spin_lock(&lock_a);
	might_sleep();
	spin_unlock(&lock_a);
}

static void rcu_defect(void)
{
	static int __rcu *pointer;

	(void)rcu_dereference(pointer);
}

static void rcu_head_done(struct rcu_head *head)
{
}

static void rcu_head_defect(void)
{
	static struct rcu_head head;

	call_rcu(&head, rcu_head_done);
	call_rcu(&head, rcu_head_done);
	rcu_barrier();
}

static void list_defect(void)
{
	LIST_HEAD(head);
	LIST_HEAD(entry);

	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

/* Several: a stale pointer somewhere on a stack may hide one. */
static void leak_defect(void)
{
	for (int i = 0; i < 16; i++)
		memset(kmalloc(1000, GFP_KERNEL | __GFP_NOFAIL), i, 1000);
}

static void shift_defect(void)
{
	seven = 1 << READ_ONCE(forty);
}

static void index_defect(void)
{
	/* What comes after the table is KASAN's business, so there is something. */
	static struct {
		int table[4];
		int rest[4];
	} data;

	data.table[READ_ONCE(seven)]++;
}

static void lock_defect(void)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);
	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	spin_unlock(&lock_b);
}

/* In the last page, so that there is memory. */
static void vmalloc_defect(void)
{
	char *memory = vmalloc(1000);

	if (memory)
		(void)READ_ONCE(memory[1000]);
	vfree(memory);
}

static void slab_defect(void)
{
	char *memory = kmalloc(1000, GFP_KERNEL);

	kfree(memory);
	if (memory)
		(void)READ_ONCE(memory[0]);
}

static const struct {
	const char	*name;
	void		(*make)(void);
} defects[] = {
	{ "atomic", atomic_defect },
	{ "rcu", rcu_defect },
	{ "rcu_head", rcu_head_defect },
	{ "list", list_defect },
	{ "leak", leak_defect },
	{ "shift", shift_defect },
	{ "index", index_defect },
	{ "lock", lock_defect },
	{ "vmalloc", vmalloc_defect },
	{ "slab", slab_defect },
};

static int __init planted_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(defects); i++) {
		if (strcmp(defect, defects[i].name))
			continue;
		defects[i].make();
		return 0;
	}
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes that a debug kernel must find");
