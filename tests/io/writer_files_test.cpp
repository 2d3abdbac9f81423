// Files that are whole or not there.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "io/atomic_file.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

OutputItem file_item(const std::string& id, std::string_view content) {
  OutputItem item;
  item.id = id;
  item.file = bytes_of(content);
  return item;
}

TEST(FileTreeWriter, WritesFoldersAndReplacesFiles) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), {.input_format = "folders"});
  for (const char* text : {"first", "second"}) {
    OutputItem item = file_item("train/cat/deep/a.jpg", text);
    writer->store(item);
    writer->commit(std::move(item));
  }
  OutputItem odd = file_item("a b/\xC3\xA9\n.png", "odd");
  writer->store(odd);
  writer->finish();
  EXPECT_EQ(out.files(), (Names{"a b/\xC3\xA9\n.png", "train/cat/deep/a.jpg"}));
  EXPECT_EQ(out.read("train/cat/deep/a.jpg"), "second");
}

TEST(FileTreeWriter, NamesAsLongAsTheyCanBe) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), {});
  OutputItem item = file_item("c/" + std::string(251, 'x') + ".jpg", "long");
  writer->store(item);
  EXPECT_EQ(out.read(item.id), "long");
  OutputItem longer = file_item("c/" + std::string(252, 'x') + ".jpg", "too long");
  EXPECT_THROW(writer->store(longer), Error);
  EXPECT_EQ(out.files().size(), 1U);
}

TEST(FileTreeWriter, ManyThreadsAtOnce) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), {});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string id = "c" + std::to_string(i % 7) + "/" + std::to_string(t) + "_" + std::to_string(i) + ".jpg";
        OutputItem item = file_item(id, id);
        writer->store(item);
      }
    });
  for (std::thread& thread : threads) thread.join();
  const Names files = out.files();
  ASSERT_EQ(files.size(), 800U);
  for (const std::string& file : files) EXPECT_EQ(out.read(file), file);
}

TEST(FileTreeWriter, NeverLeavesItsFolder) {
  const TempFolder out;
  const auto writer = open_writer(out / "inner", {});
  for (const char* id : {"../evil.jpg", "/evil.jpg", "a/../../evil.jpg", "a//b.jpg", "./a.jpg", "a/", ""}) {
    OutputItem item = file_item(id, "evil");
    EXPECT_THROW(writer->store(item), Error) << id;
  }
  EXPECT_TRUE(out.files().empty());
}

TEST(FileTreeWriter, LinksAreHardAndCanBeMadeAgain) {
  const TempFolder in, out;
  in.write("a.jpg", "original");
  const auto writer = open_writer(out.path(), {});
  OutputItem item;
  item.id = "cat/a.jpg";
  item.link_to = in / "a.jpg";
  writer->store(item);
  writer->store(item);
  EXPECT_EQ(fs::hard_link_count(in / "a.jpg"), 2U);
  EXPECT_EQ(out.files(), Names{"cat/a.jpg"});
  item.link_to = in / "gone.jpg";
  EXPECT_THROW(writer->store(item), Error);
}

TEST(FileTreeWriter, LinksAcrossFileSystemsAreSymbolic) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), {});
  OutputItem item;
  item.id = "cat/a.jpg";
  item.link_to = "/proc/version";
  writer->store(item);
  EXPECT_TRUE(fs::is_symlink(out / "cat/a.jpg"));
  EXPECT_EQ(fs::read_symlink(out / "cat/a.jpg"), "/proc/version");
}

TEST(FileTreeWriter, TheNextRunRemovesWhatAKilledOneLeft) {
  const TempFolder out;
  out.write("cat/.leaven-whole-7.leaven-tmp", "half");
  out.write("cat/.leaven-2-of-3-1.leaven-tmp", "another shard is at work");
  out.write("cat/a.jpg", "whole");
  open_writer(out.path(), {});
  EXPECT_EQ(out.files(), (Names{"cat/.leaven-2-of-3-1.leaven-tmp", "cat/a.jpg"}));
  open_writer(out.path(), {.part = "2-of-3"});
  EXPECT_EQ(out.files(), Names{"cat/a.jpg"});
}

