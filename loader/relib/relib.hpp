/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The loader for hosts in C++17 and later: <relib/relib.h> with values that clean up, and results instead of codes. */
#ifndef RELIB_RELIB_HPP
#define RELIB_RELIB_HPP

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <relib/host.h>
#include <relib/relib.h>
#include <relib/result.hpp>

namespace relib {

namespace detail_ {

/* The name of a type as the compiler spells it, for the comparison with what RELIB_MAIN(type) of the module says. */
template <typename type>
relib_type describe()
{
	relib_type described = { RELIB_TYPE_KIND_(type), static_cast<std::uint32_t>(sizeof(type)), {} };
	std::string_view name = __PRETTY_FUNCTION__;

	/* "relib_type relib::detail_::describe() [with type = point]", and clang leaves out "with " */
	name.remove_prefix(name.find("type = ") + sizeof("type = ") - 1);
	name.remove_suffix(1);
	if (std::is_same<type, std::string>::value)
		name = "std::string";
	name.copy(described.name, sizeof(described.name) - 1);
	return described;
}

inline relib::error panicked(relib::error failure, const relib_module *module)
{
	if (const char *message = relib_panic_message(module))
		failure.set_message(message);
	failure.set_panic(module);
	return failure;
}

inline relib::error failed_call(relib_code code, const relib_interface &interface)
{
	const char *name = interface.name ? interface.name : "";
	switch (code) {
	case RELIB_PANICKED:
		return panicked({ code, "the module panicked" }, interface.module);
	case RELIB_NO_SYMBOL:
		return { code, "the module lacks this function, which is optional\n  ask NAME_has() before you call it" };
	case RELIB_NOT_LOADED:
		return { code, std::string("no module is loaded for the interface ") + name +
				       "\n  give relib::module::load() what NAME_interface() gives" };
	case RELIB_BUSY:
		return { code, std::string("the module of the interface ") + name + " is being unloaded" };
	case RELIB_TOO_DEEP:
		return { code, "more than " + std::to_string(RELIB_MAX_CALLS) + " calls are nested on this thread" };
	default:
		return { code, std::string("the call failed, of interface ") + name };
	}
}

/* With as many arguments as the wrapper has parameters, the function is void; with one less, the first receives its result. */
template <bool is_void>
struct caller {
	template <typename function, typename interface, typename... arguments>
	static result<void> call(function wrapper, interface &of, arguments &&...values)
	{
		relib_code code = wrapper(&of, std::forward<arguments>(values)...);

		if (__builtin_expect(code != RELIB_OK, 0))
			return failed_call(code, of.relib);
		return {};
	}
};
template <>
struct caller<false> {
	template <typename interface, typename type, typename... parameters, typename... arguments>
	static result<type> call(relib_code (*wrapper)(interface *, type *, parameters...), interface &of,
				 arguments &&...values)
	{
		type returned = {};
		relib_code code = wrapper(&of, &returned, std::forward<arguments>(values)...);

		if (__builtin_expect(code != RELIB_OK, 0))
			return failed_call(code, of.relib);
		return returned;
	}
};

}

/**
 * relib_init(): sees to it that the program runs under the tracker. First thing in main.
 * @since 0.1
 */
inline result<void> init(int argc, char **argv)
{
	relib_error failure;

	if (relib_init(argc, argv, &failure))
		return error(failure);
	return {};
}

/**
 * relib::call(game_update_call, game, arguments...): calls an export by the function that relib-bindgen wrote for it, and
 * gives its result: relib::result<int32_t> for one that returns int32_t, relib::result<void> for one that returns nothing.
 *
 *     if (auto result = relib::call(game_update_call, game, &position, 0.016))
 *             use(*result);
 *     else
 *             std::cerr << result.error().message() << '\n';   // of a panic: what the module said
 *
 * It costs what the function itself costs. An exception of the module does not come out of it: it is a panic, and an error
 * here. The other way, an import is a plain function pointer (or a lambda that captures nothing); an exception that
 * would leave it ends the process, with a message: catch it in the host.
 *
 * @param of  the struct of the interface, as the module was loaded with
 * @since 0.1
 */
template <typename interface, typename... parameters, typename... arguments>
auto call(relib_code (*wrapper)(interface *, parameters...), interface &of, arguments &&...values)
{
	static_assert(sizeof...(arguments) == sizeof...(parameters) || sizeof...(arguments) + 1 == sizeof...(parameters),
		      "these are not as many arguments as the export has parameters");
	return detail_::caller<sizeof...(arguments) == sizeof...(parameters)>::call(wrapper, of,
										    std::forward<arguments>(values)...);
}

/**
 * A loaded module. Moves, and doesn't copy.
 *
 * The destructor unloads. What it finds is lost: a host that wants to know what the module left behind, or what to do when
 * it can't be unloaded, calls unload(). Where the destructor's unload is refused, the module stays loaded for good, since
 * what could crash is worse than what leaks; stderr gets the reason, once. (It says nothing where there is no tracker, and so
 * no unloading at all: relib::init() has said so.)
 *
 * The struct of an interface must outlive it: declare that first.
 *
 *     game game{};
 *     game.game_log = [](const char *text) { std::puts(text); };
 *     auto module = relib::module::load("./libgame.so", game_interface(&game));
 *     if (!module)
 *             return std::cerr << module.error().message() << '\n', 1;
 *
 * @since 0.1
 */
class module {
public:
	/** None. Only to be assigned to, to be asked whether it is one, and to be destroyed. */
	module() noexcept = default;
	/** Takes over a module that relib_load() loaded. */
	explicit module(relib_module *raw) noexcept : raw_(raw) {}
	module(module &&other) noexcept : raw_(other.release()) {}
	/** What was here before is unloaded as by the destructor. */
	module &operator=(module &&other) noexcept
	{
		relib::module old(std::exchange(raw_, other.release()));

		return *this;
	}
	~module() { close(); }

