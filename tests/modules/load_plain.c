/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A plain shared object, without any word of relib. */
int load_answer(void);
int load_answer(void)
{
	return 42;
}
