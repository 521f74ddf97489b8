// SPDX-License-Identifier: GPL-2.0
/*
 * Calls one of the examples of the documents, as `insmod docs_examples.ko call=7`. list.h
 * declares those that can be called, and has a row for each.
 */
#include <linux/errno.h>
#include <linux/module.h>

#include "list.h"

static const struct {
	unsigned long	number;
	int		(*fn)(void);
} calls[] = {
	EXAMPLES
};

static unsigned long call;
module_param(call, ulong, 0);
MODULE_PARM_DESC(call, "the number of the example");

static int __init docs_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].number == call)
			return calls[i].fn();
	}
	return -ENOENT;
}
module_init(docs_init);

static void __exit docs_exit(void)
{
}
module_exit(docs_exit);

MODULE_DESCRIPTION("Examples of the documents");
MODULE_LICENSE("GPL");
