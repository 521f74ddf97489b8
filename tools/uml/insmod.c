// SPDX-License-Identifier: GPL-2.0
/*
 * insmod for a 32-bit user-mode Linux. That of busybox tries a module that was
 * refused a second time, in another way, so all that the kernel says comes twice.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char parameters[4096] = "";
	int fd = argc < 2 ? -1 : open(argv[1], O_RDONLY | O_CLOEXEC);

	for (int i = 2; i < argc; i++) {
		strncat(parameters, argv[i], sizeof(parameters) - strlen(parameters) - 2);
		strcat(parameters, " ");
	}
	if (fd >= 0 && !syscall(SYS_finit_module, fd, parameters, 0))
		return 0;
	perror("insmod");
	return 1;
}