	/**
	 * relib_load().
	 * @param options  NULL, NAME_interface(&name), or options of your own
	 */
	static result<relib::module> load(const char *path, const relib_load_options *options = nullptr)
	{
		relib_error failure;
		relib_module *raw;

		if (relib_load(path, options, &raw, &failure))
			return error(failure);
		return relib::module(raw);
	}
	static result<relib::module> load(const std::string &path, const relib_load_options *options = nullptr)
	{
		return load(path.c_str(), options);
	}

	/**
	 * relib_unload(). On success this is no module any more, and the report says what it left behind. After a failure
	 * it is loaded and usable as before, and the error says what holds it: see error::refusal() too.
	 */
	result<relib::report> unload(const relib_unload_options &options = {})
	{
		relib_report *raw = nullptr;
		relib_error failure;
		relib_code code = relib_unload(raw_, &options, &raw, &failure);
		relib::report found(raw);

		if (code) {
			relib::error refused(failure);

			if (code == RELIB_BEFORE_UNLOAD_FAILED)
				refused.set_panic(raw_);
			if (found)
				refused.set_refusal(std::move(found));
			return refused;
		}
		raw_ = nullptr;
		return found;
	}

	/**
	 * call_main<int>(argc, argv): relib_call_main(). `type` is what RELIB_MAIN(type) of the module names; a class is compared
	 * by its name, which must be no template (std::string may be): else give it to the macro relib_call_main() with get().
	 */
	template <typename type>
	result<type> call_main(int argc = 0, char **argv = nullptr)
	{
		static_assert(std::is_object<type>::value, "main's result is an object");
		const relib_type described = detail_::describe<type>();
		relib_error failure;
		type returned = {};

		if (relib_call_main_typed(raw_, &described, std::addressof(returned), argc, argv, &failure))
			return failure.code == RELIB_PANICKED ? detail_::panicked(error(failure), raw_) : error(failure);
		return returned;
	}

	explicit operator bool() const noexcept { return raw_ != nullptr; }
	/** For the functions of <relib/relib.h>; stays this object's. */
	relib_module *get() const noexcept { return raw_; }
	/** Gives it up, still loaded: the caller unloads it, or leaves it. */
	relib_module *release() noexcept { return std::exchange(raw_, nullptr); }

	/** relib_module_name(), relib_module_version() and relib_module_path(). */
	const char *name() const noexcept { return relib_module_name(raw_); }
	const char *version() const noexcept { return relib_module_version(raw_); }
	const char *path() const noexcept { return relib_module_path(raw_); }
	/** relib_has_main() */
	bool has_main() const noexcept { return relib_has_main(raw_); }
	/** relib_panic_count() */
	unsigned panic_count() const noexcept { return relib_panic_count(raw_); }

	/**
	 * relib_symbol(), cast to a function or an object: symbol<int(int)>("square") gives an `int (*)(int)`. Nothing checks
	 * that it is one, nor counts calls of it.
	 */
	template <typename type>
	result<type *> symbol(const char *symbol_name)
	{
		relib_error failure;
		void *address = relib_symbol(raw_, symbol_name, &failure);

		if (!address)
			return error(failure);
		return reinterpret_cast<type *>(address);
	}

private:
	void close() noexcept
	{
		relib_error failure;

		if (!raw_ || !relib_unload(raw_, nullptr, nullptr, &failure) || failure.code == RELIB_NO_TRACKER)
			return;
		std::fprintf(stderr, "relib: %s\n  ~module() leaves it loaded: call unload() where this can happen\n",
			     failure.message);
	}

	relib_module *raw_ = nullptr;
};

}

#endif
