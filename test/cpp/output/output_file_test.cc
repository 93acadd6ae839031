#include "output/output_file.h"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <utility>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "check.h"
#include "output_support.h"

namespace tracesmith::test {
namespace {

std::string CodeOf(const IoStatus& status) { return status.code(); }

void WriteText(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

TEST(BytesArriveInOrder) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("tr\xC3\xA4" "ce");
  const Bytes first = Packets(100'000);
  const Bytes second = Packets(10, 2);
  OutputFile file;
  CHECK(file.Open(path).ok());
  CHECK(file.is_open());
  CHECK(file.Write(first.data(), first.size()).ok());
  CHECK(file.Write(nullptr, 0).ok());
  CHECK(file.Write(second.data(), second.size()).ok());
  CHECK(file.Close().ok());
  CHECK(!file.is_open());
  CHECK(file.Close().ok());
  CHECK(ReadFile(path) == Joined({first, second}));
}

TEST(WhatWasThereIsGone) {
  const TemporaryFolder folder;
  WriteText(folder.Path("trace"), "a longer text than what follows");
  OutputFile file;
  CHECK(file.Open(folder.Path("trace")).ok());
  const Bytes bytes = {1, 2};
  CHECK(file.Write(bytes.data(), bytes.size()).ok());
  CHECK(file.Close().ok());
  CHECK(ReadFile(folder.Path("trace")) == bytes);
}

TEST(OpeningAnOutputFailsWithTheSystemsCode) {
  const TemporaryFolder folder;
  OutputFile file;
  const IoStatus status = file.Open(folder.Path("missing/trace"));
  CHECK_EQ(CodeOf(status), "ENOENT");
  CHECK_EQ(status.errno_value(), ENOENT);
  CHECK_EQ(std::string(status.call()), "open");
  CHECK(!status.text().empty());
  CHECK(!file.is_open());
  CHECK_EQ(CodeOf(file.Open(std::string("tra\0ce", 6))), "EINVAL");
  CHECK_EQ(CodeOf(file.Write(nullptr, 1)), "EBADF");
}

TEST(CodesAreTheSystemsNames) {
  CHECK_EQ(IoStatus(EROFS, "open").code(), "EROFS");
  CHECK_EQ(IoStatus(EMFILE, "open").code(), "EMFILE");
  CHECK_EQ(IoStatus(98'765, "write").code(), "E98765");
  CHECK_EQ(IoStatus().code(), "");
  CHECK_EQ(IoStatus().text(), "");
}

TEST(DiscardedFilesAreGone) {
  const TemporaryFolder folder;
  const Bytes bytes = {1, 2};
  OutputFile file;
  CHECK(file.Open(folder.Path("trace")).ok());
  CHECK(file.Write(bytes.data(), bytes.size()).ok());
  file.Discard();
  CHECK(!file.is_open());
  CHECK(!Exists(folder.Path("trace")));
}

TEST(FinishedFilesStay) {
  const TemporaryFolder folder;
  OutputFile file;
  CHECK(file.Open(folder.Path("trace")).ok());
  CHECK(file.Close().ok());
  file.Discard();
  CHECK(Exists(folder.Path("trace")));
}

TEST(MovedFilesAreOne) {
  const TemporaryFolder folder;
  OutputFile file;
  CHECK(file.Open(folder.Path("trace")).ok());
  OutputFile other = std::move(file);
  CHECK(other.is_open());
  other.Discard();
  CHECK(!Exists(folder.Path("trace")));
}

#ifndef _WIN32

TEST(PathsFailWithTheirOwnCodes) {
  const TemporaryFolder folder;
  OutputFile file;
  CHECK_EQ(CodeOf(file.Open(folder.Path(""))), "EISDIR");
  CHECK_EQ(CodeOf(file.Open(folder.Path(std::string(5000, 'x')))), "ENAMETOOLONG");
  CHECK_EQ(IoStatus(EDQUOT, "write").code(), "EDQUOT");
}

TEST(NewFilesHaveTheUsersMode) {
  const TemporaryFolder folder;
  const mode_t mask = umask(027);
  OutputFile file;
  const IoStatus status = file.Open(folder.Path("trace"));
  umask(mask);
  CHECK(status.ok());
  struct stat info;
  CHECK_EQ(stat(folder.Path("trace").c_str(), &info), 0);
  CHECK_EQ(info.st_mode & 0777, 0640u);
}

TEST(AFileInItsPlaceStays) {
  const TemporaryFolder folder;
  OutputFile file;
  CHECK(file.Open(folder.Path("trace")).ok());
  CHECK_EQ(unlink(folder.Path("trace").c_str()), 0);
  WriteText(folder.Path("trace"), "somebody else's");
  file.Discard();
  CHECK(Exists(folder.Path("trace")));
}

TEST(DiscardingGoesThroughLinks) {
  const TemporaryFolder folder;
  CHECK_EQ(symlink("trace", folder.Path("link").c_str()), 0);
  OutputFile file;
  CHECK(file.Open(folder.Path("link")).ok());
  CHECK(Exists(folder.Path("trace")));
  file.Discard();
  CHECK(!Exists(folder.Path("trace")));
}

TEST(PipesWithoutReadersDoNotWait) {
  const TemporaryFolder folder;
  CHECK_EQ(mkfifo(folder.Path("pipe").c_str(), 0600), 0);
  OutputFile file;
  CHECK_EQ(CodeOf(file.Open(folder.Path("pipe"))), "ENXIO");
}

TEST(PipesAreWrittenAndStay) {
  const TemporaryFolder folder;
  CHECK_EQ(mkfifo(folder.Path("pipe").c_str(), 0600), 0);
  const int reader = open(folder.Path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  CHECK(reader >= 0);
  OutputFile file;
  CHECK(file.Open(folder.Path("pipe")).ok());
  const Bytes bytes = {1, 2, 3};
  CHECK(file.Write(bytes.data(), bytes.size()).ok());
  Bytes received(10);
  CHECK_EQ(read(reader, received.data(), received.size()), 3);
  // Node ignores this signal as well.
  std::signal(SIGPIPE, SIG_IGN);
  close(reader);
  CHECK_EQ(CodeOf(file.Write(bytes.data(), bytes.size())), "EPIPE");
  file.Discard();
  CHECK(Exists(folder.Path("pipe")));
}

#endif

#ifdef __linux__

TEST(FullDisksSaySo) {
  OutputFile file;
  CHECK(file.Open("/dev/full").ok());
  const Bytes bytes = Packets(1000);
  const IoStatus status = file.Write(bytes.data(), bytes.size());
  CHECK_EQ(CodeOf(status), "ENOSPC");
  CHECK_EQ(std::string(status.call()), "write");
  file.Discard();
  CHECK(Exists("/dev/full"));
}

#endif

}  // namespace
}  // namespace tracesmith::test
