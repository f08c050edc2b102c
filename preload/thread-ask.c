/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Asks threads by a signal where they are. */
#include "thread-ask.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "interrupted-call.h"
#include "monotonic.h"
#include "real.h"
#include "signal-stack.h"
#include "task.h"

#define WAIT_NS 1000000000ll /* for the next answer: where all processors are busy, they come one after the other */
#define LONGEST_NS (10 * WAIT_NS)

/*
 * One question. Static, since the answer may come when nobody waits for it any more: who takes the ticket out of `state`, the
 * thread or the one that asked, has the slot.
 */
enum { FREE, ANSWERING, CLEAN, FOUND, AGAIN, GIVEN_UP, FIRST_TICKET };
static struct slot {
	uint32_t state;   /* or the ticket of a question that is not answered */
	uint32_t ticket;
	int32_t thread;
	struct relib_registers registers;
	struct relib_scan scan;
	size_t copied;
	uintptr_t buffer[512]; /* not on the thread's stack, which may be small */
} slots[RELIB_ASKED_MOST];

static const struct relib_stack_walk *current;
static uint32_t window_is_taken; /* by the answer in FOUND that has a copy */
static uint32_t answers;         /* futex */
static uint32_t last_ticket = FIRST_TICKET;
static int number; /* of the signal, while it is handled here; else 0 */

/* On the thread that is asked; async-signal-safe */

static void copy_stack(struct slot *slot, uintptr_t end)
{
	uintptr_t start = slot->registers.stack & ~(uintptr_t)15;

	slot->copied = relib_memory_read(start, current->window, end - start < RELIB_WINDOW ? end - start : RELIB_WINDOW);
	if (!slot->copied)
		__atomic_store_n(&window_is_taken, 0, __ATOMIC_RELEASE);
}

static uint32_t look_at_self(struct slot *slot)
{
	uintptr_t stack = slot->registers.stack, end = relib_memory_map_end(current->map, stack);
	uintptr_t pc = slot->registers.pc, link = slot->registers.link;
	bool inside = relib_code_has(current->code, pc) || (link && relib_code_has(current->code, link - 1));

	slot->copied = 0;
	memset(&slot->scan, 0, sizeof slot->scan);
	if (inside)
		slot->scan.word = relib_code_has(current->code, pc) ? pc + 1 : link;
	else if (end)
		slot->scan = relib_stack_scan(current->code, stack, end, slot->buffer, sizeof slot->buffer / sizeof *slot->buffer);
	else
		slot->scan.incomplete = true;
	if (inside || !end)
		return FOUND;
	if (!slot->scan.word && !slot->scan.handler && !slot->scan.incomplete)
		return CLEAN;
	if (__atomic_exchange_n(&window_is_taken, 1, __ATOMIC_ACQ_REL))
		return AGAIN;
	copy_stack(slot, end);
	return FOUND;
}

