// The one place that includes napi.h, so that every file sees the same feature macros.
#pragma once

// Memory is copied into buffers that JavaScript owns: Electron forbids external ones.
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED
// No finalizer of ours runs JavaScript, so all may run inside the garbage collector.
#define NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS
// What the standard library throws, such as std::bad_alloc, becomes an error of JavaScript instead of ending the process.
#define NODE_ADDON_API_CPP_EXCEPTIONS_ALL
// A worker thread that is being terminated runs no JavaScript any more: what cannot be thrown there is dropped,
// instead of ending the whole process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS

#include <napi.h>
