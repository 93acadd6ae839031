#include "io/temporary_file.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#ifdef __linux__
#include <sys/stat.h>
#endif

#include "check.h"
#include "file_support.h"

namespace tracesmith::test {
namespace {

TEST(BytesAreWhereTheyWereWritten) {
  const TemporaryFolder folder;
  TemporaryFile file;
  CHECK(file.Create(folder.Path("tr\xC3\xA4" "ce")).ok());
  const Bytes first = Packets(100'000);
  const Bytes second = Packets(10, 2);
  CHECK(file.WriteAt(0, first.data(), first.size()).ok());
  CHECK(file.WriteAt(500, second.data(), second.size()).ok());
  CHECK(file.WriteAt(0, nullptr, 0).ok());
  Bytes expected = first;
  std::copy(second.begin(), second.end(), expected.begin() + 500);
  Bytes read(first.size());
  CHECK(file.ReadAt(0, read.data(), read.size()).ok());
  CHECK(read == expected);
  read.resize(second.size());
  CHECK(file.ReadAt(500, read.data(), read.size()).ok());
  CHECK(read == second);
}

TEST(TheEndOfTheFileIsAnError) {
  const TemporaryFolder folder;
  TemporaryFile file;
  CHECK(file.Create(folder.Path("trace")).ok());
  Bytes bytes = {1, 2, 3};
  CHECK(file.WriteAt(0, bytes.data(), bytes.size()).ok());
  const IoStatus status = file.ReadAt(1, bytes.data(), bytes.size());
  CHECK_EQ(status.code(), "EIO");
  CHECK_EQ(std::string(status.call()), "read");
}

TEST(CreatingFailsWithTheSystemsCode) {
  const TemporaryFolder folder;
  TemporaryFile file;
  const IoStatus status = file.Create(folder.Path("missing/trace"));
  CHECK_EQ(status.code(), "ENOENT");
  CHECK_EQ(std::string(status.call()), "open");
  CHECK_EQ(file.Create(std::string("tra\0ce", 6)).code(), "EINVAL");
}

TEST(NothingStays) {
  const TemporaryFolder folder;
  {
    TemporaryFile first;
    TemporaryFile second;
    CHECK(first.Create(folder.Path("trace")).ok());
    CHECK(second.Create(folder.Path("")).ok());
    const Bytes bytes = {1, 2, 3};
    CHECK(first.WriteAt(0, bytes.data(), bytes.size()).ok());
  }
  CHECK(IsEmpty(folder));
}

TEST(TheOutputIsNotTouched) {
  const TemporaryFolder folder;
  {
    TemporaryFile file;
    CHECK(file.Create(folder.Path("trace")).ok());
    CHECK(!Exists(folder.Path("trace")));
  }
  CHECK(IsEmpty(folder));
}

#ifndef _WIN32

TEST(FilesMayBeLarge) {
  const TemporaryFolder folder;
  TemporaryFile file;
  CHECK(file.Create(folder.Path("trace")).ok());
  const uint64_t offset = (uint64_t{5} << 30) + 1;  // a hole takes no room
  const Bytes bytes = {1, 2, 3};
  CHECK(file.WriteAt(offset, bytes.data(), bytes.size()).ok());
  Bytes read(bytes.size());
  CHECK(file.ReadAt(offset, read.data(), read.size()).ok());
  CHECK(read == bytes);
}

TEST(NobodySeesIt) {
  const TemporaryFolder folder;
  TemporaryFile file;
  CHECK(file.Create(folder.Path("trace")).ok());
  CHECK(IsEmpty(folder));
}

TEST(NoRoomIsAnError) {
  const TemporaryFolder folder;
  TemporaryFile file;
  CHECK(file.Create(folder.Path("trace")).ok());
  const Bytes bytes(100'000);
  const FileSizeLimit limit(65'536);
  const IoStatus status = file.WriteAt(0, bytes.data(), bytes.size());
  CHECK_EQ(status.code(), "EFBIG");
  CHECK_EQ(std::string(status.call()), "write");
}

#endif

#ifdef __linux__

TEST(NobodyElseMayReadIt) {
  const TemporaryFolder folder;
  const mode_t mask = umask(0);
  TemporaryFile file;
  const IoStatus status = file.Create(folder.Path("trace"));
  umask(mask);
  CHECK(status.ok());
  size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target.compare(0, folder.Path("").size(), folder.Path("")) != 0) continue;
    ++found;
    struct stat info;
    CHECK_EQ(stat(entry.path().c_str(), &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600u);
  }
  CHECK_EQ(found, 1u);
}

#endif

}  // namespace
}  // namespace tracesmith::test
