// The file of a generator's numbers: as others write it, and broken in every way.
#include "learn/generate/network_weights.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "learn/generate/saved.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

std::string refusal(const std::string& bytes) {
  try {
    from_safetensors(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.message();
  }
  return "was read";
}

TEST(Safetensors, ComeBackAsTheyWent) {
  Tensors tensors;
  tensors.add("a", std::vector<float>{1.5f, -2, 3, 4, 5, 6}, {2, 3});
  tensors.add("b", std::vector<double>{0.1});
  tensors.add("c", std::vector<std::int32_t>{-7, 8});
  tensors.add("none", std::vector<double>{});
  const std::string bytes = to_safetensors(tensors);
  const Tensors back = from_safetensors(bytes);
  EXPECT_EQ(back.floats("a", 6), (std::vector<float>{1.5f, -2, 3, 4, 5, 6}));
  EXPECT_EQ(back.all()[0].shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(back.doubles("b"), std::vector<double>{0.1});
  EXPECT_EQ(back.integers("c", 2), (std::vector<std::int32_t>{-7, 8}));
  EXPECT_TRUE(back.doubles("none").empty());
  EXPECT_EQ(to_safetensors(back), bytes);
}

TEST(Safetensors, HoldTextsBesideThem) {
  Tensors tensors;
  tensors.add("a", std::vector<double>{0.1});
  const Metadata said{{"fit", "{\"kind\": \"é\"}"}, {"part", "training"}};
  const std::string bytes = to_safetensors(tensors, said);
  EXPECT_EQ(metadata_of_safetensors(bytes), said);
  EXPECT_EQ(from_safetensors(bytes).all().size(), 1U);
  EXPECT_TRUE(metadata_of_safetensors(to_safetensors(tensors)).empty());
  EXPECT_THROW(metadata_of_safetensors(file_of(R"({"__metadata__":{"fit":7}})", "")), Error);
  EXPECT_THROW(metadata_of_safetensors("short"), Error);
}

// Written by hand after the format's description.
TEST(Safetensors, AreReadAsOthersWriteThem) {
  const float values[2] = {1, 2};
  const std::string data(reinterpret_cast<const char*>(values), 8);
  const Tensors read = from_safetensors(file_of(R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  )", data));
  EXPECT_EQ(read.floats("w"), (std::vector<float>{1, 2}));
}

TEST(Safetensors, ThatAreBrokenAreRefused) {
  const std::string data(8, '\0');
  const auto with = [&](const std::string& entry) { return refusal(file_of("{\"w\":" + entry + "}", data)); };
  EXPECT_NE(refusal("short").find("too short"), std::string::npos);
  EXPECT_NE(refusal(std::string(8, '\xff')).find("header"), std::string::npos);
  EXPECT_NE(refusal(file_of("[1]", "")).find("no JSON object"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[2]})").find("lacks"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})").find("size"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[2],"data_offsets":[8,16]})").find("outside"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})").find("outside"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"BF16","shape":[4],"data_offsets":[0,8]})").find("BF16"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})").find("too large"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})").find("goes on"), std::string::npos);
  EXPECT_NE(refusal(file_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", data)).find("overlap"), std::string::npos);
  EXPECT_NE(with(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})").find("not whole"), std::string::npos);
}

// The half floats and their values are those of IEEE 754's tables: one, minus two, the largest, the smallest, a third, infinity.
TEST(Safetensors, WeightsOfNetworksAreWidenedAndCountersLeftOut) {
  const std::uint16_t halves[6] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x7c00};
  const std::uint16_t brain[2] = {0x3f80, 0xc049};  // 1, and −3.140625
  const double wide = 0.1;
  const std::int64_t counter = 7;
  std::string data(reinterpret_cast<const char*>(halves), 12);
  data.append(reinterpret_cast<const char*>(brain), 4).append(reinterpret_cast<const char*>(&wide), 8).append(reinterpret_cast<const char*>(&counter), 8);
  const std::string bytes = file_of(
      R"({"h":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},"d":{"dtype":"F64","shape":[1],"data_offsets":[16,24]},"n":{"dtype":"I64","shape":[],"data_offsets":[24,32]}})", data);
  const Tensors weights = weights_from_safetensors(bytes);
  ASSERT_EQ(weights.all().size(), 3U);
  EXPECT_EQ(weights.floats("h"), (std::vector<float>{1, -2, 65504, 5.9604644775390625e-08f, 0.333251953125f, std::numeric_limits<float>::infinity()}));
  EXPECT_EQ(weights.all()[0].shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(weights.floats("b"), (std::vector<float>{1, -3.140625f}));
  EXPECT_EQ(weights.floats("d"), std::vector<float>{0.1f});
  EXPECT_NE(refusal(bytes).find("F16"), std::string::npos);
  // What is left out is held against the file as well.
  EXPECT_THROW(weights_from_safetensors(bytes + "x"), Error);
  EXPECT_THROW(weights_from_safetensors(file_of(R"({"q":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", "x")), Error);
}

TEST(Safetensors, AskedForAsWhatTheyAreNotAreRefused) {
  Tensors tensors;
  tensors.add("a", std::vector<float>{1});
  EXPECT_THROW(tensors.doubles("a"), Error);
  EXPECT_THROW(tensors.floats("a", 2), Error);
  EXPECT_THROW(tensors.floats("b"), Error);
}

TEST(SavedGenerator, ADamagedOneIsRefused) {
  const ScratchFolder scratch;
  SavedGenerator saved;
  saved.card["kind"] = "copula";
  saved.tensors.add("a", std::vector<double>{1, 2, 3});
  save_generator(scratch / "gen", saved);
  EXPECT_EQ(load_generator(scratch / "gen").hash, saved.hash);
  std::string bytes = read_text(scratch / "gen/generator.safetensors");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_text(scratch / "gen/generator.safetensors", bytes);
  EXPECT_THROW(load_generator(scratch / "gen"), Error);
  write_text(scratch / "gen/generator.json", "{");
  EXPECT_THROW(load_generator(scratch / "gen"), Error);
  EXPECT_THROW(load_generator(scratch / "nowhere"), Error);
}

}  // namespace
}  // namespace leaven::learn
