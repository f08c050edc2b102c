/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Whether a module's interfaces fit the host's: none does until they are compared. */
#include "interface.h"
#include "internal.h"

enum relib_code relib_interface_check(const struct relib_image *image, const struct relib_load_options *options,
				      struct relib_bindings *bindings, struct relib_error *error)
{
	(void)image;
	bindings->count = 0;
	if (!options->interface_ && !options->interfaces[0])
		return RELIB_OK;
	return relib_fail(error, RELIB_WRONG_INTERFACE, "interfaces are not compared yet");
}

void relib_bindings_free(struct relib_bindings *bindings)
{
	bindings->count = 0;
}
