/* Macros that make compilers compute with several numbers at once. */

#ifndef AUTOGRAD_CORE_LANES_H
#define AUTOGRAD_CORE_LANES_H

/* A choice between two numbers may compute both: a flag from the one not taken, perhaps for a division by 0,
   only costs a second look by the careful path. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC optimize("no-trapping-math")
#endif

/* Lanes never read what another lane writes. */
#ifdef __clang__
#define SIDE_BY_SIDE _Pragma("clang loop vectorize(assume_safety)")
#elif defined __GNUC__
#define SIDE_BY_SIDE _Pragma("GCC ivdep") _Pragma("GCC unroll 1") /* Unrolled, a loop is not vectorized. */
#else
#define SIDE_BY_SIDE
#endif

/* For a switch over operations that have been checked. */
#ifdef __GNUC__
#define NEVER __builtin_unreachable()
#else
#define NEVER break
#endif

/* Code that rarely runs is compiled for size. */
#ifdef __GNUC__
#define SELDOM __attribute__((cold))
#else
#define SELDOM
#endif

/* If the compiler supports it, lanes use the wider registers of the processor at run time. */
#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && defined __GLIBC__ && !defined __SANITIZE_ADDRESS__
#define WIDER_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define WIDER_REGISTERS
#endif

#endif
