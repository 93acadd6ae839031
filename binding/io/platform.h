#pragma once

#include <cerrno>
#include <cstddef>
#ifdef _WIN32
#include <string>
#endif

// Shared by all files that call the system.
namespace tracesmith {

// Longer reads and writes fail on macOS and are cut on Linux and Windows.
constexpr size_t kMaxTransfer = size_t{1} << 30;

#ifdef _WIN32

std::wstring Wide(const std::string& utf8);
std::string Utf8(const wchar_t* wide);

#else

// Repeats a call that a signal interrupted. Not for close(), which closes the file even then.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

#endif

}  // namespace tracesmith
