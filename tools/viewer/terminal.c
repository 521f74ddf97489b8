// SPDX-License-Identifier: GPL-2.0
/* A file of its own, since <term.h> makes macros of words such as "lines". */
#include <curses.h>
#include <term.h>
#include <unistd.h>

#include "terminal.h"

bool hr_terminal_has_cursor(void)
{
	const char *address;
	bool has_cursor;
	int error;

	/* With &error it returns; without it would print and exit. */
	if (!isatty(STDOUT_FILENO) || setupterm(NULL, STDOUT_FILENO, &error) == ERR)
		return false;
	address = tigetstr("cup");
	has_cursor = address && address != (const char *)-1;
	del_curterm(cur_term);
	return has_cursor;
}
