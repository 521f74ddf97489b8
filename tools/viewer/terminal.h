/* SPDX-License-Identifier: GPL-2.0 */
/* What can be known of the terminal before the screen is taken. */
#ifndef HR_TERMINAL_H
#define HR_TERMINAL_H

#include <stdbool.h>

/* stdout is one, it is known, and its cursor can be moved: not so with TERM=dumb. */
bool hr_terminal_has_cursor(void);

#endif /* HR_TERMINAL_H */
