/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Opens a module's file and says whether it is a module for this loader. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "internal.h"

static enum relib_code cannot_open(const struct relib_image *image, int number, struct relib_error *error)
{
	if (number == ENOENT || number == ENOTDIR)
		return relib_fail(error, RELIB_NOT_FOUND,
				  "%s was not found\n  a relative path starts in the current directory; no search path is used",
				  image->shown);
	if (number == EACCES)
		return relib_fail(error, RELIB_NOT_FOUND,
				  "%s can't be read: permission denied\n  give the user of this program leave to read it and to enter its folders",
				  image->shown);
	return relib_fail(error, RELIB_NOT_FOUND, "%s can't be opened: %s", image->shown, strerrordesc_np(number));
}

static enum relib_code check_file(const struct relib_image *image, struct relib_error *error)
{
	const char *what = S_ISREG(image->status.st_mode)  ? image->status.st_size ? NULL : "an empty file"
			   : S_ISDIR(image->status.st_mode) ? "a directory"
							    : "a device, pipe or socket";

	if (!what)
		return RELIB_OK;
	return relib_fail(error, RELIB_NOT_ELF, "%s is %s, not a shared object\n  give the module's own file, often lib*.so",
			  image->shown, what);
}

enum relib_code relib_image_open(struct relib_image *image, const char *path, struct relib_error *error)
{
	enum relib_code code;

	*image = (struct relib_image){ .shown = path };
	/* Without O_NONBLOCK a pipe would make us wait for its writer. */
	image->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (image->descriptor < 0)
		return cannot_open(image, errno, error);
	if (fstat(image->descriptor, &image->status)) {
		code = cannot_open(image, errno, error);
		goto failed;
	}
	code = check_file(image, error);
	if (!code)
		code = relib_image_check_header(image, error);
	if (!code)
		code = relib_image_read_dynamic(image, error);
	if (!code)
		return RELIB_OK;
failed:
	relib_image_close(image);
	return code;
}

void relib_image_close(struct relib_image *image)
{
	elf_end(image->elf);
	close(image->descriptor);
}

enum relib_code relib_image_check_information(const struct relib_image *image, bool allow_plain,
					      struct relib_error *error)
{
	const struct relib_module_information *information = &image->information;

	if (!image->has_information) {
		if (allow_plain)
			return RELIB_OK;
		return relib_fail(error, RELIB_NO_INFORMATION,
				  "%s has no module information: it is a plain shared object\n"
				  "  put RELIB_MODULE(\"name\", \"version\") of <relib/module.h> in one of its sources,\n"
				  "  or let the host load it with allow_plain",
				  image->shown);
	}
	if (information->abi != RELIB_MODULE_ABI)
		return relib_fail(error, RELIB_WRONG_ABI,
				  "%s was made for another relib ABI\n"
				  "    module  ABI %u, built with relib %.16s\n"
				  "    host    ABI %u, relib %s\n"
				  "  build the module against this host's relib/module.h",
				  image->shown, information->abi, information->sdk_version, RELIB_MODULE_ABI, relib_version());
	if (strcmp(information->architecture, RELIB_ARCHITECTURE) || information->pointer_size != sizeof(void *))
		return relib_fail(error, RELIB_WRONG_MACHINE,
				  "%s was made for another architecture\n"
				  "    module  %.16s, %u-bit pointers\n"
				  "    host    %s, %zu-bit pointers\n"
				  "  build the module for the host's architecture",
				  image->shown, information->architecture, information->pointer_size * 8,
				  RELIB_ARCHITECTURE, sizeof(void *) * 8);
	return RELIB_OK;
}
