// SPDX-License-Identifier: GPL-2.0
/*
 * Says where interrupts came, one after the other:
 *
 *	sweep: path heapranges_alloc 0 4 b 12x3 | hr_cache_take 0 1
 *
 * offsets in a function, in hexadecimal; x3: three in a row came there. A function of
 * the kernel's own stands in brackets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "sweep.h"

#define SWEEP_PATH_LINE	700

static char sweep_path_line[SWEEP_PATH_LINE + 200];
static char sweep_path_function[100];
static size_t sweep_path_len;

void sweep_path_begin(void)
{
	sweep_path_len = 0;
	sweep_path_function[0] = '\0';
}

void sweep_path_end(void)
{
	if (sweep_path_len)
		pr_info("path%s\n", sweep_path_line);
	sweep_path_begin();
}

static __printf(1, 2) void sweep_path_print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sweep_path_len += vscnprintf(sweep_path_line + sweep_path_len,
				     sizeof(sweep_path_line) - sweep_path_len, fmt, args);
	va_end(args);
}

void sweep_path_add(unsigned long ip, unsigned int nr)
{
	char symbol[160], *offset, *end;
	bool ours;

	/* function+0x12/0x34 [module build-id] */
	snprintf(symbol, sizeof(symbol), "%pS", (void *)ip);
	ours = strstr(symbol, " [heapranges]");
	offset = strchr(symbol, '+');
	if (!offset)
		return;
	*offset = '\0';
	offset += strlen("+0x");
	end = strchr(offset, '/');
	if (end)
		*end = '\0';

	if (sweep_path_len > SWEEP_PATH_LINE)
		sweep_path_end();
	if (strcmp(symbol, sweep_path_function)) {
		strscpy(sweep_path_function, symbol, sizeof(sweep_path_function));
		sweep_path_print(ours ? "%s%s" : "%s[%s]", sweep_path_len ? " | " : " ", symbol);
	}
	sweep_path_print(nr > 1 ? " %sx%u" : " %s", offset, nr);
}
