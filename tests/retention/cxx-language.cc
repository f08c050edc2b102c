// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// Retention cases: exceptions, type information, statics, threads.
#include <condition_variable>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <future>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <typeinfo>
#include <vector>
#include "cxx-cases.h"

CASE(throw)
{
	try {
		throw std::runtime_error("thrown");
	} catch (const std::exception &error) {
		CHECK(std::strcmp(error.what(), "thrown") == 0);
		return nullptr;
	}
}

namespace {

struct own_error : std::logic_error {
	using std::logic_error::logic_error;
};

}

CASE(throw_nested)
{
	try {
		try {
			throw own_error("inner");
		} catch (...) {
			std::throw_with_nested(std::runtime_error("outer"));
		}
	} catch (const std::exception &error) {
		try {
			std::rethrow_if_nested(error);
		} catch (const own_error &inner) {
			CHECK(std::strcmp(inner.what(), "inner") == 0);
			return nullptr;
		}
	}
	return "the inner exception was lost";
}

CASE(throw_through_libstdcxx)
{
	std::vector<int> numbers(3);

	try {
		retention_use(&numbers.at(run->who[0]));
	} catch (const std::out_of_range &) {
		return nullptr;
	}
	return "nothing was thrown";
}

CASE(uncaught_exceptions)
{
	int (*volatile function)() noexcept = std::uncaught_exceptions;

	CHECK(function() == 0);
	return nullptr;
}

CASE(exception_ptr)
{
	std::exception_ptr held;

	try {
		throw std::runtime_error("held");
	} catch (...) {
		held = std::current_exception();
	}
	try {
		std::rethrow_exception(held);
	} catch (const std::runtime_error &error) {
		CHECK(std::strcmp(error.what(), "held") == 0);
	}
	return nullptr;
}

CASE(exception_ptr_left)
{
	std::exception_ptr *held = new std::exception_ptr;

	try {
		throw std::runtime_error("held");
	} catch (...) {
		*held = std::current_exception();
	}
	if (retention_give_back(run, held, 1))
		delete held;
	return nullptr;
}

// The exception stays on the thread's list of caught ones.
CASE(longjmp_from_catch)
{
	std::jmp_buf here;

	if (setjmp(here) == 0) {
		try {
			throw 42;
		} catch (int) {
			std::longjmp(here, 1);
		}
	}
	return nullptr;
}

CASE(typeid)
{
	struct base { virtual ~base() {} };
	struct derived : base {};
	derived object;
	base *pointer = &object;

	retention_use(&pointer);
	CHECK(typeid(*pointer) == typeid(derived) && dynamic_cast<derived *>(pointer));
	return nullptr;
}

CASE(demangle)
{
	int status;
	char *name = abi::__cxa_demangle("_ZNSt6vectorIiSaIiEE9push_backERKi", nullptr, nullptr, &status);

	CHECK(status == 0 && std::strstr(name, "push_back"));
	if (retention_give_back(run, name, 1))
		std::free(name);
	return nullptr;
}

CASE(error_message)
{
	CHECK(std::error_code(9999, std::system_category()).message() == "Unknown error 9999");
	CHECK(std::error_code(2, std::generic_category()).message() == "No such file or directory");
	return nullptr;
}

namespace {

template <int number> struct with_destructor {
	std::string text = "long enough to need a block of its own, surely";
	~with_destructor() { retention_use(this); }
	static void touch()
	{
		static with_destructor instance;
		retention_use(&instance);
	}
};

template <int... numbers> void touch_all(std::integer_sequence<int, numbers...>)
{
	(with_destructor<numbers>::touch(), ...);
}

}

// libc keeps room for 32 handlers; the block for more is never given back.
CASE(statics_40)
{
	touch_all(std::make_integer_sequence<int, 40>());
	return nullptr;
}

static thread_local std::string per_thread;

CASE(thread_local_string)
{
	per_thread = "long enough to need a block of its own, surely";
	CHECK(per_thread.size() == 46);
	return nullptr;
}

CASE(thread_local_in_thread)
{
	std::thread thread([] { per_thread = "long enough to need a block of its own, surely"; });

	thread.join();
	return nullptr;
}

CASE(thread)
{
	int result = 0;
	std::thread thread([&] { result = 42; });

	thread.join();
	CHECK(result == 42);
	return nullptr;
}

CASE(async)
{
	std::future<std::string> result = std::async(std::launch::async, [] { return std::string(100, 'x'); });

	CHECK(result.get().size() == 100);
	return nullptr;
}

CASE(call_once)
{
	std::once_flag once;
	int calls = 0;

	std::call_once(once, [&] { calls++; });
	std::call_once(once, [&] { calls++; });
	CHECK(calls == 1);
	return nullptr;
}

CASE(promise)
{
	std::promise<int> promise;
	std::future<int> future = promise.get_future();

	promise.set_value(7);
	CHECK(future.get() == 7);
	return nullptr;
}

CASE(packaged_task)
{
	std::packaged_task<int(int)> task([](int number) { return number + 1; });
	std::future<int> future = task.get_future();

	task(6);
	CHECK(future.get() == 7);
	return nullptr;
}

CASE(mutex)
{
	std::recursive_timed_mutex mutex;
	std::lock_guard<std::recursive_timed_mutex> guard(mutex);

	CHECK(mutex.try_lock());
	mutex.unlock();
	return nullptr;
}

template <class condition> static bool hand_over()
{
	std::mutex mutex;
	condition changed;
	bool done = false;
	std::thread thread([&] {
		std::lock_guard<std::mutex> guard(mutex);
		done = true;
		changed.notify_one();
	});
	std::unique_lock<std::mutex> lock(mutex);

	changed.wait(lock, [&] { return done; });
	lock.unlock();
	thread.join();
	return done;
}

CASE(condition_variable)
{
	CHECK(hand_over<std::condition_variable>());
	return nullptr;
}

CASE(condition_variable_any)
{
	CHECK(hand_over<std::condition_variable_any>());
	return nullptr;
}

CASE(new_handler)
{
	std::new_handler before = std::set_new_handler(nullptr);
	volatile std::size_t size = static_cast<std::size_t>(-1) / 2;

	std::set_new_handler(before);
	try {
		retention_use(::operator new(size));
	} catch (const std::bad_alloc &) {
		return nullptr;
	}
	return "more memory than there is was found";
}
