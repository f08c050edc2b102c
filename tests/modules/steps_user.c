/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A library that needs steps.so. */
int steps_needed(void);
int steps_user(void);
int steps_user(void)
{
	return steps_needed();
}
