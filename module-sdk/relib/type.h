/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* A type as the module and the host can compare it at run time. */
#ifndef RELIB_TYPE_H
#define RELIB_TYPE_H

#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#include <type_traits>
#endif

/** Any function, before it is cast to what it is. @since 0.1 */
typedef void (*relib_function)(void);

/** What a type is. Integers compare by signedness and size: `int` and `int32_t` are one type. @since 0.1 */
enum relib_type_kind {
	RELIB_TYPE_OTHER = 0, /**< structs, unions, pointers: compared by spelling and size */
	RELIB_TYPE_BOOL = 1,
	RELIB_TYPE_SIGNED = 2,   /**< integers, characters and enums; an enum is the integer that holds it */
	RELIB_TYPE_UNSIGNED = 3,
	RELIB_TYPE_FLOAT = 4
};

/** @since 0.1 */
struct relib_type {
	uint32_t kind;
	uint32_t size;
	/** As the source spells it, macros expanded. Longer spellings don't compile: give the type a shorter name. */
	char name[56];
};

/**
 * RELIB_TYPE_OF(type): an expression, inside a function, that gives a `const struct relib_type *` which
 * stays valid as long as the object that holds the code. `type` is complete and has no comma in it.
 * @since 0.1
 */
#define RELIB_TYPE_OF(type) RELIB_TYPE_OF_(type)

/**
 * RELIB_CHECK_POINTER(type, pointer): `pointer` itself, which must be exactly a `type *`, else it does not compile.
 * @since 0.1
 */
#define RELIB_CHECK_POINTER(type, pointer) RELIB_CHECK_POINTER_(type, pointer)

/**
 * RELIB_LAYOUT(type, size, align): does not compile where a type isn't laid out so. relib-bindgen writes it for the types
 * of an interface: flags that change layouts (-fshort-enums, -fpack-struct) must be given to it, too.
 * @since 0.1
 */
#define RELIB_LAYOUT(type, size, align)                                                                            \
	RELIB_ASSERT_(sizeof(type) == (size) && RELIB_ALIGN_OF_(type) == (align),                                  \
		      "relib-bindgen was not given the flags that lay out this type otherwise")

/* What follows, and every name that ends in an underscore, is for the macros of relib's headers only. */

#define RELIB_TYPE_INITIALIZER_(type, spelling) { RELIB_TYPE_KIND_(type), (uint32_t)sizeof(type), spelling }
#define RELIB_TYPE_ASSERT_(type, spelling)                                                                         \
	RELIB_ASSERT_(sizeof(spelling) <= sizeof(((struct relib_type *)0)->name),                                  \
		      "the spelling of this type is too long: give it a shorter name by typedef")

#ifdef __cplusplus

#define RELIB_ASSERT_(condition, text) static_assert(condition, text)
#define RELIB_ALIGN_OF_(type) alignof(type)
#define RELIB_TYPE_KIND_(type) (relib_type_kind_of_<__typeof__(type)>::value)
#define RELIB_TYPE_OF_(type)                                                                                       \
	([]() -> const struct relib_type * {                                                                       \
		RELIB_TYPE_ASSERT_(type, #type);                                                                   \
		static const struct relib_type relib_type_ = RELIB_TYPE_INITIALIZER_(type, #type);                 \
		return &relib_type_;                                                                               \
	}())
#define RELIB_CHECK_POINTER_(type, pointer) (relib_check_pointer_<__typeof__(type)>(pointer))

template <typename type, bool is_enum = std::is_enum<type>::value>
struct relib_type_kind_of_ {
	static constexpr uint32_t value =
		std::is_same<type, bool>::value          ? RELIB_TYPE_BOOL
		: std::is_floating_point<type>::value    ? RELIB_TYPE_FLOAT
		: !std::is_integral<type>::value         ? RELIB_TYPE_OTHER
		: sizeof(type) > sizeof(long long)       ? RELIB_TYPE_OTHER /* __int128: C has no name to select it by */
		: std::is_signed<type>::value            ? RELIB_TYPE_SIGNED
							 : RELIB_TYPE_UNSIGNED;
};

/* In C an enum is compatible with the integer that holds it and can't be told from it. */
template <typename type>
struct relib_type_kind_of_<type, true> : relib_type_kind_of_<typename std::underlying_type<type>::type> {};

template <typename wanted, typename given>
constexpr wanted *relib_check_pointer_(given *pointer)
{
	static_assert(std::is_same<wanted, given>::value, "the pointer is to another type than the one named");
	return pointer;
}

#else

#define RELIB_ASSERT_(condition, text) _Static_assert(condition, text)
#define RELIB_ALIGN_OF_(type) _Alignof(type)
#ifdef __CHAR_UNSIGNED__
#define RELIB_TYPE_CHAR_ RELIB_TYPE_UNSIGNED
#else
#define RELIB_TYPE_CHAR_ RELIB_TYPE_SIGNED
#endif
#define RELIB_TYPE_KIND_(type)                                                                                     \
	_Generic((__typeof__(type) *)0,                                                                            \
		_Bool *: RELIB_TYPE_BOOL, char *: RELIB_TYPE_CHAR_,                                                \
		signed char *: RELIB_TYPE_SIGNED, unsigned char *: RELIB_TYPE_UNSIGNED,                            \
		short *: RELIB_TYPE_SIGNED, unsigned short *: RELIB_TYPE_UNSIGNED,                                 \
		int *: RELIB_TYPE_SIGNED, unsigned *: RELIB_TYPE_UNSIGNED,                                         \
		long *: RELIB_TYPE_SIGNED, unsigned long *: RELIB_TYPE_UNSIGNED,                                   \
		long long *: RELIB_TYPE_SIGNED, unsigned long long *: RELIB_TYPE_UNSIGNED,                         \
		float *: RELIB_TYPE_FLOAT, double *: RELIB_TYPE_FLOAT, long double *: RELIB_TYPE_FLOAT,            \
		default: RELIB_TYPE_OTHER)
#define RELIB_TYPE_OF_(type)                                                                                       \
	__extension__({                                                                                            \
		RELIB_TYPE_ASSERT_(type, #type);                                                                   \
		static const struct relib_type relib_type_ = RELIB_TYPE_INITIALIZER_(type, #type);                 \
		&relib_type_;                                                                                      \
	})
#define RELIB_CHECK_POINTER_(type, pointer) _Generic((pointer), __typeof__(type) *: (pointer))

#endif
#endif
