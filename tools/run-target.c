/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* relib-run -- PROGRAM: says so when the tracker can't be in that program, whose reports would be missed in silence. */
#include "run.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The file that execvp() would take, if access(2) allows `mode`. False when there is none. */
static bool find_program(const char *name, int mode, char path[PATH_MAX])
{
	const char *folder = getenv("PATH");
	size_t length;

	if (strchr(name, '/'))
		return (size_t)snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && access(path, mode) == 0;
	for (; folder && *folder; folder += length + (folder[length] == ':')) {
		length = strcspn(folder, ":");
		if ((size_t)snprintf(path, PATH_MAX, "%.*s/%s", (int)length, length ? folder : ".", name) < PATH_MAX &&
		    access(path, mode) == 0)
			return true;
	}
	return false;
}

bool relib_run_is_there(const char *program)
{
	char path[PATH_MAX];

	return find_program(program, F_OK, path);
}

/* ld.so leaves a preload out where the program gets rights that its user doesn't have. */
static bool gains_rights(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	return ((status.st_mode & S_ISUID) && status.st_uid != getuid()) ||
	       ((status.st_mode & S_ISGID) && status.st_gid != getgid()) ||
	       (getuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0);
}

static Elf64_Xword flags_of(Elf *elf, const GElf_Phdr *dynamic)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)dynamic->p_offset, dynamic->p_filesz, ELF_T_DYN);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++)
		if (entry.d_tag == DT_FLAGS_1)
			return entry.d_un.d_val;
	return 0;
}

/* Why ld.so would not load the tracker into an object of this kind, or NULL. */
static const char *unfit(Elf *elf, const char *path)
{
	GElf_Ehdr header;
	GElf_Phdr segment;
	size_t count = 0;
	Elf64_Xword flags = 0;

	if (!gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &count) != 0)
		return NULL; /* a script, or nothing that can be executed */
	for (size_t i = 0; i < count && gelf_getphdr(elf, (int)i, &segment); i++) {
		if (segment.p_type == PT_INTERP)
			return NULL;
		if (segment.p_type == PT_DYNAMIC)
			flags = flags_of(elf, &segment);
	}
	if (strstr(path, "/ld-linux") || strstr(path, "/ld.so"))
		return NULL; /* ld.so itself, which loads what it is asked to */
	if (header.e_type == ET_DYN && !(flags & DF_1_PIE))
		return "it is a shared object; to run it as a module, leave out the --";
	return "it is linked statically, without ld.so";
}

void relib_run_check_target(const char *program)
{
	char path[PATH_MAX];
	const char *why = NULL;
	Elf *elf;
	int fd;

	if (!find_program(program, X_OK, path))
		return; /* that it can't be started is said in a moment */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf)
		why = unfit(elf, path);
	elf_end(elf);
	if (!why && gains_rights(fd))
		why = "it runs with more rights than you have (set-user-id or alike), and ld.so allows no preload then";
	close(fd);
	if (why)
		fprintf(stderr, TOOL ": the tracker can't be in %s: %s\n", program, why);
}