static void on_question(int signal, siginfo_t *info, void *context)
{
	uintptr_t value = (uintptr_t)info->si_value.sival_ptr, at = value & 0xffff;
	uint32_t ticket = (uint32_t)(value >> 16);
	int saved = errno;

	(void)signal;
	if (info->si_code == SI_QUEUE && at < RELIB_ASKED_MOST && ticket >= FIRST_TICKET &&
	    __atomic_compare_exchange_n(&slots[at].state, &(uint32_t){ ticket }, ANSWERING, false, __ATOMIC_ACQ_REL,
					__ATOMIC_RELAXED)) {
		uint32_t answer;

		relib_registers_of(&slots[at].registers, context);
		answer = look_at_self(&slots[at]);
		__atomic_store_n(&slots[at].state, answer, __ATOMIC_RELEASE);
		__atomic_add_fetch(&answers, 1, __ATOMIC_RELEASE);
		syscall(SYS_futex, &answers, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
	} else if (info->si_code == SI_QUEUE && at < RELIB_ASKED_MOST && ticket == slots[at].ticket) {
		/* One that was given up: its signal is not pending any more. */
		__atomic_compare_exchange_n(&slots[at].state, &(uint32_t){ GIVEN_UP }, FREE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	}
	if (info->si_code == SI_QUEUE)
		relib_restart_call(context);
	errno = saved;
}

/* On the thread that asks */

/* Not one that the host waits for: where it is blocked it would not come. */
static bool take_signal(uint64_t blocked)
{
	struct sigaction action = { .sa_sigaction = on_question, .sa_flags = SA_RESTART | SA_SIGINFO | SA_ONSTACK };
	uint64_t all = ~(uint64_t)0 << (SIGRTMIN - 1);
	struct sigaction before;

	if (number)
		return true;
	memset(&action.sa_mask, 0xff, sizeof action.sa_mask);
	for (int at = SIGRTMAX; at >= SIGRTMIN; at--) {
		/* One that blocks them all is told so by any. */
		if ((blocked >> (at - 1) & 1 && ~blocked & all) || relib_real.sigaction(at, NULL, &before) || before.sa_handler != SIG_DFL)
			continue;
		if (relib_real.sigaction(at, &action, &before))
			continue;
		if (before.sa_handler == SIG_DFL) {
			number = at;
			return true;
		}
		relib_real.sigaction(at, &before, NULL); /* the host was faster */
	}
	return false;
}

/* While a question may be pending, the signal must not do what it does by default: end the process. */
static void give_signal_back(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, before;

	if (!number)
		return;
	for (unsigned i = 0; i < RELIB_ASKED_MOST; i++) {
		uint32_t state = __atomic_load_n(&slots[i].state, __ATOMIC_ACQUIRE);

		if (state == GIVEN_UP && relib_task_is_gone(slots[i].thread))
			__atomic_store_n(&slots[i].state, state = FREE, __ATOMIC_RELEASE);
		if (state != FREE)
			return;
	}
	if (!relib_real.sigaction(number, NULL, &before) && before.sa_sigaction == on_question)
		relib_real.sigaction(number, &action, NULL);
	number = 0;
}

static struct slot *free_slot(void)
{
	for (unsigned i = 0; i < RELIB_ASKED_MOST; i++)
		if (__atomic_load_n(&slots[i].state, __ATOMIC_ACQUIRE) == FREE)
			return &slots[i];
	return NULL;
}

static bool send_question(struct slot *slot, uint32_t ticket)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = number;
	info.si_code = SI_QUEUE;
	info.si_pid = (pid_t)syscall(SYS_getpid);
	info.si_uid = (uid_t)syscall(SYS_getuid);
	info.si_value.sival_ptr = (void *)((uintptr_t)ticket << 16 | (uintptr_t)(slot - slots));
	return !syscall(SYS_rt_tgsigqueueinfo, syscall(SYS_getpid), slot->thread, number, &info);
}

static struct slot *ask(struct relib_asked *asked, int tasks)
{
	uint64_t blocked = relib_task_blocked_signals(tasks, asked->id);
	struct slot *slot = free_slot();
	uint32_t ticket;

	asked->place.inside = RELIB_UNKNOWN;
	asked->passing = false;
	if (blocked == RELIB_SIGNALS_UNKNOWN) {
		asked->why = "which signals it blocks is not known";
		asked->passing = true;
		return NULL;
	}
	if (relib_signal_stack_any_small()) {
		asked->why = "a signal stack of the program's is too small to ask it";
		return NULL;
	}
	if (relib_task_waits_for_signals(tasks, asked->id)) {
		asked->why = "it waits for signals";
		return NULL;
	}
	if (!slot || !take_signal(blocked)) {
		asked->why = slot ? "no real-time signal is free to ask it by" : "too many threads don't answer";
		return NULL;
	}
	if (blocked >> (number - 1) & 1) {
		asked->why = "it blocks signals";
		asked->passing = true;
		return NULL;
	}
	ticket = last_ticket = last_ticket + 1 < FIRST_TICKET ? FIRST_TICKET : last_ticket + 1;
	slot->thread = asked->id;
	slot->ticket = ticket;
	__atomic_store_n(&slot->state, ticket, __ATOMIC_RELEASE);
	if (send_question(slot, ticket))
		return slot;
	if (errno == ESRCH)
		asked->place.inside = RELIB_OUTSIDE;
	asked->why = "no signal could be sent to it";
	__atomic_store_n(&slot->state, FREE, __ATOMIC_RELEASE);
	return NULL;
}

static void take_answer(const struct relib_stack_walk *walk, struct slot *slot, struct relib_asked *asked)
{
	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == CLEAN) {
		asked->place.inside = RELIB_OUTSIDE;
	} else if (slot->copied) {
		asked->place = relib_stack_walk_copy(walk, &slot->registers, slot->copied, &slot->scan);
		__atomic_store_n(&window_is_taken, 0, __ATOMIC_RELEASE);
	} else if (slot->scan.word) {
		asked->place = (struct relib_place_inside){ RELIB_INSIDE, slot->scan.word - 1 };
	}
	asked->why = "where its stack goes on is not known";
	asked->passing = !slot->copied;
	__atomic_store_n(&slot->state, FREE, __ATOMIC_RELEASE);
}

