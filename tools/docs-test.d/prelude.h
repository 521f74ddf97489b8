/* SPDX-License-Identifier: GPL-2.0 */
/* What stands before each example in C. */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "heapranges.h"

