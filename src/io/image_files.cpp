#include "io/image_files.hpp"

#include "io/codec.hpp"
#include "io/frame.hpp"

namespace leaven::io {

int ImageFilesReader::orientation_of(const Entry& entry, Size seen) const {
  const ImageHeader header = read_header(read_file(root_ / entry.id));
  return header.stored.size() == Size{seen.height, seen.width} ? header.orientation : 1;
}

Annotations ImageFilesReader::as_seen(const Entry& entry, Size seen, std::optional<Size> told,
                                      const std::function<Annotations(Size)>& read) const {
  const Size turned{seen.height, seen.width};
  const int orientation = seen != turned && told == turned ? orientation_of(entry, seen) : 1;
  if (orientation == 1) return read(seen);
  Annotations marks = oriented(read(turned), turned, orientation);
  marks.mended.emplace_back("marks turned as their photo is", 1);
  return marks;
}

}  // namespace leaven::io