/* Its time is over. An answer that has begun comes. */
static bool give_up(struct slot *slot)
{
	uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

	return state >= FIRST_TICKET &&
	       __atomic_compare_exchange_n(&slot->state, &state, GIVEN_UP, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Gives how many have not answered yet. */
static unsigned collect(int tasks, const struct relib_stack_walk *walk, struct relib_asked *asked, struct slot **of,
			unsigned count, bool over)
{
	unsigned left = 0;

	for (unsigned i = 0; i < count; i++) {
		uint32_t state = of[i] ? __atomic_load_n(&of[i]->state, __ATOMIC_ACQUIRE) : FREE;

		if (!of[i])
			continue;
		if (state == CLEAN || state == FOUND) {
			take_answer(walk, of[i], &asked[i]);
			of[i] = NULL;
		} else if (state == AGAIN) {
			__atomic_store_n(&of[i]->state, FREE, __ATOMIC_RELEASE);
			of[i] = ask(&asked[i], tasks);
			left += of[i] != NULL;
		} else if ((over || relib_task_is_gone(of[i]->thread)) && give_up(of[i])) {
			asked[i].why = "it didn't answer a signal";
			if (relib_task_is_gone(of[i]->thread))
				asked[i].place.inside = RELIB_OUTSIDE;
			of[i] = NULL;
		} else {
			left++;
		}
	}
	return left;
}

void relib_threads_ask(int tasks, const struct relib_stack_walk *walk, struct relib_asked *asked, unsigned count)
{
	struct slot *of[RELIB_ASKED_MOST];
	int64_t end = relib_now() + LONGEST_NS, until = end - LONGEST_NS + WAIT_NS, left;
	uint32_t seen = __atomic_load_n(&answers, __ATOMIC_ACQUIRE);

	__atomic_store_n(&current, walk, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < count; i++)
		of[i] = ask(&asked[i], tasks);
	for (;;) {
		uint32_t before = seen;
		struct timespec pause;

		seen = __atomic_load_n(&answers, __ATOMIC_ACQUIRE);
		if (seen != before)
			until = relib_now() + WAIT_NS;
		left = (until < end ? until : end) - relib_now();
		if (!collect(tasks, walk, asked, of, count, left <= 0))
			break;
		/* Looked at now and then: a thread may have ended. */
		pause = (struct timespec){ .tv_nsec = left < 5000000 && left > 0 ? left : 5000000 };
		syscall(SYS_futex, &answers, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, seen, &pause, NULL, 0);
	}
	give_signal_back();
}

void relib_threads_ask_in_child(void)
{
	for (unsigned i = 0; i < RELIB_ASKED_MOST; i++)
		slots[i].state = FREE;
	window_is_taken = 0;
	give_signal_back();
}
