#include "io/gif_blocks.hpp"

#include "core/error.hpp"

namespace leaven::io::gif {

namespace {

constexpr std::size_t kScreen = 13, kDescriptor = 10;  // bytes: head without colours, image descriptor
constexpr unsigned kExtension = 0x21, kImage = 0x2C, kEndOfFile = 0x3B;  // what blocks begin with
constexpr std::byte kEnd{kEndOfFile};

class Walk {
 public:
  explicit Walk(BytesView file) : file_(file) {}

  unsigned byte(std::size_t at) const {
    if (at >= file_.size()) throw data_error("truncated GIF: the file ends before the image does");
    return std::to_integer<unsigned>(file_[at]);
  }
  /// Bytes of the colour table that these flags announce.
  static std::size_t colours(unsigned flags) { return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1) : 0; }
  /// Behind the sub-blocks that begin here.
  std::size_t behind_data(std::size_t at) const {
    while (const unsigned size = byte(at)) at += size + 1;
    return at + 1;
  }
  std::size_t behind(std::size_t at) const {
    if (byte(at) == kExtension) return behind_data(at + 2);
    return behind_data(at + kDescriptor + colours(byte(at + kDescriptor - 1)) + 1);  // one byte says the size of LZW codes
  }

 private:
  BytesView file_;
};

}  // namespace

void walk_blocks(BytesView file, const std::function<bool(unsigned kind, BytesView whole)>& visit) {
  const Walk walk(file);
  std::size_t at = kScreen + Walk::colours(walk.byte(kScreen - 3));
  walk.byte(at - 1);
  bool going = visit(kHead, file.first(at));
  while (going) {
    const unsigned first = at == file.size() ? kEndOfFile : walk.byte(at);
    if (first == kEndOfFile) {
      visit(kTrailer, {&kEnd, 1});
      return;
    }
    if (first != kExtension && first != kImage) throw data_error("corrupt GIF: no block begins where one must");
    const std::size_t end = walk.behind(at);
    going = visit(first == kExtension ? walk.byte(at + 1) : kImageBlock, file.subspan(at, end - at));
    at = end;
  }
}

}  // namespace leaven::io::gif
