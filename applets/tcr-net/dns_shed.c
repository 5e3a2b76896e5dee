/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives back the memory that only the start of the program needed. */
//kbuild:obj-$(CONFIG_FEATURE_DNS) += dns_shed.o
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns.h"

/* Libraries of the daemon that this process never calls. Their data, which the loader has made
 * private pages of, may go, too; whoever called into them now would crash. */
static bool is_unused(const char *path)
{
	static const char names[][11] = { "/libmnl.", "/libnftnl." };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strstr(path, names[i]))
			return true;
	return false;
}

/* What is only read comes back from the page cache, but only where it is used: the loader and the
 * relocations have touched nearly all of it. */
static int shed_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	/* Backwards: the headers that are read here are in the first segment. */
	for (int i = info->dlpi_phnum - 1; i >= 0; i--) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t end = info->dlpi_addr + p->p_vaddr + p->p_memsz;

		if (p->p_type == PT_LOAD && (!(p->p_flags & PF_W) || is_unused(info->dlpi_name)))
			madvise((void *)start, end - start, MADV_DONTNEED);
	}
	return 0;
}

void dns_shed(void)
{
	dl_iterate_phdr(shed_object, NULL);
}
