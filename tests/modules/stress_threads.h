/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the module stress_threads.so can do, as its host calls it. */
#ifndef STRESS_THREADS_H
#define STRESS_THREADS_H

struct stress_threads {
	/* Starts a thread that runs until stop(): by pthread_create, or by thrd_create. False on failure. */
	int (*start)(int c11);
	/* Ends that thread and joins it. */
	void (*stop)(void);
	/* Starts a thread that ends at once, by return or by pthread_exit, and is neither joined nor detached. */
	int (*leave)(int by_exit);
	/* Starts a detached thread, and returns when its function is over and its thread-local destructor runs. */
	int (*start_slow_end)(void);
	/* Lets that destructor end. */
	void (*end_slow_end)(void);
	/* Gives the calling thread a thread-local object, whose destructor adds one to *runs. */
	void (*touch)(int *runs);
};

#endif
