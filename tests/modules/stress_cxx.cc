// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The relib authors
// A C++ module as people write them: strings, vectors, threads, thread-local objects, exceptions. It leaks from two
// functions.
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Log {
	std::string text = "the log of a thread, longer than a string holds in itself";
	~Log() { text.clear(); }
};

thread_local Log thread_log;

std::map<std::string, int> counters;

int parse(const std::string &text)
{
	if (text.find("wrong") != std::string::npos)
		throw std::invalid_argument("this can't be parsed: " + text);
	return static_cast<int>(text.size());
}

int try_to_parse(const std::string &text)
{
	try {
		return parse(text);
	} catch (const std::exception &error) {
		return -static_cast<int>(std::string(error.what()).size());
	}
}

__attribute__((noinline)) void leak_strings(std::vector<std::string *> &names)
{
	for (int i = 0; i < 10; i++)
		names.push_back(new std::string(40, 'x'));
}

__attribute__((noinline)) void *leak_vector()
{
	auto *numbers = new std::vector<int>;

	numbers->reserve(1000);
	return numbers;
}

}

extern "C" int cxx_work()
{
	std::vector<std::string *> names;
	std::vector<std::thread> threads;
	std::vector<int> sizes(4);
	auto shared = std::make_shared<std::string>(100, 'y');

	for (size_t i = 0; i < sizes.size(); i++)
		threads.emplace_back([&sizes, i, shared] {
			thread_log.text += *shared;
			sizes[i] = try_to_parse(thread_log.text) + try_to_parse("wrong");
		});
	for (auto &thread : threads)
		thread.join();
	thread_log.text += "and more";
	for (int i = 0; i < 100; i++)
		counters[std::to_string(i * 1000000)]++;
	leak_strings(names);
	if (!leak_vector())
		return 1;
	return sizes[0] == sizes[3] && sizes[0] > 100 && try_to_parse("wrong") < 0 ? 0 : 1;
}
