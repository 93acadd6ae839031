#pragma once

#include <cerrno>
#include <string>

#ifdef _WIN32
#include <windows.h>

#include <algorithm>
#endif

// What calls of the system need wherever a file is read or written.
namespace tracesmith {

#ifdef _WIN32

inline std::wstring Wide(const std::string& utf8) {
  const auto length = static_cast<int>(utf8.size());
  const int wide_length = MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, nullptr, 0);
  std::wstring wide(static_cast<size_t>(std::max(wide_length, 0)), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, utf8.data(), length, wide.data(), wide_length);
  return wide;
}

#else

// Makes a call again as long as signals interrupt it.
template <typename Call>
auto Uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

#endif

}  // namespace tracesmith