/// What store() or another call says when it fails for want of room or rights.
template <class Call>
std::string environment_message(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    if (error.fault() == Fault::environment) return error.what();
    return std::string("wrong fault: ") + error.what();
  }
  return "nothing failed";
}

TEST(AtomicFile, AFullDiskIsNamedAndLeavesNothing) {
  const TempFolder out;
  fs::create_symlink("/dev/full", out / "data.leaven-part");
  GrowingFile growing(out / "data");
  EXPECT_EQ(environment_message([&] { growing.append(std::string_view("x")); }),
            (out / "data").native() + ": cannot be written: the disk is full");
}

// A limit on file sizes fails in the middle of a file, as a full disk does.
TEST(AtomicFileDeathTest, AWriteThatFailsHalfWayLeavesNothing) {
  const TempFolder out;
  out.write("cat/a.jpg", "old");
  const auto writes = [&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10'000, 10'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto writer = open_writer(out.path(), {});
    OutputItem item = file_item("cat/a.jpg", std::string(20'000, 'x'));
    const std::string message = environment_message([&] { writer->store(item); });
    const bool right =
        message == (out / "cat/a.jpg").native() + ": cannot be written: the file would be larger than allowed here";
    std::_Exit(right ? 0 : 2);
  };
  EXPECT_EXIT(writes(), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(out.files(), Names{"cat/a.jpg"});
  EXPECT_EQ(out.read("cat/a.jpg"), "old");
}

TEST(AtomicFileDeathTest, NoPermissionIsNamed) {
  const TempFolder out;
  fs::create_directory(out / "locked");
  fs::permissions(out / "locked", fs::perms(0555));
  const auto writes = [&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) std::_Exit(1);
    const auto writer = open_writer(out / "locked", {});
    OutputItem item = file_item("a.jpg", "x");
    const std::string message = environment_message([&] { writer->store(item); });
    std::_Exit(message == (out / "locked/a.jpg").native() + ": cannot be written: permission denied" ? 0 : 2);
  };
  EXPECT_EXIT(writes(), ::testing::ExitedWithCode(0), "");
}

TEST(AtomicFile, ReplacesWholeFiles) {
  const TempFolder out;
  write_file_atomically(out / "new/folder/a.txt", std::string_view("one"));
  write_file_atomically(out / "new/folder/a.txt", std::string_view("two"));
  EXPECT_EQ(out.read("new/folder/a.txt"), "two");
  EXPECT_EQ(out.files(), Names{"new/folder/a.txt"});
  EXPECT_EQ(environment_message([&] { write_file_atomically(out / "new/folder", std::string_view("x")); }),
            (out / "new/folder").native() + ": cannot be written: Is a directory");
}

TEST(GrowingFile, GrowsIsCutPatchedAndPublished) {
  const TempFolder out;
  {
    GrowingFile file(out / "data.bin");
    file.append(std::string_view("0123456789"));
  }
  EXPECT_EQ(out.files(), Names{"data.bin.leaven-part"});
  GrowingFile file(out / "data.bin");
  EXPECT_EQ(file.size(), 10U);
  EXPECT_THROW(file.cut(11), Error);
  file.cut(4);
  file.append(std::string_view("ab"));
  file.patch(1, bytes_of("XY"));
  EXPECT_THROW(file.patch(5, bytes_of("XY")), Error);
  EXPECT_EQ(text_of(file.reopen().read_bytes(0, 6)), "0XY3ab");
  file.publish();
  EXPECT_EQ(out.files(), Names{"data.bin"});
  EXPECT_EQ(out.read("data.bin"), "0XY3ab");
}

TEST(WriterOptions, ClassFoldersHoldOneClassASample) {
  const TempFolder out;
  EXPECT_THROW(open_writer(out.path(), {.layout = OutputLayout::folders, .label_kind = LabelKind::number}), Error);
  EXPECT_THROW(open_writer(out.path(), {.layout = OutputLayout::folders, .label_kind = LabelKind::categories}), Error);
  EXPECT_TRUE(writes_files({.layout = OutputLayout::folders, .input_format = "npz"}));
  EXPECT_TRUE(writes_files({.input_format = "idx"}));
  EXPECT_FALSE(writes_files({.input_format = "npz"}));
  EXPECT_FALSE(writes_files({.layout = OutputLayout::webdataset}));
}

}  // namespace
}  // namespace leaven::io
