// Keeps the addon loadable with glibc 2.28, on whatever newer glibc it is linked. The linker binds each call to the
// newest version of a function; those below moved from another library in 2.33 or 2.34 without changing, or came
// later than 2.28. CMakeLists.txt sends their calls, also libstdc++'s and the SDK's, to __wrap_NAME
// for that. What else a new call brings in is found by `npm run prebuild`, which reads the result.

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#if defined(__x86_64__)
#define BASE_VERSION "GLIBC_2.2.5"
enum { kStatVersion = 1 };
#elif defined(__aarch64__)
#define BASE_VERSION "GLIBC_2.17"
enum { kStatVersion = 0 };
#else
#error "The oldest versions of glibc's symbols on this architecture are not known here"
#endif

#define BIND(name, symbol) __asm__(".symver " #name "," #symbol "@" BASE_VERSION)

// From libstdc++'s headers, where glibc 2.32 has it: 0 means that there may be several threads.
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;

int base_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int base_join(pthread_t, void**);
int base_once(pthread_once_t*, void (*)(void));
int base_fxstat64(int, int, struct stat64*);
int base_lxstat64(int, const char*, struct stat64*);
int base_xstat64(int, const char*, struct stat64*);
BIND(base_create, pthread_create);
BIND(base_join, pthread_join);
BIND(base_once, pthread_once);
BIND(base_fxstat64, __fxstat64);
BIND(base_lxstat64, __lxstat64);
BIND(base_xstat64, __xstat64);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  return base_create(thread, attributes, run, argument);
}

int __wrap_pthread_join(pthread_t thread, void** result) {
  return base_join(thread, result);
}

int __wrap_pthread_once(pthread_once_t* once, void (*run)(void)) {
  return base_once(once, run);
}

int __wrap_fstat64(int file, struct stat64* status) {
  return base_fxstat64(kStatVersion, file, status);
}

int __wrap_lstat64(const char* path, struct stat64* status) {
  return base_lxstat64(kStatVersion, path, status);
}

int __wrap_stat64(const char* path, struct stat64* status) {
  return base_xstat64(kStatVersion, path, status);
}

// Of glibc 2.30. libstdc++ does the same where glibc lacks it: it waits by the clock that can be set, and its callers
// ask their own clock again afterwards.
int __wrap_pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                  const struct timespec* deadline) {
  struct timespec now;
  struct timespec until;
  if (clock_gettime(clock, &now) != 0 || clock_gettime(CLOCK_REALTIME, &until) != 0) return errno;
  const long kSecond = 1000000000;
  until.tv_sec += deadline->tv_sec - now.tv_sec;
  until.tv_nsec += deadline->tv_nsec - now.tv_nsec;
  if (until.tv_nsec >= kSecond) {
    until.tv_nsec -= kSecond;
    until.tv_sec++;
  } else if (until.tv_nsec < 0) {
    until.tv_nsec += kSecond;
    until.tv_sec--;
  }
  return pthread_cond_timedwait(condition, mutex, &until);
}
