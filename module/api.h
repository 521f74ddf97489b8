/* SPDX-License-Identifier: GPL-2.0 */
/* The default heap's life. The public interface is heapranges.h. */
#ifndef HR_API_H
#define HR_API_H

/* Return: 0, or -ENOMEM. */
int hr_api_init(void);

/* Arenas of the default heap that are in use stay allocated, with a line. */
void hr_api_exit(void);

#endif /* HR_API_H */
